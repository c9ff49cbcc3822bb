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
    at_top = [(one == one.max(axis=1, keepdims=True)).sum(axis=1) for one in alone]
    np.testing.assert_array_equal(spans.count_of(x, np.maximum, least=0), at_top)


def test_how_often_an_extreme_is_taken_is_exact_only_where_it_is_asked_for():
    x = np.array([[1.0, 0.0, 2.0, 0.0, 2.0, 2.0]])
    spans = Spans([0, 2], 4)
    assert spans.count_of(x, np.maximum, least=0).tolist() == [[1], [3]]
    assert spans.count_of(x, np.maximum, least=2).tolist() == [[2], [3]]
