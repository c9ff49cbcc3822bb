"""How prediction sets follow a person's answers: the product's, plain split conformal ones, and those of crepes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration import AdaptiveSets, lac_scores

Floats = NDArray[np.float64]
COVERAGE = 0.9
ANSWERS = (0, 8, 16, 32)
Stream = tuple[AdaptiveSets, str, Floats, NDArray[np.int64]]
"""Sets to begin with, the condition, what is said, and the truth."""


def followed(streams: list[Stream], method: str) -> list[str]:
    """Return coverage and size over what comes after so many answers."""
    found = []
    for n in ANSWERS:
        held, size = [], []
        for sets, how, probability, truth in streams:
            told = AdaptiveSets(COVERAGE, {}) if method == "own answers alone" else sets
            for row, true in zip(probability[:n], truth[:n], strict=True):
                told.update(row, int(true), how)
            if method == "crepes":
                chosen = crepes_sets(probability, truth, n)
            else:
                chosen = [told.sets(row, how) for row in probability[n:]]
            held.append(np.mean([true in one for true, one in zip(truth[n:], chosen, strict=True)]))
            size.append(np.mean([len(one) for one in chosen]))
        streams = [(fresh(one), *rest) for one, *rest in streams]  # type: ignore[misc]
        found.append(f"{np.mean(held):.3f}, {np.mean(size):.1f}")
    return found


def fresh(sets: AdaptiveSets) -> AdaptiveSets:
    """Return the same sets without the answers."""
    return AdaptiveSets(sets.coverage, sets._start, sets._untested, sets._open_untested)


def crepes_sets(probability: Floats, truth: NDArray[np.int64], n: int) -> list[tuple[int, ...]]:
    """Return the sets of crepes' split conformal classifier on the first `n` answers."""
    if not n:
        return [tuple(range(probability.shape[1]))] * len(probability)
    from crepes import ConformalClassifier

    classifier: Any = ConformalClassifier().fit(lac_scores(probability[:n], truth[:n]))
    inside = classifier.predict_set(1.0 - probability[n:], confidence=COVERAGE, smoothing=False)
    best = probability[n:].argmax(axis=1)
    return [tuple({*np.flatnonzero(row), k}) for row, k in zip(inside, best, strict=True)]
