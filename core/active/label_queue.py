"""The bounded queue of segments most worth a label: apart in time, unlike each other, best first."""

from __future__ import annotations

import math
import sys
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.active.query import reason, score
from core.config import QueueConfig
from core.data import Array, Label, Prediction, Segment

_NAMESPACE = uuid.UUID("6f1c4c0e-3a52-5d0b-9d5e-0f6c1a7b2e11")


class LabelQueue:
    """Segments of one participant that wait for an answer.

    A segment is a stretch of `config.length` seconds whose mean window score has just passed a peak of at least
    `config.min_score`. It is queued if it overlaps no segment that waits or was answered and its feature is not a
    near-duplicate of theirs. A full queue lets its lowest score go for a higher one.
    """

    def __init__(self, config: QueueConfig) -> None:
        self._config = config
        self._recent: deque[tuple[Prediction, float]] = deque()
        self._peak: Segment | None = None
        self._waiting: dict[str, Segment] = {}
        self._answered: dict[str, Segment] = {}
        self._answers: dict[str, str] = {}

    @property
    def waiting(self) -> tuple[Segment, ...]:
        """The segments that wait, most worth asking first."""
        return tuple(sorted(self._waiting.values(), key=lambda segment: -segment.score))

    def offer(self, prediction: Prediction) -> Segment | None:
        """Take the next prediction in order of time; return the segment that it made the queue take, if any."""
        self._age_out(prediction.stop)
        candidate = self._candidate(prediction)
        peak, self._peak = self._peak, candidate
        if peak is None or (candidate is not None and candidate.score >= peak.score):
            return None
        # The score falls again, so the peak is known; the candidate after it overlaps and would only repeat it.
        if not self._admits(peak):
            return None
        if len(self._waiting) >= self._config.size:
            lowest = min(self._waiting.values(), key=lambda segment: segment.score)
            if lowest.score >= peak.score:
                return None
            del self._waiting[lowest.uid]
        self._waiting[peak.uid] = peak
        return peak

    def answer(self, label: Label) -> None:
        """Take an answer: the segment leaves the queue; ``undo`` brings the one it supersedes back."""
        if label.answer == "undo":
            uid = self._answers.pop(label.supersedes, label.segment)
            if uid in self._answered:
                self._waiting[uid] = self._answered.pop(uid)
            return
        self._answers[label.uid] = label.segment
        if label.segment in self._waiting:
            self._answered[label.segment] = self._waiting.pop(label.segment)

    def _candidate(self, prediction: Prediction) -> Segment | None:
        start = prediction.stop - self._config.length
        self._recent.append((prediction, score(prediction)))
        while self._recent and self._recent[0][0].start < start - 1e-9:
            self._recent.popleft()
        if not self._recent or self._recent[0][0].start > start + (prediction.stop - prediction.start) / 2:
            return None  # not yet enough windows to fill a segment
        mean = sum(value for _, value in self._recent) / len(self._recent)
        if mean < self._config.min_score:
            return None
        worst, _ = max(self._recent, key=lambda pair: pair[1])
        # Named by what it is, so that a replay of the same recording asks for the same segments.
        uid = str(uuid.uuid5(_NAMESPACE, f"{prediction.participant} {start!r} {prediction.model}"))
        return Segment(uid, prediction.participant, start, prediction.stop, mean, reason(worst), worst)

    def _admits(self, segment: Segment) -> bool:
        others = [*self._waiting.values(), *self._answered.values()]
        apart = all(other.stop <= segment.start or segment.stop <= other.start for other in others)
        return apart and not self._duplicates(segment, (other.prediction.feature for other in others))

    def _duplicates(self, segment: Segment, features: Iterable[Array | None]) -> bool:
        mine = segment.prediction.feature
        if mine is None or not self._config.min_distance:
            return False
        return any(f is not None and _cosine_distance(mine, f) < self._config.min_distance for f in features)

    def _age_out(self, now: float) -> None:
        if math.isinf(self._config.max_age):
            return
        old = [uid for uid, segment in self._waiting.items() if segment.stop < now - self._config.max_age]
        for uid in old:
            del self._waiting[uid]


def boundless(config: QueueConfig) -> QueueConfig:
    """Return the queue of who labels a recording and decides when to stop: nothing is let go, nor left out as alike.

    Where most moments are unlike each other only in how unsure they are, whatever came first would keep out the better
    ones that are like it; the most unsure come first instead.
    """
    return replace(config, size=sys.maxsize, max_age=math.inf, min_distance=0.0)


def questions(predictions: Iterable[Prediction], config: QueueConfig) -> list[Segment]:
    """Return what a whole session is worth asking about, from its predictions in order of time, best first."""
    queues: dict[str, LabelQueue] = {}
    for prediction in predictions:
        queues.setdefault(prediction.participant, LabelQueue(boundless(config))).offer(prediction)
    return sorted((s for queue in queues.values() for s in queue.waiting), key=lambda segment: -segment.score)


def _cosine_distance(a: Array, b: Array) -> float:
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(a @ b) / norm if norm > 0 else 1.0
