"""EEG traces of up to 128 channels: scrolling or sweeping, with names, and bad ones dimmed with the reason.

Samples come in with `Traces.push` whenever the bridge brings some; the timer of the axis draws what has come since. How
long a sample waits for the screen is told with each frame (`Traces.painted`).
"""

from __future__ import annotations

import math
import time

import numpy as np
from PyQt6.QtCore import QRectF, QSize, pyqtSignal
from PyQt6.QtGui import QPaintEvent, QResizeEvent, QWheelEvent

from app import texts
from app.timeline import time_margin, trace_margin
from app.timeline.time_axis import TimeAxis
from app.timeline.time_marks import TimeMarks
from app.timeline.trace_extent import STEP_SDS, TraceExtent
from app.timeline.trace_picture import Style, TracePicture
from app.timeline.trace_ring import TraceRing
from app.ui.canvas import Canvas
from app.ui.theme import Theme
from core.data import Array, Chunk, StreamInfo

_SCALE_AFTER = 2.0
"""Seconds of data from which the scale is found."""
_SCALE_FROM = 10.0
"""Seconds before now that it is found from."""
_STEP_SWINGS = 2.2
"""The same for how far a trace swings within one column of pixels: over minutes that is all that is seen of it."""
_LEAST_ROW_PX = 4
"""Under this height nothing can be seen of a channel any more; the others are a key away."""


