"""The scale of quality: from a theme's palest shade to its strongest, equal steps looking equal."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QLinearGradient

from app.ui.oklab import blend
from app.ui.theme import Theme

_N_SHADES = 21


def shade(theme: Theme, score: float) -> str:
    """Return the colour of a score from 0 to 1."""
    return _shade(theme.shade_poor, theme.accent, round((_N_SHADES - 1) * score))


def scale(theme: Theme, box: QRectF) -> QLinearGradient:
    """Return the whole scale, from the left of a box to its right."""
    gradient = QLinearGradient(box.topLeft(), box.topRight())
    for k in range(_N_SHADES):
        gradient.setColorAt(k / (_N_SHADES - 1), QColor(_shade(theme.shade_poor, theme.accent, k)))
    return gradient


@lru_cache(maxsize=4 * _N_SHADES)
def _shade(poor: str, clean: str, step: int) -> str:
    return blend(poor, clean, step / (_N_SHADES - 1))
