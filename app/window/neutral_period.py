"""The seconds in which somebody is asked to relax the face, from the first good picture on or by key, in data time."""

from __future__ import annotations

from collections.abc import Callable

from app import texts
from core.data import FaceObservation, NeutralFace
from core.face_neutral import PERIOD_S

READY_S = 2.0
"""Seconds to read the card before it counts."""


class NeutralPeriod:
    """Counts down by the times of the pictures, and tells when the face was relaxed.

    Parameters
    ----------
    send : callable
        Takes the period once it is over.
    """

    def __init__(self, send: Callable[[NeutralFace], None]) -> None:
        self._send = send
        self._begin: tuple[str, float] | None = None
        self._now = 0.0
        self._asked: set[str] = set()
        self._newest: dict[str, float] = {}

    @property
    def running(self) -> bool:
        """Whether somebody is asked right now."""
        return self._begin is not None

    def see(self, face: FaceObservation, unasked: bool) -> None:
        """Take an observation; `unasked` lets the first good one of a participant begin by itself."""
        self._newest[face.participant] = face.time
        if unasked and not face.problem and face.participant not in self._asked and self._begin is None:
            self.begin(face.participant)
        if self._begin is None or face.participant != self._begin[0]:
            return
        self._now = face.time
        participant, since = self._begin
        if self._now >= since + READY_S + PERIOD_S:
            self._begin = None
            self._send(NeutralFace(participant, since + READY_S, since + READY_S + PERIOD_S))

    def begin(self, participant: str) -> bool:
        """Ask a participant now, anew if need be; return whether there is a picture to begin with."""
        if participant not in self._newest:
            return False
        self._asked.add(participant)
        self._begin, self._now = (participant, self._newest[participant]), self._newest[participant]
        return True

    def know(self, participant: str) -> None:
        """Know that a participant's neutral face is there, so that nobody need be asked unasked."""
        self._asked.add(participant)

    def skip(self) -> None:
        """Ask no more; what was known stays."""
        self._begin = None

    def card(self, participant: str) -> tuple[str, str] | None:
        """Return what is to be said to a participant, None if nothing is asked of them."""
        if self._begin is None or self._begin[0] != participant:
            return None
        left = self._begin[1] + READY_S + PERIOD_S - self._now
        return texts.relax(min(PERIOD_S, left), left > PERIOD_S), texts.RELAX_HOW
