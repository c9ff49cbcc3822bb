import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.agreement import alpha, kappa

NAN = float("nan")
EXAMPLE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Four observers and twelve units, from Krippendorff 2011, section C."""


def test_the_example_of_the_paper():
    assert alpha(EXAMPLE) == pytest.approx(0.743, abs=5e-4)
    assert alpha(EXAMPLE, interval=True) == pytest.approx(0.849, abs=5e-4)


def test_all_agree_and_chance():
    same = np.tile(np.arange(20.0) % 3, (2, 1))
    assert alpha(same) == 1.0
    rng = np.random.default_rng(0)
    assert abs(alpha(rng.integers(0, 4, (3, 4000)).astype(float))) < 0.02


@pytest.mark.parametrize("answers", [np.empty((2, 0)), np.array([[1.0, NAN], [NAN, 2.0]]), np.ones((2, 5))])
def test_where_nothing_can_be_said_nothing_is(answers: np.ndarray):
    assert np.isnan(alpha(answers))


def test_kappa_is_that_of_scikit_learn_over_what_both_answered():
    rng = np.random.default_rng(3)
    for _ in range(5):
        first = rng.integers(0, 4, 80).astype(float)
        second = np.where(rng.random(80) < 0.6, first, rng.integers(0, 4, 80)).astype(float)
        assert kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        gone = np.where(rng.random(80) < 0.3, NAN, second)
        known = np.isfinite(gone)
        assert kappa(first, gone) == pytest.approx(cohen_kappa_score(first[known], second[known]), abs=1e-12)
    assert np.isnan(kappa(np.ones(3), np.ones(3)))
    assert np.isnan(kappa(np.array([1.0, NAN]), np.array([NAN, 1.0])))