class Traces(Canvas):
    """The traces of one stream.

    Parameters
    ----------
    axis
        The time axis, which others may share; None for one of its own.
    marks
        What runs through all that share it.
    """

    painted = pyqtSignal(float, float)
    """A frame with new samples is painted: stamp of the newest, and seconds that the oldest waited since `push`."""

    def __init__(self, axis: TimeAxis | None = None, marks: TimeMarks | None = None) -> None:
        super().__init__(texts.TRACES, "panel")
        self.extent = TraceExtent()
        self.axis = axis or TimeAxis()
        self.marks = marks or TimeMarks(self.axis)
        self._ring: TraceRing | None = None
        self._key = ""
        self._bad: dict[str, str] = {}
        self._shrink: Array | None = None
        """How much smaller each channel is drawn, found for the bad ones when they turn bad; None to be found."""
        self._lost = False
        self._came = math.nan
        self._suited = 0.0
        """Seconds on the axis for which the scale was found; 0 for none."""
        self._picture: TracePicture | None = None
        self.axis.changed.connect(self._draw_and_show)

    @property
    def key(self) -> str:
        """The stream that is shown, ``""`` if none."""
        return self._key

    @property
    def ring(self) -> TraceRing | None:
        """The samples behind the picture, None before there is a stream."""
        return self._ring

    @property
    def near_uv(self) -> float:
        """µV from one trace to the next where a few seconds are drawn."""
        return self.extent.near_uv

    @property
    def bad(self) -> frozenset[str]:
        """Names of the channels that are dimmed."""
        return frozenset(self._bad)

    def show_stream(self, info: StreamInfo, ring: TraceRing | None = None) -> None:
        """Show another stream from now on; `ring` has what came of it before."""
        self._key, self._ring, self._bad = info.key, ring or TraceRing(info), {}
        self._shrink = None
        self._lost = False
        self.extent.begin(len(info.picks))
        if math.isfinite(self._ring.newest):
            self.axis.advance(self._ring.newest, leads=True)
        self._restart()

    def clear(self) -> None:
        """Show no stream."""
        self._key, self._ring = "", None
        self.axis.restart()
        self._restart()

    def push(self, chunk: Chunk) -> None:
        """Take a chunk of the stream that is shown; it is drawn with the next frame."""
        if self._ring is None or chunk.stream != self._key:
            return
        if math.isnan(self._came):
            self._came = time.perf_counter()
        if not self._ring.push(chunk):
            self.axis.restart()
            self._restart()
        if len(chunk.timestamps):
            first, last = chunk.times[[0, -1]].tolist()
            self.axis.begin(first)
            self.axis.advance(last, leads=True)
            if self._picture is not None:
                self._picture.strip.invalidate(first)

    def show_bad(self, bad: tuple[tuple[str, str], ...]) -> None:
        """Dim these channels, given as (name, reason)."""
        if dict(bad) != self._bad:
            if dict(bad).keys() != self._bad.keys():
                self._shrink = None
            self._bad = dict(bad)
            self.update()

    def show_lost(self, lost: bool) -> None:
        """Say over the traces that their stream is gone, or no longer."""
        if lost != self._lost:
            self._lost = lost
            self.update()

    def zoom(self, steps: int) -> None:
        """Draw larger (positive) or smaller."""
        self.extent.zoom(steps)
        self._shrink = None
        self._restart()

    def crowd(self, steps: int) -> None:
        """Show more channels at once (positive) or fewer."""
        self.extent.crowd(steps)
        self._restart()

    def scroll_channels(self, steps: int) -> None:
        """Move to later (positive) or earlier channels where not all fit."""
        self.extent.scroll(steps)
        self._restart()

    def note(self) -> str:
        """Return how the traces are drawn, in words."""
        if self._ring is None:
            return ""
        e = self.extent
        return texts.trace_note(e.scale_uv, e.first, e.last, e.n_chans)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme and draw all anew."""
        super().apply_theme(theme)
        self._restart()

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
        begun = time.perf_counter()
        if self._picture is None or not self._picture.strip.fits:
            self._draw()
        painter = self.painter()
        ring, picture, plot = self._ring, self._picture, self._plot()
        row = QRectF(plot.left(), plot.bottom(), plot.width(), self.height() - plot.bottom())
        time_margin.paint_ticks(self, painter, row, self.axis)
        if ring is None or picture is None:
            self.write(painter, QRectF(self.rect()), texts.NO_EEG, "dim", "normal")
            return
        names = ring.ch_names[self.extent.first : self.extent.last]
        picture.strip.paint(painter, plot)
        trace_margin.dim_rows(self, painter, plot, names, self._bad)
        time_margin.paint_cursor(self, painter, plot, self.axis)
        self.marks.paint(self, painter, plot)
        trace_margin.paint_reasons(self, painter, plot, names, self._bad, self._shrunk(ring))
        if time_margin.wants_names(event):
            trace_margin.paint_names(self, painter, plot, names, self._bad)
        if self._lost:
            self.paint_card(painter, plot, texts.EEG_LOST, texts.EEG_LOST_REMEDY)
        if math.isfinite(self._came):
            waited, self._came = time.perf_counter() - self._came, math.nan
            self.painted.emit(ring.newest, waited)
        self.axis.painted(time.perf_counter() - begun)

    def _plot(self) -> QRectF:
        return time_margin.plot(self, self.axis, self.theme.px(time_margin.FOOT_PX))

    def _draw_and_show(self) -> None:
        if self.isVisible():
            self._draw()
            time_margin.update(self, self.axis)

    def _draw(self) -> None:
        """Draw the columns that are due."""
        ring = self._ring
        if ring is None or math.isnan(ring.newest):
            return
        self._plot()  # tells the axis how wide it is
        if not self.extent.chosen and self._suited != self.axis.seconds:
            self._choose_scale(ring)
        if self._picture is None or not self._picture.strip.fits:
            self._picture = self._make_picture(ring)
            self.update()  # the names too: a frame leaves them as they stand, and there may have been none
        if self._shrink is None:
            self._shrink = self._find_shrink(ring)
        self._picture.draw(ring, self._shrink)

    def _shrunk(self, ring: TraceRing) -> dict[str, float]:
        return {} if self._shrink is None else dict(zip(ring.ch_names, self._shrink.tolist(), strict=True))

    def _find_shrink(self, ring: TraceRing) -> Array:
        """Return for each channel how much smaller it is drawn: a bad one so that it keeps to its own row."""
        _, samples = ring.between(ring.newest - _SCALE_FROM, math.inf)
        found = np.ones(len(ring.ch_names))
        for k in (k for k, name in enumerate(ring.ch_names) if name in self._bad and len(samples)):
            swing = float(np.quantile(np.abs(samples[:, k]), 0.95))
            found[k] = min(1.0, self.extent.scale_uv / 2 / max(swing, 1e-9))
        return found

    def _choose_scale(self, ring: TraceRing) -> None:
        """Take the scale that fits the newest seconds, anew whenever more or less of the time is shown."""
        _, samples = ring.between(ring.newest - _SCALE_FROM, ring.newest)
        if len(samples) < _SCALE_AFTER * ring.sfreq:
            return
        _, low, high = ring.extremes(ring.newest - _SCALE_FROM, ring.newest, self.axis.column)
        near = STEP_SDS * float(np.median(samples.std(axis=0)))
        self.extent.suit(max(near, _STEP_SWINGS * float(np.median(high - low))), near)
        self._shrink = None
        self._suited, self._picture = self.axis.seconds, None

    def _make_picture(self, ring: TraceRing) -> TracePicture:
        plot, ratio = self._plot(), self.devicePixelRatioF()
        self.extent.fit(len(ring.ch_names), int(plot.height() / _LEAST_ROW_PX))
        pen, n_strokes = self.line("trace", 1 / self.theme.scale, 0.9), max(1, round(ratio * self.theme.scale))
        style = Style(self.theme.color("panel"), self.line("edge"), pen, n_strokes)
        return TracePicture(self.axis, int(plot.height() * ratio), self.extent, style)

    def _restart(self) -> None:
        self._picture = None
        time_margin.fit_names(self, self.axis, self._ring.ch_names if self._ring is not None else ())
        self.update()
