"""The outline of a head that is seen from above, the nose in front."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPainterPath

from app.ui.canvas import Canvas
from app.ui.head_map import RIM

REACH = 1.3
"""From the middle of the head to the edge of the map, nose and ears included."""


def paint_head(canvas: Canvas, painter: QPainter, box: QRectF) -> None:
    """Paint outline, nose and ears into a square."""
    unit, middle = box.width() / 2 / REACH, box.center()
    rim = RIM * unit
    painter.setPen(canvas.line("faint", 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    nose = QPainterPath(middle + QPointF(-0.13 * unit, -0.995 * rim))
    nose.quadTo(middle + QPointF(-0.04 * unit, -rim - 0.1 * unit), middle + QPointF(0, -rim - 0.13 * unit))
    nose.quadTo(middle + QPointF(0.04 * unit, -rim - 0.1 * unit), middle + QPointF(0.13 * unit, -0.995 * rim))
    painter.drawPath(nose)
    for side in (-1, 1):
        ear = QPainterPath(middle + QPointF(side * 0.985 * rim, -0.17 * unit))
        ear.cubicTo(
            middle + QPointF(side * (rim + 0.14 * unit), -0.22 * unit),
            middle + QPointF(side * (rim + 0.12 * unit), 0.2 * unit),
            middle + QPointF(side * 0.985 * rim, 0.17 * unit),
        )
        painter.drawPath(ear)
    painter.setBrush(canvas.theme.color("panel"))
    painter.drawEllipse(middle, rim, rim)
