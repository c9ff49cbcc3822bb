"""What runs through all that is drawn over time."""

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtWidgets import QApplication

from app.timeline.time_axis import TimeAxis
from app.timeline.time_marks import TimeMarks
from app.ui.canvas import Canvas
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
    monkeypatch.setattr("app.timeline.time_marks._MOST_MARKERS", 5000)
    for k in range(9000):
        marks.show_marker(Marker(1005.0 + k / 1000, str(k)))
    seen = [marker.time for marker in marks._seen_markers()]
    assert 120 < len(seen) < 160
    assert seen[0] == 1009.0
    assert seen[-1] > 1013.9


@pytest.mark.parametrize("span", [(995.0, 1002.0), (1006.0, 1010.0), (1019.0, 1030.0)])
def test_the_word_over_a_stretch_is_whole_wherever_it_is(marks: TimeMarks, span: tuple[float, float]) -> None:
    marks.show_asked(span)
    canvas, row, boxes = Canvas("asked"), QRectF(80.0, 0.0, 600.0, 20.0), []
    canvas.write = lambda painter, box, *_, **__: boxes.append(box)  # type: ignore[method-assign]
    picture = QImage(800, 40, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    marks.paint_words(canvas, painter, row)
    painter.end()
    (box,) = boxes
    assert row.left() <= box.left() < box.right() <= row.right()
