"""A surface that paints itself: its ground and its lines."""

from dataclasses import replace

import pytest
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.canvas import Canvas
from app.ui.panel import Panel
from app.ui.theme import LIGHT


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


@pytest.mark.parametrize(
    ("scale", "hairline", "line"), [(0.9, 0.9, 1.8), (1.0, 1.0, 2.0), (1.25, 1.0, 2.5), (1.5, 1.5, 3.0)]
)
def test_a_hairline_stays_one_until_there_is_room(qtbot: QtBot, scale: float, hairline: float, line: float) -> None:
    canvas = Canvas("canvas")
    qtbot.addWidget(canvas)
    canvas.apply_theme(replace(LIGHT, scale=scale))
    assert canvas.line("edge", 1).widthF() == pytest.approx(hairline)
    assert canvas.line("edge", 2).widthF() == pytest.approx(line)
