"""EEG traces of up to 128 channels: scrolling or sweeping, with names, and bad ones dimmed with the reason.

Samples come in with `Traces.push` whenever the bridge brings some; a timer of its own draws what has come since. How
long a sample waits for the screen is told with each frame (`Traces.painted`).
"""

from __future__ import annotations

import math
import time

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent

from app import texts
from app.theme import Theme
from app.widgets import trace_margin
from app.widgets.canvas import Canvas
from app.widgets.trace_extent import TraceExtent
from app.widgets.trace_picture import Style, TracePicture
from app.widgets.trace_ring import TraceRing
from core.data import Chunk, StreamInfo

FRAME_MS = 16
_SHARE = 3
"""Drawing takes at most one part in so many of the window's time: a slow machine draws less often."""
_SCALE_AFTER = 2.0
"""Seconds of data from which the scale is found."""
_STEP_SDS = 3.0
"""Typical deviations that fit between two traces; peaks may cross into the neighbours, as on paper."""
_LEAST_ROW_PX = 4
"""Under this height nothing can be seen of a channel any more; the others are a key away."""


class Traces(Canvas):
    """The traces of one stream."""

    painted = pyqtSignal(float, float)
    """A frame with new samples is painted: stamp of the newest, and seconds that the oldest waited since `push`."""

    def __init__(self) -> None:
        super().__init__(texts.TRACES)
        self.extent = TraceExtent()
        self.sweeping = False
        self._ring: TraceRing | None = None
        self._key = ""
        self._bad: dict[str, str] = {}
        self._front = -math.inf
        self._lost = False
        self._came = math.nan
        self._picture: TracePicture | None = None
        self._names_px = 0
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
        self._key, self._ring, self._bad = info.key, TraceRing(info), {}
        self._front, self._lost = -math.inf, False
        self.extent.begin(len(info.picks))
        self._restart()

    def clear(self) -> None:
        """Show no stream."""
        self._key, self._ring = "", None
        self._restart()

    def push(self, chunk: Chunk) -> None:
        """Take a chunk of the stream that is shown; it is drawn with the next frame."""
        if self._ring is None or chunk.stream != self._key:
            return
        if math.isnan(self._came):
            self._came = time.perf_counter()
        if not self._ring.push(chunk):
            self._front = -math.inf
            self._restart()

    def show_bad(self, bad: tuple[tuple[str, str], ...]) -> None:
        """Dim these channels, given as (name, reason)."""
        if dict(bad) != self._bad:
            self._bad = dict(bad)
            self.update()

    def advance(self, stop: float) -> None:
        """Move on to this time even if the stream gives nothing; what is missing stays blank."""
        self._front = stop

    def show_lost(self, lost: bool) -> None:
        """Say over the traces that their stream is gone, or no longer."""
        if lost != self._lost:
            self._lost = lost
            self.update()

    def zoom(self, steps: int) -> None:
        """Draw larger (positive) or smaller."""
        self.extent.zoom(steps)
        self._restart()

    def stretch(self, steps: int) -> None:
        """Show more seconds (positive) or fewer."""
        self.extent.stretch(steps)
        self._restart()

    def crowd(self, steps: int) -> None:
        """Show more channels at once (positive) or fewer."""
        self.extent.crowd(steps)
        self._restart()

    def scroll_channels(self, steps: int) -> None:
        """Move to later (positive) or earlier channels where not all fit."""
        self.extent.scroll(steps)
        self._restart()

    def sweep(self) -> None:
        """Sweep instead of scrolling, or the other way round."""
        self.sweeping = not self.sweeping
        self.update()

    def note(self) -> str:
        """Return how the traces are drawn, in words."""
        if self._ring is None:
            return ""
        e = self.extent
        return texts.trace_note(e.seconds, e.scale_uv, e.first, e.last, e.n_chans)

    def wear(self, theme: Theme) -> None:
        """Take the theme and draw all anew."""
        super().wear(theme)
        self._restart()

    def draw_new(self) -> None:
        """Draw the columns that have come in since the last frame."""
        ring = self._ring
        if ring is None or not math.isfinite(ring.newest) or not self.isVisible():
            return
        begun = time.perf_counter()
        if not self.extent.chosen:
            self._choose_scale(ring)
        if self._picture is None:
            self._picture = self._make_picture(ring)
        if self._picture.draw(ring, max(ring.newest, self._front)):
            self.update()
        self._timer.setInterval(max(FRAME_MS, int(1000 * _SHARE * (time.perf_counter() - begun))))

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
        """Paint the picture, and names and seconds round it."""
        if self._picture is None:
            self.draw_new()
        painter = self.painter()
        ring, picture = self._ring, self._picture
        if ring is None or picture is None or picture.empty:
            self.write(painter, QRectF(self.rect()), texts.NO_EEG, "dim", "normal")
            return
        plot = self._plot()
        names = ring.ch_names[self.extent.first : self.extent.last]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self.sweeping:
            picture.paint_sweeping(painter, plot)
        else:
            picture.paint_scrolling(painter, plot)
        trace_margin.dim_rows(self, painter, plot, names, self._bad)
        if self.sweeping:
            trace_margin.paint_cursor(self, painter, plot, picture.cursor)
        else:
            trace_margin.paint_ago(self, painter, plot, self.extent.seconds)
        trace_margin.paint_names(self, painter, plot, names, self._bad)
        if self._lost:
            self._paint_lost(painter, plot)
        if math.isfinite(self._came):
            waited, self._came = time.perf_counter() - self._came, math.nan
            self.painted.emit(ring.newest, waited)

    def _paint_lost(self, painter: QPainter, plot: QRectF) -> None:
        painter.fillRect(plot, self.theme.color("panel", 0.6))
        row = self.theme.px(18)
        box = QRectF(0, 0, self.theme.px(330), 4.2 * row)
        box.moveCenter(QPointF(plot.center()))
        painter.setPen(self.line("bad", 1.5))
        painter.setBrush(self.theme.color("panel"))
        painter.drawRoundedRect(box, self.theme.px(6), self.theme.px(6))
        title = QRectF(box.left(), box.top() + 0.5 * row, box.width(), 1.2 * row)
        self.write(painter, title, texts.EEG_LOST, "text", "normal", bold=True)
        self.write(painter, QRectF(box.left(), title.bottom(), box.width(), 2 * row), texts.EEG_LOST_REMEDY, "text")

    def _plot(self) -> QRectF:
        if not self._names_px:
            self._names_px = trace_margin.names_width(self, self._ring.ch_names if self._ring is not None else ())
        left, foot = self._names_px, self.theme.px(18)
        return QRectF(left, 0, max(1, self.width() - left), max(1, self.height() - foot))

    def _choose_scale(self, ring: TraceRing) -> None:
        """Take the scale that fits the first seconds, unless a person has chosen one."""
        _, samples = ring.between(ring.newest - self.extent.seconds, ring.newest)
        if len(samples) >= _SCALE_AFTER * ring.sfreq:
            self.extent.suit(_STEP_SDS * float(np.median(samples.std(axis=0))))
            self._restart()

    def _make_picture(self, ring: TraceRing) -> TracePicture:
        plot, ratio = self._plot(), self.devicePixelRatioF()
        self.extent.fit(len(ring.ch_names), int(plot.height() / _LEAST_ROW_PX))
        pen, n_strokes = self.line("trace", 1 / self.theme.scale, 0.9), max(1, round(ratio * self.theme.scale))
        style = Style(self.theme.color("panel"), self.line("edge"), pen, n_strokes)
        return TracePicture(int(plot.width() * ratio), int(plot.height() * ratio), self.extent, style)

    def _restart(self) -> None:
        self._picture, self._names_px = None, 0
        self.update()
