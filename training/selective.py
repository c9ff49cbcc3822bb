"""How well an uncertainty tells wrong answers from right ones, or corrupted inputs from clean ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


def auroc(score: Floats, positive: Bools) -> float:
    """Return the chance that a positive scores above a negative, ties half; NaN where either is missing."""
    n = int(positive.sum())
    others = len(positive) - n
    if n == 0 or others == 0:
        return float("nan")
    return float((rankdata(score)[positive].sum() - n * (n + 1) / 2) / (n * others))


def failure_auroc(uncertainty: Floats, right: Bools) -> float:
    """Return the chance that a wrong answer is less sure than a right one."""
    return auroc(uncertainty, ~right)


def risk_coverage(uncertainty: Floats, right: Bools) -> tuple[Floats, Floats]:
    """Return the shares 1/n to 1 of answers kept, surest first, and the share that is wrong among those kept.

    Answers that are equally sure have no order: each counts with the mean of them all.
    """
    wrong = np.cumsum(_sorted_failures(uncertainty, right))
    kept = np.arange(1, len(right) + 1)
    return kept / len(right), wrong / kept


def aurc(uncertainty: Floats, right: Bools) -> float:
    """Return the area under the risk-coverage curve (Geifman & El-Yaniv 2017); NaN without any answer."""
    return float(risk_coverage(uncertainty, right)[1].mean()) if len(right) else float("nan")


def augrc(uncertainty: Floats, right: Bools) -> float:
    """Return the area under the generalised risk-coverage curve (Traub et al. 2024, eq. 6); NaN without any answer.

    It is the mean share of answers that are both kept and wrong. AURC divides by the number kept, so that the few
    surest answers rule it.
    """
    if not len(right):
        return float("nan")
    wrong = np.concatenate([[0.0], np.cumsum(_sorted_failures(uncertainty, right))]) / len(right)
    return float((wrong[1:] + wrong[:-1]).mean() / 2)


def risk_at(uncertainty: Floats, right: Bools, coverage: float = 0.8) -> float:
    """Return the share of wrong answers among the surest `coverage` of all; NaN without any answer."""
    if not len(right):
        return float("nan")
    kept = max(int(np.ceil(coverage * len(right) - 1e-9)), 1)
    return float(risk_coverage(uncertainty, right)[1][kept - 1])


def _sorted_failures(uncertainty: Floats, right: Bools) -> Floats:
    """Return 1 for wrong and 0 for right, surest first, each with the mean of those that are as sure."""
    _, group, count = np.unique(uncertainty, return_inverse=True, return_counts=True)
    mean = np.bincount(group, ~right) / count
    return np.asarray(np.repeat(mean, count))
