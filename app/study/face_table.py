"""``face.tsv``: what was read of each frame of the face, a row a frame."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from acquisition.recorded_faces import recorded_faces
from core.data import FaceObservation
from core.files import private
from core.recording.face_stream import TOLD, face_to_row

COLUMNS = ("participant", "time", "in_session", "problem", *(name for field in TOLD for name in field.channels))


def write_faces(recording: Path, table: Path, zero: float) -> None:
    """Write the table; where nothing was read of a face, none is made.

    ``time`` is the frame's, s, LSL clock, and ``in_session`` are seconds from `zero`. Where nothing is known there is
    ``n/a``, as in BIDS. The embedding stays in the XDF: whoever gets the table need not get what a person can be known
    again by.
    """
    faces = recorded_faces(recording)
    if (first := next(faces, None)) is None:
        return
    with open(table, "w", encoding="utf-8", opener=private) as file:
        for cells in itertools.chain([COLUMNS], (_cells(face, zero) for face in itertools.chain([first], faces))):
            file.write("\t".join(cells) + "\n")


def _cells(face: FaceObservation, zero: float) -> tuple[str, ...]:
    numbers = face_to_row(face, TOLD)[0, 1:]
    values = ("n/a" if math.isnan(value) else f"{value:.7g}" for value in numbers.tolist())
    in_session = face.time - zero
    told = f"{in_session:.6f}" if math.isfinite(in_session) else "n/a"
    return (face.participant, repr(face.time), told, face.problem or "n/a", *values)
