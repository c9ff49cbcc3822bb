"""What runs through all that is drawn over time."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtWidgets import QApplication

from app.timeline.time_axis import TimeAxis
from app.timeline.time_marks import TimeMarks
from app.ui.canvas import Canvas
from core.data import Label, Marker


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


def test_what_several_annotators_say_of_a_moment_stands_side_by_side_and_is_not_printed_twice(marks: TimeMarks) -> None:
    anna = Label("a", "s", "P001", 1006.0, 1010.0, 1011.0, annotator="anna", label="happy")
    marks.show_label(replace(anna, uid="m", label="", answer="marked"))
    assert marks.stretches() == [((1006.0, 1010.0), "marked", "text")]
    marks.show_asked((1006.0, 1010.0))
    assert marks.stretches() == [((1006.0, 1010.0), "asked", "accent")]
    marks.show_label(replace(anna, supersedes="m"))
    marks.show_label(replace(anna, uid="b", annotator="ben", label="sad", start=1006.2))
    marks.show_label(replace(anna, uid="b", annotator="ben", label="sad", start=1006.2))
    marks.show_asked(None)
    assert [word for _, word, _ in marks.stretches()] == ["sad / happy"]
    marks.show_label(replace(anna, uid="u", answer="undo", label="", supersedes="a"))
    assert [label.uid for label in marks.labels] == ["b"], "the other annotator's stays"


def test_words_do_not_lie_on_each_other(marks: TimeMarks, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(6):
        marks.show_label(Label(f"u{k}", "", "P001", 1006.0 + k, 1006.6 + k, 1011.0, label="a long name of a class"))
    written: list[QRectF] = []

    def write(self: Canvas, painter: QPainter, box: QRectF, text: str, *rest: object, **named: object) -> None:
        written.append(box)

    monkeypatch.setattr(Canvas, "write", write)
    canvas, image = Canvas("marks"), QImage(800, 60, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    marks.paint_words(canvas, painter, QRectF(0, 0, 800, 20))
    painter.end()
    assert len(written) > 1
    assert not any(a.intersects(b) for k, a in enumerate(written) for b in written[:k])
