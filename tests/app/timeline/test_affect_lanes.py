"""What stands over the axis that lanes and traces share."""

from collections.abc import Callable

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QToolTip  # noqa: TID251 - what a person sees
from pytestqt.qtbot import QtBot

from app import texts
from app.timeline.affect_lanes import AffectLanes
from app.timeline.time_axis import TimeAxis
from app.timeline.time_column import TimeColumn
from app.timeline.time_marks import TimeMarks
from app.ui.canvas import Canvas
from core.data import Chunk, Label, Marker, Notice
from tests.app.conftest import Staged
from tests.app.staged import T0, prediction, segment
from tests.app.timeline.test_traces import pixels


@pytest.fixture
def played(staged) -> Callable[..., Staged]:
    def make(seconds: float = 12, **stage: object) -> Staged:
        scene = staged(**{"n_chans": 4} | stage)
        scene.stage.open()
        scene.stage.play(seconds, picture=False)
        scene.settle()
        return scene

    return make


def lanes(scene: Staged) -> np.ndarray:
    return pixels(scene.window.timeline.grab().toImage())


def traces(scene: Staged) -> np.ndarray:
    return pixels(scene.window.traces.grab().toImage())


def changed(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    """Return the first and last column that differs in most rows of the lower half."""
    half = len(before) // 2
    differs = (abs(before - after).sum(axis=2)[half:-20] > 15).mean(axis=0)
    found = np.flatnonzero(differs > 0.5)
    return int(found[0]), int(found[-1])


@pytest.mark.parametrize("sweep", [False, True])
@pytest.mark.parametrize("kind", ["gap", "label", "asked"])
def test_marks_run_through_lanes_and_traces_at_the_same_place(played, sweep: bool, kind: str) -> None:
    scene = played()
    if sweep:
        scene.window.act("sweep")
    before = lanes(scene), traces(scene)
    marks, time = scene.window.view.marks, scene.stage.time
    if kind == "gap":
        marks.show_notice(Notice("eeg-P001", time - 6.0, "lost", ""))
        marks.show_notice(Notice("eeg-P001", time - 4.0, "back", ""))
    elif kind == "label":
        marks.show_label(Label("a", "s", "P001", time - 6.0, time - 4.0, time, label="sad"))
    else:
        marks.show_asked((time - 6.0, time - 4.0))
    places = changed(before[0], lanes(scene)), changed(before[1], traces(scene))
    np.testing.assert_allclose(*places, atol=2)
    axis, wide = scene.window.view.axis, scene.window.timeline.width()
    (left, right), *_ = axis.pieces(time - 6.0, time - 4.0)
    expected = [axis.margin + share * (wide - axis.margin) for share in (left, right)]
    np.testing.assert_allclose(places[0], expected, atol=5)  # a line has light at its sides


def test_now_goes_round_in_both_at_once(played) -> None:
    scene = played()
    scene.window.act("sweep")
    scene.stage.play(1.0, picture=False)
    scene.settle()
    accent = np.array(scene.window.theme.color("accent").getRgb()[2::-1])
    places = [
        int((abs(picture[len(picture) // 2 : -20] - accent).max(axis=2) < 60).mean(axis=0).argmax())
        for picture in (lanes(scene), traces(scene))
    ]
    assert places[0] == places[1] > scene.window.view.axis.margin


def test_lanes_drawn_bit_by_bit_look_as_drawn_at_once(played) -> None:
    one, many = played(0), played(0)
    for scene in (one, many):
        scene.window.act("longer")
    for _ in range(44):
        many.stage.play(0.5, picture=False)
        many.settle()
    one.stage.play(22, picture=False)
    one.settle()
    # A quarter of what lies between a line's ink and its ground.
    assert (abs(lanes(one) - lanes(many)).max(axis=2) > 53).mean() < 0.001


def test_what_is_said_late_of_a_moment_that_is_drawn_is_drawn_too(played) -> None:
    late, known = played(8), played(8)
    for scene in (late, known):
        begin = scene.stage.time
        chunk = scene.stage.eeg_chunk(512)
        if scene is known:
            scene.stage.outbox.put(chunk)
        scene.stage.outbox.put(prediction(scene.stage.time))
        scene.settle()
        if scene is late:
            half = len(chunk.timestamps) // 2
            for part in (slice(half), slice(half, None)):
                scene.stage.outbox.put(Chunk(chunk.stream, chunk.timestamps[part], chunk.data[part]))
            scene.settle()
            scene.stage.outbox.put(prediction(scene.stage.time + 0.1))
            scene.settle()
        else:
            scene.stage.outbox.put(prediction(scene.stage.time + 0.1))
            scene.settle()
        assert scene.stage.time == begin + 2
    assert (abs(traces(late) - traces(known)).max(axis=2) > 40).mean() < 0.001


def test_nothing_is_shown_of_what_is_asked_in_blind_mode(played, qtbot: QtBot) -> None:
    scene = played(20)
    asked = segment("a", scene.stage.time - 8)
    scene.stage.outbox.put(asked)
    scene.settle()
    axis, picture = scene.window.view.axis, lanes(scene)
    wide = scene.window.timeline.width() - axis.margin

    def colored(part: np.ndarray) -> float:
        return float((part.max(axis=2) - part.min(axis=2) > 90).mean())

    def inked(part: np.ndarray) -> float:
        return float((part.max(axis=2) < 130).mean())

    (left, right), *_ = axis.pieces(asked.start + 0.2, asked.stop - 0.2)
    inside = slice(axis.margin + int(left * wide), axis.margin + int(right * wide))
    row = scene.window.timeline._trend.height + 25
    assert colored(picture[row:, inside]) == 0
    long_left, long_right = (1 - (scene.stage.time - edge) / 300 for edge in (asked.start + 1, asked.stop - 1))
    within = slice(axis.margin + int(long_left * wide) + 1, axis.margin + int(long_right * wide) - 1)
    assert inked(picture[2:28, within]) == 0
    qtbot.keyClick(scene.window, Qt.Key.Key_V)
    scene.settle()
    picture = lanes(scene)
    assert colored(picture[row:, inside]) > 0.05
    assert inked(picture[2:28, within]) > 0


def test_after_going_back_the_minutes_end_where_the_axis_does_and_what_is_asked_stays_marked(played) -> None:
    scene = played(20)
    asked = segment("a", T0 + 5)
    scene.stage.outbox.put(asked)
    scene.settle()
    view = scene.window.view
    view.axis.clock = None
    view.choose("P001")  # as when a replay goes elsewhere
    view.show_recorded([prediction(T0 + k / 4) for k in range(8, 48)])
    view.axis.move()
    lanes(scene)
    assert view.timeline._trend.minutes.span[1] == pytest.approx(T0 + 12, abs=1)
    assert view.axis.span[1] == pytest.approx(T0 + 11.75, abs=0.05)
    assert view.marks._asked == (asked.start, asked.stop)


def test_minutes_stand_above_until_the_axis_itself_shows_them(played) -> None:
    scene = played(2)
    trend = scene.window.timeline._trend
    assert trend.height > 20
    while scene.window.view.axis.seconds < 300:
        scene.window.act("longer")
    lanes(scene)
    assert trend.height == 0


def test_a_gap_stands_in_the_minutes_too(played) -> None:
    scene = played()
    row = slice(2, scene.window.timeline._trend.height // 2)
    before = lanes(scene)[row]
    scene.window.view.marks.show_notice(Notice("eeg-P001", scene.stage.time - 1.5, "gap", ""))
    scene.window.view.marks.show_gap(scene.stage.time - 200, scene.stage.time - 100)
    differs = np.flatnonzero((abs(before - lanes(scene)[row]).sum(axis=2) > 15).mean(axis=0) > 0.9)
    axis = scene.window.view.axis
    wide = scene.window.timeline.width() - axis.margin
    assert len(differs) == pytest.approx(wide / 3, abs=6)
    assert differs[0] == pytest.approx(axis.margin + wide / 3, abs=6)


def test_the_eeg_alone_keeps_the_words_of_the_marks(played, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = played()
    scene.window.act("eeg alone")
    scene.settle()
    assert scene.window.timeline.height() < 30
    scene.window.view.marks.show_marker(Marker(scene.stage.time - 6.0, "film begins"))
    written: list[str] = []
    monkeypatch.setattr(Canvas, "write", lambda self, painter, box, text, *rest, **named: written.append(text))
    lanes(scene)
    assert written == ["film begins"]


def test_an_answer_that_is_undone_and_a_marker_told_twice(played) -> None:
    scene = played(1)
    marks = scene.window.view.marks
    given = Label("a", "s", "P001", T0, T0 + 4.0, T0 + 9.0, label="sad")
    marks.show_label(given)
    marks.show_label(Label("b", "s", "P001", T0, T0 + 4.0, T0 + 10.0, label="happy", supersedes="a"))
    assert [label.label for label in marks.labels] == ["happy"]
    marks.show_label(Label("c", "s", "P001", T0, T0 + 4.0, T0 + 11.0, answer="undo", supersedes="b"))
    assert marks.labels == []
    for time in (3.0, 1.0, 3.0):
        marks.show_marker(Marker(T0 + time, "on"))
    assert [marker.time for marker in marks._markers] == [T0 + 1.0, T0 + 3.0]


def test_times_are_counted_once_and_in_one_row(played, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = played()
    written: list[str] = []
    monkeypatch.setattr(Canvas, "write", lambda self, painter, box, text, *rest, **named: written.append(text))
    lanes(scene)
    assert not [text for text in written if text == texts.NOW or text.startswith("0:")]
    traces(scene)
    assert texts.NOW in written
    assert {"0:04", "0:09"} <= set(written)


def test_a_frame_leaves_the_names_as_they_are_until_they_change(played, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = played()
    written: list[str] = []
    write = Canvas.write

    def keep(self: Canvas, painter, box, text: str, *rest, **named) -> None:
        written.append(text)
        write(self, painter, box, text, *rest, **named)

    monkeypatch.setattr(Canvas, "write", keep)
    scene.stage.play(0.5, picture=False, bad_channels=(("F7", "flat"),))
    scene.settle()
    assert "F7" in written
    written.clear()
    scene.stage.play(0.5, picture=False, bad_channels=(("F7", "flat"),))
    while scene.bridge.drain():
        pass
    # Only what is over time: a prediction has all of the lanes painted anew.
    scene.window.view.axis.advance(scene.stage.time + 1.0)
    QApplication.processEvents()
    written.clear()
    scene.window.view.axis.advance(scene.stage.time + 2.0)
    scene.window.view.axis.move()
    QApplication.processEvents()
    assert texts.NOW in written
    assert not {"F7", "Fp1", texts.VALENCE} & set(written)


def test_a_marker_is_told_in_full_where_it_is_pointed_at(played) -> None:
    scene = played()
    view, timeline = scene.window.view, scene.window.timeline
    long = "trial 17: the film of the storm at sea begins, second showing, with sound"
    view.marks.show_marker(Marker(T0 + 6.25, long, "PsychoPy"))
    view.marks.show_marker(Marker(T0 + 6.5, "next", "PsychoPy"))
    timeline.grab()
    words = f"{long}\n0:06.250 · PsychoPy"
    x = timeline.width() - (view.axis.span[1] - T0 - 6.25) / view.axis.seconds * (timeline.width() - view.axis.margin)
    above = QPoint(round(x) + 6, timeline._trend.height + 6)
    for place in (above, QPoint(round(x) + 1, timeline.height() - 20)):
        QApplication.sendEvent(timeline, QHelpEvent(QEvent.Type.ToolTip, place, timeline.mapToGlobal(place)))
        assert QToolTip.text() == words
    away = QPoint(round(x) - 40, timeline.height() - 20)
    QApplication.sendEvent(timeline, QHelpEvent(QEvent.Type.ToolTip, away, timeline.mapToGlobal(away)))
    assert view.marks.tip(QPointF(away), 3) == ""
    scene.window.refresh()
    assert timeline.accessibleDescription() == f"{long}, 0:06.250 · PsychoPy; next, 0:06.500 · PsychoPy"


def test_time_goes_on_for_no_window_that_has_gone(qtbot: QtBot) -> None:
    over = TimeColumn()
    sip.delete(over)
    assert sip.isdeleted(over.axis)
    axis = TimeAxis()
    lanes = AffectLanes(axis, TimeMarks(axis))
    sip.delete(lanes)
    with qtbot.captureExceptions() as raised:
        axis.changed.emit()
    assert raised == []
