"""Calibrated probabilities, and prediction sets that keep the coverage they promise.

The temperature is fitted once on subjects that training never saw. The sets are conformal with the LAC score,
one minus the probability of the true class (Sadinle et al. 2019): they start from calibration scores in the checkpoint
and follow the person, whose own answers soon weigh more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from core.conditions import condition_name
from core.data import MODALITIES
from core.uncertainty import concentration

Floats = NDArray[np.float64]
TEMPERATURE_RANGE = (0.2, 5.0)
WITHOUT_NEUTRAL = "face without neutral"
SHIPPED_ANSWERS = 4.0
"""How many of a person's own answers all shipped scores together weigh as much as."""
OWN_ANSWERS = 8
"""From so many own answers on, what these say holds for all classes alike."""


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
    """Prediction sets at a promised coverage that follow the person's own answers.

    EEG alone, face alone (with the person's own neutral face or without) and both together err differently; each such
    condition keeps its own scores, so that the promise holds within each (Mondrian conformal prediction, Vovk et al.
    2005). The threshold is a weighted quantile (Barber et al. 2023, Conformal prediction beyond exchangeability): all
    shipped scores together weigh as much as `SHIPPED_ANSWERS` of the person's own, whose scores are the ones that are
    exchangeable with what comes. The newest own answers push out the oldest, so a person who changes is followed.

    Parameters
    ----------
    coverage : float
        The promised coverage, 0 to 1.
    scores : mapping of str to sequence of float, or sequence of float
        Calibration scores by condition, or those of ``both`` alone. In a condition without any, every set holds all
        classes until answers have come.
    untested : mapping of str to mapping of int to float
        By condition the classes whose truth no calibration score stands for, and the probability under which each may
        be left out all the same. It holds until there are `OWN_ANSWERS`.
    open_untested : bool
        Whether until then a set holds all classes when such a class is the most probable one: no score stands for what
        is said there.
    memory : int
        Own scores kept per condition.
    """

    def __init__(
        self,
        coverage: float,
        scores: Mapping[str, Sequence[float]] | Sequence[float] = (),
        untested: Mapping[str, Mapping[int, float]] | None = None,
        open_untested: bool = False,
        memory: int = 200,
    ) -> None:
        self._open_untested = open_untested
        self.coverage = coverage
        self._memory = memory
        self._start = scores if isinstance(scores, Mapping) else {"both": scores}
        self._untested = untested or {}
        self._streams: dict[str, _Stream] = {}

    def sets(self, probability: Sequence[float] | Floats, condition: str = "both") -> tuple[int, ...]:
        """Return the indices of the set's classes, most probable first; always at least the most probable one.

        `condition` is one of those of `condition_of`.
        """
        order = sorted(range(len(probability)), key=probability.__getitem__, reverse=True)
        stream = self._stream(condition)
        limit = stream.threshold()
        widened = self._untested.get(condition, {}) if stream.n_own < OWN_ANSWERS else {}
        if self._open_untested and order[0] in widened:
            return tuple(order)
        inside = [k for k in order if 1.0 - probability[k] <= limit or probability[k] >= widened.get(k, 2.0)]
        return (order[0], *(k for k in inside if k != order[0]))

    def update(
        self, probability: Sequence[float] | Floats, truth: int | Mapping[int, float], condition: str = "both"
    ) -> bool:
        """Learn from one answer and return whether the set had held it, or more than half of a soft one.

        A soft answer is one observation whose score is spread by its shares: what its class, drawn by these shares,
        would give on average (Stutz et al. 2023, Conformal prediction under ambiguous ground truth).

        Parameters
        ----------
        probability : sequence of float
            What was predicted.
        truth : int or mapping of int to float
            The index of the true class, or the share of each class in a soft answer, together 1.
        condition : str
            See `condition_of`.
        """
        shares = truth if isinstance(truth, Mapping) else {truth: 1.0}
        inside = self.sets(probability, condition)
        self._stream(condition).add([(1.0 - float(probability[k]), share) for k, share in shares.items()])
        return sum(share for k, share in shares.items() if k in inside) > 0.5

    def _stream(self, condition: str) -> _Stream:
        if condition not in self._streams:
            # Models from before there was a neutral face know the face alone.
            known = "face" if condition == WITHOUT_NEUTRAL and condition not in self._start else condition
            self._streams[condition] = _Stream(self.coverage, self._start.get(known, ()), self._memory)
        return self._streams[condition]


class _Stream:
    """Shipped and own scores of one condition."""

    def __init__(self, coverage: float, scores: Sequence[float], memory: int) -> None:
        self._coverage = coverage
        self._shipped = np.sort(np.asarray(scores, np.float64))
        self._own: deque[list[tuple[float, float]]] = deque(maxlen=memory)
        """Of each answer its scores and their shares."""
        self._found: tuple[float, float] | None = None
        """The threshold, and for which coverage it was found."""

    @property
    def n_own(self) -> int:
        return len(self._own)

    def threshold(self) -> float:
        """Return the score up to which a class belongs to the set; infinite when nothing may be left out."""
        if self._found is None or self._found[0] != self._coverage:
            self._found = self._coverage, self._find_threshold()
        return self._found[1]

    def _find_threshold(self) -> float:
        n_shipped, n_own = len(self._shipped), self.n_own
        if not n_shipped + n_own:
            return float("inf")
        share = n_own / (n_own + SHIPPED_ANSWERS) if n_shipped else 1.0
        weights = np.repeat([(1.0 - share) / max(n_shipped, 1), share / max(n_own, 1)], [n_shipped, n_own])
        # What is to come is one more score, of which nothing is known: as much as one of as many as all are worth.
        wanted = self._coverage * (1.0 + float(np.square(weights).sum()))
        if wanted > 1.0 + 1e-9:
            return float("inf")
        parts = [part for answer in self._own for part in answer]
        values = np.concatenate([self._shipped, [score for score, _ in parts]])
        n_parts = np.array([len(answer) for answer in self._own], np.int64)
        spread = np.repeat(weights[n_shipped:], n_parts) * np.array([of_answer for _, of_answer in parts])
        weights = np.concatenate([weights[:n_shipped], spread])
        order = np.argsort(values, kind="stable")
        reached = int(np.searchsorted(np.cumsum(weights[order]), wanted - 1e-9))
        return float(values[order][min(reached, len(values) - 1)])

    def add(self, answer: list[tuple[float, float]]) -> None:
        self._own.append(answer)
        self._found = None


def condition_of(weights: Sequence[float], neutral: str = "", modalities: Sequence[str] = MODALITIES) -> str:
    """Return from what was predicted: `core.conditions.condition_name`, or ``face without neutral``.

    Parameters
    ----------
    weights : sequence of float
        Of a prediction.
    neutral : str
        `Prediction.neutral`.
    modalities : sequence of str
        `Prediction.modalities`.
    """
    name = condition_name([weight > 0 for weight in weights], modalities)
    return WITHOUT_NEUTRAL if name == "face" and neutral not in ("", "own") else name or "face"
