"""The traces as pixels: a ring of columns, each of a fixed stretch of data time, so that only new ones are drawn.

The price of a frame so goes with the new data, not with what is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.widgets.decimation import decimate, pieces, polylines
from app.widgets.trace_extent import TraceExtent
from app.widgets.trace_ring import TraceRing

_LEAD = 4
"""Columns drawn again to the left of the new ones, so that lines join."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the traces are drawn."""

    ground: QColor
    grid: QPen
    trace: QPen
    """One pixel of the screen wide: Qt draws wider lines four times as slowly."""
    n_strokes: int = 1
    """A trace is drawn so often, each a pixel lower: on a fine screen one pixel is too thin."""


class TracePicture:
    """The last seconds of some channels, one above the other.

    Parameters
    ----------
    width_px, height_px
        Size in pixels of the screen itself.
    extent
        What is drawn, as it is now.
    style
        Colours and pens.
    """

    def __init__(self, width_px: int, height_px: int, extent: TraceExtent, style: Style) -> None:
        self._image = QImage(max(16, width_px), max(1, height_px), QImage.Format.Format_RGB32)
        self._image.fill(style.ground)
        self._column = extent.seconds / self._image.width()
        self._rows = slice(extent.first, extent.last)
        row = self._image.height() / extent.n_rows
        self._middles = (np.arange(extent.n_rows) + 0.5) * row
        self._pixels = row / extent.scale_uv
        self._style = style
        self._drawn: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing has been drawn yet."""
        return self._drawn is None

    @property
    def cursor(self) -> float:
        """Where the newest column lies in the ring, from 0 to 1."""
        return (self._drawn or 0) % self._image.width() / self._image.width()

    def draw(self, ring: TraceRing, until: float) -> bool:
        """Draw the columns up to the time `until` that are new; return whether there were any."""
        width = self._image.width()
        newest = math.floor(until / self._column)
        if newest == self._drawn:
            return False
        oldest = newest - width + 1
        # The newest column was still being filled when it was drawn: it is drawn again.
        since = oldest if self._drawn is None or self._drawn > newest else max(self._drawn, oldest)
        # An even column to count from: which way a column is drawn goes by whether its number is even.
        base = since // width // 2 * 2 * width
        drawn = self._lines(ring, since, newest, base)
        painter = QPainter(self._image)
        for shift in {since // width * width, newest // width * width}:
            painter.setClipRect(QRectF(since - shift, 0, newest - since + 1, self._image.height()))
            self._rule(painter, since - shift, newest - shift, shift)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._style.trace)
            for stroke in range(self._style.n_strokes):
                painter.resetTransform()
                painter.translate(base - shift, stroke - (self._style.n_strokes - 1) / 2)
                for line in drawn:
                    painter.drawPolyline(line)
            painter.resetTransform()
        painter.end()
        self._drawn = newest
        return True

    def paint_scrolling(self, painter: QPainter, box: QRectF) -> None:
        """Put the two halves of the ring on the screen, the newest column at the right."""
        width, height = self._image.width(), self._image.height()
        head = ((self._drawn or 0) + 1) % width
        split = box.left() + (width - head) / width * box.width()
        older, newer = QRectF(head, 0, width - head, height), QRectF(0, 0, head, height)
        painter.drawImage(QRectF(box.left(), box.top(), split - box.left(), box.height()), self._image, older)
        painter.drawImage(QRectF(split, box.top(), box.right() - split, box.height()), self._image, newer)

    def paint_sweeping(self, painter: QPainter, box: QRectF) -> None:
        """Put the ring on the screen as it lies in memory: the newest column goes round and writes over the oldest."""
        painter.drawImage(box, self._image, QRectF(self._image.rect()))

    def _lines(self, ring: TraceRing, since: int, newest: int, base: int) -> list[QPolygonF]:
        times, samples = ring.between((since - _LEAD) * self._column, (newest + 1) * self._column)
        x, low, high = decimate(times, samples[:, self._rows], self._column)
        below = self._middles - low * self._pixels
        above = below if low is high else self._middles - high * self._pixels
        found: list[QPolygonF] = []
        for run in pieces(x, self._column):
            lower = below[run]
            found += polylines(x[run] - base, lower, lower if above is below else above[run])
        return found

    def _rule(self, painter: QPainter, left: int, right: int, shift: int) -> None:
        """Clear the new columns, and draw a line at each whole second."""
        height = self._image.height()
        painter.fillRect(QRectF(left, 0, right - left + 1, height), self._style.ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._style.grid)
        for second in range(
            math.ceil((left + shift) * self._column), math.floor((right + shift + 1) * self._column) + 1
        ):
            x = math.floor(second / self._column) - shift
            painter.drawLine(QPointF(x, 0), QPointF(x, height))
