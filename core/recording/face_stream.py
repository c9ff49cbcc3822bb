"""What was read of each frame of the face, as an XDF stream: a row of named numbers, single precision, both ways."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.blendshapes import BLENDSHAPES
from core.data import Array, Channel, FaceObservation, FaceProblem, StreamInfo, frozen
from core.models.model_file import CLASSES

FACE = "Face"
"""The stream's type."""
N_EMBEDDING = 256
"""Numbers that the expression network makes of a face (`core.models.face_expression`, which needs torch)."""
_POINTS = ("right_eye", "left_eye", "nose", "mouth", "right_ear", "left_ear")
_PROBLEMS: tuple[FaceProblem, ...] = typing.get_args(FaceProblem)


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of `FaceObservation`, and the channels that hold it."""

    name: str
    channels: tuple[str, ...]
    unit: str = "normalized"
    shape: tuple[int, ...] | None = None
    """Of the array; None for a number, or a tuple of them."""

    def flat(self, face: FaceObservation) -> Array:
        value = getattr(face, self.name)
        return np.full(len(self.channels), np.nan) if value is None else np.ravel(value)

    def value(self, row: Array, numbers: list[float]) -> Any:
        """Return the field's value from its part of a row, which comes also as plain numbers."""
        if self.shape is not None:
            # Where there is nothing the first is no number; only then all are looked at.
            if math.isnan(numbers[0]) and np.isnan(row).all():
                return None
            return frozen(row.reshape(self.shape).copy())
        if len(numbers) == 1:
            return numbers[0]
        return None if any(map(math.isnan, numbers)) else tuple(numbers)


FIELDS = (
    _Field("quality", ("quality",)),
    _Field("yaw_deg", ("yaw",), "degrees"),
    _Field("roll_deg", ("roll",), "degrees"),
    _Field("burnt", ("burnt",)),
    _Field("box", ("box_left", "box_top", "box_right", "box_bottom"), "pixels"),
    _Field("landmarks", tuple(f"{p}_{x}" for p in _POINTS for x in "xy"), "pixels", (len(_POINTS), 2)),
    _Field("blendshapes", BLENDSHAPES, shape=(len(BLENDSHAPES),)),
    _Field("expression", tuple(f"expression_{name}" for name in CLASSES), shape=(len(CLASSES),)),
    _Field("embedding", tuple(f"embedding_{k:03d}" for k in range(N_EMBEDDING)), shape=(N_EMBEDDING,)),
)
"""All but participant, time and problem. One more is one more line here; a reader takes those that it knows."""
TOLD = tuple(field for field in FIELDS if field.name != "embedding")
"""What goes to others: without the embedding, numbers without names by which a person can be known again."""


def face_info(video: StreamInfo) -> StreamInfo:
    """Return the stream of what a camera's frames show, each stamped with its frame's time on the LSL clock."""
    name = f"Insula face {video.participant}"
    words = "".join(f"<problem>{problem}</problem>" for problem in _PROBLEMS)
    return StreamInfo(
        key=f"insula/{name}", kind="other", participant=video.participant, name=name, type=FACE, channels=_channels(),
        dtype="float32", source_id=f"insula/{name}", face_reading=video.face_reading,
        desc=f"<desc><face><reading>{video.face_reading}</reading><problems>{words}</problems></face></desc>",
    )  # fmt: skip


def face_to_row(face: FaceObservation, fields: Sequence[_Field] = FIELDS) -> Array:
    """Return the row of an observation, shape (1, n_channels), float32: its problem's number, then the fields.

    NaN where there is nothing.
    """
    parts = [field.flat(face) for field in fields]
    return np.concatenate([[float(_PROBLEMS.index(face.problem))], *parts])[np.newaxis].astype(np.float32)


class FaceRows:
    """Reads the rows of one recorded stream.

    Parameters
    ----------
    info : StreamInfo
        As it was recorded: what it has no channel for is not known of its faces.
    """

    def __init__(self, info: StreamInfo) -> None:
        self.participant = info.participant
        names = [channel.label for channel in info.channels]
        places = [(field, _places(field, names)) for field in FIELDS if field.channels[0] in names]
        self._fields = [(field, place) for field, place in places if tuple(names[place]) == field.channels]
        self._problems = _problems(info.desc)

    def faces(self, times: Array, rows: Array) -> Iterator[FaceObservation]:
        """Give the observations of rows (n_rows, n_channels) and their stamps (n_rows,) that were not damaged."""
        for time, row in zip(times.tolist(), rows, strict=True):
            numbers = row.tolist()
            code = numbers[0]
            if not (math.isfinite(code) and 0 <= code < len(self._problems)):
                continue
            values = {field.name: field.value(row[place], numbers[place]) for field, place in self._fields}
            yield FaceObservation(self.participant, time, self._problems[int(code)], **values)


def _channels() -> tuple[Channel, ...]:
    named = [("problem", ""), *((name, field.unit) for field in FIELDS for name in field.channels)]
    return tuple(Channel(name, name, "misc", unit, math.nan) for name, unit in named)


def _places(field: _Field, names: Sequence[str]) -> slice:
    start = names.index(field.channels[0])
    return slice(start, start + len(field.channels))


def _problems(desc: str) -> tuple[FaceProblem, ...]:
    """Return what the numbers in the first channel mean, as it stood when they were written."""
    told = [part.partition("</problem>")[0] for part in desc.split("<problem>")[1:]]
    known = {str(problem): problem for problem in _PROBLEMS}
    return tuple(known.get(word, "no face") for word in told)
