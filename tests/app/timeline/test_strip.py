"""A stretch of time as a ring of pixels."""

import numpy as np
import pytest
from PyQt6.QtCore import QBuffer, QRect, QRectF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter, QPen
from PyQt6.QtSvg import QSvgGenerator, QSvgRenderer
from PyQt6.QtWidgets import QApplication

from app.timeline.strip import Strip
from app.timeline.time_axis import TimeAxis
from tests.app.timeline.test_traces import pixels

WIDE, TALL = 100, 10


@pytest.mark.parametrize("newest", [299, 340])
def test_a_drawing_of_it_has_each_moment_where_the_screen_has_it(qapp: QApplication, newest: int) -> None:
    axis = TimeAxis(10.0, by_itself=False)
    axis.fit(WIDE, 10)
    axis.newest = newest
    strip = Strip(axis, TALL, QColor("white"), QPen(QColor("white")))
    due = strip.due()
    dark = newest - 70 - strip.base(due)
    strip.draw(due, lambda painter: painter.fillRect(QRectF(dark, 0, 20, TALL), QColor("black")))
    screen = QImage(WIDE, TALL, QImage.Format.Format_RGB32)
    painter = QPainter(screen)
    strip.paint(painter, QRectF(0, 0, WIDE, TALL))
    painter.end()
    assert pixels(screen)[5, :, 0].argmin() == WIDE - 71
    np.testing.assert_allclose(pixels(_drawn(strip)), pixels(screen), atol=60)


def _drawn(strip: Strip) -> QImage:
    """Return what an SVG of the strip shows."""
    file, drawn = QBuffer(), QSvgGenerator()
    drawn.setOutputDevice(file)
    drawn.setSize(QSize(WIDE, TALL))
    drawn.setViewBox(QRect(0, 0, WIDE, TALL))
    painter = QPainter(drawn)
    strip.paint(painter, QRectF(0, 0, WIDE, TALL))
    painter.end()
    shown = QImage(WIDE, TALL, QImage.Format.Format_RGB32)
    painter = QPainter(shown)
    QSvgRenderer(file.data()).render(painter)
    painter.end()
    return shown
