"""The electrodes on the head, seen from above: how clean each is, which are bad and why, line noise and muscle."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QLinearGradient, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QToolTip

from app import texts
from app.head_map import RIM, places, project, spacing
from app.perceptual import blend, lightness
from app.widgets.canvas import Canvas
from core.data import Array, ChannelQuality, StreamInfo, Window

_REACH = 1.24
"""From the middle of the head to the edge of the map, nose and ears included."""
_N_SHADES = 21
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ElectrodeMap(Canvas):
    """A head with its electrodes; full colour is clean, pale is noisy, and a crossed ring is bad."""

    def __init__(self) -> None:
        super().__init__(texts.ELECTRODES)
        self._names: tuple[str, ...] = ()
        self._points: Array = np.zeros((0, 2))
        self._bad: dict[str, str] = {}
        self._quality: ChannelQuality | None = None
        self._lost = False

    def show_stream(self, info: StreamInfo) -> None:
        """Show the electrodes of another stream."""
        self._names, self._points = info.ch_names, project(places(info))
        self._bad, self._quality, self._lost = {}, None, False
        self.update()

    def clear(self) -> None:
        """Show no electrodes."""
        self._names, self._points, self._bad, self._quality = (), np.zeros((0, 2)), {}, None
        self.update()

    def show_window(self, window: Window) -> None:
        """Take how clean the channels of the newest window are."""
        if window.ch_names != self._names:
            return
        self._bad, self._quality = dict(window.bad_channels), window.quality
        self.update()

    def show_lost(self, lost: bool) -> None:
        """Show that nothing is known of the electrodes while their stream is gone."""
        if lost != self._lost:
            self._lost = lost
            self.update()

    def note(self) -> str:
        """Return how many electrodes are good, in words."""
        if not self._names or self._quality is None or self._lost:
            return ""
        return texts.electrodes_note(len(self._names) - len(self._bad), len(self._names))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the head and the words beside it."""
        return QSize(self.theme.px(320), self.theme.px(210))

    def event(self, event: QEvent | None) -> bool:
        """Say what is known of the electrode under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the head, the electrodes, and the words."""
        painter = self.painter()
        head, words = self._boxes()
        self._paint_head(painter, head)
        placed = np.isfinite(self._points).all(axis=1)
        if not placed.any():
            text = texts.NO_PLACES if self._names else texts.NO_ELECTRODES
            self.write(painter, _shrunk(head, 0.3), text, "dim", "small")
        for k in sorted(np.flatnonzero(placed), key=lambda k: self._names[k] in self._bad):
            self._paint_electrode(painter, head, int(k))
        if self._names and not self._lost:
            self._paint_words(painter, words)

    def _boxes(self) -> tuple[QRectF, QRectF]:
        """Return the square of the head and the place for the words."""
        whole, gap = QRectF(self.rect()), self.theme.px(12)
        beside = min(whole.height(), whole.width() - gap - self.theme.px(112))
        foot = min(whole.height() * 0.4, self.theme.px(128))
        above = min(whole.width(), whole.height() - foot - gap)
        # Whichever leaves the head larger.
        if beside >= above:
            head = QRectF(0, (whole.height() - beside) / 2, beside, beside)
            return head, QRectF(head.right() + gap, 0, whole.width() - beside - gap, whole.height())
        head = QRectF((whole.width() - above) / 2, 0, above, above)
        return head, QRectF(0, head.bottom() + gap, whole.width(), whole.height() - above - gap)

    def _paint_head(self, painter: QPainter, box: QRectF) -> None:
        unit, middle = box.width() / 2 / _REACH, box.center()
        rim = RIM * unit
        painter.setPen(self.line("faint", 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        nose = QPainterPath(middle + QPointF(-0.13 * unit, -0.995 * rim))
        nose.quadTo(middle + QPointF(-0.04 * unit, -rim - 0.1 * unit), middle + QPointF(0, -rim - 0.13 * unit))
        nose.quadTo(middle + QPointF(0.04 * unit, -rim - 0.1 * unit), middle + QPointF(0.13 * unit, -0.995 * rim))
        painter.drawPath(nose)
        for side in (-1, 1):
            ear = QPainterPath(middle + QPointF(side * 0.985 * rim, -0.17 * unit))
            ear.cubicTo(
                middle + QPointF(side * (rim + 0.14 * unit), -0.22 * unit),
                middle + QPointF(side * (rim + 0.12 * unit), 0.2 * unit),
                middle + QPointF(side * 0.985 * rim, 0.17 * unit),
            )
            painter.drawPath(ear)
        painter.setBrush(self.theme.color("panel"))
        painter.drawEllipse(middle, rim, rim)

    def _place(self, box: QRectF, k: int) -> QPointF:
        unit = box.width() / 2 / _REACH
        # What lies below the rim, such as TP9, stays on the map.
        x, y = self._points[k] * min(1.0, 1.16 / max(1e-9, float(np.hypot(*self._points[k]))))
        return box.center() + QPointF(x * unit, -y * unit)

    def _radius(self, box: QRectF) -> float:
        placed = self._points[np.isfinite(self._points).all(axis=1)]
        room = 0.46 * spacing(placed) * box.width() / 2 / _REACH
        return min(max(room, 2.5), self.theme.px(13))

    def _paint_electrode(self, painter: QPainter, box: QRectF, k: int) -> None:
        name, radius, spot = self._names[k], self._radius(box), self._place(box, k)
        known = self._quality is not None and not self._lost
        if known and name in self._bad:
            self._paint_bad(painter, spot, radius, name)
            return
        color = self._shade(k) if known else self.theme.raised
        painter.setPen(self.line("faint" if not known else "accent", 1, 0.9))
        painter.setBrush(QColor(color))
        painter.drawEllipse(spot, radius, radius)
        if radius >= self.theme.px(10):
            self.write(painter, _around(spot, 2 * radius), name, self._ink(color) if known else "dim")

    def _ink(self, color: str) -> str:
        """Return what can be read on a shade: one ink for its paler half, one for its stronger half."""
        middle = (lightness(self.theme.shade_poor) + lightness(self.theme.accent)) / 2
        strong = (lightness(color) < middle) == (self.theme.name == "light")
        return "on_accent" if strong else "text"

    def _paint_bad(self, painter: QPainter, spot: QPointF, radius: float, name: str) -> None:
        size = max(radius, self.theme.px(5))
        painter.setPen(self.line("bad", 2))
        painter.setBrush(self.theme.color("panel"))
        painter.drawEllipse(spot, size, size)
        if radius >= self.theme.px(10):
            self.write(painter, _around(spot, 2 * radius), name, "bad", "small", bold=True)
            return
        cross = 0.5 * size
        painter.drawLine(spot + QPointF(-cross, -cross), spot + QPointF(cross, cross))
        painter.drawLine(spot + QPointF(-cross, cross), spot + QPointF(cross, -cross))

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        row = float(self.theme.px(19))
        top = box.top()
        if self._quality is None:
            self.write(painter, QRectF(box.left(), top, box.width(), 3 * row), texts.JUDGING, align=_LEFT)
            return
        for text, levels in ((texts.LINE_NOISE, self._quality.line), (texts.MUSCLE, self._quality.muscle)):
            self._paint_meter(painter, QRectF(box.left(), top, box.width(), 1.5 * row), text, levels)
            top += 1.75 * row
        foot = box.bottom() - 1.6 * row
        room = int((foot - top) / row)
        bad = [(name, texts.short_reason(why)) for name, why in self._bad.items()]
        if len(bad) > room:
            bad = [*bad[: max(0, room - 1)], (texts.and_others(len(bad) - max(0, room - 1)), "")]
        name_px = self.theme.px(36)
        for k, (name, why) in enumerate(bad[: max(0, room)]):
            line = QRectF(box.left(), top + k * row, box.width(), row)
            wide = line.width() if not why else name_px
            self.write(painter, QRectF(line.left(), line.top(), wide, row), name, "bad", "small", _LEFT, True)
            self.write(painter, line.adjusted(name_px, 0, 0, 0), why, "text", "small", _LEFT)
        self._paint_legend(painter, QRectF(box.left(), box.bottom() - row, box.width(), row))

    def _paint_meter(self, painter: QPainter, box: QRectF, text: str, levels: Array) -> None:
        """Paint how loud a disturbance is: the bar is its level at the electrode that only one in ten is above."""
        level = float(np.quantile(levels, 0.9)) if len(levels) else 0.0
        half = box.height() * 0.62
        words = QRectF(box.left(), box.top(), box.width(), half)
        self.write(painter, words, text, "text", "small", _LEFT)
        self.write(painter, words, texts.loudness(level), "dim", "small", _RIGHT)
        y, width = box.top() + half + self.theme.px(4), self.theme.px(4)
        left, right = QPointF(box.left() + 2, y), QPointF(box.right() - 2, y)
        painter.setPen(self.line("raised", width / self.theme.scale))
        painter.drawLine(left, right)
        if level > 0.01:
            painter.setPen(
                self.line("bad" if level >= 1 else "warn" if level >= 0.7 else "dim", width / self.theme.scale)
            )
            painter.drawLine(left, left + (right - left) * level)

    def _paint_legend(self, painter: QPainter, box: QRectF) -> None:
        poor, clean = texts.POOR, texts.CLEAN
        text_px = self.theme.px(34)
        self.write(painter, QRectF(box.left(), box.top(), text_px, box.height()), poor, align=_LEFT)
        self.write(painter, QRectF(box.right() - text_px, box.top(), text_px, box.height()), clean, align=_RIGHT)
        bar = QRectF(box.left() + text_px, box.center().y() - self.theme.px(3), 0, self.theme.px(6))
        bar.setWidth(box.width() - 2 * text_px)
        shades = QLinearGradient(bar.topLeft(), bar.topRight())
        for k in range(_N_SHADES):
            shades.setColorAt(k / (_N_SHADES - 1), QColor(_shade(self.theme.shade_poor, self.theme.accent, k)))
        painter.setPen(self.line("edge"))
        painter.setBrush(shades)
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)

    def _shade(self, k: int) -> str:
        assert self._quality is not None
        score = float(self._quality.score[k])
        return _shade(self.theme.shade_poor, self.theme.accent, round((_N_SHADES - 1) * (score if score > 0 else 0.0)))

    def _told_at(self, spot: QPointF) -> str:
        """Return what is known of the electrode at a place, ``""`` if there is none."""
        head, _ = self._boxes()
        reach = max(self._radius(head), self.theme.px(8))
        for k in np.flatnonzero(np.isfinite(self._points).all(axis=1)):
            away = self._place(head, int(k)) - spot
            if math.hypot(away.x(), away.y()) <= reach:
                why = self._bad.get(self._names[k], "")
                score = float(self._quality.score[k]) if self._quality is not None else math.nan
                return texts.electrode_tip(self._names[k], why, score)
        return ""


@lru_cache(maxsize=4 * _N_SHADES)
def _shade(poor: str, clean: str, step: int) -> str:
    return blend(poor, clean, step / (_N_SHADES - 1))


def _around(spot: QPointF, side: float) -> QRectF:
    wide = 2 * side
    return QRectF(spot.x() - wide / 2, spot.y() - side / 2, wide, side)


def _shrunk(box: QRectF, share: float) -> QRectF:
    dx, dy = box.width() * share / 2, box.height() * share / 2
    return box.adjusted(dx, dy, -dx, -dy)
