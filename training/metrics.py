"""Figures of merit, each as plain as its definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


def accuracy(truth: Ints, guess: Ints) -> float:
    """Return the share of right guesses; NaN without any."""
    return float(np.mean(truth == guess)) if len(truth) else float("nan")


def macro_f1(truth: Ints, guess: Ints) -> float:
    """Return the mean F1 over the classes that occur in the truth."""
    scores = []
    for k in np.unique(truth):
        hits = np.sum((truth == k) & (guess == k))
        scores.append(2.0 * hits / (np.sum(truth == k) + np.sum(guess == k)))
    return float(np.mean(scores)) if scores else float("nan")


def ccc(truth: Floats, guess: Floats) -> float:
    """Return Lin's concordance correlation; all moments with 1/N."""
    covariance = np.mean((truth - truth.mean()) * (guess - guess.mean()))
    return float(2.0 * covariance / (truth.var() + guess.var() + (truth.mean() - guess.mean()) ** 2 + 1e-12))


def log_loss(probability: Floats, truth: Ints) -> float:
    """Return the mean of -log p(truth), nats; NaN without any."""
    return float(-np.log(probability[np.arange(len(truth)), truth] + 1e-8).mean()) if len(truth) else float("nan")


def calibration_error(probability: Floats, truth: Ints, n_bins: int = 15) -> float:
    """Return the expected calibration error of the top class, equal-width bins; biased upward for few windows."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins)]
    return float(np.sum(gaps))


def set_coverage(sets: Sequence[Sequence[int]], truth: Ints) -> tuple[float, float]:
    """Return the share of sets that hold the truth, and the mean size of a set."""
    held = [int(t) in chosen for chosen, t in zip(sets, truth, strict=True)]
    return float(np.mean(held)), float(np.mean([len(chosen) for chosen in sets]))


def rank_correlation(first: Floats | Ints, second: Floats | Ints) -> float:
    """Return Spearman's correlation; NaN where either does not vary."""
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
