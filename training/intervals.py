"""How far a figure may be trusted when windows come from few people: resampled people, and tests across people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, wilcoxon
from scipy.stats import t as student_t

Ints = NDArray[np.int64]
N_DRAWS = 1000


class Estimate(NamedTuple):
    """A figure with the interval that holds it in 95 % of draws."""

    value: float
    low: float
    high: float


def tail(n_clusters: int) -> float:
    """Return the share of draws that lie beyond each end of a 95 % interval over so many people, at least 2.

    Under .025: draws with replacement spread by sqrt((n - 1) / n) less than samples do, and know nothing of how badly n
    people tell the spread. Both are as Student's t has them (the expanded percentile interval of Hesterberg 2015, The
    American Statistician 69:371). `benchmarks.coverage` compares it with others.
    """
    wide = student_t.ppf(0.975, n_clusters - 1) * np.sqrt(n_clusters / (n_clusters - 1))
    return float(norm.cdf(-wide))


def cluster_bootstrap(
    statistic: Callable[[Ints], float], cluster: Sequence[str] | NDArray[Any], n_draws: int = N_DRAWS, seed: int = 0
) -> Estimate:
    """Return a statistic with its interval over whole clusters drawn with replacement; see `tail`.

    Windows of one person resemble each other, so people are drawn and each brings all of their windows. With a single
    cluster there is no interval; with fewer than eight, or where few people lie far off, it is too narrow.

    Parameters
    ----------
    statistic : callable
        Gives the figure of the rows at some indices. Draws for which it is NaN are left out.
    cluster : sequence of str, length n_rows
        Whose row each is.
    n_draws : int
    seed : int
    """
    names, member = np.unique(np.asarray(cluster), return_inverse=True)
    rows = [np.flatnonzero(member == k) for k in range(len(names))]
    value = statistic(np.arange(len(member)))
    if len(names) < 2:
        return Estimate(value, float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([rows[k] for k in rng.integers(0, len(rows), len(rows))])) for _ in range(n_draws)
    ]
    known = np.asarray(drawn)[np.isfinite(drawn)]
    if not len(known):
        return Estimate(value, float("nan"), float("nan"))
    beyond = tail(len(names))
    low, high = np.quantile(known, [beyond, 1.0 - beyond])
    return Estimate(value, float(low), float(high))


def signed_rank(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test over people; 1 where no pair differs, NaN without pairs."""
    difference = np.asarray(first, float) - np.asarray(second, float)
    difference = difference[np.isfinite(difference)]
    if not len(difference):
        return float("nan")
    if not difference.any():
        return 1.0
    return float(wilcoxon(difference).pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """Return p of several tests, corrected for how many they are (Holm 1979); NaN is no test and stays.

    The smallest is multiplied by the number of tests, the next by one less; none comes out under one before it, nor
    over 1.
    """
    given = np.asarray(p, float)
    order = np.argsort(given)[: int(np.isfinite(given).sum())]  # NaN is sorted last
    corrected = given.copy()
    corrected[order] = np.maximum.accumulate(given[order] * np.arange(len(order), 0, -1)).clip(max=1.0)
    return [float(one) for one in corrected]
