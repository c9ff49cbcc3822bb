"""Figures of merit, each as plain as its definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


def accuracy(truth: Ints, guess: Ints) -> float:
    """Return the share of right guesses; NaN without any."""
    return float(np.mean(truth == guess)) if len(truth) else float("nan")


def balanced_accuracy(truth: Ints, guess: Ints) -> float:
    """Return the mean over the classes that occur in the truth of the share that is found; NaN without any."""
    shares = [float(np.mean(guess[truth == k] == k)) for k in np.unique(truth)]
    return float(np.mean(shares)) if shares else float("nan")


def macro_f1(truth: Ints, guess: Ints) -> float:
    """Return the mean F1 over the classes that occur in the truth; NaN without any."""
    scores = []
    for k in np.unique(truth):
        hits = np.sum((truth == k) & (guess == k))
        scores.append(2.0 * hits / (np.sum(truth == k) + np.sum(guess == k)))
    return float(np.mean(scores)) if scores else float("nan")


def ccc(truth: Floats, guess: Floats) -> float:
    """Return Lin's concordance correlation; all moments with 1/N."""
    covariance = np.mean((truth - truth.mean()) * (guess - guess.mean()))
    return float(2.0 * covariance / (truth.var() + guess.var() + (truth.mean() - guess.mean()) ** 2 + 1e-12))


def pcc(truth: Floats, guess: Floats) -> float:
    """Return Pearson's correlation; NaN where either does not vary."""
    if len(truth) < 2 or np.ptp(truth) == 0 or np.ptp(guess) == 0:
        return float("nan")
    return float(np.corrcoef(truth, guess)[0, 1])


def rmse(truth: Floats, guess: Floats) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(np.mean((truth - guess) ** 2)))


def majority(truth: Ints) -> float:
    """Return the accuracy of always naming the class that is most frequent in this very truth."""
    return float(np.bincount(truth).max() / len(truth)) if len(truth) else float("nan")


def log_loss(probability: Floats, truth: Ints) -> float:
    """Return the mean of -log p(truth), nats; NaN without any."""
    return float(-np.log(probability[np.arange(len(truth)), truth] + 1e-8).mean()) if len(truth) else float("nan")


def brier(probability: Floats, truth: Ints) -> float:
    """Return the mean squared distance to the truth, summed over classes: 0 to 2 (Brier 1950); NaN without any."""
    if not len(truth):
        return float("nan")
    return float(np.square(probability - np.eye(probability.shape[1])[truth]).sum(axis=1).mean())


def calibration_error(probability: Floats, truth: Ints, n_bins: int = 15, equal_mass: bool = False) -> float:
    """Return the expected calibration error of the top class; NaN without any, and biased upward for few windows.

    Parameters
    ----------
    probability : array of shape (n, n_classes)
    truth : array of shape (n,), int64
    n_bins : int
        Bins of equal width, closed at the top as in Guo et al. 2017.
    equal_mass : bool
        Bins hold the same number of windows instead.
    """
    if not len(truth):
        return float("nan")
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    return _binned_gap(confidence, right.astype(float), _bins(confidence, n_bins, equal_mass))


def classwise_calibration_error(probability: Floats, truth: Ints, n_bins: int = 15) -> float:
    """Return the calibration error of each class's own probability, equal-width bins, mean over classes."""
    if not len(truth):
        return float("nan")
    gaps = [
        _binned_gap(p, (truth == k).astype(float), _bins(p, n_bins, equal_mass=False))
        for k, p in enumerate(probability.T)
    ]
    return float(np.mean(gaps))


class Reliability(NamedTuple):
    """A reliability diagram: one entry for each bin that is not empty."""

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    n_windows: Ints


def reliability_diagram(probability: Floats, truth: Ints, n_bins: int = 15) -> Reliability:
    """Return mean confidence, accuracy and number of windows in each equal-width bin of the top class."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    bins, inverse, count = np.unique(_bins(confidence, n_bins, False), return_inverse=True, return_counts=True)
    means = [np.bincount(inverse, values, len(bins)) / count for values in (confidence, right)]
    return Reliability(means[0], means[1], count)


def _bins(confidence: Floats, n_bins: int, equal_mass: bool) -> Ints:
    if equal_mass:
        rank = np.argsort(np.argsort(confidence, kind="stable"), kind="stable")
        return np.asarray(rank * n_bins // len(confidence), np.int64)
    index: Ints = np.ceil(confidence * n_bins - 1e-9).astype(np.int64) - 1
    return index.clip(0, n_bins - 1)


def _binned_gap(confidence: Floats, right: Floats, bins: Ints) -> float:
    return float(np.abs(np.bincount(bins, confidence - right)).sum() / len(confidence))


def set_coverage(sets: Sequence[Sequence[int]], truth: Ints) -> tuple[float, float]:
    """Return the share of sets that hold the truth, and the mean size of a set; NaN without any."""
    if not len(truth):
        return float("nan"), float("nan")
    held = [int(t) in chosen for chosen, t in zip(sets, truth, strict=True)]
    return float(np.mean(held)), float(np.mean([len(chosen) for chosen in sets]))


def rank_correlation(first: Floats | Ints, second: Floats | Ints) -> float:
    """Return Spearman's correlation; NaN where either does not vary."""
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
