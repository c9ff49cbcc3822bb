"""Whether answers tell anything at all: against the same answers with the truths dealt anew.

Truths are dealt anew among the trials of each person, so that neither how often a person says a class nor how often it
is true counts for anything; where nobody has two trials that differ, among people. It holds where trials could have
come in another order: where each class stands in one stretch of time, drift is told as well (`training.order`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.answers import Answers

N_DEALS = 2000
LEVEL = 0.025
"""One-sided: as the upper side of a 95 % interval."""
Floats = NDArray[np.float64]
Unit = Literal["trials", "people"]
Truths = TypeVar("Truths", NDArray[np.int64], NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class AgainstChance:
    """One figure over trials beside what it is when truths are dealt anew."""

    figure: str
    value: float
    by_chance: float
    """Mean over the deals."""
    p: float
    """Share of deals that do as well, this one counted."""
    unit: Unit = "trials"
    """What was dealt anew."""

    @property
    def is_above(self) -> bool:
        """Whether it is above chance."""
        return self.p <= LEVEL


def against_chance(trials: Answers, n_deals: int = N_DEALS, seed: int = 0) -> AgainstChance:
    """Return how the balanced accuracy over trials compares with chance."""
    classes = len(trials.classes)
    weight = 1.0 / np.maximum(np.bincount(trials.truth, minlength=classes), 1)

    def balanced(truth: NDArray[np.int64]) -> float:
        hits = np.bincount(truth, weights=truth == trials.guess, minlength=classes)
        return float((hits * weight).sum() / max((weight * np.bincount(truth, minlength=classes)).sum(), 1e-12))

    value, dealt, unit = _deal(trials.truth, trials.subject, balanced, n_deals, seed)
    return _judged("balanced accuracy", value, dealt, unit)


def ratings_against_chance(trials: Answers, n_deals: int = N_DEALS, seed: int = 0) -> dict[str, AgainstChance]:
    """Return by scale how the concordance over trials compares with chance."""
    found = {}
    for k, name in enumerate(trials.scales):
        known = np.isfinite(trials.rated[:, k]) & np.isfinite(trials.affect[:, k])
        guess, rated = trials.affect[known, k], trials.rated[known, k]
        if known.sum() < 2:
            continue

        def concordance(truth: Floats, guess: Floats = guess) -> float:
            return metrics.ccc(truth, guess)

        value, dealt, unit = _deal(rated, trials.subject[known], concordance, n_deals, seed)
        found[name] = _judged(f"CCC, {name}", value, dealt, unit)
    return found


def _judged(figure: str, value: float, dealt: Floats, unit: Unit) -> AgainstChance:
    as_good = int((dealt >= value - 1e-12).sum())
    return AgainstChance(figure, value, float(dealt.mean()), (as_good + 1) / (len(dealt) + 1), unit)


def _deal(
    truth: Truths, subject: NDArray[Any], figure: Callable[[Truths], float], n_deals: int, seed: int
) -> tuple[float, Floats, Unit]:
    """Return the figure, those under truths dealt anew, and among what they were dealt."""
    rng = np.random.default_rng(seed)
    people = [np.flatnonzero(subject == name) for name in np.unique(subject)]
    inside = any(len(np.unique(truth[rows])) > 1 for rows in people)
    dealt = np.empty(n_deals)
    for k in range(n_deals):
        anew = truth.copy()
        if inside:
            for rows in people:
                anew[rows] = truth[rng.permutation(rows)]
        else:
            given = rng.permutation(len(people))
            for rows, other in zip(people, given, strict=True):
                anew[rows] = truth[people[other][0]]
        dealt[k] = figure(anew)
    return figure(truth), dealt, "trials" if inside else "people"
