"""What was known of a face at rest at a place in a recording, for whoever goes there without having played to it.

Own neutral faces stand in the recording; the running estimate follows from the faces that it keeps.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Mapping
from pathlib import Path

from core.data import NeutralFace, RunningNeutral
from core.face_neutral import RunningEstimate
from core.recording.face_stream import FaceRows
from core.recording.outputs import event_from_text
from core.recording.xdf_reader import Header, Samples, byte_at, read_xdf, stretches_with

_KEPT_EVERY_S = 60.0
_SIGN = b'{"event": "neutral'
"""How the text of a neutral face begins: when it was shown, and what was read of it."""


def neutral_before(
    path: Path, headers: Mapping[int, Header], events: int, people: Collection[str], same: Collection[str], stop: int
) -> list[NeutralFace]:
    """Return the neutral face of each of `people` that was known last before byte `stop`, of whom there is any.

    Parameters
    ----------
    path : Path
    headers : mapping
        The file's streams, by their numbers.
    events : int
        Number of the stream of events.
    people : collection of str
    same : collection of str
        Whose pictures would be read today as they were then: of others what was read then does not hold, only what was
        kept from an earlier session, which a session without seeking takes as well.
    stop : int
    """
    found: dict[str, NeutralFace] = {}
    for begin, end in stretches_with(path, _SIGN, stop):
        there: dict[str, NeutralFace] = {}
        for part in read_xdf(path, lambda header: header.number == events, headers, begin, end):
            if isinstance(part, Samples) and part.number == events:
                for text in part.data[:, 0]:
                    face = known_face(str(text), same)
                    if face is not None and face.participant in people:
                        there[face.participant] = face
        found = {**there, **found}
        if found.keys() >= set(people):
            break
    return list(found.values())


def known_face(text: str, same: Collection[str]) -> NeutralFace | None:
    """Return the neutral face whose values stand in the text of an event and hold today, None if there is none."""
    face = event_from_text(text, derived=True)
    if not isinstance(face, NeutralFace) or not face.blendshapes:
        return None
    return face if face.kept_from or face.participant in same else None


class RunningBefore:
    """How far the running estimate of one participant's neutral face had come at places in a recording.

    It hangs on all faces before, so these are gone through once, without pictures; where it stood is kept every minute.
    A face that came live only after its windows were predicted is taken as if it had come in time.

    Parameters
    ----------
    path : Path
    headers : mapping
        The file's streams, by their numbers.
    number : int
        Of the stream of faces.
    rows : FaceRows
        Reads that stream.
    """

    def __init__(self, path: Path, headers: Mapping[int, Header], number: int, rows: FaceRows) -> None:
        self._path = path
        self._headers = headers
        self._number = number
        self._rows = rows
        self._known: list[tuple[float, RunningNeutral]] = []
        """The time of a face, and where the estimate stood with it."""

    @property
    def participant(self) -> str:
        """Whose face it is."""
        return self._rows.participant

    def at(self, time: float) -> RunningNeutral:
        """Return where it stood before the first face at or after `time`, s, LSL clock."""
        k = bisect_left(self._known, time, key=lambda known: known[0])
        since, estimate, start = -math.inf, RunningEstimate(), 4
        if k:
            since, known = self._known[k - 1]
            estimate = RunningEstimate(known)
            start = byte_at(self._path, self._headers, self._number, since)
        for part in read_xdf(self._path, lambda header: header.number == self._number, self._headers, start):
            if not isinstance(part, Samples) or part.number != self._number:
                continue
            for stamp, row in zip(part.stamps.tolist(), part.data, strict=True):
                if stamp <= since:
                    continue
                if stamp >= time:
                    return estimate.state(self._rows.participant)
                if (face := self._rows.face(stamp, row)) is not None:
                    estimate.follow(face)
                    last = self._known[-1][0] if self._known else -math.inf
                    if stamp >= last + _KEPT_EVERY_S:
                        self._known.append((stamp, estimate.state(self._rows.participant)))
        return estimate.state(self._rows.participant)
