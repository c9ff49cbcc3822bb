"""A whole session on one line: affect, uncertainty, gaps and labels; a click goes there."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF

from app import texts
from app.timeline.session_overview import SessionOverview, joined
from app.timeline.span import Span
from app.ui.canvas import Canvas, polygon
from core.data import Array

_STEPS = (5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_PIECE = 32
"""Points drawn at a time: Qt takes five times as long for one line of a thousand points as for many short ones."""
_MARKS = 10
"""About so many times are written under it."""


class OverviewLine(Canvas):
    """Valence and arousal above, uncertainty below, over the whole recording.

    Parameters
    ----------
    overview
        What is known of the session.
    """

    sought = pyqtSignal(float)
    """A moment was clicked, s, LSL clock."""

    def __init__(self, overview: SessionOverview) -> None:
        super().__init__(texts.SESSION)
        self._overview = overview
        self._span: Span = (math.nan, math.nan)
        self._now = math.nan
        self._seen: Span = (math.nan, math.nan)
        self._hidden: Span | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_span(self, span: Span) -> None:
        """Take when the recording begins and ends."""
        self._span = span
        self.update()

    def show_time(self, time: float) -> None:
        """Put the cursor at a moment."""
        if time != self._now:
            self._now = time
            self.update()

    def show_seen(self, span: Span) -> None:
        """Mark the part that the panels above show."""
        if span != self._seen:
            self._seen = span
            self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a wide and low surface."""
        return QSize(self.theme.px(600), self.theme.px(84))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go to where it was clicked."""
        if event is not None and self._duration > 0:
            area = self._area()
            share = (event.position().x() - area.left()) / area.width()
            self.sought.emit(self._span[0] + min(max(share, 0.0), 1.0) * self._duration)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go along while a button is held."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint both lanes and what lies over them."""
        if not self._duration > 0:
            return
        painter, area = self.painter(), self._area()
        upper = QRectF(area.left(), area.top(), area.width(), area.height() * 0.62)
        lower = QRectF(area.left(), upper.bottom() + self.theme.px(3), area.width(), area.height() * 0.38)
        lower.setBottom(area.bottom())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("raised", 0.7))
        for box in (upper, lower):
            painter.drawRoundedRect(box, self.theme.px(3), self.theme.px(3))
        means = self._means(int(area.width()))
        painter.save()
        painter.setClipRect(area)
        self._paint_affect(painter, upper, means)
        self._paint_uncertainty(painter, lower, means)
        self._paint_seen(painter, area)
        self._paint_gaps(painter, area)
        self._paint_markers(painter, area)
        self._paint_labels(painter, area)
        self._paint_hidden(painter, area)
        painter.restore()
        self._paint_cursor(painter, area)
        self._paint_times(painter, area)
        self._paint_names(painter, upper, lower)

    @property
    def _duration(self) -> float:
        return self._span[1] - self._span[0]

    def _area(self) -> QRectF:
        left, foot, head = self.theme.px(64), self.theme.px(16), self.theme.px(5)
        return QRectF(left, head, max(1, self.width() - left - self.theme.px(6)), self.height() - foot - head)

    def _x(self, area: QRectF, time: float) -> float:
        return area.left() + (time - self._span[0]) / self._duration * area.width()

    def _means(self, n: int) -> Array:
        """Return the mean of each column for each pixel, array of shape (3, n); NaN where nothing was said."""
        rows = self._overview.predictions
        if self._hidden is not None:
            rows = rows[(rows[:, 0] <= self._hidden[0]) | (rows[:, 0] > self._hidden[1] + 2.0)]
        rows = rows[~np.isnan(rows[:, 1])]
        at = np.clip(((rows[:, 0] - self._span[0]) / self._duration * n).astype(int), 0, n - 1)
        count = np.bincount(at, minlength=n)
        sums = [np.bincount(at, weights=rows[:, k], minlength=n) for k in (1, 2, 3)]
        return np.stack([np.divide(s, count, out=np.full(n, np.nan), where=count > 0) for s in sums])

    def _paint_affect(self, painter: QPainter, box: QRectF, means: Array) -> None:
        painter.setPen(self.line("faint", 1, 0.6, dashed=True))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        for values, name in ((means[0], "valence"), (means[1], "arousal")):
            painter.setPen(self.line(name, 1.5))
            for x, y in self._runs(values):
                for first in range(0, len(x), _PIECE):
                    part = slice(first, first + _PIECE + 1)
                    painter.drawPolyline(polygon(box.left() + x[part], box.center().y() - y[part] * box.height() / 2))

    def _paint_uncertainty(self, painter: QPainter, box: QRectF, means: Array) -> None:
        if np.isnan(means[2]).all():
            return
        most = float(np.nanmax(means[2])) or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent", 0.45))
        for x, y in self._runs(means[2]):
            top = box.bottom() - y / most * box.height()
            xs = np.concatenate([x[:1], x, x[-1:] + 1])
            painter.drawPolygon(polygon(box.left() + xs, np.concatenate([[box.bottom()], top, [box.bottom()]])))

    def _runs(self, values: Array) -> list[tuple[Array, Array]]:
        """Return where and what the values are, stretch by stretch; holes of up to half a minute or 4 pixels close."""
        at = np.flatnonzero(~np.isnan(values))
        if not len(at):
            return []
        wide = max(4.0, 2.0 / self._duration * len(values))
        return [(piece, values[piece]) for piece in np.split(at, np.flatnonzero(np.diff(at) > wide) + 1)]

    def _paint_seen(self, painter: QPainter, area: QRectF) -> None:
        first, last = self._x(area, self._seen[0]), self._x(area, self._seen[1])
        if last - first > self.theme.px(2):  # else the cursor says it
            painter.setPen(self.line("accent", 1, 0.8))
            painter.setBrush(self.theme.color("accent", 0.14))
            painter.drawRect(QRectF(first, area.top() + 0.5, last - first, area.height() - 1))

    def _paint_gaps(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("bad", 0.4))
        for start, stop in joined(self._overview.gaps):
            x, right = self._x(area, start), self._x(area, min(stop, self._span[1]))
            painter.drawRect(QRectF(x, area.top(), max(self.theme.px(2), right - x), area.height()))

    def _paint_markers(self, painter: QPainter, area: QRectF) -> None:
        """Paint a tick for each marker, at the foot; of several on one pixel one."""
        painter.setPen(self.line("dim", 1))
        for x in sorted({round(self._x(area, marker.time)) for marker in self._overview.markers}):
            painter.drawLine(QPointF(x + 0.5, area.bottom() - self.theme.px(7)), QPointF(x + 0.5, area.bottom()))

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("text"))
        side = self.theme.px(4)
        for label in self._overview.labels:
            x = self._x(area, (label.start + label.stop) / 2)
            tip = QPointF(x, area.top() + 1.5 * side)
            painter.drawPolygon(QPolygonF([tip, QPointF(x - side, area.top()), QPointF(x + side, area.top())]))

    def _paint_hidden(self, painter: QPainter, area: QRectF) -> None:
        if self._hidden is not None and math.isfinite(self._hidden[0]):
            x = self._x(area, self._hidden[0])
            wide = max(self.theme.px(3), self._x(area, self._hidden[1]) - x)
            painter.setPen(self.line("dim", 1, dashed=True))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(x, area.top(), wide, area.height()))

    def _paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        if math.isnan(self._now):
            return
        x = min(max(self._x(area, self._now), area.left()), area.right())
        painter.setPen(self.line("text", 2))
        painter.drawLine(QPointF(x, area.top() - self.theme.px(3)), QPointF(x, area.bottom() + self.theme.px(2)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("text"))
        painter.drawEllipse(QPointF(x, area.top() - self.theme.px(1)), self.theme.px(4), self.theme.px(4))

    def _paint_times(self, painter: QPainter, area: QRectF) -> None:
        step = next((s for s in _STEPS if self._duration / s <= _MARKS), _STEPS[-1])
        half, top = self.theme.px(30), area.bottom() + self.theme.px(1)
        for second in range(0, int(self._duration) + 1, step):
            x = self._x(area, self._span[0] + second)
            if x + half * 0.6 < self.width():
                self.write(painter, QRectF(x - half, top, 2 * half, self.height() - top), texts.clock(second))

    def _paint_names(self, painter: QPainter, upper: QRectF, lower: QRectF) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        wide = upper.left() - self.theme.px(8)
        half = upper.height() / 2
        for top, tall, name, color in (
            (upper.top(), half, texts.VALENCE, "valence"),
            (upper.top() + half, half, texts.AROUSAL, "arousal"),
            (lower.top(), lower.height(), texts.UNSURE, "accent"),
        ):
            self.write(painter, QRectF(0, top, wide, tall), name, "text", align=right)
            painter.setPen(self.line(color, 2.5))
            y = top + tall - 1
            painter.drawLine(QPointF(wide - self.theme.px(14), y), QPointF(wide, y))
