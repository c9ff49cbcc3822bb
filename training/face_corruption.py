"""What can go wrong with a camera picture, at known levels, for the noise estimator to learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]
GRAIN = (0.0, 8.0, 16.0, 32.0, 64.0, 110.0)
"""Standard deviation of the noise, grey levels, by level."""
BLUR = (0.0, 1.2, 2.5, 4.5, 7.0, 11.0)
"""Standard deviation of the blur in hundredths of the picture's height, by level, times 0.48."""
DARK = (1.0, 0.55, 0.35, 0.22, 0.13, 0.07)
"""What is left of the light, by level."""
COVER = (0.0, 0.12, 0.22, 0.32, 0.45, 0.6)
"""Height of what covers the middle of the picture, as a share of half the picture's height, by level."""


def corrupt_picture(picture: Picture, kind: int, level: int, rng: np.random.Generator) -> Picture:
    """Return a corrupted copy of a picture, (height, width, 3), uint8.

    Parameters
    ----------
    picture : array of shape (height, width, 3), uint8, RGB
    kind : int
        Index into `KINDS`.
    level : int
        0 clean to 5.
    rng : Generator
    """
    return picture if level == 0 else KINDS[kind](picture, level, rng)


def grain(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it as a camera sees it that has too little light and turns up its gain."""
    noise = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None] * GRAIN[level]
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def blur(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR[level] * picture.shape[0] / 480))


def darken(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it with little light, and the grain that comes with it."""
    return grain(np.asarray(picture * DARK[level], np.uint8), 1, rng)


def cover(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it with something before the face: a hand, a cup, hair."""
    height, width = picture.shape[:2]
    size = COVER[level] * height / 2
    x, y = width / 2 + rng.uniform(-0.1, 0.1) * height, height / 2 + rng.uniform(-0.15, 0.15) * height
    out = picture.copy()
    colour = tuple(int(c) for c in rng.integers(20, 200, 3))
    axes = (int(size * rng.uniform(0.7, 1.3)) + 1, int(size) + 1)
    return np.asarray(cv2.ellipse(out, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, colour, -1))


KINDS: tuple[Callable[[Picture, int, np.random.Generator], Picture], ...] = (grain, blur, darken, cover)
