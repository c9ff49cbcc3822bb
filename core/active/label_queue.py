"""The bounded queue of moments most worth a label: within a budget, unlike each other, best first."""

from __future__ import annotations

import math
import random
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.active.moments import MomentCutter
from core.active.query import query_of
from core.config import QueueConfig
from core.data import Array, Label, Prediction, Segment


class LabelQueue:
    """Moments of one participant that wait for an answer.

    Data time is divided into turns, as many a minute as may be asked. In most turns the best moment is asked about if
    it scores in the upper quarter of the last `config.max_age` seconds and is no near-duplicate of one that waits or
    was answered; if nothing was for `config.least_every`, the best is asked about whatever it scores. In a share of the
    turns the moment is drawn by lot. A moment without a usable signal is not asked about, since no label can teach from
    it. A full queue lets its lowest score go for a higher one.
    """

    def __init__(self, config: QueueConfig) -> None:
        self._config = config
        self._cutter = MomentCutter(config.length, query_of(config.query))
        self._turn_s = 60.0 / config.most_per_minute
        self._turn: int | None = None
        self._offered: list[Segment] = []
        """The moments of this turn."""
        self._scores: deque[tuple[float, float]] = deque()
        """(stop, score) of each moment of late."""
        self._asked = -math.inf
        self._waiting: dict[str, Segment] = {}
        self._answered: dict[str, Segment] = {}
        self._answers: dict[str, str] = {}

    @property
    def waiting(self) -> tuple[Segment, ...]:
        """The moments that wait, most worth asking first."""
        return tuple(sorted(self._waiting.values(), key=lambda moment: -moment.score))

    def offer(self, prediction: Prediction) -> Segment | None:
        """Take the next prediction in order of time; return the moment that it made the queue take, if any."""
        self._age_out(prediction.stop)
        for moment in self._cutter.push(prediction):
            self._scores.append((moment.stop, moment.score))
            if moment.score > 0:
                self._offered.append(moment)
        turn, before = math.floor(prediction.stop / self._turn_s), self._turn
        self._turn = turn
        if before is None or turn == before:
            if before is None:
                self._asked = prediction.stop
            return None
        chosen = self._choose(prediction.participant, before, prediction.stop)
        self._offered.clear()
        return chosen if chosen is not None and self._take(chosen, prediction.stop) else None

    def answer(self, label: Label) -> None:
        """Take an answer: the moment leaves the queue; ``undo`` brings the one it supersedes back."""
        if label.answer == "undo":
            uid = self._answers.pop(label.supersedes, label.segment)
            if uid in self._answered:
                self._waiting[uid] = self._answered.pop(uid)
            return
        self._answers[label.uid] = label.segment
        if label.segment in self._waiting:
            self._answered[label.segment] = self._waiting.pop(label.segment)

    def _choose(self, participant: str, turn: int, now: float) -> Segment | None:
        """Return the moment of a turn that is to be asked about, if any is."""
        # Seeded by what the turn is, so that a replay draws the same lots.
        lots = random.Random(f"{participant} {turn}")
        if self._offered and lots.random() < self._config.random_share:
            return replace(lots.choice(self._offered), reason="drawn at random", chosen="random")
        ranked = sorted(self._offered, key=lambda moment: -moment.score)
        if ranked and now - self._asked >= self._config.least_every:
            return ranked[0]
        usual = _upper_quartile([score for _, score in self._scores])
        return next((m for m in ranked if m.score > usual and not self._is_known(m)), None)

    def _take(self, moment: Segment, now: float) -> bool:
        if len(self._waiting) >= self._config.size:
            lowest = min(self._waiting.values(), key=lambda waiting: waiting.score)
            if lowest.score >= moment.score:
                return False
            del self._waiting[lowest.uid]
        self._waiting[moment.uid] = moment
        self._asked = now
        return True

    def _is_known(self, moment: Segment) -> bool:
        """Return whether the model feels the same here as in a moment that waits or was answered."""
        mine = moment.prediction.feature
        if mine is None or not self._config.min_distance:
            return False
        others = (known.prediction.feature for known in (*self._waiting.values(), *self._answered.values()))
        return any(f is not None and _cosine_distance(mine, f) < self._config.min_distance for f in others)

    def _age_out(self, now: float) -> None:
        oldest = now - self._config.max_age
        while self._scores and self._scores[0][0] < oldest:
            self._scores.popleft()
        for uid in [uid for uid, moment in self._waiting.items() if moment.stop < oldest]:
            del self._waiting[uid]


def _upper_quartile(scores: Sequence[float]) -> float:
    return statistics.quantiles(scores, n=4)[2] if len(scores) > 1 else -math.inf


def _cosine_distance(a: Array, b: Array) -> float:
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(a @ b) / norm if norm > 0 else 1.0
