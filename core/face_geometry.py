"""What a face's keypoints tell: how the head is turned, and how to cut the face out upright."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data import Array

CROP_PX, MESH_PX = 112, 256
EYES_Y, EYE_DISTANCE, EYES_TO_MOUTH = 0.37, 0.38, 0.39
"""Where eyes and mouth come to lie, in sides of the cut: near what face-api cuts for its expression network."""
MESH_EYES_Y, MESH_EYE_DISTANCE, MESH_EYES_TO_MOUTH = 0.385, 0.254, 0.264
"""The same for the mesh: where they lie, over 40 photographs, in the cut that MediaPipe comes to, which is one and a
half times as wide as the longer side of the mesh that it then finds; spread 0.01."""
YAW_SLOPE = 42.0
"""Degrees for each half distance of the ears by which the nose is off their middle: the slope over 24 photographs,
turned by up to 60 degrees with their own depth; spread from face to face 4 to 7 degrees."""


def align(frame: Array, keypoints: Array) -> Array:
    """Return the upright face, array of shape (112, 112, 3), uint8.

    Parameters
    ----------
    frame : array of shape (height, width, 3), uint8
    keypoints : array of shape (6, 2), pixels
        As in `core.models.face.Detection`.
    """
    # Twice as large first, then averaged: a large face is not undersampled.
    large = _cut(frame, keypoints, 2 * CROP_PX, EYES_Y, EYE_DISTANCE, EYES_TO_MOUTH)
    upright: Array = cv2.resize(large, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    return upright


def cut_for_mesh(frame: Array, keypoints: Array) -> Array:
    """Return the upright head with its surroundings, array of shape (256, 256, 3), uint8; see `align`."""
    return _cut(frame, keypoints, MESH_PX, MESH_EYES_Y, MESH_EYE_DISTANCE, MESH_EYES_TO_MOUTH)


def _cut(frame: Array, keypoints: Array, side: int, eyes_y: float, eye_distance: float, to_mouth: float) -> Array:
    half = eye_distance / 2
    target = np.array([[0.5 - half, eyes_y], [0.5 + half, eyes_y], [0.5, eyes_y + to_mouth]]) * side
    matrix = _similarity(keypoints[[0, 1, 3]].astype(float), target)
    upright: Array = cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_LINEAR)
    return upright


def yaw_deg(keypoints: Array) -> float:
    """Return by how much the head is turned to the person's left (right in the picture), degrees, about -90 to 90."""
    nose, right_ear, left_ear = keypoints[2], keypoints[4], keypoints[5]
    half = (left_ear - right_ear) / 2
    shift = float((nose - right_ear - half) @ half) / max(float(half @ half), 1e-6)
    return float(np.clip(YAW_SLOPE * shift, -90, 90))


def roll_deg(keypoints: Array) -> float:
    """Return by how much the line from the right eye to the left one is turned clockwise in the picture, degrees."""
    across = keypoints[1] - keypoints[0]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def _similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the turn, scale and shift, (2, 3), that best takes points to points (Umeyama 1991, IEEE PAMI 13, 376)."""
    centre, aim = source.mean(axis=0), target.mean(axis=0)
    (x, y), (u, v) = (source - centre).T, (target - aim).T
    size = max(float(x @ x + y @ y), 1e-6)
    c, s = (x @ u + y @ v) / size, (x @ v - y @ u) / size
    turn = np.array([[c, -s], [s, c]])
    return np.column_stack([turn, aim - turn @ centre])
