"""Calibrated probabilities, and prediction sets that keep the coverage they promise.

The temperature is fitted once on subjects that training never saw. The sets are conformal with the LAC score,
one minus the probability of the true class (Sadinle et al. 2019): they start from calibration scores in the checkpoint
and follow the person online by adaptive conformal inference (Gibbs & Candès 2021).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from core.uncertainty import concentration

Floats = NDArray[np.float64]
TEMPERATURE_RANGE = (0.2, 5.0)


def probabilities(similarity: Floats, beta: float, temperature: float) -> Floats:
    """Return class probabilities, shape as `similarity`, of the Dirichlet whose evidence is spread by `temperature`.

    The temperature acts inside the evidence, so that probabilities and every part of the uncertainty stay one story.
    """
    alpha = concentration(similarity, beta * temperature)
    return np.asarray(alpha / alpha.sum(axis=-1, keepdims=True))


def fit_temperature(similarity: Floats, truth: NDArray[np.int64], beta: float) -> float:
    """Return the temperature that makes the truth most likely.

    Parameters
    ----------
    similarity : array of shape (n_windows, n_classes)
        From held-out subjects.
    truth : array of shape (n_windows,)
        Index of the true class.
    beta : float
        The network's own width of evidence.
    """
    if len(truth) == 0:
        return 1.0
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        chosen = probabilities(similarity, beta, float(np.exp(log_temperature)))[rows, truth]
        return float(-np.log(chosen).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURE_RANGE)), method="bounded")
    return float(np.exp(found.x))


def lac_scores(probability: Floats, truth: NDArray[np.int64]) -> Floats:
    """Return one minus the probability of the true class, shape (n_windows,)."""
    return np.asarray(1.0 - probability[np.arange(len(truth)), truth])


class AdaptiveSets:
    """Prediction sets at a promised coverage that learn from each answer.

    EEG alone, face alone and both together err differently; each condition keeps its own scores and level, so that the
    promise holds within each (Mondrian conformal prediction, Vovk et al. 2005).

    Parameters
    ----------
    coverage : float
        The promised coverage, 0 to 1.
    scores : mapping of str to sequence of float, or sequence of float
        Calibration scores by condition, or those of ``both`` alone. In a condition without any, every set holds all
        classes until answers have come.
    rate : float
        How fast the working level follows misses (gamma of Gibbs & Candès, eq. 2).
    memory : int
        Scores kept per condition; the newest answers push out the oldest.
    """

    def __init__(
        self,
        coverage: float,
        scores: Mapping[str, Sequence[float]] | Sequence[float] = (),
        rate: float = 0.03,
        memory: int = 500,
    ) -> None:
        self.coverage = coverage
        self._rate = rate
        self._memory = memory
        start = scores if isinstance(scores, Mapping) else {"both": scores}
        self._streams = {condition: _Stream(1.0 - coverage, given, memory) for condition, given in start.items()}

    def sets(self, probability: Sequence[float] | Floats, condition: str = "both") -> tuple[int, ...]:
        """Return the indices of the set's classes, most probable first; always at least the most probable one.

        `condition` is ``eeg``, ``face`` or ``both``; `condition_of` tells it from a prediction's weights.
        """
        order = np.argsort(-np.asarray(probability), kind="stable")
        limit = self._stream(condition).threshold()
        inside = [int(k) for k in order if 1.0 - probability[k] <= limit]
        return tuple(inside) or (int(order[0]),)

    def update(self, probability: Sequence[float] | Floats, truth: int, condition: str = "both") -> bool:
        """Learn from one answer and return whether the set had held it."""
        covered = truth in self.sets(probability, condition)
        self._stream(condition).add(1.0 - float(probability[truth]), covered, self._rate)
        return covered

    def level(self, condition: str = "both") -> float:
        """Return the working error level, which moves away from ``1 - coverage`` as the stream does."""
        return self._stream(condition).level

    def _stream(self, condition: str) -> _Stream:
        return self._streams.setdefault(condition, _Stream(1.0 - self.coverage, (), self._memory))


class _Stream:
    """Scores and working level of one condition."""

    def __init__(self, target: float, scores: Sequence[float], memory: int) -> None:
        self.level = self._target = target
        self._scores: deque[float] = deque(_thinned(scores, memory), maxlen=memory)

    def threshold(self) -> float:
        """Return the score up to which a class belongs to the set; infinite when nothing may be left out."""
        count = len(self._scores)
        rank = int(np.ceil((count + 1) * (1.0 - self.level)))
        if rank > count:
            return float("inf")
        return float(np.sort(np.asarray(self._scores))[rank - 1]) if rank >= 1 else -float("inf")

    def add(self, score: float, covered: bool, rate: float) -> None:
        # A set always holds one class, so a long easy stretch could push the level up without end: it stops at 1.
        self.level = min(1.0, self.level + rate * (self._target - (0.0 if covered else 1.0)))
        self._scores.append(score)


def condition_of(weights: Sequence[float]) -> str:
    """Return ``eeg``, ``face`` or ``both`` for the weights of a prediction."""
    eeg, face = weights[0] > 0, weights[1] > 0
    return "both" if eeg and face else "eeg" if eeg else "face"


def _thinned(scores: Sequence[float], memory: int) -> Sequence[float]:
    # Evenly spaced quantiles of a long calibration set keep its shape; its newest part alone would not.
    if len(scores) <= memory:
        return tuple(scores)
    return tuple(np.quantile(np.asarray(scores), (np.arange(memory) + 0.5) / memory))
