"""Names from outside are shown as they are: Qt opens no file for them."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QWidget  # noqa: TID251 - what Qt makes of it

from acquisition.lsl_found import FoundStream
from app.panels.stream_list import StreamList
from app.start.eeg_chooser import EegChooser
from app.ui.canvas import Canvas
from app.ui.choice import Choice
from app.ui.painted_button import PaintedButton
from app.ui.plain import PlainLabel, tip
from core.config import StreamConfig
from core.data import Channel, StreamInfo

EVIL = "<img src=file:///tmp/secret.png><b>Muse</b>"


def test_a_label_takes_no_html(qtbot):
    label = PlainLabel(EVIL)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == EVIL
    same = QLabel(EVIL)
    qtbot.addWidget(same)
    assert label.sizeHint().width() > same.sizeHint().width()


def test_tips():
    assert tip("A plain\ntip & more") == "A plain\ntip & more"
    assert "<img" not in tip(EVIL)
    assert "&lt;img src=file:///tmp/secret.png&gt;" in tip(EVIL)


@pytest.mark.parametrize("make", [PlainLabel, PaintedButton, lambda: Choice(EVIL, EVIL), lambda: Canvas("canvas")])
def test_what_the_window_is_made_of_shows_plain_tips(qtbot, make):
    widget = make()
    qtbot.addWidget(widget)
    widget.setToolTip(EVIL)
    assert isinstance(widget, QWidget)
    assert "<img" not in widget.toolTip()


def _all(widget):
    return [widget, *widget.findChildren(QWidget)]


def _shows_it_as_it_is(widget):
    for each in _all(widget):
        assert "<img" not in each.toolTip(), each
        if isinstance(each, QLabel) and "<img" in each.text():
            assert each.textFormat() == Qt.TextFormat.PlainText
    return any(
        EVIL in getattr(each, "text", str)() for each in _all(widget) if isinstance(each, QLabel | QAbstractButton)
    )


def test_a_stream_of_a_session(qtbot):
    streams = StreamList()
    qtbot.addWidget(streams)
    streams.show_stream(StreamInfo("key", "eeg", "P001", EVIL, channels=(Channel(EVIL, EVIL),), hostname=EVIL))
    streams.offer([FoundStream(EVIL, "Markers", "host", "id", "uid", 1, 0.0, "markers")])
    assert _shows_it_as_it_is(streams)


def test_a_stream_on_the_first_screen(qtbot):
    def listen(stream):
        raise AssertionError

    chooser = EegChooser(StreamConfig("none"), listen)
    qtbot.addWidget(chooser)
    chooser.show_found([FoundStream(EVIL, EVIL, EVIL, "id", "uid", 4, 250.0, "eeg")])
    chooser.status.setText(EVIL)
    assert _shows_it_as_it_is(chooser)
