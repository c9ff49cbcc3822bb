"""Affect over time: valence and arousal with their bands, classes and reliabilities, over the axis of the traces."""

from __future__ import annotations

import math
import time
from collections import deque

from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent

from app import texts
from app.timeline import time_margin
from app.timeline.lane_picture import N_LANES, LanePicture
from app.timeline.span import Span
from app.timeline.time_axis import DURATIONS, TimeAxis
from app.timeline.time_marks import TimeMarks
from app.timeline.trend import Trend
from app.ui.canvas import Canvas
from app.ui.plain import hide_tip, show_tip
from app.ui.theme import Theme
from core.data import MODALITIES, Prediction

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEAST_PX, _GAP_PX = 17, 6
"""A lane is no lower; the minutes above the lanes give way first."""


class AffectLanes(Canvas):
    """Four lanes, and above them a row with the words of the marks.

    Parameters
    ----------
    axis
        The time axis, which the traces share.
    marks
        What runs through both.
    """

    def __init__(self, axis: TimeAxis, marks: TimeMarks) -> None:
        super().__init__(texts.TIME, "panel")
        self.axis, self.marks = axis, marks
        self._predictions: deque[Prediction] = deque(maxlen=8192)
        self._rivals: deque[Prediction] = deque(maxlen=8192)
        self._hidden: Span | None = None
        self._picture: LanePicture | None = None
        self._trend = Trend(self, axis)
        self._has_lanes = True
        axis.changed.connect(self._show_again)

    def show_prediction(self, prediction: Prediction) -> None:
        """Take the newest prediction."""
        if self._predictions and prediction.stop < self._predictions[-1].stop:
            self.clear()
            self.marks.clear()
            self.axis.restart()
        self._take(self._predictions, prediction)
        self.axis.begin(prediction.start)
        for axis in (self.axis, self._trend.minutes):
            axis.advance(prediction.stop)

    def show_rival(self, prediction: Prediction) -> None:
        """Take the newest prediction of a second model."""
        self._take(self._rivals, prediction)

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self._restart()

    def show_lanes(self, shown: bool) -> None:
        """Show the lanes, or only the words above them."""
        self._has_lanes = shown
        self.apply_theme(self.theme)

    def clear(self) -> None:
        """Forget everything."""
        self._predictions.clear()
        self._rivals.clear()
        self._trend.minutes.restart()
        self._restart()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme and draw all anew."""
        super().apply_theme(theme)
        self.setMaximumHeight(16_777_215 if self._has_lanes else self._flags)
        self.setMinimumHeight(self._flags + (self._least_lanes if self._has_lanes else 0))
        self._restart()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a wide surface."""
        return QSize(self.theme.px(600), self.theme.px(190))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw all anew at the new size."""
        self._restart()

    def event(self, event: QEvent | None) -> bool:
        """Say in full what a marker says that is pointed at."""
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return super().event(event)
        if tip := self.marks.tip(QPointF(event.pos()), self.theme.px(3)):
            show_tip(event.globalPos(), tip, self)
        else:
            hide_tip()
        return True

    def describe(self) -> None:
        """Tell a screen reader what the markers say that are seen."""
        if (words := self.marks.words()) != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the lanes, and what is written above and beside them."""
        begun, painter = time.perf_counter(), self.painter()
        plot = time_margin.plot(self, self.axis)
        above = self._above
        if above:
            self._trend.paint(painter, plot, self._predictions, self._hidden, self.marks.gaps)
            if time_margin.wants_names(event):
                self._trend.paint_name(painter, plot)
        words = QRectF(plot.left(), above, plot.width(), self._flags)
        if self._has_lanes:
            self._paint_lanes(painter, plot.adjusted(0, above + self._flags, 0, 0), time_margin.wants_names(event))
        painter.setClipRect(plot)
        self.marks.paint_words(self, painter, words)
        self.axis.painted(time.perf_counter() - begun)

    @property
    def _flags(self) -> int:
        return self.theme.px(18)

    @property
    def _least_lanes(self) -> int:
        return N_LANES * (self.theme.px(_LEAST_PX) + self.theme.px(_GAP_PX))

    @property
    def _above(self) -> int:
        """Height of the minutes, none where the lanes would be too low below them."""
        trend = self._trend.height if self._has_lanes and self._predictions else 0
        return trend if self.height() - trend - self._flags >= self._least_lanes else 0

    def _paint_lanes(self, painter: QPainter, area: QRectF, names: bool) -> None:
        if not self._predictions:
            self.write(painter, area, texts.NO_PREDICTION, "dim", "normal")
            return
        ratio = self.devicePixelRatioF()
        lanes = self._rows(area.height())
        if self._picture is None or not self._picture.strip.fits:
            grown = [(top * ratio, height * ratio) for top, height in lanes]
            self._picture = LanePicture(self, self.axis, grown, int(area.height() * ratio), ratio)
        self._picture.draw(self._predictions, self._rivals, self._hidden)
        self._picture.strip.paint(painter, area)
        boxes = [QRectF(area.left(), area.top() + top, area.width(), height) for top, height in lanes]
        self._paint_middles(painter, boxes[:2])
        time_margin.paint_cursor(self, painter, area, self.axis)
        self.marks.paint(self, painter, area)
        self._paint_hidden(painter, area)
        if names:
            self._paint_names(painter, boxes)

    def _rows(self, height: float) -> list[tuple[float, float]]:
        """Return top and height of each lane; the last gap is the one to the traces."""
        gap = self.theme.px(_GAP_PX)
        lane = height / N_LANES - gap
        return [(k * (lane + gap), lane) for k in range(N_LANES)]

    def _paint_middles(self, painter: QPainter, boxes: list[QRectF]) -> None:
        # As tiles: a dashed line that is wider than a pixel takes Qt a millisecond.
        high = self.theme.px(1)
        dash = QPixmap(6 * high, high)
        dash.fill(Qt.GlobalColor.transparent)
        QPainter(dash).fillRect(0, 0, 4 * high, high, self.theme.color("faint", 0.6))
        for box in boxes:
            row = QRect(int(box.left()), round(box.center().y() - high / 2), int(box.width()), high)
            painter.drawTiledPixmap(row, dash)

    def _paint_hidden(self, painter: QPainter, area: QRectF) -> None:
        for left, right in self.axis.pieces(*self._hidden) if self._hidden is not None else ():
            box = QRectF(area.left() + left * area.width(), area.top(), (right - left) * area.width(), area.height())
            if box.width() > self.theme.px(20):
                self.write(painter, box, "?", "dim", "large", bold=True)

    def _paint_names(self, painter: QPainter, boxes: list[QRectF]) -> None:
        wide, px = boxes[0].left() - self.theme.px(8), self.theme.px
        for box, name in zip(boxes, (texts.VALENCE, texts.AROUSAL, texts.CLASSES_SHORT), strict=False):
            self.write(painter, QRectF(0, box.top(), wide - px(16), box.height()), name, "text", align=_RIGHT)
        self._paint_scales(painter, boxes[:2], wide + px(4))
        newest = self._predictions[-1]
        # The upper name is that of the upper line.
        weights = sorted(zip(newest.modalities, newest.weights, strict=True), key=lambda one: -round(one[1], 1))
        box, part = boxes[3], max(boxes[3].height() / len(weights), px(12))
        for k, (name, _) in enumerate(weights):
            top = box.center().y() + (k - len(weights) / 2) * part
            words = QRectF(0, top, wide - px(18), part)
            self.write(painter, words, texts.modality_name(name), "text", align=_RIGHT)
            painter.setPen(self.line(name if name in MODALITIES else "text", 2.5, dashed=name == "face"))
            y = top + part / 2
            painter.drawLine(QPointF(wide - px(14), y), QPointF(wide, y))

    def _paint_scales(self, painter: QPainter, boxes: list[QRectF], right: float) -> None:
        """Write the ends of the scale of valence and arousal beside their lanes, where there is room for two lines."""
        line = QFontMetricsF(self.theme.font("small")).capHeight() + self.theme.px(2)
        for box in boxes if boxes[0].height() >= 2 * line else ():
            for top, end in ((box.top(), "+1"), (box.bottom() - line, "\N{MINUS SIGN}1")):
                self.write(painter, QRectF(0, top - line, right, 3 * line), end, "dim", align=_RIGHT)

    def _take(self, known: deque[Prediction], prediction: Prediction) -> None:
        since = known[-1].stop if known else -math.inf
        self._trend.invalidate(since)
        if self._picture is not None:
            self._picture.invalidate(since)
        known.append(prediction)
        while known[0].stop < prediction.stop - DURATIONS[-1] - 5:
            known.popleft()
        self.update()

    def _show_again(self) -> None:
        time_margin.update(self, self.axis)

    def _restart(self) -> None:
        self._picture = None
        self._trend.restart()
        self.update()
