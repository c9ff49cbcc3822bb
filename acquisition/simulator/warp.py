"""Warping and painting pictures: splines through points, soft-edged shapes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.data import Array

_EDGE = 8
"""Pixels over which a warp fades to nothing towards the edge of its box."""
_TURN_ROWS = 2
_AXIS_DEPTH = 25
"""How far before the ground of the relief the axis lies, pixels; the skull is 62 deep, the nose 10 more."""
_STRIP = 0.02
"""What is left of the width of a hidden part: enough to soften the outline."""
_SHIFT = 3
"""Bits after the binary point in the coordinates of drawn shapes."""


def spline_field(to: Array, offsets: Array, box: tuple[int, int, int, int]) -> Array:
    """Return a thin-plate spline through offsets at points, zero at the box's edge (Bookstein 1989, IEEE PAMI 11, 567).

    Parameters
    ----------
    to : array of shape (n_points, 2), float
        (x, y) of each point.
    offsets : array of shape (n_points, 2), float
        The field's value there.
    box : tuple of int
        Left, top, width, height of the pixels to fill.

    Returns
    -------
    array of shape (height, width, 2), float32
    """
    n = len(to)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _bending(to, to) + 1e-3 * np.eye(n)
    system[:n, n:] = np.c_[np.ones(n), to]
    system[n:, :n] = system[:n, n:].T
    weights = np.linalg.solve(system, np.concatenate([offsets, np.zeros((3, 2))]))
    left, top, width, height = box
    x, y = np.meshgrid(np.arange(width) + left, np.arange(height) + top)
    grid = np.stack([x.ravel(), y.ravel()], axis=1).astype(float)
    field = _bending(grid, to) @ weights[:n] + np.c_[np.ones(len(grid)), grid] @ weights[n:]
    fade = np.minimum(*np.meshgrid(_fade(width), _fade(height)))[..., None]
    faded: Array = (field.reshape(height, width, 2) * fade).astype(np.float32)
    return faded


def turn_field(size: tuple[int, int], face: Sequence[float], yaw_deg: float) -> Array:
    """Return from how far right each pixel of a turned head comes, float32, pixels, for every second row.

    The head is a relief, a hill with a nose on it, turned about an upright axis: ``x' = x cos + depth sin``. Seen from
    its near side, what does not come out beyond all that is nearer lies behind it: a narrow strip is left of it.

    Parameters
    ----------
    size : tuple of int
        Height and width.
    face : sequence of float
        (x, y) of the face's middle, which is at the nose; the face is about 90 pixels wide.
    yaw_deg : float
        Not negative.
    """
    yaw = np.deg2rad(yaw_deg)
    x, y = np.meshgrid(np.arange(size[1]) - face[0], np.arange(0, size[0], _TURN_ROWS) - face[1])
    skull = 62 * np.exp(-0.5 * ((x / 44) ** 2 + (y / 80) ** 2)) - _AXIS_DEPTH
    tip = y + 2
    nose = 10 * np.exp(-0.5 * ((x / 13) ** 2 + (tip / np.where(tip > 0, 9, 15)) ** 2))
    # Neck and shoulders follow less and less, the wall not at all.
    head = np.exp(-0.5 * np.hypot(x / 100, y / np.where(y > 0, 85, 140)) ** 6)
    turned = x + head * (x * (np.cos(yaw) - 1) + np.sin(yaw) * (skull + nose))
    strip = _STRIP * np.arange(size[1])
    # The added slope is a little steeper than the one taken away, so that no two places are the same for interp.
    turned = np.maximum.accumulate(turned - strip, axis=1) + 1.001 * strip
    back = np.stack([np.interp(x[0], row, x[0]) for row in turned])
    field: Array = (back - x).astype(np.float32)
    return field


def look_up(texture: Array, places: Array) -> Array:
    """Return the texture's colours at `places`, array of shape (height, width, 2), float32: x and y of each pixel."""
    return np.asarray(cv2.remap(texture, places[..., 0], places[..., 1], cv2.INTER_LINEAR))


def enlarge(image: Array, scale: float) -> Array:
    """Return `image` with `scale` times as many pixels on each side."""
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def soft_shape(shape: tuple[int, ...], contour: Array, soft_px: float) -> Array:
    """Return the inside of a polygon, array of shape (height, width, 1), float32: 1 inside, 0 outside, soft between."""
    mask = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(mask, [_fixed_point(contour)], 1.0, cv2.LINE_AA, _SHIFT)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px))[..., None]


def soft_line(shape: tuple[int, ...], points: Array, width_px: float, soft_px: float) -> Array:
    """Return a stroke, array of shape (height, width, 1), float32: 1 in its middle if it is wider than it is soft."""
    mask = np.zeros(shape[:2], np.float32)
    cv2.polylines(mask, [_fixed_point(points)], False, 1.0, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px))[..., None]


def paint(image: Array, mask: Array, colour: Sequence[int]) -> None:
    """Lay `colour` over `image` where `mask` is 1, in place."""
    image[:] = (image * (1 - mask) + mask * np.array(colour, np.float32)).astype(np.uint8)


def _bending(a: Array, b: Array) -> Array:
    r = np.linalg.norm(a[:, None] - b[None], axis=2)
    bending: Array = r * r * np.log(r + 1e-9)
    return bending


def _fade(n: int) -> Array:
    fade: Array = np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / _EDGE, 0, 1)
    return fade


def _fixed_point(points: Array) -> Array:
    return np.asarray(np.round(points * 2**_SHIFT), dtype=np.int32)
