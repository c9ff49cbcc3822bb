"""A stretch that a hand draws on the time line."""

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.timeline.time_column import TimeColumn

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@pytest.fixture
def column(qtbot: QtBot) -> TimeColumn:
    column = TimeColumn()
    qtbot.addWidget(column)
    column.resize(1064, 400)
    column.axis.margin = 64
    column.axis.fit(1000, 10)
    column.axis.seconds = 10.0
    column.axis.newest = round(1000.0 / column.axis.column) - 1  # 10 s up to 1000 s
    return column


def drag(column: TimeColumn, first: float, last: float) -> list[tuple[float, float]]:
    """Drag over the traces, from pixel to pixel of the axis."""
    told: list[tuple[float, float]] = []
    column.drag.drawn.connect(lambda start, stop: told.append((start, stop)))
    for kind, x, button in (
        (QEvent.Type.MouseButtonPress, first, LEFT), (QEvent.Type.MouseMove, last, NONE),
        (QEvent.Type.MouseButtonRelease, last, LEFT),
    ):  # fmt: skip
        place = QPointF(64 + x, 20)
        event = QMouseEvent(kind, place, place, button, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(column.traces, event)
    return told


def test_a_stretch_is_told_in_time_whichever_way_it_is_drawn(column: TimeColumn) -> None:
    column.traces.resize(1064, 200)
    assert drag(column, 200, 650) == [pytest.approx((992.0, 996.5))]
    assert drag(column, 650, 200)[-1] == pytest.approx((992.0, 996.5))
    assert column.marks._drawn is None


def test_a_click_that_slipped_draws_nothing(column: TimeColumn) -> None:
    column.traces.resize(1064, 200)
    assert drag(column, 200, 230) == []


def test_in_a_sweep_what_is_ahead_of_now_is_the_oldest(column: TimeColumn) -> None:
    axis = column.axis
    for sweeping in (False, True):
        axis.sweeping = sweeping
        for moment in (990.5, 993.25, 997.0, 999.5):
            assert axis.moment(axis.place(moment)) == pytest.approx(moment, abs=axis.column)
