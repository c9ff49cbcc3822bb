"""A photograph whose expression can be set: warped by hand-placed points, with what a warp cannot do painted on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from acquisition.simulator.trajectory import CLASSES
from acquisition.simulator.warp import enlarge, look_up, paint, soft_line, soft_shape, spline_field, turn_field
from core.assets import asset_path
from core.data import Array, frozen

_FOLDER = asset_path("simulated")
_SCALE = 2.5
"""Pixels of the texture for one of the photograph."""
_ROI = (118, 58, 134, 142)
"""The face within the photograph: left, top, width, height, pixels. Nothing outside of it moves."""
_DARK = (52, 22, 24)
"""Colour of an open mouth, RGB."""
_CLOSED = (112, 62, 60)
"""Colour of the line between closed lips."""
_LIP = (0.93, 0.74, 0.74)
"""What the lips' red leaves of the skin's RGB: the smile has stretched them pale."""
_SOFT_PX = 1.2


class Morph:
    """One person's photograph under any mixture of expressions.

    The person smiles in the photograph. The neutral face is made from it once: mouth closed, corners lowered, folds of
    the smile smoothed. All others are warps of the neutral face, but the smile, which fades over to the photograph.
    Warps are splines, worked out once per class as backward fields whose weighted sum is looked up once per frame.
    """

    def __init__(self) -> None:
        shape = json.loads((_FOLDER / "expressions.json").read_text(encoding="utf-8"))
        photo = np.asarray(cv2.imread(str(_FOLDER / shape["photograph"]), cv2.IMREAD_COLOR_RGB))
        self.face_px = tuple(_SCALE * value for value in shape["face"])
        """Where the face's middle is in the texture, (x, y), pixels."""
        self._points: dict[str, dict[str, list[float]]] = shape["points"]
        self._mouth: dict[str, list[str]] = shape["mouth"]
        self._moves = {name: self._displacements(shape["displacements"][name]) for name in shape["displacements"]}
        fixed = np.array(shape["fixed"])
        smiling, neutral = self._all("smiling"), self._all("neutral")
        self._unsmile = _backward(neutral, smiling, fixed)
        self._fields = {name: _backward(neutral + move, neutral, fixed) for name, move in self._moves.items()}
        self._fields["happy"] = _backward(smiling, neutral, fixed)
        self._moves["happy"] = smiling - neutral
        self._shades = {name: _shade(lines) for name, lines in shape["lines"].items()}
        self._smiling = enlarge(photo, _SCALE)
        self._neutral = self._make_neutral(photo, shape["smile_folds"])
        self._photo_size: tuple[int, int] = photo.shape[:2]
        self._face = tuple(shape["face"])
        left, right = photo[:110, 60:105], photo[:110, 275:335]
        self.wall = cv2.resize(np.concatenate([left, right], axis=1), (8, 6), interpolation=cv2.INTER_AREA)
        """The wall behind the person, without the person: very few pixels, to be enlarged."""

    def texture(self, expression: Array) -> Array:
        """Return the photograph with an expression.

        Parameters
        ----------
        expression : array of shape (n_classes,), float
            Intensity of each class.

        Returns
        -------
        array of shape (height, width, 3), uint8, RGB
            A copy, larger than a frame; `face_px` says where the face is.
        """
        weights = {name: float(w) for name, w in zip(CLASSES[1:], expression[1:], strict=True) if w > 0.01}
        image = self._neutral.copy()
        face = _cut(image)
        field = sum((w * self._fields[name] for name, w in weights.items()), _GRID)
        face[:] = look_up(self._neutral, field)
        self._open_mouth(face, weights)
        if smile := weights.get("happy", 0.0):
            others = sum((w * self._fields[name] for name, w in weights.items() if name != "happy"), _GRID)
            smiling = look_up(self._smiling, others + (1 - smile) * self._unsmile)
            share = smile * smile * (3 - 2 * smile)
            cv2.addWeighted(smiling, share, face.copy(), 1 - share, 0, dst=smiling)
            face[:] = smiling
        for name in weights.keys() & self._shades.keys():
            face[:] = (face * (1 - weights[name] * self._shades[name])).astype(np.uint8)
        return image

    def turned(self, texture: Array, yaw_deg: float) -> Array:
        """Return `texture` with the head turned by `yaw_deg`: what is nearer to the camera moves further."""
        return look_up(texture, _turn(self._photo_size, self._face, yaw_deg))

    def _all(self, which: str) -> Array:
        return np.array([point[which] for point in self._points.values()])

    def _displacements(self, moved: Mapping[str, Sequence[float]]) -> Array:
        return np.array([moved.get(name, (0.0, 0.0)) for name in self._points])

    def _make_neutral(self, photo: Array, folds: Sequence[Sequence[Sequence[float]]]) -> Array:
        photo = photo.copy()
        mask = np.zeros(photo.shape[:2], np.uint8)
        for fold in folds:
            cv2.polylines(mask, [np.round(fold).astype(np.int32)], False, 255, 5)
        smooth = cv2.inpaint(photo, mask, 5, cv2.INPAINT_TELEA)
        soft = cv2.GaussianBlur(mask, (0, 0), 1.5)[..., None] / 255.0
        image = enlarge((photo + 0.85 * soft * (smooth.astype(float) - photo)).astype(np.uint8), _SCALE)
        paint(image, soft_shape(image.shape, self._contour(self._all("smiling"), (0.0, 0.0)), _SOFT_PX), _CLOSED)
        face = _cut(image)
        face[:] = look_up(image, _GRID + self._unsmile)
        lips = soft_shape(face.shape, self._contour(self._all("neutral"), _ROI[:2], ("top", "bottom")), 2.0)
        face[:] = (face * (1 - lips * (1 - np.array(_LIP, np.float32)))).astype(np.uint8)
        return frozen(image)

    def _open_mouth(self, face: Array, weights: Mapping[str, float]) -> None:
        points = self._all("neutral") + sum((w * self._moves[name] for name, w in weights.items()), 0.0)
        contour = self._contour(points, _ROI[:2])
        n = len(self._mouth["upper"])
        gap = float((contour[n:][::-1] - contour[:n])[:, 1].max()) / _SCALE
        if gap > 1.2:
            paint(face, min(1.0, gap - 1.2) * soft_shape(face.shape, contour, _SOFT_PX), _DARK)

    def _contour(self, points: Array, corner: Sequence[float], edges: tuple[str, str] = ("upper", "lower")) -> Array:
        """Return the inner or outer edge of the lips, from the left corner round, texture pixels from `corner`."""
        names = list(self._points)
        order = self._mouth[edges[0]] + self._mouth[edges[1]][::-1]
        contour: Array = (points[[names.index(name) for name in order]] - corner) * _SCALE
        return contour


