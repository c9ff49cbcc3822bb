"""Which of many unlabelled trials to ask about: scores per trial, higher where a label should help more.

The thesis (arXiv 2511.15741, section 4.6) asks where the modalities are inconsistent; `core.active.query` is what a
live session uses, window by window. Everything here is over trials, since one answer labels all windows of a trial.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


def by_trial(score: Floats, trial: Ints) -> tuple[Ints, Floats]:
    """Return the trials and the mean score of each; windows whose score is NaN say nothing."""
    trials, member = np.unique(trial, return_inverse=True)
    known = np.isfinite(score)
    total = np.bincount(member[known], score[known], len(trials))
    count = np.bincount(member[known], minlength=len(trials))
    return trials, total / np.maximum(count, 1)


def combined(*scores: Floats) -> Floats:
    """Return the mean of scores over one pool, each stretched to 0 to 1 first; one that does not vary counts 0."""
    spans = [np.ptp(score) for score in scores]
    stretched = [
        (score - score.min()) / span if span else np.zeros(len(score))
        for score, span in zip(scores, spans, strict=True)
    ]
    return np.asarray(np.mean(stretched, axis=0))


def choose(score: Floats, feature: Floats, count: int, spread: float = 0.0) -> Ints:
    """Return `count` trials to ask about, best first.

    Parameters
    ----------
    score : array of shape (n_trials,)
    feature : array of shape (n_trials, n_features)
        Where each trial lies.
    count : int
    spread : float
        0 takes the highest scores. Else a trial's score also gains this much with its distance, relative to the
        pool's largest, from the trials chosen before it, so that one answer is not asked for ten times.
    """
    left = np.arange(len(score))
    if not spread:
        return left[np.argsort(-score, kind="stable")][:count]
    far = np.full(len(score), np.inf)
    chosen: list[int] = []
    free = np.ones(len(score), bool)
    for _ in range(min(count, len(score))):
        reach = far / far[free].max() if chosen and far[free].max() > 0 else np.zeros(len(score))
        k = int(np.argmax(np.where(free, score + spread * reach, -np.inf)))
        chosen.append(k)
        free[k] = False
        far = np.minimum(far, np.linalg.norm(feature - feature[k], axis=1))
    return np.array(chosen, np.int64)
