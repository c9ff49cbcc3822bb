"""The EEG of a clip as a picture, drawn once however often the clip is played."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPixmap

from app import texts
from app.labelling.clips import Clip
from app.timeline.decimation import decimate, polylines
from app.ui.canvas import Canvas

NAMES_PX = 30
"""Room for the names at the left."""
_ROW_PX = 20
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NOTE_PX = 16
_ROOMY_PX = 160
"""From this height on there is room for a line that tells scale and channels."""


def draw(canvas: Canvas, size: QSize, clip: Clip, scale_uv: float) -> QPixmap:
    """Return the traces of a clip, with names, scale, and what is context paler than what is asked about.

    Parameters
    ----------
    canvas
        Where it will be painted.
    size
        How large.
    clip
        It has EEG.
    scale_uv
        µV from one trace to the next.
    """
    ratio = canvas.devicePixelRatioF()
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(canvas.theme.color("panel"))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plot = QRectF(QRect(QPoint(), size)).adjusted(canvas.theme.px(NAMES_PX), 0, 0, 0)
    note_px = canvas.theme.px(_NOTE_PX) if plot.height() > canvas.theme.px(_ROOMY_PX) else 0
    note = QRectF(plot.left(), 0.0, plot.width(), note_px)
    plot.setTop(note_px)
    n_chans = len(clip.ch_names)
    n_rows = min(n_chans, max(2, int(plot.height() / canvas.theme.px(_ROW_PX))))
    picks = np.unique(np.linspace(0, n_chans - 1, n_rows).round().astype(int))
    _draw_lines(canvas, painter, plot, clip, picks, scale_uv)
    _write_names(canvas, painter, plot, [clip.ch_names[pick] for pick in picks])
    _pale_context(canvas, painter, plot, clip)
    if note_px:
        _write_note(canvas, painter, note, [texts.clip_note(scale_uv, n, n_chans) for n in (len(picks), n_chans)])
    painter.end()
    return pixmap


def _draw_lines(
    canvas: Canvas, painter: QPainter, plot: QRectF, clip: Clip, picks: NDArray[np.intp], scale_uv: float
) -> None:
    assert clip.eeg is not None
    assert clip.eeg_times is not None
    ratio, row = canvas.devicePixelRatioF(), plot.height() / len(picks)
    column = (clip.stop - clip.start) / plot.width()
    x, low, high = decimate(clip.eeg_times - clip.start, clip.eeg[:, picks], column)
    middles = plot.top() + (np.arange(len(picks)) + 0.5) * row
    below = middles - np.clip(low * row / scale_uv, -row, row)
    above = below if low is high else middles - np.clip(high * row / scale_uv, -row, row)
    lines = polylines(plot.left() + x, below, above)
    # Lines wider than a pixel take Qt many times as long as several beside each other.
    painter.setPen(canvas.line("trace", 1 / (ratio * canvas.theme.scale), 0.8))
    for _ in range(max(1, round(ratio * canvas.theme.scale))):
        for line in lines:
            painter.drawPolyline(line)
        painter.translate(0, 1 / ratio)
    painter.resetTransform()


def _write_names(canvas: Canvas, painter: QPainter, plot: QRectF, names: Sequence[str]) -> None:
    px, row = canvas.theme.px, plot.height() / len(names)
    for k, name in enumerate(names):
        middle = plot.top() + (k + 0.5) * row
        canvas.write(painter, QRectF(0, middle - px(8), px(NAMES_PX - 5), px(16)), name, align=_RIGHT)


def _write_note(canvas: Canvas, painter: QPainter, row: QRectF, notes: Sequence[str]) -> None:
    """Write the first line that there is room for, on its own ground: peaks of the first trace reach into it."""
    metrics = QFontMetricsF(canvas.theme.font("small"))
    for text in notes:
        width = metrics.horizontalAdvance(text) + canvas.theme.px(6)
        if width <= row.width():
            ground = QRectF(row.right() - width, row.top(), width, row.height())
            painter.fillRect(ground, canvas.theme.color("panel", 0.85))
            canvas.write(painter, ground, text, align=_RIGHT)
            return


def _pale_context(canvas: Canvas, painter: QPainter, plot: QRectF, clip: Clip) -> None:
    per_s = plot.width() / (clip.stop - clip.start)
    for first, last in ((clip.start, clip.asked[0]), (clip.asked[1], clip.stop)) if clip.asked else ():
        context = QRectF(plot.left() + (first - clip.start) * per_s, plot.top(), (last - first) * per_s, plot.height())
        canvas.tint(painter, context, "panel", 0.6)
