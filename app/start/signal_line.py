"""The last seconds of one channel, small."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPaintEvent

from app.ui.canvas import Canvas, polygon
from core.data import Array


class SignalLine(Canvas):
    """A line of the signal about its own middle."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._samples: Array = np.empty(0)
        self._reach = 1.0

    def show_signal(self, samples: Array, reach: float) -> None:
        """Show samples, array of shape (n_times,), with `reach` from the middle to the edge."""
        self._samples, self._reach = samples, reach
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a line's room."""
        return QSize(self.theme.px(240), self.theme.px(28))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the line."""
        painter, samples = self.painter(), self._samples
        painter.setPen(self.line("edge"))
        middle = self.height() / 2
        painter.drawLine(0, round(middle), self.width(), round(middle))
        if len(samples) < 2 or not self._reach > 0:
            return
        x = np.linspace(0.0, self.width(), len(samples))
        y = middle - np.clip(samples / self._reach, -1, 1) * (middle - 1)
        painter.setPen(self.line("trace"))
        painter.drawPolyline(polygon(x, y))
