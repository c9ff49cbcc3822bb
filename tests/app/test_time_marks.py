"""What runs through all that is drawn over time."""

import pytest
from PyQt6.QtWidgets import QApplication

from app.widgets.time_axis import TimeAxis
from app.widgets.time_marks import TimeMarks
from core.data import Marker


@pytest.fixture
def marks(qapp: QApplication) -> TimeMarks:
    axis = TimeAxis()
    axis.seconds = 20.0
    axis.newest = round(1020 / axis.column)  # 20 s up to 1020 s
    return TimeMarks(axis)


def test_each_marker_is_seen_once_and_in_its_place(marks: TimeMarks) -> None:
    for time, text in ((1010.0, "b"), (1005.0, "a"), (1010.0, "b"), (900.0, "before"), (9e9, "ahead")):
        marks.show_marker(Marker(time, text))
    assert [marker.text for marker in marks._seen_markers()] == ["a", "b"]


def test_of_thousands_those_are_painted_that_have_a_pixel(marks: TimeMarks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.widgets.time_marks._MOST_MARKERS", 5000)
    for k in range(9000):
        marks.show_marker(Marker(1005.0 + k / 1000, str(k)))
    seen = [marker.time for marker in marks._seen_markers()]
    assert 120 < len(seen) < 160
    assert seen[0] == 1009.0
    assert seen[-1] > 1013.9
