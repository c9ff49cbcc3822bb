"""Whether answers tell anything at all: against the same answers with the truths dealt anew.

Truths are dealt anew among the trials of each person, so that neither how often a person says a class nor how often it
is true counts for anything; where nobody has two trials that differ, among people. Where people saw the same stimuli
whole stimuli are dealt, alike for everyone: what is felt of a clip is alike, so what is said of it because it is that
clip, whoever sees it, is one hit and not one for each person. So it is under every split. Where others taught what is
felt of the same clips, to know the clip is to know that, and no deal has it; where clips were left out, the mean of the
others tells a little of the opposite, and fewer are called above chance than might be. It holds where trials could have
come in another order: where each class stands in one stretch of time, drift is told as well (`training.order`).
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
FEWEST_WAYS = 100
"""Ways in which truths can be dealt to stimuli, or they are dealt to trials: of few none would be one in forty."""
Unit = Literal["trials", "people", "stimuli"]
Ints = NDArray[np.int64]
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

    value, dealt, unit = _deal(trials.truth, trials, np.arange(len(trials)), balanced, n_deals, seed)
    return _judged("balanced accuracy", value, dealt, unit)


def ratings_against_chance(trials: Answers, n_deals: int = N_DEALS, seed: int = 0) -> dict[str, AgainstChance]:
    """Return by scale how the concordance over trials compares with chance."""
    found = {}
    for k, name in enumerate(trials.scales):
        known = np.flatnonzero(np.isfinite(trials.rated[:, k]) & np.isfinite(trials.affect[:, k]))
        guess, rated = trials.affect[known, k], trials.rated[known, k]
        if len(known) < 2:
            continue

        def concordance(truth: Floats, guess: Floats = guess) -> float:
            return metrics.ccc(truth, guess)

        value, dealt, unit = _deal(rated, trials, known, concordance, n_deals, seed)
        found[name] = _judged(f"CCC, {name}", value, dealt, unit)
    return found


def _judged(figure: str, value: float, dealt: Floats, unit: Unit) -> AgainstChance:
    as_good = int((dealt >= value - 1e-12).sum())
    return AgainstChance(figure, value, float(dealt.mean()), (as_good + 1) / (len(dealt) + 1), unit)


def _deal(
    truth: Truths, trials: Answers, rows: Ints, figure: Callable[[Truths], float], n_deals: int, seed: int
) -> tuple[float, Floats, Unit]:
    """Return the figure of these rows, those under truths dealt anew, and among what they were dealt."""
    rng = np.random.default_rng(seed)
    subject, stimulus = trials.subject[rows], trials.stimulus[rows]
    unit, anew = _to_stimuli(truth, subject, stimulus) or _to_trials(truth, subject)
    return figure(truth), np.array([figure(anew(rng)) for _ in range(n_deals)]), unit


def _to_stimuli(
    truth: Truths, subject: NDArray[Any], stimulus: Ints
) -> tuple[Unit, Callable[[np.random.Generator], Truths]] | None:
    """Return what deals whole stimuli; None where they are not told or not shared, or there are few ways."""
    if not len(truth) or (stimulus < 0).any():
        return None
    _, first, shown = np.unique(stimulus, return_index=True, return_inverse=True)
    people, who = np.unique(subject, return_inverse=True)
    n_shown = len(first)
    counts = np.bincount(who * n_shown + shown, minlength=len(people) * n_shown)
    if (counts.reshape(len(people), n_shown) > 0).sum(axis=0).max() < 2:
        return None
    means = np.bincount(shown, weights=truth) / np.bincount(shown)
    ways = math.factorial(n_shown)
    for alike in np.unique(means, return_counts=True)[1].tolist():
        ways //= math.factorial(alike)
    if ways < FEWEST_WAYS:
        return None
    if (truth == truth[first][shown]).all():
        return "stimuli", lambda rng: truth[first[rng.permutation(n_shown)][shown]]
    # The rows of a person and a stimulus lie together in `order`, from `begins` on; a row is the nth of them.
    order = np.argsort(who * n_shown + shown, kind="stable")
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    nth = np.empty(len(truth), np.int64)
    nth[order] = np.arange(len(truth)) - begins[(who * n_shown + shown)[order]]

    def anew(rng: np.random.Generator) -> Truths:
        other = rng.permutation(n_shown)
        given = other[shown]
        # Who has not seen the other stimulus gets the one that would be that one's, and so on, up to one that was seen.
        while (unseen := counts[who * n_shown + given] == 0).any():
            given[unseen] = other[given[unseen]]
        at = who * n_shown + given
        rows: Ints = order[begins[at] + nth % counts[at]]
        return truth[rows]

    return "stimuli", anew


def _to_trials(truth: Truths, subject: NDArray[Any]) -> tuple[Unit, Callable[[np.random.Generator], Truths]]:
    """Return what deals the trials of each person; people, where nobody has two trials that differ."""
    people = [np.flatnonzero(subject == name) for name in np.unique(subject)]
    inside = any(len(np.unique(truth[rows])) > 1 for rows in people)

    def anew(rng: np.random.Generator) -> Truths:
        dealt = truth.copy()
        others = range(len(people)) if inside else rng.permutation(len(people))
        for rows, other in zip(people, others, strict=True):
            dealt[rows] = truth[rng.permutation(rows)] if inside else truth[people[other][0]]
        return dealt

    return "trials" if inside else "people", anew
