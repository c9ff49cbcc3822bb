"""The words beside the electrode map: line noise and muscle, the bad electrodes, the scale of quality."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from app import texts
from app.ui.canvas import Canvas
from app.ui.quality_shades import scale
from core.data import Array, ChannelQuality

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint(
    canvas: Canvas, painter: QPainter, box: QRectF, bad: Mapping[str, str], quality: ChannelQuality | None
) -> None:
    """Write how loud the disturbances are and which electrodes are bad, and show the scale of quality."""
    row = float(canvas.theme.px(19))
    top = box.top()
    if quality is None:
        canvas.write(painter, QRectF(box.left(), top, box.width(), 3 * row), texts.JUDGING, align=_LEFT)
        return
    for text, levels in ((texts.LINE_NOISE, quality.line), (texts.MUSCLE, quality.muscle)):
        _paint_meter(canvas, painter, QRectF(box.left(), top, box.width(), 1.5 * row), text, levels)
        top += 1.75 * row
    foot = box.bottom() - 1.6 * row
    room = int((foot - top) / row)
    name_px = canvas.theme.px(36)
    listed = [(name, _fitting(canvas, why, box.width() - name_px)) for name, why in bad.items()]
    if len(listed) > room == 1:
        listed = [(_named(canvas, list(bad), box.width()), "")]
    elif len(listed) > room:
        listed = [*listed[: max(0, room - 1)], (texts.and_others(len(listed) - max(0, room - 1)), "")]
    for k, (name, why) in enumerate(listed[: max(0, room)]):
        line = QRectF(box.left(), top + k * row, box.width(), row)
        wide = line.width() if not why else name_px
        canvas.write(painter, QRectF(line.left(), line.top(), wide, row), name, "bad", "small", _LEFT, True)
        canvas.write(painter, line.adjusted(name_px, 0, 0, 0), why, "text", "small", _LEFT)
    _paint_legend(canvas, painter, QRectF(box.left(), box.bottom() - row, box.width(), row))


def _named(canvas: Canvas, names: list[str], width: float) -> str:
    """Return as many names as there is room for on one line, and how many more there are."""
    metrics, shown = QFontMetricsF(canvas.theme.font("small", True)), len(names)
    line = ", ".join(names)
    while shown > 1 and metrics.horizontalAdvance(line) > width:
        shown -= 1
        line = f"{', '.join(names[:shown])} {texts.and_others(len(names) - shown)}"
    return line


def _fitting(canvas: Canvas, why: str, width: float) -> str:
    """Return why an electrode is bad in as many words as there is room for."""
    whole = texts.short_reason(why)
    fits = QFontMetricsF(canvas.theme.font("small")).horizontalAdvance(whole) <= width
    return whole if fits else texts.shortest_reason(why)


def _paint_meter(canvas: Canvas, painter: QPainter, box: QRectF, text: str, levels: Array) -> None:
    """Paint how loud a disturbance is: the bar is its level at the electrode that only one in ten is above."""
    level = float(np.quantile(levels, 0.9)) if len(levels) else 0.0
    half = box.height() * 0.62
    words = QRectF(box.left(), box.top(), box.width(), half)
    canvas.write(painter, words, text, "text", "small", _LEFT)
    canvas.write(painter, words, texts.loudness(level), "dim", "small", _RIGHT)
    y, width = box.top() + half + canvas.theme.px(4), canvas.theme.px(4)
    left, right = QPointF(box.left() + 2, y), QPointF(box.right() - 2, y)
    painter.setPen(canvas.line("raised", width / canvas.theme.scale))
    painter.drawLine(left, right)
    if level > 0.01:
        color = "bad" if level >= 1 else "warn" if level >= texts.LOUD else "dim"
        painter.setPen(canvas.line(color, width / canvas.theme.scale))
        painter.drawLine(left, left + (right - left) * level)


def _paint_legend(canvas: Canvas, painter: QPainter, box: QRectF) -> None:
    poor, clean = texts.POOR, texts.CLEAN
    text_px = canvas.theme.px(34)
    canvas.write(painter, QRectF(box.left(), box.top(), text_px, box.height()), poor, align=_LEFT)
    canvas.write(painter, QRectF(box.right() - text_px, box.top(), text_px, box.height()), clean, align=_RIGHT)
    bar = QRectF(box.left() + text_px, box.center().y() - canvas.theme.px(3), 0, canvas.theme.px(6))
    bar.setWidth(box.width() - 2 * text_px)
    painter.setPen(canvas.line("edge"))
    painter.setBrush(scale(canvas.theme, bar))
    painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
