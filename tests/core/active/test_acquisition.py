import numpy as np
import pytest

from core.active.acquisition import by_trial, choose, combined


def test_a_trials_score_is_the_mean_of_its_windows():
    trials, score = by_trial(np.array([1.0, 3.0, 5.0, np.nan, np.nan]), np.array([7, 7, 2, 2, 9]))
    assert trials.tolist() == [2, 7, 9]
    assert score.tolist() == [5.0, 2.0, 0.0]


def test_scores_of_other_units_weigh_the_same():
    small, large = np.array([0.0, 0.1, 0.2]), np.array([300.0, 200.0, 100.0])
    assert combined(small, large).tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert combined(small, np.ones(3)).tolist() == pytest.approx([0.0, 0.25, 0.5])


def test_the_highest_scores_are_asked_about():
    assert choose(np.array([0.1, 0.9, 0.5]), np.zeros((3, 1)), 2).tolist() == [1, 2]


def test_spread_passes_over_a_twin_for_one_that_lies_apart():
    score = np.array([0.90, 0.89, 0.80, 0.10])
    feature = np.array([[0.0], [0.0], [1.0], [1.0]])
    assert choose(score, feature, 2).tolist() == [0, 1]
    assert choose(score, feature, 2, spread=0.5).tolist() == [0, 2]
    assert sorted(choose(score, feature, 9, spread=0.5).tolist()) == [0, 1, 2, 3]
