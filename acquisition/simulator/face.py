"""The camera picture of a simulated participant: a photograph that takes on the expression of each moment.

It is one photograph of one person; subjects differ in light, tint, size, side and width of the face alone. What the
real expression network reads in it is told in ``assets/simulated/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import cv2
import numpy as np

from acquisition.simulator.morph import Morph
from acquisition.simulator.trajectory import Trajectory, events, seeded
from core.data import Array

Episode = Literal["away", "blur", "dark", "absent"]

_FACE_PX = 200.0
"""Width of the face in a picture 480 pixels high, before the subject's own size."""
_TEXTURE_FACE_PX = 225.0
_SLOT = 10.0
_RAMP = 0.4
"""Seconds in which an episode comes and goes."""
_SHIFTS = 64
_KINDS: dict[Episode, int] = {"away": 201, "blur": 202, "dark": 203, "absent": 204}


@dataclass(frozen=True, slots=True)
class FaceKnobs:
    """What corrupts the picture; rates are episodes of 2 to 6 s a minute, 0 turns one off."""

    away_per_min: float = 0.4
    yaw_deg: float = 55.0
    """How far the head turns away. The real detector reads turns beyond this as about this."""
    blur_per_min: float = 0.3
    blur_px: float = 7.0
    """Standard deviation of the blur."""
    dark_per_min: float = 0.2
    dark: float = 0.1
    """What darkness leaves of the light."""
    absent_per_min: float = 0.2
    """Nobody before the camera."""
    sway_px: float = 12.0
    """How far the head strays to each side."""
    sensor_noise: float = 3.0
    """Standard deviation in grey levels."""
    episodes: tuple[tuple[Episode, float, float], ...] = ()
    """Forced: (kind, from, to) in seconds since the start."""

    @classmethod
    def clean(cls) -> FaceKnobs:
        """Return knobs without episodes."""
        return cls(away_per_min=0.0, blur_per_min=0.0, dark_per_min=0.0, absent_per_min=0.0)


@cache
def _morph() -> Morph:
    """Return the one photograph, which never changes: however many participants, it is prepared once."""
    return Morph()


class FaceGenerator:
    """The frames of one simulated participant's camera; any of them, in any order, always the same.

    Parameters
    ----------
    seed : int
        The subject: not negative.
    trajectory : Trajectory
        What the subject feels; frame ``i`` is taken at ``i / fps`` seconds of it.
    fps : float
    size : tuple of int
        Width and height, pixels.
    knobs : FaceKnobs
    """

    def __init__(
        self,
        seed: int,
        trajectory: Trajectory,
        fps: float = 30.0,
        size: tuple[int, int] = (640, 480),
        knobs: FaceKnobs | None = None,
    ) -> None:
        self._seed = seed
        self._trajectory = trajectory
        self._fps = fps
        self._size = size
        self._knobs = knobs or FaceKnobs()
        self._morph = _morph()
        rng = seeded(seed, 50)
        self._mirror = bool(rng.integers(2))
        self._zoom = rng.uniform(0.88, 1.1) * size[1] / 480 * _FACE_PX / _TEXTURE_FACE_PX
        self._width = rng.uniform(0.96, 1.04)
        self._place = rng.uniform(-0.04, 0.04, 2) * size[1]
        self._sway_hz = rng.uniform(0.03, 0.25, (4, 2))
        self._sway_phase = rng.uniform(0, 2 * np.pi, (4, 2))
        levels = np.arange(256) / 255
        tint = rng.uniform(0.85, 1.1) * rng.uniform(0.94, 1.06, 3)
        self._light = np.clip(255 * levels[:, None] ** rng.uniform(0.85, 1.2) * tint, 0, 255)
        # One sheet of noise, shifted at random for each frame: a tenth of the cost of drawing it anew.
        sheet = (size[1] + _SHIFTS, size[0] + _SHIFTS, 3)
        self._noise = np.round(rng.normal(0, self._knobs.sensor_noise, sheet)).astype(np.int16)
        self._background = self._make_background()

    def frame(self, index: int) -> Array:
        """Return one frame, array of shape (height, width, 3), uint8, RGB."""
        t = index / self._fps
        absent = self._strength("absent", t) > 0.5
        image = self._background.copy() if absent else self._person(t)
        if (blur := self._strength("blur", t)) > 0.05:
            # Blurring a quarter of the pixels looks the same and costs a tenth.
            small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            small = cv2.GaussianBlur(small, (0, 0), 0.5 * blur * self._knobs.blur_px)
            image = cv2.resize(small, self._size, interpolation=cv2.INTER_LINEAR)
        light = self._light * (1 - (1 - self._knobs.dark) * self._strength("dark", t))
        image = cv2.LUT(image, light.round().astype(np.uint8)[None])
        return self._grain(image, index)

    def _person(self, t: float) -> Array:
        waves = np.sin(2 * np.pi * self._sway_hz * t + self._sway_phase).mean(axis=1)
        zoom = self._zoom * (1 + 0.03 * waves[2])
        turn = np.deg2rad(2.5 * waves[3])
        x, y = self._morph.face_px
        matrix = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        matrix = matrix * [self._width * (-1 if self._mirror else 1), 1]
        middle = np.array(self._size) / 2 + self._place + self._knobs.sway_px * waves[:2]
        shift = middle - matrix @ (x, y)
        texture = self._morph.texture(self._trajectory.expression(t))
        if (away := self._strength("away", t)) > 0.02:
            texture = self._morph.turned(texture, away * self._knobs.yaw_deg)
        affine = np.concatenate([matrix, shift[:, None]], axis=1)
        return cv2.warpAffine(texture, affine, self._size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)

    def _strength(self, kind: Episode, t: float) -> float:
        """Return how strongly an episode rules at `t`, 0 to 1."""
        per_min = getattr(self._knobs, f"{kind}_per_min")
        random = events(self._seed, _KINDS[kind], int(t // _SLOT), _SLOT, per_min, reach=1)
        spans = [(onset, onset + 2 + 4 * length) for onset, (length, *_) in random]
        spans += [(start, stop) for name, start, stop in self._knobs.episodes if name == kind]
        inside = [min(t - start, stop - t) / _RAMP + 0.5 for start, stop in spans if start - _RAMP < t < stop + _RAMP]
        return float(np.clip(max(inside, default=0.0), 0, 1))

    def _grain(self, image: Array, index: int) -> Array:
        width, height = self._size
        x, y = seeded(self._seed, 51, index).integers(_SHIFTS, size=2)
        noise = self._noise[y : y + height, x : x + width]
        return cv2.add(image, noise, dtype=cv2.CV_8U)

    def _make_background(self) -> Array:
        """Return the wall behind the person, from the photograph's edges."""
        wall = cv2.resize(self._morph.wall, self._size, interpolation=cv2.INTER_CUBIC)
        return cv2.GaussianBlur(wall, (0, 0), 0.02 * self._size[0])
