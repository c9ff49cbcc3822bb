"""The frame that every part of the window stands in."""

from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.panel import Panel


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
