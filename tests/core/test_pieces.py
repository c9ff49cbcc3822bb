"""What windows have in common is gone through once, and comes out as it is of each window by itself."""

import numpy as np
import pytest

from core.pieces import Spans

STARTS = {
    "one": [0],
    "a quarter of a second on": [0, 62, 125, 187, 250, 312, 375],
    "uneven, one twice": [3, 3, 7, 150, 151],
    "apart": [0, 120, 400],
}


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("length", [1, 100, 125])
def test_stretches_together_are_each_by_itself(starts: list[int], length: int):
    # Few values, so that many samples lie at the extremes.
    x = np.random.default_rng(0).integers(-3, 4, (5, 600)) * 0.1
    spans = Spans(starts, length)
    alone = [x[:, start : start + length] for start in starts]
    np.testing.assert_array_equal(spans.reduce(np.maximum, x), [one.max(axis=1) for one in alone])
    np.testing.assert_array_equal(spans.largest(x), [np.abs(one).max(axis=1) for one in alone])
    np.testing.assert_array_equal(spans.count(x > 0), [(one > 0).sum(axis=1) for one in alone])
    at_top = np.array([(one == one.max(axis=1, keepdims=True)).sum(axis=1) for one in alone])
    at_bottom = np.array([(one == one.min(axis=1, keepdims=True)).sum(axis=1) for one in alone])
    for least in (0, 9, 12, 14, 16, 20):
        np.testing.assert_array_equal(spans.often_at(np.maximum, least, x), at_top > least)
        np.testing.assert_array_equal(spans.often_at(np.minimum, least, x), at_bottom > least)
        np.testing.assert_array_equal(spans.more_than(least, x > 0), [(one > 0).sum(axis=1) > least for one in alone])
    for limit in (0.05, 0.15, 0.25, 0.35):
        np.testing.assert_array_equal(spans.beyond(limit, x), [np.abs(one).max(axis=1) > limit for one in alone])


def test_rows_that_are_beyond_a_limit_in_some_stretches_are_told_from_others():
    x = np.zeros((3, 8))
    x[0, 1], x[2, 6] = -2.0, 3.0
    spans = Spans([0, 4], 4)
    assert spans.beyond(1.0, x).tolist() == [[True, False, False], [False, False, True]]
    assert spans.beyond(2.5, x).tolist() == [[False, False, False], [False, False, True]]


def test_how_often_an_extreme_is_taken_is_asked_of_each_stretch():
    x = np.array([[1.0, 0.0, 2.0, 0.0, 2.0, 2.0]])
    spans = Spans([0, 2], 4)
    assert spans.often_at(np.maximum, 0, x).tolist() == [[True], [True]]
    assert spans.often_at(np.maximum, 1, x).tolist() == [[False], [True]]
    assert spans.often_at(np.maximum, 2, x).tolist() == [[False], [True]]
    assert spans.often_at(np.maximum, 3, x).tolist() == [[False], [False]]
