"""The intervals that are compared are those of their definitions, and the product's own is among them."""

import numpy as np
import pytest
from scipy.stats import bootstrap, sem
from scipy.stats import t as student_t

from benchmarks.coverage import KINDS, WAYS, coverage, intervals
from training.intervals import cluster_bootstrap

VALUES = np.random.default_rng(3).exponential(1.0, 12)


def of_values() -> dict[str, tuple[float, float]]:
    times = np.random.default_rng(0).multinomial(12, np.full(12, 1 / 12), 20_000)
    drawn = np.sort(times @ VALUES[:, None] / 12, axis=0)
    found = intervals(VALUES[None], np.ones((1, 12)), drawn)
    return {way: (float(low[0]), float(high[0])) for way, (low, high) in found.items()}


def test_each_way_is_what_others_compute():
    found = of_values()
    for way in ("percentile", "BCa"):
        other = bootstrap((VALUES,), np.mean, n_resamples=20_000, method=way, rng=np.random.default_rng(1))
        assert found[way] == pytest.approx(tuple(other.confidence_interval), abs=0.03)
    half = student_t.ppf(0.975, 11) * sem(VALUES)
    assert found["t"] == pytest.approx((VALUES.mean() - half, VALUES.mean() + half))


def test_the_last_way_is_the_product_s():
    estimate = cluster_bootstrap(lambda rows: float(VALUES[rows].mean()), [f"{k:02d}" for k in range(12)], 20_000)
    assert of_values()["expanded"] == pytest.approx((estimate.low, estimate.high), abs=0.03)


def test_percentiles_hold_the_mean_of_few_people_too_seldom():
    found = coverage(KINDS["normal"], 8, np.random.default_rng(0), n_simulated=1000)
    assert tuple(found) == WAYS
    assert found["percentile"] < 0.91 < found["expanded"]
