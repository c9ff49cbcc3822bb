"""The traces as pixels: channels one above the other, drawn into a strip as their samples come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.timeline.decimation import pieces, polylines
from app.timeline.strip import LEAD, Strip
from app.timeline.time_axis import TimeAxis
from app.timeline.trace_extent import TraceExtent
from app.timeline.trace_ring import TraceRing
from core.data import Array

_REACH_ROWS = 1.0
"""A trace stays within so many rows of its own: a blink may cross its neighbours, a loose electrode not the page."""


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
    """Some channels over the seconds of an axis.

    Parameters
    ----------
    axis
        The time axis.
    height_px
        Height in pixels of the screen itself.
    extent
        Which channels, and how large, as it is now.
    style
        Colours and pens.
    """

    def __init__(self, axis: TimeAxis, height_px: int, extent: TraceExtent, style: Style) -> None:
        self.strip = Strip(axis, height_px, style.ground, style.grid)
        self._column = axis.column
        self._rows = slice(extent.first, extent.last)
        row = self.strip.height / extent.n_rows
        self._middles = (np.arange(extent.n_rows) + 0.5) * row
        self._reach = _REACH_ROWS * row
        self._pixels = row / extent.scale_uv
        self._style = style

    def draw(self, ring: TraceRing, shrink: Array) -> bool:
        """Draw what is new; return whether there was anything.

        Parameters
        ----------
        ring
            The samples.
        shrink
            Array of shape (n_chans,): how much smaller than the others each channel is drawn, 1 for as large.
        """
        due = self.strip.due()
        if not due:
            return False
        lines = self._lines(ring, due, self.strip.base(due), shrink[self._rows])

        def paint(painter: QPainter) -> None:
            painter.setPen(self._style.trace)
            painter.translate(0, -(self._style.n_strokes - 1) / 2)
            for _ in range(self._style.n_strokes):
                for line in lines:
                    painter.drawPolyline(line)
                painter.translate(0, 1)

        self.strip.draw(due, paint)
        return True

    def _lines(self, ring: TraceRing, due: range, base: int, shrink: Array) -> list[QPolygonF]:
        x, low, high = ring.extremes((due.start - LEAD) * self._column, due.stop * self._column, self._column)

        def heights(samples: Array) -> Array:
            up = samples[:, self._rows] * (shrink * self._pixels)
            return np.asarray(self._middles - np.clip(up, -self._reach, self._reach))

        below = heights(low)
        above = below if low is high else heights(high)
        found: list[QPolygonF] = []
        for run in pieces(x, self._column):
            lower = below[run]
            found += polylines(x[run] - base, lower, lower if above is below else above[run])
        return found
