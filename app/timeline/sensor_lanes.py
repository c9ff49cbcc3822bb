"""Streams that are no EEG over time, a lane each with its scale and unit, on the axis of the traces."""

from __future__ import annotations

import math
import time

import numpy as np
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPolygonF, QResizeEvent

from app import texts
from app.timeline import time_margin
from app.timeline.decimation import pieces, polylines
from app.timeline.sensor_ring import SensorRing
from app.timeline.strip import LEAD, Strip
from app.timeline.time_axis import TimeAxis
from app.timeline.time_marks import TimeMarks
from app.ui.canvas import Canvas, polygon
from app.ui.remarks import fitting
from app.ui.theme import Theme
from core.data import Array, Chunk, StreamInfo
from core.sensors.reading import Reading

_LANE_PX, _LEAST_PX, _TALLEST_PX, _GAP_PX = 34, 26, 52, 4
_FEW, _MOST = 2, 8
"""Lanes that are seen at once at least, and at most; a key goes on to the next ones."""
_SHARE, _LITTLE_PX, _MORE = 0.2, 375, 0.4
"""What they have of a little height, and of what there is above that."""
_ALIKE = 4.0
"""Channels share a lane that together take at most so many times the room of the first."""
_ALPHAS = (1.0, 0.55, 0.3)
_LEAST_USED = 0.3
"""Share of a lane under which its scale is made finer."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Lane:
    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        self.ring = SensorRing(info)
        self.scale = (math.nan, math.nan)
        """What the lower and the upper edge stand for."""
        self.n_drawn = 1
        """Channels that share the scale."""
        self.said = ""

    def fit(self, axis: TimeAxis) -> bool:
        """Take the scale that fits what is seen; return whether it is another one."""
        ranges = self.ring.ranges(*axis.span, axis.column)
        if not len(ranges):
            return False
        if math.isnan(self.scale[0]):
            self.n_drawn = _alike(ranges)
        lowest, highest = float(ranges[: self.n_drawn, 0].min()), float(ranges[: self.n_drawn, 1].max())
        low, high = self.scale
        used = (highest - lowest) / (high - low) if high > low else 0.0
        if low <= lowest and highest <= high and (used >= _LEAST_USED or highest == lowest):
            return False
        before, self.scale = self.scale, nice_range(lowest, highest)
        return self.scale != before


class SensorLanes(Canvas):
    """A lane for each stream of numbers that is no EEG, as many as there is room for; a key goes through them.

    Parameters
    ----------
    axis
        The time axis, which the traces share.
    marks
        What runs through all of it.
    """

    resized = pyqtSignal()
    """More or fewer lanes are seen."""

    def __init__(self, axis: TimeAxis, marks: TimeMarks) -> None:
        super().__init__(texts.SENSORS, "panel")
        self._at_once = _FEW
        self._room = 0
        """Pixels that the lanes may take together, the gaps below them included."""
        self.axis, self.marks = axis, marks
        self._lanes: dict[str, _Lane] = {}
        self._page = 0
        self._has_room = True
        self._strip: Strip | None = None
        axis.changed.connect(self._draw_and_show)
        self._fit()

    @property
    def shown(self) -> tuple[str, ...]:
        """Keys of the streams whose lanes are seen."""
        first = self._page * self._at_once
        return tuple(self._lanes)[first : first + self._at_once] if self._has_room else ()

    def scale(self, key: str) -> tuple[float, float]:
        """Return what the edges of a stream's lane stand for, in its own unit."""
        return self._lanes[key].scale

    def said(self, key: str) -> str:
        """Return what a stream says of the body, ``""`` if nothing."""
        return self._lanes[key].said

    def show_stream(self, info: StreamInfo) -> None:
        """Have a lane for a stream from now on."""
        if info.channels and info.dtype != "string":
            self._lanes[info.key] = _Lane(info)
            self._fit()

    def push(self, chunk: Chunk) -> None:
        """Take samples of a stream that has a lane; they are drawn with the next frame."""
        lane = self._lanes.get(chunk.stream)
        if lane is None or not len(chunk.timestamps):
            return
        before = lane.ring.newest
        if not lane.ring.push(chunk):
            self._restart()
        elif self._strip is not None:
            first = float(chunk.times[0])
            self._strip.invalidate(before if before < first else first)

    def show_reading(self, key: str, reading: Reading) -> None:
        """Write what a stream says of the body into its lane."""
        lane = self._lanes.get(key)
        if lane is not None and (said := texts.reading(reading)) != lane.said:
            lane.said = said
            self.update()

    def turn_page(self) -> None:
        """Go on to the next lanes, after the last to none, then to the first again."""
        self._page = (self._page + 1) % (self._n_pages + 1)
        self._fit()

    def fit_room(self, height: int) -> None:
        """Take how high all is that is drawn over time."""
        little = min(height, self.theme.px(_LITTLE_PX))
        self._room = int(_SHARE * little + _MORE * (height - little))
        at_once = max(_FEW, min(_MOST, self._room // self.theme.px(_LANE_PX + _GAP_PX)))
        is_other = at_once != self._at_once
        if is_other:
            self._at_once, self._page = at_once, 0
        if is_other or self._height() != self.height():
            self._fit()

    def show_lanes(self, shown: bool) -> None:
        """Show the lanes, or leave the room to others."""
        self._has_room = shown
        self._fit()

    def clear(self) -> None:
        """Have no lanes."""
        self._lanes.clear()
        self._page = 0
        self._fit()

    def note(self) -> str:
        """Return which lanes are seen where not all are, in words."""
        n = len(self._lanes)
        return "" if len(self.shown) == n else texts.sensors_note(len(self.shown), n)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme and draw all anew."""
        super().apply_theme(theme)
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the lanes that are seen."""
        return QSize(self.theme.px(600), self._height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw all anew at the new size."""
        self._restart()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the lanes, their names in them and their scales beside them."""
        begun, painter = time.perf_counter(), self.painter()
        plot = time_margin.plot(self, self.axis)
        if self._strip is None or not self._strip.fits:
            self._draw()
        if self._strip is not None:
            self._strip.paint(painter, plot)
        time_margin.paint_cursor(self, painter, plot, self.axis)
        self.marks.paint(self, painter, plot)
        for key, (top, height) in zip(self.shown, self._rows(), strict=True):
            box = QRectF(plot.left(), top, plot.width(), height)
            self._paint_name(painter, box, self._lanes[key])
            if time_margin.wants_names(event):
                self._paint_scale(painter, box, self._lanes[key])
        self.axis.painted(time.perf_counter() - begun)

    @property
    def _n_pages(self) -> int:
        return -(-len(self._lanes) // self._at_once)

    def _height(self) -> int:
        return len(self.shown) * (self._lane() + self.theme.px(_GAP_PX))

    def _lane(self) -> int:
        """Return how high a lane is: few have more room each."""
        px = self.theme.px
        return min(max(self._room // max(1, len(self.shown)) - px(_GAP_PX), px(_LEAST_PX)), px(_TALLEST_PX))

    def _rows(self) -> list[tuple[float, float]]:
        lane = self._lane()
        return [(k * (lane + self.theme.px(_GAP_PX)), lane) for k in range(len(self.shown))]

    def _paint_name(self, painter: QPainter, box: QRectF, lane: _Lane) -> None:
        n_more = lane.ring.n_left_out + len(lane.ring.ch_names) - lane.n_drawn
        name = texts.sensor_lane(lane.info, lane.ring.ch_names[: lane.n_drawn], n_more)
        left = self._tag(painter, box, name, False, (0.35 if lane.said else 0.8) * box.width())
        if lane.said:
            self._tag(painter, box.adjusted(left, 0, 0, 0), lane.said, True, 0.5 * box.width())

    def _tag(self, painter: QPainter, box: QRectF, text: str, bold: bool, widest: float) -> float:
        """Write a text over the older end of a lane; return how wide that is."""
        px, metrics = self.theme.px, QFontMetricsF(self.theme.font("small", bold))
        text = fitting(text, metrics, widest)
        wide = metrics.horizontalAdvance(text) + px(8)
        tag = QRectF(box.left() + 2, box.top() + 1, wide, metrics.height())
        painter.fillRect(tag, self.theme.color("panel", 0.7))
        self.write(painter, tag.adjusted(px(3), 0, px(3), 0), text, "text", align=_LEFT, bold=bold)
        return wide

    def _paint_scale(self, painter: QPainter, box: QRectF, lane: _Lane) -> None:
        low, high = lane.scale
        if math.isnan(low):
            return
        told = [(f"{high:g}", "dim"), (lane.ring.unit, "text"), (f"{low:g}", "dim")]
        if box.height() < len(told) * QFontMetricsF(self.theme.font("small")).height():
            told[:2] = [(f"{high:g} {lane.ring.unit}".strip(), "dim")]
        wide, row = box.left() - self.theme.px(7), box.height() / len(told)
        for k, (text, color) in enumerate(told):
            at = QRectF(0, box.top() + k * row, wide, row)
            self.write(painter, at, text.replace("-", "−"), color, align=_RIGHT)

    def _draw_and_show(self) -> None:
        if self.isVisible() and self.shown:
            self._draw()
            time_margin.update(self, self.axis)

    def _draw(self) -> None:
        """Draw the columns that are due, all of them where a scale has changed."""
        if not self.shown:
            return
        time_margin.plot(self, self.axis)
        lanes = [self._lanes[key] for key in self.shown]
        if [lane for lane in lanes if lane.fit(self.axis)]:
            self._strip = None
            self.update()  # the scales too
        ratio = self.devicePixelRatioF()
        if self._strip is None or not self._strip.fits:
            ground, grid = self.theme.color("panel"), self.line("edge")
            self._strip = Strip(self.axis, int(self.height() * ratio), ground, grid)
        if not (due := self._strip.due()):
            return
        base, column = self._strip.base(due), self.axis.column
        boxes = [QRectF(due.start - base, top * ratio, len(due), tall * ratio) for top, tall in self._rows()]
        drawn = [_lines(lane, box, due, base, column) for lane, box in zip(lanes, boxes, strict=True)]

        def paint(painter: QPainter) -> None:
            for box, lines in zip(boxes, drawn, strict=True):
                painter.fillRect(box, self.theme.color("raised", 0.7))
                for k, line in lines:
                    painter.setPen(self.line("trace", 1 / self.theme.scale, _ALPHAS[k]))
                    painter.drawPolyline(line)

        self._strip.draw(due, paint)

    def _fit(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        self.setVisible(bool(self.shown))
        self._restart()
        self.resized.emit()

    def _restart(self) -> None:
        self._strip = None
        self.update()


def _lines(lane: _Lane, box: QRectF, due: range, base: int, column: float) -> list[tuple[int, QPolygonF]]:
    """Return the lines of a lane's channels over the columns that are due, each with its channel's place."""
    low, high = lane.scale
    if math.isnan(low):
        return []
    # A line may come from a sample as far back as one is drawn.
    lead = LEAD * column + lane.ring.longest_step
    x, lowest, highest = lane.ring.extremes(due.start * column - lead, due.stop * column, column)
    lower = lowest[:, : lane.n_drawn]
    upper = lower if lowest is highest else highest[:, : lane.n_drawn]
    inset = box.adjusted(0, 2, 0, -2)
    per_unit = inset.height() / (high - low)
    below = np.clip(inset.bottom() - (lower - low) * per_unit, inset.top(), inset.bottom())
    above = below if lower is upper else np.clip(inset.bottom() - (upper - low) * per_unit, inset.top(), inset.bottom())
    found: list[tuple[int, QPolygonF]] = []
    for run in pieces(x, column, lane.ring.longest_step):
        if run.stop - run.start == 1:  # a sample alone: a dot
            spot = np.array([x[run.start], x[run.start] + 1]) - base
            found += [(k, polygon(spot, np.repeat(y, 2))) for k, y in enumerate(below[run.start])]
            continue
        part = below[run]
        found += enumerate(polylines(x[run] - base, part, part if above is below else above[run]))
    return found


def _alike(ranges: Array) -> int:
    """Return how many channels from the first on can share a scale, given (lowest, highest) of each."""
    n, room = 1, _ALIKE * max(float(ranges[0, 1] - ranges[0, 0]), 1e-12)
    while n < len(ranges) and float(ranges[: n + 1, 1].max() - ranges[: n + 1, 0].min()) <= room:
        n += 1
    return n


def nice_range(low: float, high: float) -> tuple[float, float]:
    """Return round numbers round a range; one that is a single value gets room on both sides."""
    width = high - low or max(abs(high), 1.0) * 0.1
    step = 10.0 ** math.floor(math.log10(width))
    step *= next(k for k in (0.2, 0.5, 1.0, 2.0) if width / (k * step) <= 6)
    if high == low:
        low, high = low - step, high + step
    return math.floor(low / step) * step, math.ceil(high / step) * step
