"""A line that is chosen among others."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QButtonGroup, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.choice import Choice


def test_tab_stops_at_the_one_that_is_chosen(qtbot: QtBot) -> None:
    window, before, after, group = QWidget(), QLineEdit(), QLineEdit(), QButtonGroup()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    choices = [Choice(name, one_of=True) for name in ("one", "two", "three")]
    for widget in (before, *choices, after):
        column.addWidget(widget)
    for choice in choices:
        group.addButton(choice)
    choices[2].setChecked(True)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is choices[2]
    qtbot.keyClick(choices[2], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is after
    qtbot.keyClick(after, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is choices[2]
    qtbot.keyClick(choices[2], Qt.Key.Key_Up)
    assert QApplication.focusWidget() is choices[1]
