import itertools
from dataclasses import replace

import numpy as np
import pytest

from core.active.moments import MomentCutter, moments
from core.data import Prediction
from tests.core.active import test_query

STEP, WINDOW = 0.25, 2.0
SURE = replace(test_query.SURE, classes=("a", "b", "c"))


def seen(spans: list[tuple[float, int]], noise: float = 0.0, participant: str = "P001") -> list[Prediction]:
    """Predictions of windows of 2 s over expressions held one after the other: (seconds, class of three)."""
    ends = np.cumsum([seconds for seconds, _ in spans])
    rng = np.random.default_rng(0)
    made = []
    for stop in np.arange(WINDOW, ends[-1] + 1e-9, STEP).tolist():
        inside = np.searchsorted(ends, np.linspace(stop - WINDOW, stop, 9), side="right").clip(max=len(spans) - 1)
        share = np.bincount([spans[k][1] for k in inside], minlength=3) / 9 * 0.9 + 0.1 / 3
        share *= np.exp(noise * rng.standard_normal(3))
        probabilities = tuple(share / share.sum())
        made.append(replace(SURE, participant=participant, start=stop - WINDOW, stop=stop, probabilities=probabilities))
    return made


def in_time(predictions: list[Prediction], length: float = 4.0) -> list[tuple[float, float]]:
    return sorted((moment.start, moment.stop) for moment in moments(predictions, length))


def test_moments_lie_end_to_end_over_all_that_was_predicted():
    spans = in_time(seen([(60.0, 0)]))
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(spans))
    assert spans[0][0] == pytest.approx(WINDOW / 2 - STEP / 2)
    assert spans[-1][1] == pytest.approx(60.0 - WINDOW / 2 + STEP / 2)


def test_where_nothing_changes_they_are_as_long_as_wanted():
    lengths = [stop - start for start, stop in in_time(seen([(120.0, 0)], noise=0.2))]
    assert np.median(lengths) == pytest.approx(4.0, abs=0.3)


def test_a_boundary_lies_where_what_is_seen_changes():
    holds = [5.0, 9.0, 6.5, 12.0, 7.0, 5.5, 10.0, 8.0]
    spans = in_time(seen([(hold, k % 3) for k, hold in enumerate(holds)], noise=0.3))
    boundaries = np.array([start for start, _ in spans[1:]])
    off = [np.abs(boundaries - change).min() for change in np.cumsum(holds)[:-1]]
    assert max(off) <= 0.5


def test_a_gap_ends_a_moment():
    before, after = seen([(30.0, 0)]), seen([(60.0, 0)])[200:]
    spans = in_time(before + after)
    assert not [span for span in spans if span[0] < 29.5 < span[1] or span[0] < 40.0 < span[1] - 12.0]


def test_the_shortest_recording_is_a_moment():
    assert len(moments(seen([(2.0, 0)]), 4.0)) == 1
    assert moments([], 4.0) == []


def test_what_could_not_be_predicted_is_a_moment_too_and_comes_last():
    said = [
        replace(each, probabilities=(float("nan"),) * 3, uncertainty=float("nan")) if 40 <= k < 80 else each
        for k, each in enumerate(seen([(30.0, 0)]))
    ]
    found = moments(said, 4.0)
    assert found[-1].score == 0.0
    assert sum(moment.stop - moment.start for moment in found) == pytest.approx(28.25)


def test_people_are_cut_apart_and_the_best_comes_first():
    one, other = seen([(30.0, 0)]), seen([(10.0, 0), (20.0, 2)], participant="P002")
    found = moments((each for pair in zip(one, other, strict=True) for each in pair), 4.0)
    assert {moment.participant for moment in found} == {"P001", "P002"}
    scores = [moment.score for moment in found]
    assert scores == sorted(scores, reverse=True)


def test_what_is_known_live_is_what_a_whole_session_has():
    said = seen([(7.0, 0), (9.0, 1), (11.0, 2), (8.0, 0)], noise=0.3)
    cutter = MomentCutter(4.0)
    live = [moment for each in said for moment in cutter.push(each)]
    assert len(live) > 3
    assert {moment.uid for moment in live} <= {moment.uid for moment in moments(said, 4.0)}
