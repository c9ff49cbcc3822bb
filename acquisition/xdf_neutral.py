"""What was known of a face at rest at a place in a recording, for whoever goes there without having played to it.

Own neutral faces stand in the recording; the running estimate follows from the faces that it keeps.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TypeGuard

import numpy as np

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation, NeutralFace, RunningNeutral
from core.face_neutral import LOOK_BACK_S, RUNNING_CODE, RunningEstimate
from core.models.model_file import CLASSES
from core.recording.face_stream import FaceRows
from core.recording.outputs import RUNNING_SIGN, RunningTold, event_from_text, running_from_text
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

    It hangs on all faces before. The recording tells every minute where it stood (`core.recording.outputs`), and from
    there on these are gone through, without pictures. Where it does not, as in older ones, all of them are, once: where
    it stood is then kept every minute. A face that came live only after its windows were predicted is taken as if
    it had come in time.

    Parameters
    ----------
    path : Path
    headers : mapping
        The file's streams, by their numbers.
    number : int
        Of the stream of faces.
    events : int, optional
        Of the stream of events.
    rows : FaceRows
        Reads the stream of faces.
    """

    def __init__(
        self, path: Path, headers: Mapping[int, Header], number: int, events: int | None, rows: FaceRows
    ) -> None:
        self._path = path
        self._headers = headers
        self._number = number
        self._events = events
        self._rows = rows
        self._known: list[tuple[float, RunningNeutral]] = []
        """The time of a face, and where the estimate stood with it."""
        self._untold = 4
        """Byte before which nothing is told of it."""

    @property
    def participant(self) -> str:
        """Whose face it is."""
        return self._rows.participant

    def at(self, time: float, stop: int) -> RunningNeutral:
        """Return where it stood before the first face at or after `time`, s, LSL clock.

        Parameters
        ----------
        time : float
        stop : int
            Byte before which what is told of it holds: no face at or after `time` stands there.
        """
        if (told := self._told_before(time, stop)) is not None:
            since, lately = told.stamp, self._faces(told.stamp - LOOK_BACK_S, told.stamp)
            values = np.array(told.values) if told.values else None
            known = RunningNeutral(self.participant, values, told.seconds, told.time, tuple(lately))
            return self._state(RunningEstimate(known), since, time)
        k = bisect_left(self._known, time, key=lambda known: known[0])
        since, estimate = -math.inf, RunningEstimate()
        if k:
            since, known = self._known[k - 1]
            estimate = RunningEstimate(known)
        return self._state(estimate, since, time, keeps=True)

    def _state(self, estimate: RunningEstimate, since: float, time: float, keeps: bool = False) -> RunningNeutral:
        """Return where an estimate stands after the faces behind `since` and before `time`, s; keep where it stood."""
        for face in self._faces(since, time):
            if not since < face.time < time:
                continue
            estimate.follow(face)
            last = self._known[-1][0] if self._known else -math.inf
            if keeps and face.time >= last + _KEPT_EVERY_S:
                self._known.append((face.time, estimate.state(self.participant)))
        return estimate.state(self.participant)

    def _faces(self, start: float, stop: float) -> Iterator[FaceObservation]:
        """Give the faces from `start` on and up to the first one behind `stop`, s, LSL clock."""
        at = 4 if start == -math.inf else byte_at(self._path, self._headers, self._number, start)
        for part in read_xdf(self._path, lambda header: header.number == self._number, self._headers, at):
            if not isinstance(part, Samples) or part.number != self._number:
                continue
            there = (part.stamps >= start) & (part.stamps <= stop)
            yield from self._rows.faces(part.stamps[there], part.data[there])
            if (part.stamps > stop).any():
                return

    def _told_before(self, time: float, stop: int) -> RunningTold | None:
        """Return where it stood last before `time`, s, as it is told before a byte, None if that is told nowhere."""
        if self._events is None:
            return None
        for begin, end in stretches_with(self._path, RUNNING_SIGN.encode(), stop, self._untold):
            found = None
            for part in read_xdf(self._path, lambda header: header.number == self._events, self._headers, begin, end):
                if isinstance(part, Samples) and part.number == self._events:
                    told = [running_from_text(str(text)) for text in part.data[:, 0]]
                    found = next((one for one in reversed(told) if self._holds(one, time)), found)
            if found is not None:
                return found
        self._untold = max(self._untold, stop)
        return None

    def _holds(self, told: RunningTold | None, time: float) -> TypeGuard[RunningTold]:
        """Return whether it is of this face before `time`, s, and goes on today as it did then."""
        if told is None or told.participant != self.participant or told.code != RUNNING_CODE:
            return False
        return told.stamp < time and len(told.values) in (0, len(BLENDSHAPES) + len(CLASSES))
