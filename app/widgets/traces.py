"""EEG traces of up to 128 channels. Only the new columns of pixels are drawn; the old ones stay where they are.

The picture is a ring of pixel columns, each at a fixed stretch of data time: a frame draws the columns that have come
in since the last one and puts the two halves of the ring on the screen. The price of a frame so goes with the new
data, not with what is shown.
"""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPolygonF, QResizeEvent, QWheelEvent

from app import texts
from app.theme import Theme
from app.widgets.canvas import Canvas, polygon
from app.widgets.trace_ring import TraceRing
from core.data import Array, Chunk, StreamInfo

DURATIONS = (2.0, 5.0, 10.0, 20.0, 30.0)
SCALES_UV = (5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0, 1000.0, 2000.0)
FRAME_MS = 33
_SCALE_AFTER = 2.0
"""Seconds of data from which the scale is found."""
_STEP_SDS = 3.0
"""Typical deviations that fit between two traces; peaks may cross into the neighbours, as on paper."""
_LEAST_ROW_PX = 4
"""Under this height nothing can be seen of a channel any more; the others are a key away."""
_LEAD = 4
"""Columns drawn again to the left of the new ones, so that lines join."""


class Traces(Canvas):
    """Scrolling traces with the electrodes' names; bad ones are dim and dashed in name, with the reason beside."""

    def __init__(self) -> None:
        super().__init__(texts.TRACES)
        self.seconds = 10.0
        self.scale_uv = 100.0
        self._scale_chosen = False
        self._ring: TraceRing | None = None
        self._key = ""
        self._bad: dict[str, str] = {}
        self._first = 0
        self._front = -math.inf
        self._lost = False
        self._image = QImage()
        self._drawn = -1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.draw_new)
        self._timer.start(FRAME_MS)

    @property
    def key(self) -> str:
        """The stream that is shown, ``""`` if none."""
        return self._key

    @property
    def ring(self) -> TraceRing | None:
        """The samples behind the picture, None before there is a stream."""
        return self._ring

    @property
    def bad(self) -> frozenset[str]:
        """Names of the channels that are dimmed."""
        return frozenset(self._bad)

    def show_stream(self, info: StreamInfo) -> None:
        """Show another stream from now on."""
        self._key, self._ring, self._bad, self._first = info.key, TraceRing(info), {}, 0
        self._front, self._lost = -math.inf, False
        self._restart()

    def clear(self) -> None:
        """Show no stream."""
        self._key, self._ring = "", None
        self._restart()

    def push(self, chunk: Chunk) -> None:
        """Take a chunk of the stream that is shown; it is drawn with the next frame."""
        if self._ring is not None and chunk.stream == self._key and not self._ring.push(chunk):
            self._drawn, self._front = -1, -math.inf

    def show_bad(self, bad: tuple[tuple[str, str], ...]) -> None:
        """Dim these channels, given as (name, reason)."""
        if dict(bad) != self._bad:
            self._bad = dict(bad)
            self._restart()

    def advance(self, time: float) -> None:
        """Move on to this time even if the stream gives nothing; what is missing stays blank."""
        self._front = time

    def show_lost(self, lost: bool) -> None:
        """Say over the traces that their stream is gone, or no longer."""
        if lost != self._lost:
            self._lost = lost
            self.update()

    def zoom(self, steps: int) -> None:
        """Draw larger (positive) or smaller."""
        self._scale_chosen = True
        k = SCALES_UV.index(self.scale_uv) - steps
        self.scale_uv = SCALES_UV[min(max(k, 0), len(SCALES_UV) - 1)]
        self._restart()

    def stretch(self, steps: int) -> None:
        """Show more seconds (positive) or fewer."""
        k = DURATIONS.index(self.seconds) + steps
        self.seconds = DURATIONS[min(max(k, 0), len(DURATIONS) - 1)]
        self._restart()

    def scroll_channels(self, steps: int) -> None:
        """Move to later (positive) or earlier channels where not all fit."""
        last = max(0, self._n_chans() - self._n_rows())
        self._first = min(max(self._first + steps * max(1, self._n_rows() // 2), 0), last)
        self._restart()

    def note(self) -> str:
        """Return how the traces are drawn, in words."""
        if self._ring is None:
            return ""
        last = min(self._n_chans(), self._first + self._n_rows())
        return texts.trace_note(self.seconds, self.scale_uv, self._first, last, self._n_chans())

    def wear(self, theme: Theme) -> None:
        """Take the theme and draw all anew."""
        super().wear(theme)
        self._restart()

    def draw_new(self) -> None:
        """Draw the columns that have come in since the last frame."""
        ring = self._ring
        if ring is None or not math.isfinite(ring.newest) or not self.isVisible():
            return
        if not self._scale_chosen:
            self._choose_scale(ring)
        if self._image.isNull():
            self._make_image()
        width = self._image.width()
        column = self.seconds / width
        newest = math.floor(max(ring.newest, self._front) / column)
        # The newest column is still being filled: it is drawn with the next frame too.
        since = max(self._drawn, newest - width + 1) if self._drawn >= 0 else newest - width + 1
        if newest == self._drawn:
            return
        self._draw_columns(ring, since, newest, column)
        self._drawn = newest
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a wide surface."""
        return QSize(self.theme.px(600), self.theme.px(220))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw all anew at the new size."""
        self._restart()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move through the channels."""
        if event is not None:
            self.scroll_channels(-1 if event.angleDelta().y() > 0 else 1)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put the two halves of the ring of columns on the screen, and the names beside them."""
        if self._image.isNull():
            self.draw_new()
        painter = self.painter()
        if self._ring is None or self._drawn < 0 or self._image.isNull():
            self.write(painter, QRectF(self.rect()), texts.NO_EEG, "dim", "normal")
            return
        width, height, ratio = self._image.width(), self._image.height(), self.devicePixelRatioF()
        head = (self._drawn + 1) % width
        left = self._names_px()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        older, newer = QRectF(head, 0, width - head, height), QRectF(0, 0, head, height)
        painter.drawImage(QRectF(left, 0, older.width() / ratio, height / ratio), self._image, older)
        painter.drawImage(
            QRectF(left + older.width() / ratio, 0, newer.width() / ratio, height / ratio), self._image, newer
        )
        self._paint_names(painter, left)
        self._paint_seconds(painter, left, width / ratio)
        if self._lost:
            box = QRectF(0, 0, self.theme.px(120), self.theme.px(30))
            box.moveCenter(QPointF(left + width / ratio / 2, self._plot_height() / 2))
            painter.setPen(self.line("bad", 1.5))
            painter.setBrush(self.theme.color("panel"))
            painter.drawRoundedRect(box, self.theme.px(5), self.theme.px(5))
            self.write(painter, box, texts.EEG_LOST, "bad", "normal", bold=True)

    def _paint_names(self, painter: QPainter, left: int) -> None:
        assert self._ring is not None
        row = self._plot_height() / self._n_rows()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left_middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        metrics = QFontMetricsF(self.theme.font("small"))
        names = self._ring.ch_names[self._first : self._first + self._n_rows()]
        written: list[float] = []
        # The bad ones first: where not all names fit, it is the good ones that stay out.
        for k, name in sorted(enumerate(names), key=lambda item: item[1] not in self._bad):
            why = self._bad.get(name)
            middle = max((k + 0.5) * row, float(self.theme.px(8)))
            if any(abs(middle - other) < self.theme.px(13) for other in written):
                continue
            written.append(middle)
            box = QRectF(0, middle - self.theme.px(8), left - self.theme.px(6), self.theme.px(16))
            self.write(painter, box, name, "bad" if why else "text", align=right, bold=bool(why))
            if why:
                reason = texts.reason(why)
                width = metrics.horizontalAdvance(reason) + self.theme.px(10)
                tag = QRectF(left + self.theme.px(4), middle - self.theme.px(8), width, self.theme.px(16))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.theme.color("panel", 0.88))
                painter.drawRect(tag)
                self.write(painter, tag.adjusted(self.theme.px(4), 0, 0, 0), reason, "dim", align=left_middle)

    def _paint_seconds(self, painter: QPainter, left: int, width: float) -> None:
        y = self._plot_height()
        height = self.height() - y
        for back in range(int(self.seconds) + 1):
            if back % (1 if self.seconds <= 10 else 5):
                continue
            x = left + width * (1 - back / self.seconds)
            text = texts.ago(back)
            half = self.theme.px(26)
            box = QRectF(min(x - half, self.width() - 2 * half), y, 2 * half, height)
            side = Qt.AlignmentFlag.AlignRight if back == 0 else Qt.AlignmentFlag.AlignHCenter
            if x - half >= left - half or back == 0:
                self.write(painter, box, text, align=side | Qt.AlignmentFlag.AlignVCenter)

    def _draw_columns(self, ring: TraceRing, since: int, newest: int, column: float) -> None:
        width, ratio = self._image.width(), self.devicePixelRatioF()
        height = self._plot_height() * ratio
        row = height / self._n_rows()
        times, samples = ring.between((since - _LEAD) * column, (newest + 1) * column)
        shown = samples[:, self._first : self._first + self._n_rows()]
        names = ring.ch_names[self._first : self._first + self._n_rows()]
        x, low, high = decimate(times, shown, column)
        middles = (np.arange(len(names)) + 0.5) * row
        pixels = row / self.scale_uv
        upper, lower = middles - high * pixels, middles - low * pixels
        painter = QPainter(self._image)
        for shift in self._shifts(since, newest, width):
            clip = QRectF(since - shift, 0, newest - since + 1, self._image.height())
            painter.setClipRect(clip)
            painter.fillRect(clip, self.theme.color("panel"))
            self._draw_grid(painter, since, newest, shift, column, middles)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for k, name in enumerate(names):
                bad = name in self._bad
                painter.setPen(self.line("faint" if bad else "trace", ratio, 0.8 if bad else 0.9))
                for piece in np.split(np.arange(len(x)), np.flatnonzero(np.diff(x) * column > 0.15) + 1):
                    if len(piece):
                        painter.drawPolyline(_envelope(x[piece] - shift, upper[piece, k], lower[piece, k]))
        painter.end()

    def _draw_grid(self, painter: QPainter, since: int, newest: int, shift: int, column: float, middles: Array) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.line("edge"))
        for second in range(math.ceil(since * column), math.floor((newest + 1) * column) + 1):
            x = math.floor(second / column) - shift
            painter.drawLine(QPointF(x, 0), QPointF(x, self._plot_height() * self.devicePixelRatioF()))

    @staticmethod
    def _shifts(since: int, newest: int, width: int) -> set[int]:
        """Return what to take off a column's number to get its place, once or twice where the ring wraps."""
        return {since // width * width, newest // width * width}

    def _n_chans(self) -> int:
        return len(self._ring.ch_names) if self._ring is not None else 0

    def _n_rows(self) -> int:
        return max(1, min(self._n_chans(), int(self._plot_height() / _LEAST_ROW_PX)))

    def _names_px(self) -> int:
        names = self._ring.ch_names if self._ring is not None else ()
        metrics = QFontMetricsF(self.theme.font("small", True))
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        return math.ceil(max(widest, self.theme.px(30))) + self.theme.px(6)

    def _plot_height(self) -> float:
        return max(1.0, self.height() - self.theme.px(18))

    def _choose_scale(self, ring: TraceRing) -> None:
        """Take the scale that fits the first seconds, unless a person has chosen one."""
        _, samples = ring.between(ring.newest - self.seconds, ring.newest)
        if len(samples) < _SCALE_AFTER * ring.sfreq:
            return
        wanted = _STEP_SDS * float(np.median(samples.std(axis=0)))
        self.scale_uv = next((scale for scale in SCALES_UV if scale >= wanted), SCALES_UV[-1])
        self._scale_chosen = True
        self._restart()

    def _make_image(self) -> None:
        ratio = self.devicePixelRatioF()
        width = max(16, int((self.width() - self._names_px()) * ratio))
        self._image = QImage(width, max(1, int(self._plot_height() * ratio)), QImage.Format.Format_RGB32)
        self._image.fill(self.theme.color("panel"))
        self._drawn = -1

    def _restart(self) -> None:
        self._image = QImage()
        self._drawn = -1
        self.update()


def decimate(times: Array, samples: Array, column: float) -> tuple[Array, Array, Array]:
    """Return x, lowest and highest value of each column of pixels that has samples.

    Where there are at most three samples a column they are returned as they are, at their exact place.

    Parameters
    ----------
    times
        Array of shape (n_times,), s, rising.
    samples
        Array of shape (n_times, n_chans).
    column
        Seconds of one column.

    Returns
    -------
    x : array of shape (n_points,), in columns
    low, high : arrays of shape (n_points, n_chans)
    """
    place = times / column
    numbers = np.floor(place)
    if len(times) < 2 or len(times) <= 3 * (numbers[-1] - numbers[0] + 1):
        return place, samples, samples
    starts = np.flatnonzero(np.diff(numbers, prepend=-np.inf))
    low = np.minimum.reduceat(samples, starts, axis=0)
    high = np.maximum.reduceat(samples, starts, axis=0)
    return numbers[starts] + 0.5, low, high


def _envelope(x: Array, upper: Array, lower: Array) -> QPolygonF:
    if upper is lower or np.shares_memory(upper, lower) or np.array_equal(upper, lower):
        return polygon(x, upper)
    points = np.empty((len(x), 2))
    points[0::2, 0], points[0::2, 1] = upper[0::2], lower[0::2]
    # Every second column from below: the line then goes on where it left off instead of jumping across.
    points[1::2, 0], points[1::2, 1] = lower[1::2], upper[1::2]
    return polygon(np.repeat(x, 2), points.ravel())
