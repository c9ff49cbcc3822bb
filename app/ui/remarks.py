"""A line of remarks with dots between them, as many as there is room for."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF

_BETWEEN = " · "


def fitting(text: str, metrics: QFontMetricsF, width: float) -> str:
    """Return what there is room for: the last remarks are left out first, and one alone is cut."""
    remarks = text.split(_BETWEEN)
    while len(remarks) > 1 and metrics.horizontalAdvance(_BETWEEN.join(remarks)) > width:
        remarks.pop()
    return metrics.elidedText(_BETWEEN.join(remarks), Qt.TextElideMode.ElideRight, width)
