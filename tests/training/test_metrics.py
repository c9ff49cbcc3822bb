import numpy as np
import pytest

from training import metrics


def test_accuracy_and_f1():
    truth, guess = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    assert metrics.accuracy(truth, guess) == 0.75
    assert metrics.macro_f1(truth, guess) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert np.isnan(metrics.accuracy(np.zeros(0, int), np.zeros(0, int)))


def test_concordance_punishes_what_correlation_forgives():
    x = np.linspace(-1, 1, 50)
    assert metrics.ccc(x, x) == pytest.approx(1.0)
    assert metrics.ccc(x, 0.1 * x) < 0.3
    assert metrics.ccc(x, x + 1.0) < 0.6
    assert metrics.ccc(x, -x) == pytest.approx(-1.0)


def test_calibration_error_of_known_cases():
    p = np.tile([0.8, 0.2], (10, 1))
    assert metrics.calibration_error(p, np.array([0] * 8 + [1] * 2)) == pytest.approx(0.0)
    assert metrics.calibration_error(p, np.ones(10, int)) == pytest.approx(0.8)
    assert metrics.calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0.0


def test_log_loss():
    assert metrics.log_loss(np.array([[0.5, 0.5]]), np.array([1])) == pytest.approx(np.log(2))


def test_coverage_and_size_of_sets():
    assert metrics.set_coverage([(0, 1), (2,)], np.array([1, 0])) == (0.5, 1.5)


def test_rank_correlation():
    assert metrics.rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([1, 2, 3])) == pytest.approx(1.0)
    assert np.isnan(metrics.rank_correlation(np.ones(3), np.arange(3)))
