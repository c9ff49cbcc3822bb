"""What stands round the traces: names at the left, why a channel is bad beside its trace, seconds below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from app import texts
from app.widgets.canvas import Canvas

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NAME_PX = 12
"""Least height from one name to the next."""


def names_width(canvas: Canvas, names: Sequence[str]) -> int:
    """Return the width of the margin that the names need."""
    metrics = QFontMetricsF(canvas.theme.font("small", True))
    widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
    return math.ceil(max(widest, canvas.theme.px(30))) + canvas.theme.px(8)


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
    metrics = QFontMetricsF(theme.font("small"))
    written: list[float] = []
    # The bad ones first: where not all names fit, it is the good ones that stay out.
    for k, name in sorted(enumerate(names), key=lambda item: item[1] not in bad):
        middle = max(plot.top() + (k + 0.5) * row, float(half))
        if any(abs(middle - other) < theme.px(_NAME_PX) for other in written):
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


def paint_ago(canvas: Canvas, painter: QPainter, plot: QRectF, seconds: float) -> None:
    """Write below the plot how long ago what is above it was."""
    half = canvas.theme.px(26)
    for back in range(0, int(seconds) + 1, 1 if seconds <= 10 else 5):
        x = plot.left() + plot.width() * (1 - back / seconds)
        if x - half < plot.left() - half and back:
            continue
        box = QRectF(min(x - half, plot.right() - 2 * half), plot.bottom(), 2 * half, canvas.theme.px(18))
        side = Qt.AlignmentFlag.AlignRight if back == 0 else Qt.AlignmentFlag.AlignHCenter
        canvas.write(painter, box, texts.ago(back), align=side | Qt.AlignmentFlag.AlignVCenter)


def paint_cursor(canvas: Canvas, painter: QPainter, plot: QRectF, cursor: float) -> None:
    """Mark where a sweep is: a clear strip ahead of a line, with ``now`` below it."""
    x = plot.left() + cursor * plot.width()
    gap = min(float(canvas.theme.px(14)), plot.right() - x)
    painter.fillRect(QRectF(x + 1, plot.top(), gap, plot.height()), canvas.theme.color("panel"))
    painter.setPen(canvas.line("accent", 1.5))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    half = canvas.theme.px(26)
    left = min(max(x - half, plot.left() - half), plot.right() - 2 * half)
    canvas.write(painter, QRectF(left, plot.bottom(), 2 * half, canvas.theme.px(18)), texts.ago(0), "text")
