"""Whether answers tell anything at all: against the same answers with the truths dealt anew.

Truths are dealt anew among the trials of each person, so that neither how often a person says a class nor how often it
is true counts for anything; where nobody has two trials that differ, among people. Where a stimulus is of one class for
everyone they are dealt among stimuli: what is said of a clip because it is that clip, whoever sees it, is one hit and
not one for each person. It holds where trials could have come in another order: where each class stands in one stretch
of time, drift is told as well (`training.order`).
"""

from __future__ import annotations

import math
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
FEWEST_WAYS = 1000
"""Ways in which classes can be dealt to stimuli, or they are dealt to trials: of few none would be one in forty."""
Unit = Literal["trials", "people", "stimuli"]
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

    of_stimuli = _classes_of_stimuli(trials)
    if of_stimuli is not None:
        rng = np.random.default_rng(seed)
        shown = np.unique(trials.stimulus, return_inverse=True)[1]
        anew = np.array([balanced(rng.permutation(of_stimuli)[shown]) for _ in range(n_deals)])
        return _judged("balanced accuracy", balanced(trials.truth), anew, "stimuli")
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


def _classes_of_stimuli(trials: Answers) -> NDArray[np.int64] | None:
    """Return the class of each stimulus; None where it is not told, not the same for all, or there are few ways."""
    if (trials.stimulus < 0).any() or len(np.unique(trials.subject)) < 2:
        return None
    _, first, shown = np.unique(trials.stimulus, return_index=True, return_inverse=True)
    of_stimuli = trials.truth[first]
    if (of_stimuli[shown] != trials.truth).any():
        return None
    ways = math.factorial(len(first))
    for count in np.bincount(of_stimuli).tolist():
        ways //= math.factorial(count)
    return of_stimuli if ways >= FEWEST_WAYS else None


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