@lru_cache(maxsize=2)
def _turn(size: tuple[int, int], face: tuple[float, ...], yaw_deg: float) -> Array:
    """Return where each pixel of the texture comes from; the same for all frames in which the turned head stays."""
    width, height = round(_SCALE * size[1]), round(_SCALE * size[0])
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    field = _SCALE * cv2.resize(turn_field(size, face, yaw_deg), (width, height))
    return frozen(np.stack([x + field, y], axis=2))


def _face_box() -> tuple[slice, slice]:
    left, top, width, height = (int(_SCALE * value) for value in _ROI)
    return slice(top, top + height), slice(left, left + width)


def _cut(image: Array) -> Array:
    face: Array = image[_face_box()]
    return face


def _grid() -> Array:
    rows, columns = _face_box()
    x, y = np.meshgrid(np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop))
    return frozen(np.stack([x, y], axis=2).astype(np.float32))


_GRID = _grid()
"""Where each pixel of the face is in the texture."""


def _backward(targets: Array, sources: Array, fixed: Array) -> Array:
    """Return where each pixel of the face comes from, as an offset: shape (height, width, 2), float32, texture pixels.

    `targets` are where points end up, `sources` where they come from; `fixed` ones stay.
    """
    to = np.concatenate([targets, fixed])
    offsets = np.concatenate([sources - targets, np.zeros_like(fixed)])
    height, width = _GRID.shape[:2]
    field = cv2.resize(_SCALE * spline_field(to, offsets, _ROI), (width, height), interpolation=cv2.INTER_LINEAR)
    return frozen(np.asarray(field))


def _shade(lines: Sequence[Mapping[str, Any]]) -> Array:
    """Return how much wrinkles darken the face, array of shape (height, width, 3), float32, 0 to 1."""
    shade = np.zeros((*_GRID.shape[:2], 1), np.float32)
    for line in lines:
        points = (np.array(line["points"]) - _ROI[:2]) * _SCALE
        stroke = soft_line(shade.shape, points, line["width"] * _SCALE, 0.9 * _SCALE)
        shade = np.maximum(shade, line["depth"] * stroke)
    # A fold of skin turns redder as it turns darker.
    return frozen(shade * np.array((0.75, 1.0, 1.05), np.float32))
