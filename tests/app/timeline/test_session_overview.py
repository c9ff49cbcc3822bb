"""What is known of a whole session, and where the next of each thing is."""

import math

import numpy as np
import pytest

from app.timeline.session_overview import SessionOverview, joined
from core.data import Label, Marker, Notice
from tests.app.staged import prediction

T0 = 100.0


@pytest.fixture
def course() -> SessionOverview:
    """A hundred seconds; unsure around 30 and 70, silent at 50."""
    course = SessionOverview()
    for stop in reversed(np.arange(T0, T0 + 100, 0.25)):
        unsure = 25 < stop - T0 < 30 or 70 < stop - T0 < 75
        status = "no face" if stop == T0 + 50 else "ok"
        course.add(prediction(float(stop), status, uncertainty=1.5 if unsure else 0.5))
    return course


def test_rows_are_sorted_and_silence_is_nan(course: SessionOverview):
    rows = course.predictions
    assert rows.shape == (400, 4)
    assert (np.diff(rows[:, 0]) > 0).all()
    assert np.isnan(rows[rows[:, 0] == T0 + 50, 1:]).all()
    assert np.isfinite(rows[rows[:, 0] != T0 + 50]).all()


def test_next_unsure_is_where_a_stretch_begins(course: SessionOverview):
    assert course.next_unsure(T0) == T0 + 25.25
    assert course.next_unsure(T0 + 25.25) == T0 + 50
    assert course.next_unsure(T0 + 51) == T0 + 70.25
    assert course.next_unsure(T0 + 80) is None
    assert course.next_unsure(T0 + 70.25, back=True) == T0 + 50
    assert course.next_unsure(T0 + 5, back=True) is None
    assert SessionOverview().next_unsure(0.0) is None


def test_gaps_are_from_lost_to_back_and_moments(course: SessionOverview):
    for time, kind in ((10.0, "lost"), (12.0, "lost"), (20.0, "back"), (40.0, "jump"), (41.0, "info")):
        course.add(Notice("eeg", T0 + time, kind, ""))
    assert course.gaps == [(T0 + 10, T0 + 20), (T0 + 40, T0 + 40)]
    assert course.next_gap(T0) == T0 + 10
    assert course.next_gap(T0 + 10) == T0 + 40
    assert course.next_gap(T0 + 60, back=True) == T0 + 40


def test_labels_that_stand():
    course = SessionOverview()
    course.add(Label("a", "s1", "P001", 10.0, 12.0, 13.0, label="happy"))
    course.add(Label("b", "s2", "P001", 20.0, 22.0, 23.0, label="sad"))
    course.add(Label("c", "s1", "P001", 10.0, 12.0, 33.0, label="anger", supersedes="a"))
    course.add(Label("d", "s2", "P001", 20.0, 22.0, 43.0, answer="undo", supersedes="b"))
    assert [label.uid for label in course.labels] == ["c"]
    assert course.next_label(0.0) == 10.0
    assert course.next_label(10.0) is None


def test_what_was_superseded_stays_so_in_any_order():
    course = SessionOverview()
    course.add(Label("c", "s1", "P001", 10.0, 12.0, 33.0, label="anger", supersedes="a"))
    course.add(Label("d", "s2", "P001", 20.0, 22.0, 43.0, answer="undo", supersedes="b"))
    course.add(Label("a", "s1", "P001", 10.0, 12.0, 13.0, label="happy"))
    course.add(Label("b", "s2", "P001", 20.0, 22.0, 23.0, label="sad"))
    assert [label.uid for label in course.labels] == ["c"]


def test_what_is_told_twice_is_there_once(course: SessionOverview):
    before = course.predictions.copy()
    course.add(prediction(T0 + 10, uncertainty=0.5))
    for _ in range(2):
        course.add(Notice("eeg", T0 + 40.0, "gap", ""))
        course.add(Marker(T0 + 41.0, "film begins"))
    assert np.array_equal(course.predictions, before, equal_nan=True)
    assert course.gaps == [(T0 + 40, T0 + 40)]
    assert [marker.text for marker in course.markers] == ["film begins"]


def test_what_never_came_back_is_missing_to_the_end(course: SessionOverview):
    course.add(Notice("eeg", T0 + 90.0, "lost", ""))
    assert course.gaps == [(T0 + 90, float("inf"))]
    assert course.next_gap(T0) == T0 + 90


def test_each_participant_has_a_course_of_their_own(course: SessionOverview):
    course.add(prediction(T0 + 3, participant="P002", valence=-1.0))
    course.add(Label("a", "s1", "P002", 10.0, 12.0, 13.0, label="happy"))
    assert len(course.predictions) == 400
    course.participant = "P002"
    assert course.predictions[:, :2].tolist() == [[T0 + 3, -1.0]]
    assert course.next_label(0.0) == 10.0
    course.participant = "P001"
    assert course.next_label(0.0) is None


def test_stretches_that_overlap_are_one() -> None:
    assert joined([(5, 6), (0, 2), (1, 3), (3, 4)]) == [(0, 4), (5, 6)]
    assert joined([(1, math.inf), (2, 3)]) == [(1, math.inf)]
