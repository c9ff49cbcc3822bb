"""What is known of a whole session, and where the next of each thing is."""

import math
from typing import Any

import numpy as np
import pytest

from app.timeline.session_overview import SessionOverview, joined
from core.data import Label, Marker, Notice
from tests.app.staged import prediction

T0 = 100.0


@pytest.fixture
def overview() -> SessionOverview:
    """A hundred seconds; unsure around 30 and 70, silent at 50."""
    overview = SessionOverview()
    for stop in reversed(np.arange(T0, T0 + 100, 0.25)):
        unsure = 25 < stop - T0 < 30 or 70 < stop - T0 < 75
        status = "no face" if stop == T0 + 50 else "ok"
        overview.add(prediction(float(stop), status, uncertainty=1.5 if unsure else 0.5))
    return overview


def test_rows_are_sorted_and_silence_is_nan(overview: SessionOverview):
    rows = overview.predictions
    assert rows.shape == (400, 4)
    assert (np.diff(rows[:, 0]) > 0).all()
    assert np.isnan(rows[rows[:, 0] == T0 + 50, 1:]).all()
    assert np.isfinite(rows[rows[:, 0] != T0 + 50]).all()


def test_next_unsure_is_where_a_stretch_begins(overview: SessionOverview):
    assert overview.next_unsure(T0) == T0 + 25.25
    assert overview.next_unsure(T0 + 25.25) == T0 + 50
    assert overview.next_unsure(T0 + 51) == T0 + 70.25
    assert overview.next_unsure(T0 + 80) is None
    assert overview.next_unsure(T0 + 70.25, back=True) == T0 + 50
    assert overview.next_unsure(T0 + 5, back=True) is None
    assert SessionOverview().next_unsure(0.0) is None


def test_gaps_are_from_lost_to_back_and_moments(overview: SessionOverview):
    kinds: dict[float, Any] = {10.0: "lost", 12.0: "lost", 20.0: "back", 40.0: "jump", 41.0: "info"}
    for time, kind in kinds.items():
        overview.add(Notice("eeg", T0 + time, kind, ""))
    assert overview.gaps == [(T0 + 10, T0 + 20), (T0 + 40, T0 + 40)]
    assert overview.next_gap(T0) == T0 + 10
    assert overview.next_gap(T0 + 10) == T0 + 40
    assert overview.next_gap(T0 + 60, back=True) == T0 + 40


def test_labels_that_stand():
    overview = SessionOverview()
    overview.add(Label("a", "s1", "P001", 10.0, 12.0, 13.0, label="happy"))
    overview.add(Label("b", "s2", "P001", 20.0, 22.0, 23.0, label="sad"))
    overview.add(Label("c", "s1", "P001", 10.0, 12.0, 33.0, label="anger", supersedes="a"))
    overview.add(Label("d", "s2", "P001", 20.0, 22.0, 43.0, answer="undo", supersedes="b"))
    assert [label.uid for label in overview.labels] == ["c"]
    assert overview.next_label(0.0) == 10.0
    assert overview.next_label(10.0) is None


def test_what_was_superseded_stays_so_in_any_order():
    overview = SessionOverview()
    overview.add(Label("c", "s1", "P001", 10.0, 12.0, 33.0, label="anger", supersedes="a"))
    overview.add(Label("d", "s2", "P001", 20.0, 22.0, 43.0, answer="undo", supersedes="b"))
    overview.add(Label("a", "s1", "P001", 10.0, 12.0, 13.0, label="happy"))
    overview.add(Label("b", "s2", "P001", 20.0, 22.0, 23.0, label="sad"))
    assert [label.uid for label in overview.labels] == ["c"]


def test_what_is_told_twice_is_there_once(overview: SessionOverview):
    before = overview.predictions.copy()
    overview.add(prediction(T0 + 10, uncertainty=0.5))
    for _ in range(2):
        overview.add(Notice("eeg", T0 + 40.0, "gap", ""))
        overview.add(Marker(T0 + 41.0, "film begins"))
    assert np.array_equal(overview.predictions, before, equal_nan=True)
    assert overview.gaps == [(T0 + 40, T0 + 40)]
    assert [marker.text for marker in overview.markers] == ["film begins"]


def test_what_never_came_back_is_missing_to_the_end(overview: SessionOverview):
    overview.add(Notice("eeg", T0 + 90.0, "lost", ""))
    assert overview.gaps == [(T0 + 90, float("inf"))]
    assert overview.next_gap(T0) == T0 + 90


def test_each_participant_has_a_course_of_their_own(overview: SessionOverview):
    overview.add(prediction(T0 + 3, participant="P002", valence=-1.0))
    overview.add(Label("a", "s1", "P002", 10.0, 12.0, 13.0, label="happy"))
    assert len(overview.predictions) == 400
    overview.participant = "P002"
    assert overview.predictions[:, :2].tolist() == [[T0 + 3, -1.0]]
    assert overview.next_label(0.0) == 10.0
    overview.participant = "P001"
    assert overview.next_label(0.0) is None


def test_stretches_that_overlap_are_one() -> None:
    assert joined([(5, 6), (0, 2), (1, 3), (3, 4)]) == [(0, 4), (5, 6)]
    assert joined([(1, math.inf), (2, 3)]) == [(1, math.inf)]
