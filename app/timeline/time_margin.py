"""What stands round whatever shares a time axis: the margin at the left, the ticks below, and now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from app import texts
from app.timeline.time_axis import TimeAxis
from app.ui.canvas import Canvas

FOOT_PX = 18
"""Height of the row of ticks."""
_LANE_NAMES_PX = 74
"""Width of the margin that the names of the lanes need."""


def fit_names(canvas: Canvas, axis: TimeAxis, names: Sequence[str]) -> None:
    """Make the margin as wide as these names need, and no narrower than the names of the lanes do."""
    metrics = QFontMetricsF(canvas.theme.font("small", True))
    widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
    axis.margin = max(math.ceil(widest) + canvas.theme.px(8), canvas.theme.px(_LANE_NAMES_PX))


def plot(canvas: Canvas, axis: TimeAxis, foot: int = 0) -> QRectF:
    """Return where the axis lies on a surface, and tell it how wide that is."""
    left = axis.margin or canvas.theme.px(_LANE_NAMES_PX)
    wide = max(16, canvas.width() - left)
    axis.fit(int(wide * canvas.devicePixelRatioF()), wide / canvas.theme.px(62))
    return QRectF(left, 0, wide, max(1, canvas.height() - foot))


def update(canvas: Canvas, axis: TimeAxis) -> None:
    """Have all painted again but the names at the left: they take as long as all the rest, and stay as they are."""
    canvas.update(axis.margin, 0, canvas.width() - axis.margin, canvas.height())


def wants_names(event: QPaintEvent | None) -> bool:
    """Return whether the names at the left are to be painted as well."""
    return event is None or event.rect().left() == 0


def paint_cursor(canvas: Canvas, painter: QPainter, box: QRectF, axis: TimeAxis) -> None:
    """Mark where a sweep is: a line, and a clear strip ahead of it."""
    if not axis.sweeping or axis.newest is None:
        return
    x = box.left() + axis.cursor * box.width()
    gap = min(float(canvas.theme.px(14)), box.right() - x)
    painter.fillRect(QRectF(x + 1, box.top(), gap, box.height()), canvas.theme.color("panel"))
    painter.setPen(canvas.line("accent", 1.5))
    painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))


def paint_ticks(canvas: Canvas, painter: QPainter, row: QRectF, axis: TimeAxis) -> None:
    """Write the times of the session below the axis, and where now is."""
    if axis.newest is None:
        return
    half = canvas.theme.px(26)
    now = row.left() + axis.cursor * row.width()
    left = min(max(now - half, row.left() - half), row.right() - 2 * half)
    side = Qt.AlignmentFlag.AlignHCenter if axis.sweeping else Qt.AlignmentFlag.AlignRight
    box = QRectF(left, row.top(), 2 * half, row.height())
    canvas.write(painter, box, texts.NOW, "text", align=side | Qt.AlignmentFlag.AlignVCenter)
    for second in axis.ticks(*axis.span):
        x = row.left() + axis.place(axis.zero + second) * row.width()
        if abs(x - now) < canvas.theme.px(38 if axis.sweeping else 44) or x > row.right() - half * 0.5:
            continue
        # Nothing is written left of the axis, where the names are; what stands still there is moved in.
        at_edge = x - half * 0.7 < row.left()
        if axis.sweeping or not at_edge:
            box = QRectF(row.left() if at_edge else x - half, row.top(), 2 * half, row.height())
            side = Qt.AlignmentFlag.AlignLeft if at_edge else Qt.AlignmentFlag.AlignHCenter
            canvas.write(painter, box, texts.clock(second), align=side | Qt.AlignmentFlag.AlignVCenter)
