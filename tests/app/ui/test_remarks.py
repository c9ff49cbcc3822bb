"""A line of remarks loses whole remarks, from the end, before a word is cut."""

from PyQt6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from app.ui.remarks import fitting


def test_the_last_remarks_are_left_out_first(qtbot: QtBot) -> None:
    metrics = QFontMetricsF(QFont())
    text = "pulse rate 72/min · pulse RMSSD 31 ms · quality good"
    shown = [
        fitting(text, metrics, metrics.horizontalAdvance(part) + 1) for part in (text, text[:37], text[:20], "pu…")
    ]
    assert shown == [text, text[:37], text[:17], "pu…"]
