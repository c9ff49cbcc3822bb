"""How good a view of a face is, from 0 to 1, and in words why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.config import FaceConfig
from core.data import Array, FaceProblem

_MIDDLE = (slice(28, 104), slice(20, 92))
"""The part of an aligned face that is skin, eyes and mouth, whatever the hair."""
_NOISE_SIGMA = 1.5
"""Pixels of the aligned face: finer detail than this is taken for the camera's noise."""
MIN_SHARPNESS, GOOD_SHARPNESS = 0.004, 0.012
"""A Gaussian of 0.03 face widths comes to the first, and there the expression network begins to miss smiles; sharp
faces are at 0.012 to 0.035 whatever their size."""


_BRIGHTEST = 252
"""Brighter values are as bright as a picture can tell, but for what coding and turning it have taken off."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What a view is worth."""

    value: float
    """0 unusable to 1 good."""
    problem: FaceProblem
    """``too small``, ``too dark``, ``turned away``, ``blurred``, or ``""``."""


def judge(crop: Array, width_px: float, yaw: float, config: FaceConfig) -> Quality:
    """Return what a view of a face is worth.

    Parameters
    ----------
    crop : array of shape (112, 112, 3), uint8, RGB
        The aligned face.
    width_px : float
        Width of the face in the frame.
    yaw : float
        Degrees.
    config : FaceConfig
        What is too small, too dark, turned too far.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[_MIDDLE].astype(np.float32)
    light, sharp = float(grey.mean()), sharpness(grey)
    size = _ramp(width_px, config.min_size_px, 1.5 * config.min_size_px)
    lit = _ramp(light, config.min_light, 1.5 * config.min_light)
    facing = 1.0 - _ramp(abs(yaw), config.max_yaw_deg / 3, config.max_yaw_deg)
    clear = _ramp(sharp, MIN_SHARPNESS, GOOD_SHARPNESS)
    checks: tuple[tuple[float, FaceProblem], ...] = (
        (size, "too small"),
        (lit, "too dark"),
        (facing, "turned away"),
        (clear, "blurred"),
    )
    for bad, problem in checks:
        if bad <= 0:
            return Quality(0.0, problem)
    return Quality(size * lit * facing * clear, "")


def burnt(crop: Array) -> float:
    """Return the share of an aligned face, 0 to 1, that is burnt out: in one of its colours as bright as can be.

    Parameters
    ----------
    crop : array of shape (112, 112, 3), uint8, RGB
    """
    middle = crop[_MIDDLE]
    below = cv2.inRange(middle, (0, 0, 0), (_BRIGHTEST,) * 3)
    return 1.0 - cv2.countNonZero(below) / below.size


def sharpness(grey: Array) -> float:
    """Return the variance of the Laplacian of an aligned face relative to the face's own contrast.

    After Pech-Pacheco et al. 2000, Diatom autofocusing in brightfield microscopy. Smoothed first, since the noise of a
    dark picture would count as detail; relative, since light does not make a face sharper.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), _NOISE_SIGMA)
    return float(cv2.Laplacian(smooth, cv2.CV_32F).var() / max(float(smooth.var()), 1.0))


def _ramp(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)
