import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score
from sklearn.metrics import log_loss as sklearn_log_loss

from training import metrics

RNG = np.random.default_rng(1)
PROBABILITY = RNG.dirichlet(np.ones(4), 300)
TRUTH = RNG.integers(0, 4, 300)


def test_accuracy_and_f1():
    truth, guess = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    assert metrics.accuracy(truth, guess) == 0.75
    assert metrics.macro_f1(truth, guess) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert np.isnan(metrics.accuracy(np.zeros(0, int), np.zeros(0, int)))


def test_balanced_accuracy_counts_rare_classes_as_much():
    truth, guess = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])
    assert metrics.accuracy(truth, guess) == 0.75
    assert metrics.balanced_accuracy(truth, guess) == 0.5
    assert np.isnan(metrics.balanced_accuracy(truth[:0], guess[:0]))


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


def test_scores_are_those_of_scikit_learn():
    guess = PROBABILITY.argmax(axis=1)
    assert metrics.macro_f1(TRUTH, guess) == pytest.approx(f1_score(TRUTH, guess, average="macro"))
    assert metrics.log_loss(PROBABILITY, TRUTH) == pytest.approx(sklearn_log_loss(TRUTH, PROBABILITY), abs=1e-4)
    expected = brier_score_loss(TRUTH, PROBABILITY, labels=range(4), scale_by_half=False)
    assert metrics.brier(PROBABILITY, TRUTH) == pytest.approx(expected)


def test_bins_of_equal_mass_hold_as_many_each():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    truth = np.array([0, 0, 1, 1])
    two = abs((0.9 + 0.8) / 2 - 1.0) / 2 + abs((0.7 + 0.6) / 2 - 0.0) / 2
    assert metrics.calibration_error(p, truth, n_bins=2, equal_mass=True) == pytest.approx(two)
    assert metrics.calibration_error(p, truth, n_bins=1) == pytest.approx(abs(0.75 - 0.5))


def test_calibration_error_class_by_class():
    p = np.tile([0.7, 0.2, 0.1], (10, 1))
    truth = np.array([0] * 5 + [1] * 5)
    assert metrics.classwise_calibration_error(p, truth) == pytest.approx((0.2 + 0.3 + 0.1) / 3)


def test_reliability_diagram_holds_what_the_calibration_error_is_the_mean_of():
    diagram = metrics.reliability_diagram(PROBABILITY, TRUTH)
    assert diagram.n_windows.sum() == 300
    gap = np.abs(diagram.confidence - diagram.accuracy) @ diagram.n_windows / 300
    assert gap == pytest.approx(metrics.calibration_error(PROBABILITY, TRUTH))


def test_error_of_a_regression():
    truth, guess = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])
    assert metrics.rmse(truth, guess) == pytest.approx(np.sqrt(3.0))


def test_the_majority_is_that_of_the_truth():
    assert metrics.majority(np.array([0, 2, 2, 1])) == 0.5


def test_nothing_to_judge_gives_no_figure():
    nobody, nothing = np.zeros((0, 3)), np.zeros(0, int)
    for figure in (metrics.brier, metrics.calibration_error, metrics.classwise_calibration_error, metrics.log_loss):
        assert np.isnan(figure(nobody, nothing))
    assert np.isnan(metrics.majority(nothing))
