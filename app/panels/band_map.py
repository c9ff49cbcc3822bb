"""The power of one band at each electrode, on the head seen from above."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPaintEvent

from app import texts
from app.ui.canvas import Canvas
from app.ui.head_map import project
from app.ui.head_outline import REACH, paint_head
from app.ui.quality_shades import shade
from core.data import Array

_LEAST_DB = 3.0
"""Electrodes that differ by less look alike: a map of nearly nothing would look like a map of something."""


class BandMap(Canvas):
    """Electrodes from pale, the least power, to strong, the most; a ring where it is not known.

    Parameters
    ----------
    name
        The band's.
    band
        Hz, from and below.
    """

    def __init__(self, name: str, band: tuple[float, float]) -> None:
        super().__init__(texts.band_title(name, band), "panel")
        self._title = texts.band_title(name, band)
        self._names: tuple[str, ...] = ()
        self._points: Array = np.zeros((0, 2))
        self._power: Array = np.zeros(0)

    def show_power(self, names: tuple[str, ...], positions: Array, power: Array) -> None:
        """Take the power at each electrode, shape (n_chans,), µV²."""
        if names != self._names:
            self._names, self._points = names, project(positions)
        self._power = power
        self.update()

    @property
    def words(self) -> str:
        """What the map says in words: the most and the least, and where."""
        known = np.flatnonzero(np.isfinite(self._power))
        if not len(known):
            return ""
        most, least = (known[how(self._power[known])] for how in (np.argmax, np.argmin))
        named = [(self._names[k], float(self._power[k])) for k in (most, least)]
        return texts.band_words(*named)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for a small head and two lines."""
        return QSize(self.theme.px(150), self.theme.px(190))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint title, head, electrodes and words."""
        painter = self.painter()
        row = self.theme.px(18)
        whole = QRectF(self.rect())
        self.write(painter, QRectF(0, 0, whole.width(), row), self._title, "text", bold=True)
        side = min(whole.width(), whole.height() - 3 * row)
        head = QRectF((whole.width() - side) / 2, row, side, side)
        paint_head(self, painter, head)
        unit = side / 2 / REACH
        level = self._levels()
        radius = max(min(0.09 * unit, self.theme.px(8)), 2.5) if len(self._names) > 12 else 0.12 * unit
        for (x, y), score in zip(self._points, level, strict=False):
            if not np.isfinite(x + y):
                continue
            painter.setPen(self.line("faint", 1))
            known = np.isfinite(score)
            painter.setBrush(QColor(shade(self.theme, float(score))) if known else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(head.center() + QPointF(x * unit, -y * unit), radius, radius)
        self.write(painter, QRectF(0, head.bottom(), whole.width(), 2 * row), self.words or texts.NO_POWER)
        painter.end()

    def _levels(self) -> Array:
        """Return each electrode's place from the least power, 0, to the most, 1, on a scale of dB."""
        with np.errstate(divide="ignore", invalid="ignore"):
            level = 10 * np.log10(self._power)
        level[~np.isfinite(level)] = np.nan
        if np.isnan(level).all():
            return level
        low, high = np.nanmin(level), np.nanmax(level)
        return np.asarray((level - low) / max(high - low, _LEAST_DB))
