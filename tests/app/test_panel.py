"""The frame that every part of the window stands in."""

import pytest
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.canvas import Canvas
from app.widgets.panel import Panel


@pytest.mark.parametrize(("ground", "n_painted"), [("", 1), ("panel", 0)])
def test_what_lays_down_its_own_ground_is_painted_without_its_panel(qtbot: QtBot, ground: str, n_painted: int) -> None:
    painted = []

    class Watched(Panel):
        def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
            painted.append(event)

    class Content(Canvas):
        def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
            self.painter()

    content = Content("content", ground)
    panel = Watched("title", content)
    qtbot.addWidget(panel)
    panel.resize(200, 100)
    panel.show()
    QApplication.processEvents()
    painted.clear()
    content.repaint()
    assert len(painted) == n_painted


def test_a_note_keeps_its_beginning_where_room_is_short(qtbot: QtBot) -> None:
    panel = Panel("Expression", QWidget())
    qtbot.addWidget(panel)
    panel.note("marked: right 90% of the time")
    panel.resize(600, 100)
    panel.show()
    assert panel._note.shown() == "marked: right 90% of the time"
    panel.resize(200, 100)
    assert panel._note.shown().startswith("marked")
    assert panel._note.shown().endswith("…")
