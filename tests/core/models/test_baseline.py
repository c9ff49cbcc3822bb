import numpy as np
import pytest

from core.models.baseline import MAX_CHANGE, RECENT_S, Baseline

POPULATION = np.zeros(3, np.float32)


def after(baseline: Baseline, step: float, seconds: float, value: float) -> np.ndarray:
    for start in np.arange(0.0, seconds, step):
        baseline.before(start)
        baseline.follow(start, np.full(3, value, np.float32))
    return baseline.before(seconds)


def test_it_begins_at_the_population_and_comes_to_the_person():
    baseline = Baseline(POPULATION)
    np.testing.assert_array_equal(baseline.before(0.0), [POPULATION, POPULATION])
    early, late = after(Baseline(POPULATION), 1.0, 10, 1.0), after(Baseline(POPULATION), 1.0, 200, 1.0)
    assert 0.1 < early[0, 0] < 0.5 < 0.85 < late[0, 0] < 1.0


def test_the_step_between_windows_counts_for_nothing():
    coarse, fine = after(Baseline(POPULATION), 1.0, 120, 1.0), after(Baseline(POPULATION), 0.25, 120, 1.0)
    np.testing.assert_allclose(coarse, fine, atol=0.02)


def test_it_knows_only_the_past():
    baseline = Baseline(POPULATION)
    first = baseline.before(1.0)
    baseline.follow(1.0, np.ones(3, np.float32))
    assert first[0, 0] == 0.0
    assert baseline.before(2.0)[0, 0] > 0.0


def test_windows_that_begin_anew_begin_a_new_baseline():
    baseline = Baseline(POPULATION)
    once = after(baseline, 1.0, 30, 1.0)
    again = after(baseline, 1.0, 30, 1.0)
    np.testing.assert_array_equal(once, again)


def test_a_burst_moves_it_no_further_than_its_bound():
    baseline = Baseline(POPULATION)
    baseline.follow(0.0, np.full(3, 1e6, np.float32))
    assert baseline.before(1.0)[0, 0] == pytest.approx(2.0 / 22.0 * MAX_CHANGE)


def test_the_last_seconds_follow_a_change_that_the_long_past_has_hardly_seen():
    baseline = Baseline(POPULATION)
    for start in range(120):
        baseline.follow(float(start), np.full(3, float(start >= 100), np.float32))
    long, recent = baseline.before(120.0)[:, 0]
    assert long < 0.2
    assert recent == pytest.approx(1 - (1 - 1 / RECENT_S) ** 20)


def test_the_first_window_is_all_there_is_of_the_last_seconds():
    baseline = Baseline(POPULATION)
    baseline.follow(0.0, np.ones(3, np.float32))
    np.testing.assert_allclose(baseline.before(1.0)[1], 1.0)
