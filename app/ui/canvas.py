"""A widget that paints itself in the window's theme."""

from __future__ import annotations

from typing import cast

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.plain import PlainTip
from app.ui.theme import LIGHT, Size, Theme
from core.data import Array

_ROOM_FOR_TWO = 1.5


class Canvas(PlainTip, QWidget):
    """An empty surface that knows the theme; what inherits from it paints.

    Parameters
    ----------
    name
        What a screen reader calls it.
    ground
        The colour that it lays down itself, by its name in the theme; ``""`` lets what is behind show through, which
        is then painted whenever this is.
    """

    def __init__(self, name: str, ground: str = "") -> None:
        super().__init__()
        self._ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, bool(ground))
        self.theme: Theme = LIGHT
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme and paint anew."""
        self.theme = theme
        self.update()

    def painter(self) -> QPainter:
        """Return a painter on this surface with smooth edges."""
        painter = QPainter(self)
        if self._ground:
            painter.fillRect(self.rect(), self.theme.color(self._ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        return painter

    def write(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        color: str = "dim",
        size: Size = "small",
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
        bold: bool = False,
    ) -> None:
        """Write a text into a box, broken into lines where it is long."""
        painter.setFont(self.theme.font(size, bold))
        painter.setPen(self.theme.color(color))
        painter.drawText(box, int(align | Qt.TextFlag.TextWordWrap), text)

    def tint(self, painter: QPainter, box: QRectF, color: str, alpha: float) -> None:
        """Lay a thin colour over a box, on whole pixels: between them Qt takes three times as long."""
        painter.fillRect(box.toRect(), self.theme.color(color, alpha))

    def paint_card(self, painter: QPainter, over: QRectF, title: str, text: str) -> None:
        """Lay a card in the middle of what is not to be relied on, with what happened and what to do."""
        self.tint(painter, over, "panel", 0.8)
        row = self.theme.px(18)
        box = QRectF(0, 0, min(self.theme.px(330), over.width() - self.theme.px(12)), 4.2 * row)
        box.moveCenter(over.center())
        painter.setPen(self.line("bad", 1.5))
        painter.setBrush(self.theme.color("panel"))
        painter.drawRoundedRect(box, self.theme.px(6), self.theme.px(6))
        head = QRectF(box.left(), box.top() + 0.5 * row, box.width(), 1.2 * row)
        self.write(painter, head, title, "text", "normal", bold=True)
        below = QRectF(box.left(), head.bottom(), box.width(), 2 * row)
        self.write(painter, below.adjusted(row / 2, 0, -row / 2, 0), text, "text")

    def line(self, color: str, width: float = 1.0, alpha: float = 1.0, dashed: bool = False) -> QPen:
        """Return a pen of one of the theme's colours; a hairline stays one until there is room for two pixels."""
        wide = width * self.theme.scale
        if width <= 1 and wide < _ROOM_FOR_TWO:
            wide = min(wide, 1.0)  # by however little it is wider than a pixel, it takes Qt many times as long
        pen = QPen(self.theme.color(color, alpha), wide)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setDashPattern([3, 3])
        return pen


def polygon(x: Array, y: Array) -> QPolygonF:
    """Return a line through the points, arrays of shape (n_points,), made without a Python object for each."""
    line = QPolygonF()
    line.fill(QPointF(), len(x))
    if len(x):
        memory = line.data()
        memory.setsize(16 * len(x))
        # PyQt6's voidptr gives its memory to numpy, but its type stubs do not say so.
        points = np.frombuffer(cast(memoryview, memory), dtype=np.float64).reshape(-1, 2)
        points[:, 0] = x
        points[:, 1] = y
    return line
