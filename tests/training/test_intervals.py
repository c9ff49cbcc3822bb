import numpy as np
import pytest
from scipy.stats import binomtest, sem
from scipy.stats import t as student_t

from training.intervals import cluster_bootstrap, holm, signed_rank, tail


def mean_of(values: np.ndarray):
    return lambda index: float(values[index].mean())


def test_people_are_drawn_and_not_their_windows():
    # Each person's 100 windows agree entirely: there are as many observations as people, not as windows.
    people = np.repeat(np.arange(20), 100).astype(str)
    values = np.repeat(np.arange(20) % 2, 100).astype(float)
    estimate = cluster_bootstrap(mean_of(values), people)
    exact = binomtest(10, 20).proportion_ci(0.95, "wilson")
    assert estimate.value == 0.5
    assert estimate.low == pytest.approx(exact.low, abs=0.06)
    assert estimate.high == pytest.approx(exact.high, abs=0.06)


def test_of_few_people_the_interval_is_as_wide_as_student_s():
    # By plain percentiles it would be 8 % narrower with 18 people, and 19 % with 8.
    for n in (8, 18):
        values = np.random.default_rng(n).standard_normal(n)
        estimate = cluster_bootstrap(mean_of(values), np.arange(n).astype(str), 4000)
        expected = 2 * student_t.ppf(0.975, n - 1) * sem(values)
        assert estimate.high - estimate.low == pytest.approx(expected, rel=0.06)


def test_the_ends_are_student_s_and_with_many_people_the_usual_percentiles():
    # t(17) is 2.1098 at .975; times sqrt(18 / 17) it is 2.1710, beyond which lies .01497 of a normal.
    assert tail(18) == pytest.approx(0.01497, abs=1e-5)
    assert tail(100_000) == pytest.approx(0.025, abs=1e-5)
    assert 0.0 <= tail(2) < tail(3) < tail(8)


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).random(60)
    people = np.repeat(np.arange(6), 10).astype(str)
    assert cluster_bootstrap(mean_of(values), people, 50) == cluster_bootstrap(mean_of(values), people, 50)


def test_one_person_has_no_interval_and_draws_without_a_figure_are_left_out():
    alone = cluster_bootstrap(mean_of(np.arange(4.0)), ["P1"] * 4)
    assert alone.value == 1.5
    assert np.isnan(alone.low)
    rare = np.array([1.0, np.nan])
    assert cluster_bootstrap(lambda index: float(rare[index].mean()), ["a", "b"], 50)[1:] == (1.0, 1.0)


def test_signed_rank():
    assert signed_rank([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]) == pytest.approx(2 / 2**6)
    assert signed_rank([1.0, 2.0], [1.0, 2.0]) == 1.0
    assert np.isnan(signed_rank([], []))


def test_holm_gives_what_the_definition_gives():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, float("nan"), 0.6]), [1.0, np.nan, 1.0])
    assert holm([0.02]) == [0.02]
    assert holm([]) == []
