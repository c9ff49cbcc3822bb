"""What stands round the traces: names at the left, and why a channel is bad beside its trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from app import texts
from app.ui.canvas import Canvas

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
    """Write each channel's name beside its trace; where not all fit, it is the good ones that stay out."""
    half, wide = canvas.theme.px(8), plot.left() - canvas.theme.px(7)
    order = [k for k, name in enumerate(names) if name in bad] + [k for k, name in enumerate(names) if name not in bad]
    for k, middle in _spaced(canvas, plot, order, len(names)):
        box, is_bad = QRectF(0, middle - half, wide, 2 * half), names[k] in bad
        canvas.write(painter, box, names[k], "bad" if is_bad else "text", align=_RIGHT, bold=is_bad)


def paint_reasons(
    canvas: Canvas,
    painter: QPainter,
    plot: QRectF,
    names: Sequence[str],
    bad: Mapping[str, str],
    shrink: Mapping[str, float],
) -> None:
    """Write into the plot why a channel is bad and how much smaller it is drawn, wherever its name is written."""
    theme, half = canvas.theme, canvas.theme.px(8)
    metrics = QFontMetricsF(theme.font("small"))
    for k, middle in _spaced(canvas, plot, [k for k, name in enumerate(names) if name in bad], len(names)):
        reason = texts.reason(bad[names[k]]) + texts.drawn_smaller(shrink.get(names[k], 1.0))
        tag = QRectF(plot.left() + theme.px(4), middle - half, metrics.horizontalAdvance(reason) + half, 2 * half)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("panel", 0.9))
        painter.drawRoundedRect(tag, theme.px(3), theme.px(3))
        canvas.write(painter, tag.adjusted(theme.px(4), 0, 0, 0), reason, "text", align=_LEFT)


def _spaced(canvas: Canvas, plot: QRectF, order: Sequence[int], n_rows: int) -> list[tuple[int, float]]:
    """Return which of the rows there is room to write beside, the first ones first, and the middle of each."""
    row, least, highest = plot.height() / max(1, n_rows), canvas.theme.px(_NAME_PX), float(canvas.theme.px(8))
    found: list[tuple[int, float]] = []
    for k in order:
        middle = max(plot.top() + (k + 0.5) * row, highest)
        if all(abs(middle - other) >= least for _, other in found):
            found.append((k, middle))
    return found
