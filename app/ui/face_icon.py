"""A small drawn face that tells a value of valence or arousal without a number: our own drawing, for every scale."""

from __future__ import annotations

from typing import Literal

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPen

Scale = Literal["valence", "arousal"]


def paint_face(painter: QPainter, centre: QPointF, radius: float, scale: Scale, value: float, pen: QPen) -> None:
    """Paint the face of `value`, -1 to 1: the mouth bends with valence; eyes and mouth open with arousal."""
    painter.save()
    painter.translate(centre)
    painter.scale(radius / 10, radius / 10)
    pen = QPen(pen)
    pen.setWidthF(pen.widthF() * 10 / radius)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), 9.5, 9.5)
    if scale == "valence":
        _paint_mood(painter, value)
    else:
        _paint_wakefulness(painter, (value + 1) / 2)
    painter.restore()


def _paint_mood(painter: QPainter, value: float) -> None:
    mouth = QPainterPath(QPointF(-4.5, 4 - value * 1.5))
    mouth.quadTo(0, 4 + value * 4, 4.5, 4 - value * 1.5)
    painter.drawPath(mouth)
    for x in (-3.5, 3.5):
        painter.drawEllipse(QPointF(x, -2.5), 1.2, 1.2)


def _paint_wakefulness(painter: QPainter, awake: float) -> None:
    for x in (-3.5, 3.5):
        if awake < 0.15:
            painter.drawLine(QPointF(x - 1.8, -2.5), QPointF(x + 1.8, -2.5))
        else:
            painter.drawEllipse(QPointF(x, -2.5), 1.2 + awake, 2.2 * awake)
    if awake < 0.3:
        painter.drawLine(QPointF(-3.5, 4.5), QPointF(3.5, 4.5))
    else:
        painter.drawEllipse(QRectF(-2.4, 4.4 - 2.6 * awake, 4.8, 5.2 * awake))
