"""What stands round the traces: names at the left, and why a channel is bad beside its trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from app import texts
from app.widgets.canvas import Canvas

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NAME_PX = 12
"""Least height from one name to the next."""


def dim_rows(canvas: Canvas, painter: QPainter, plot: QRectF, names: Sequence[str], bad: Mapping[str, str]) -> None:
    """Lay a veil over the rows of the bad channels."""
    row = plot.height() / max(1, len(names))
    for k, name in enumerate(names):
        if name in bad:
            box = QRectF(plot.left(), plot.top() + k * row, plot.width(), row)
            painter.fillRect(box, canvas.theme.color("panel", 0.7))


def paint_names(canvas: Canvas, painter: QPainter, plot: QRectF, names: Sequence[str], bad: Mapping[str, str]) -> None:
    """Write each channel's name beside its trace, and why it is bad into the plot."""
    theme = canvas.theme
    row, half = plot.height() / max(1, len(names)), theme.px(8)
    metrics, least = QFontMetricsF(theme.font("small")), theme.px(_NAME_PX)
    written: list[float] = []
    # The bad ones first: where not all names fit, it is the good ones that stay out.
    for k, name in sorted(enumerate(names), key=lambda item: item[1] not in bad):
        middle = max(plot.top() + (k + 0.5) * row, float(half))
        if any(abs(middle - other) < least for other in written):
            continue
        written.append(middle)
        why = bad.get(name)
        box = QRectF(0, middle - half, plot.left() - theme.px(7), 2 * half)
        canvas.write(painter, box, name, "bad" if why else "text", align=_RIGHT, bold=bool(why))
        if why:
            reason = texts.reason(why)
            tag = QRectF(plot.left() + theme.px(4), middle - half, metrics.horizontalAdvance(reason) + half, 2 * half)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("panel", 0.9))
            painter.drawRoundedRect(tag, theme.px(3), theme.px(3))
            canvas.write(painter, tag.adjusted(theme.px(4), 0, 0, 0), reason, "text", align=_LEFT)
