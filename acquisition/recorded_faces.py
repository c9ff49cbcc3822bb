"""What was read of the face live, out of a recording: whatever read it, and without its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from acquisition.xdf_overview import own_info
from core.data import FaceObservation
from core.recording.face_stream import FACE, FaceRows
from core.recording.session import Session
from core.recording.xdf_reader import Header, Samples, read_xdf

__all__ = ["recorded_faces"]


def recorded_faces(path: Path) -> Iterator[FaceObservation]:
    """Give the recorded observations, of all participants, in their order; none of files of other programs.

    Frames that were passed over are among them, and rows that were damaged are not.
    """
    if path.is_dir():
        path = Session.open(path).xdf
    if path.suffix.lower() != ".xdf":
        return
    rows: dict[int, FaceRows] = {}
    for part in read_xdf(path, _is_face):
        if isinstance(part, Header) and (info := own_info(part)[0]) is not None:
            rows[part.number] = FaceRows(info)
        elif isinstance(part, Samples) and part.number in rows:
            yield from rows[part.number].faces(part.stamps, part.data)


def _is_face(header: Header) -> bool:
    return header.type == FACE and header.name.startswith("Insula ")
