"""The annotator's desk: which segment is on it, what was answered, and what is truly kept. No Qt."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.data import Label, Segment

Answer = Literal["label", "cannot tell", "artefact", "no face", "skip"]
PATIENCE = 2.0
"""Seconds after which an answer that has not come back as kept is told to be late."""


@dataclass(frozen=True)
class Marks:
    """What goes with an answer besides its class; NaN where the annotator set nothing."""

    valence: float = float("nan")
    arousal: float = float("nan")
    confidence: float = float("nan")
    note: str = ""


class Desk:
    """Hands out one segment at a time and goes on only when the answer has come back from the disk.

    Parameters
    ----------
    annotator
        Who answers.
    scheme
        Name of the set of classes.
    now
        The clock that stamps answers, s, LSL clock.
    """

    def __init__(self, annotator: str, scheme: str, now: Callable[[], float]) -> None:
        self._annotator = annotator
        self._scheme = scheme
        self._now = now
        self._queue: list[Segment] = []
        self._seen: set[str] = set()
        self._done: list[tuple[Segment, Label]] = []
        self._pending_since = 0.0
        self.current: Segment | None = None
        self.pending: Label | None = None
        self.blind = True

    @property
    def n_waiting(self) -> int:
        """How many segments wait, the one on the desk included."""
        return len(self._queue) + (self.current is not None)

    @property
    def n_done(self) -> int:
        """How many segments are answered and kept, skipped ones not counted."""
        return sum(label.answer != "skip" for _, label in self._done)

    @property
    def last(self) -> tuple[Segment, Label] | None:
        """The last segment with the answer that was kept for it."""
        return self._done[-1] if self._done else None

    @property
    def late(self) -> float:
        """Seconds that the answer is overdue from the disk; 0 while it is not."""
        waited = self._now() - self._pending_since
        return waited if self.pending is not None and waited > PATIENCE else 0.0

    @property
    def ready(self) -> bool:
        """Whether an answer can be given: a segment is there and no answer is on its way, or it is overdue."""
        return self.current is not None and (self.pending is None or self.late > 0)

    def offer(self, segment: Segment) -> None:
        """Take a segment that the model asks about; one that was seen before is not taken again."""
        if segment.uid in self._seen:
            return
        self._seen.add(segment.uid)
        self._queue.append(segment)
        if self.current is None and self.pending is None:
            self._next()

    def answer(self, answer: Answer, label: str = "", marks: Marks | None = None) -> Label | None:
        """Return the label to be kept for the segment on the desk; None while an answer is on its way."""
        if not self.ready or self.current is None:
            return None
        # An answer that never came back may yet reach the disk: the new one says that it stands in its place.
        replaced = self.pending.uid if self.pending is not None else ""
        return self._send(self.current, answer, label, marks or Marks(), replaced)

    def undo(self) -> Label | None:
        """Return a label that takes the last answer back; None if there is none or an answer is on its way."""
        if not self._done or self.pending is not None:
            return None
        segment, label = self._done[-1]
        return self._send(segment, "undo", "", Marks(), label.uid)

    def kept(self, label: Label) -> bool:
        """Take a label that is on disk; return whether the desk has changed by it."""
        if self.pending is None or label.uid != self.pending.uid:
            return self._kept_elsewhere(label)
        self.pending = None
        if label.answer == "undo":
            segment, _ = self._done.pop()
            if self.current is not None:
                self._queue.append(self.current)
            self.current = segment
            return True
        if self.current is not None:
            self._done.append((self.current, label))
        self._next()
        return True

    def _kept_elsewhere(self, label: Label) -> bool:
        waiting = [segment for segment in self._queue if segment.uid != label.segment]
        changed = len(waiting) != len(self._queue)
        self._queue = waiting
        return changed

    def _send(
        self, segment: Segment, answer: Answer | Literal["undo"], label: str, marks: Marks, supersedes: str
    ) -> Label:
        self._pending_since = self._now()
        self.pending = Label(
            uid=uuid.uuid4().hex,
            segment=segment.uid,
            participant=segment.participant,
            start=segment.start,
            stop=segment.stop,
            time=self._pending_since,
            annotator=self._annotator,
            scheme=self._scheme,
            answer=answer,
            label=label,
            valence=marks.valence,
            arousal=marks.arousal,
            confidence=marks.confidence,
            note=marks.note,
            model=segment.prediction.model,
            prediction_shown=not self.blind,
            supersedes=supersedes,
        )
        return self.pending

    def _next(self) -> None:
        self.current = max(self._queue, key=lambda segment: segment.score, default=None)
        if self.current is not None:
            self._queue.remove(self.current)
