"""Minutes of valence and arousal in one thin row, for what the lanes below it are too short to show."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPolygonF

from app import texts
from app.timeline.lane_picture import since, stated
from app.timeline.span import Span
from app.timeline.strip import LEAD, Strip
from app.timeline.time_axis import DURATIONS, TimeAxis
from app.ui.canvas import Canvas, polygon
from core.data import Prediction

_ROW_PX, _WEDGE_PX = 30, 9


class Trend:
    """The longest stretch that there is, with the part marked that the lanes below show of it.

    Parameters
    ----------
    canvas
        What it is painted on.
    axis
        The axis of the lanes.
    """

    def __init__(self, canvas: Canvas, axis: TimeAxis) -> None:
        self._canvas, self._axis = canvas, axis
        self.minutes = TimeAxis(DURATIONS[-1], by_itself=False)
        self._strip: Strip | None = None

    @property
    def height(self) -> int:
        """Pixels that it takes; none where the lanes themselves show all of it."""
        px = self._canvas.theme.px
        return px(_ROW_PX) + px(_WEDGE_PX) if self._axis.seconds < self.minutes.seconds else 0

    def invalidate(self, since: float) -> None:
        """Take that more was said of the time since then than has been drawn."""
        if self._strip is not None:
            self._strip.invalidate(since)

    def restart(self) -> None:
        """Draw all anew."""
        self._strip = None

    def paint(
        self, painter: QPainter, top: QRectF, said: Sequence[Prediction], hidden: Span | None, gaps: Iterable[Span]
    ) -> None:
        """Paint the row into the upper edge of the plot, as high as `height`."""
        canvas, ratio, minutes = self._canvas, self._canvas.devicePixelRatioF(), self.minutes
        minutes.fit(int(top.width() * ratio), self._axis.most_ticks)
        minutes.zero = self._axis.zero
        minutes.advance(self._axis.front)
        minutes.move()
        row = QRectF(top.left(), top.top(), top.width(), canvas.theme.px(_ROW_PX))
        if self._strip is None or not self._strip.fits:
            theme = canvas.theme
            self._strip = Strip(minutes, int(row.height() * ratio), theme.color("raised"), canvas.line("edge"))
        self._draw(self._strip, said, hidden)
        self._strip.paint(painter, row)
        for start, stop in gaps:
            for left, right in minutes.pieces(start, stop):
                box = QRectF(row.left() + left * row.width(), row.top(), (right - left) * row.width(), row.height())
                painter.fillRect(box.adjusted(0, 0, 1, 0), canvas.theme.color("bad", 0.3))
        self._paint_part(painter, row)

    def paint_name(self, painter: QPainter, top: QRectF) -> None:
        """Write beside the row how long it is."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        box = QRectF(0, top.top(), top.left() - self._canvas.theme.px(8), self._canvas.theme.px(_ROW_PX))
        self._canvas.write(painter, box, texts.span(self.minutes.seconds), "dim", align=right)

    def _draw(self, strip: Strip, said: Sequence[Prediction], hidden: Span | None) -> None:
        due, column = strip.due(), self.minutes.column
        if not due:
            return
        base, middle, ratio = strip.base(due), strip.height / 2, self._canvas.devicePixelRatioF()
        runs = stated(since(said, (due.start - LEAD) * column), hidden)

        def paint(painter: QPainter) -> None:
            for name, run in itertools.product(("valence", "arousal"), runs):
                x = np.array([p.stop for p in run]) / column - base
                y = np.array([getattr(p, name) for p in run])
                painter.setPen(self._canvas.line(name, 1.5 * ratio))
                painter.drawPolyline(polygon(x, middle - y * middle))

        strip.draw(due, paint)

    def _paint_part(self, painter: QPainter, row: QRectF) -> None:
        """Mark what the lanes show, and lead down to them: a sweep has no left edge to lead to."""
        canvas = self._canvas
        left = row.right() - self._axis.seconds / self.minutes.seconds * row.width()
        part = QRectF(left, row.top(), row.right() - left, row.height())
        if not self._axis.sweeping:
            foot = row.bottom() + canvas.theme.px(_WEDGE_PX)
            edge = [part.bottomLeft(), part.bottomRight(), QPointF(row.right(), foot), QPointF(row.left(), foot)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(canvas.theme.color("accent", 0.14))
            # So long and thin, smooth edges would take a third of a millisecond.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawPolygon(QPolygonF(edge))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(canvas.line("accent", 1, 0.8))
        painter.setBrush(canvas.theme.color("accent", 0.14))
        painter.drawRect(part.adjusted(0, 0.5, -0.5, 0))
