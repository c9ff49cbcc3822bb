"""A stretch of time as pixels: a ring of columns, each of a fixed stretch of data time; only new ones are drawn.

The price of a frame so goes with the new data, not with what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen

from app.timeline.time_axis import TimeAxis

LEAD = 4
"""Columns from which lines are drawn before the first new one, so that they join."""


class Strip:
    """What is drawn along a time axis as it is now; when the axis is another, another strip is made.

    Parameters
    ----------
    axis
        The axis.
    height_px
        Height in pixels of the screen itself.
    ground
        What it is drawn on.
    grid
        The pen for the lines at the ticks.
    """

    def __init__(self, axis: TimeAxis, height_px: int, ground: QColor, grid: QPen) -> None:
        self._axis = axis
        self._made_for = self._key()
        self._ground, self._grid = ground, grid
        self._image = QImage(axis.n_columns, max(1, height_px), QImage.Format.Format_RGB32)
        self._image.fill(ground)
        self._drawn: int | None = None
        self._stale = math.inf

    @property
    def height(self) -> int:
        """Pixels of the screen itself."""
        return self._image.height()

    @property
    def fits(self) -> bool:
        """Whether the axis still is as it was."""
        return self._made_for == self._key()

    def invalidate(self, since: float) -> None:
        """Take that more is known of the time since then than has been drawn."""
        if self._drawn is not None and since / self._axis.column < self._drawn:
            self._stale = min(self._stale, since)

    def due(self) -> range:
        """Return the columns that are new or more is known of, all up to the newest; empty if there are none."""
        newest = self._axis.newest
        if newest is None or (newest == self._drawn and self._stale == math.inf):
            return range(0)
        oldest = newest - self._axis.n_columns + 1
        if self._drawn is None or self._drawn > newest:
            return range(oldest, newest + 1)
        # The newest column was still being filled when it was drawn: it is drawn again.
        since = min(self._drawn, self._stale / self._axis.column)
        return range(oldest if since < oldest else math.floor(since), newest + 1)

    def base(self, due: range) -> int:
        """Return an even column to count from: which way a column is drawn may go by whether its number is even."""
        width = self._axis.n_columns
        return due.start // width // 2 * 2 * width

    def draw(self, due: range, paint: Callable[[QPainter], None]) -> None:
        """Clear the columns that are due and let `paint` fill them; its x counts columns from `base`."""
        width = self._axis.n_columns
        painter = QPainter(self._image)
        for shift in {due.start // width * width, due[-1] // width * width}:
            painter.setClipRect(QRectF(due.start - shift, 0, len(due), self.height))
            self._rule(painter, due, shift)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(self.base(due) - shift, 0)
            paint(painter)
            painter.resetTransform()
        painter.end()
        self._drawn, self._stale = due[-1], math.inf

    def paint(self, painter: QPainter, box: QRectF) -> None:
        """Put the ring on the screen: as it lies in memory in a sweep, else its two halves with now at the right."""
        width, height = self._image.width(), self._image.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self._axis.sweeping:
            painter.drawImage(box, self._image)
            return
        head = ((self._drawn or 0) + 1) % width
        split = box.left() + (width - head) / width * box.width()
        older, newer = QRectF(head, 0, width - head, height), QRectF(0, 0, head, height)
        self._put(painter, QRectF(box.left(), box.top(), split - box.left(), box.height()), older)
        self._put(painter, QRectF(split, box.top(), box.right() - split, box.height()), newer)

    def _put(self, painter: QPainter, box: QRectF, part: QRectF) -> None:
        engine = painter.paintEngine()
        if engine is None or engine.type() != QPaintEngine.Type.SVG:
            painter.drawImage(box, self._image, part)
        elif part.width() > 0:
            # In an SVG, Qt would draw the whole image where a part of it is meant.
            painter.drawImage(box, self._image.copy(part.toRect()))

    def _rule(self, painter: QPainter, due: range, shift: int) -> None:
        """Clear the columns, and draw a line at each tick."""
        axis = self._axis
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(due.start - shift, 0, len(due), self.height), self._ground)
        painter.setPen(self._grid)
        for tick in axis.ticks(due.start * axis.column, due.stop * axis.column):
            x = math.floor((axis.zero + tick) / axis.column) - shift
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height))

    def _key(self) -> tuple[float, ...]:
        axis = self._axis
        # A zero that is not known is not equal to itself.
        return axis.n_columns, axis.seconds, axis.step, -1.0 if math.isnan(axis.zero) else axis.zero
