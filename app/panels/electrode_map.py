"""The electrodes on the head, seen from above: how clean each is, which are bad and why, line noise and muscle."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent

from app import texts
from app.panels import electrode_words
from app.ui.canvas import Canvas
from app.ui.head_map import project, spacing
from app.ui.head_outline import REACH, paint_head
from app.ui.oklab import ink
from app.ui.plain import show_tip
from app.ui.quality_shades import shade
from core.data import Array, ChannelQuality, StreamInfo, Window
from core.montage import places

_FARTHEST = 1.17
"""Electrodes below the rim of the head, such as TP9, are drawn no further out than this."""


class ElectrodeMap(Canvas):
    """A head with its electrodes; full colour is clean, pale is noisy, and a crossed ring is bad.

    Parameters
    ----------
    with_words
        Whether what it shows is said beside it.
    """

    def __init__(self, with_words: bool = True) -> None:
        super().__init__(texts.ELECTRODES, "panel")
        self._with_words = with_words
        self._names: tuple[str, ...] = ()
        self._points: Array = np.zeros((0, 2))
        self._bad: dict[str, str] = {}
        self._quality: ChannelQuality | None = None
        self._lost = False

    def show_stream(self, info: StreamInfo) -> None:
        """Show the electrodes of another stream."""
        self._names, self._points = info.ch_names, _drawn_in(project(places(info)))
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

    @property
    def lost(self) -> bool:
        """Whether their stream is gone."""
        return self._lost

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
            show_tip(event.globalPos(), self._tooltip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the head, the electrodes, and the words."""
        painter = self.painter()
        head, words = self._boxes()
        paint_head(self, painter, head)
        placed = np.isfinite(self._points).all(axis=1)
        if not placed.any():
            text = texts.NO_PLACES if self._names else texts.NO_ELECTRODES
            self.write(painter, _shrunk(head, 0.3), text, "dim", "small")
        radius = self._radius(head)
        for k in sorted(np.flatnonzero(placed), key=lambda k: self._names[k] in self._bad):
            self._paint_electrode(painter, self._place(head, int(k)), radius, int(k))
        if self._with_words and self._names and not self._lost:
            electrode_words.paint(self, painter, words, self._bad, self._quality)

    def _boxes(self) -> tuple[QRectF, QRectF]:
        """Return the square of the head and the place for the words."""
        whole, gap = QRectF(self.rect()), self.theme.px(12)
        if not self._with_words:
            side = min(whole.width(), whole.height())
            head = QRectF(0, 0, side, side)
            head.moveCenter(whole.center())
            return head, QRectF()
        beside = min(whole.height(), whole.width() - gap - self.theme.px(112))
        foot = min(whole.height() * 0.4, self.theme.px(128))
        above = min(whole.width(), whole.height() - foot - gap)
        # Whichever leaves the head larger.
        if beside >= above:
            head = QRectF(0, (whole.height() - beside) / 2, beside, beside)
            return head, QRectF(head.right() + gap, 0, whole.width() - beside - gap, whole.height())
        head = QRectF((whole.width() - above) / 2, 0, above, above)
        return head, QRectF(0, head.bottom() + gap, whole.width(), whole.height() - above - gap)

    def _place(self, box: QRectF, k: int) -> QPointF:
        unit = box.width() / 2 / REACH
        x, y = self._points[k]
        return box.center() + QPointF(x * unit, -y * unit)

    def _radius(self, box: QRectF) -> float:
        placed = self._points[np.isfinite(self._points).all(axis=1)]
        room = 0.46 * spacing(placed) * box.width() / 2 / REACH
        return min(max(room, 2.5), self.theme.px(13))

    def _paint_electrode(self, painter: QPainter, spot: QPointF, radius: float, k: int) -> None:
        name = self._names[k]
        known = self._quality is not None and not self._lost
        if known and name in self._bad:
            self._paint_bad(painter, spot, radius, name)
            return
        color = self._shade(k) if known else self.theme.raised
        painter.setPen(self.line("faint" if not known else "accent", 1, 0.9))
        painter.setBrush(QColor(color))
        painter.drawEllipse(spot, radius, radius)
        if self._fits(radius):
            self._write_name(painter, spot, radius, name, QColor(ink(color)) if known else "dim")

    def _fits(self, radius: float) -> bool:
        """Return whether the electrodes' names can be written on them: on all or on none."""
        return QFontMetricsF(self.theme.font("small")).horizontalAdvance("FC5") <= self._room(radius)

    def _room(self, radius: float) -> float:
        return 2 * radius + self.theme.px(1)

    def _write_name(
        self, painter: QPainter, spot: QPointF, radius: float, name: str, color: str | QColor, bold: bool = False
    ) -> None:
        """Write a name on its electrode, a longer one in smaller letters."""
        font = self.theme.font("small", bold)
        wide = QFontMetricsF(font).horizontalAdvance(name)
        font.setPointSizeF(font.pointSizeF() * min(1.0, self._room(radius) / wide))
        painter.setFont(font)
        painter.setPen(self.theme.color(color) if isinstance(color, str) else color)
        painter.drawText(_around(spot, 4 * radius), Qt.AlignmentFlag.AlignCenter, name)

    def _paint_bad(self, painter: QPainter, spot: QPointF, radius: float, name: str) -> None:
        size = max(radius, self.theme.px(5))
        painter.setPen(self.line("bad", 2))
        painter.setBrush(self.theme.color("panel"))
        painter.drawEllipse(spot, size, size)
        if self._fits(radius):
            self._write_name(painter, spot, radius, name, "bad", bold=True)
            return
        cross = 0.5 * size
        painter.drawLine(spot + QPointF(-cross, -cross), spot + QPointF(cross, cross))
        painter.drawLine(spot + QPointF(-cross, cross), spot + QPointF(cross, -cross))
        if not self._with_words:
            return
        beside = self.name_box(spot, size, name)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("panel", 0.85))
        painter.drawRoundedRect(beside, self.theme.px(3), self.theme.px(3))
        self.write(painter, beside, name, "bad", "small", bold=True)

    def name_box(self, spot: QPointF, size: float, name: str) -> QRectF:
        """Return where the name of an electrode is written that it is too small for: on as few others as possible."""
        wide = QFontMetricsF(self.theme.font("small", True)).horizontalAdvance(name) + self.theme.px(4)
        head, whole = self._boxes()[0], QRectF(self.rect())
        high, reach = float(self.theme.px(16)), self._radius(head)
        up, aside = size + high / 2, size + wide / 2
        middles = [spot + QPointF(x, y) for x, y in ((0, up), (0, -up), (aside, 0), (-aside, 0))]
        boxes = [QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high) for middle in middles]
        others = [self._place(head, int(k)) for k in np.flatnonzero(np.isfinite(self._points).all(axis=1))]

        def hidden(box: QRectF) -> int:
            near = box.adjusted(-reach, -reach, reach, reach)
            return sum(near.contains(other) for other in others) + (0 if whole.contains(box) else len(others))

        return min(boxes, key=hidden)

    def _shade(self, k: int) -> str:
        assert self._quality is not None
        score = float(self._quality.score[k])
        return shade(self.theme, score if score > 0 else 0.0)

    def _tooltip_at(self, spot: QPointF) -> str:
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


def _drawn_in(points: Array) -> Array:
    far = np.hypot(points[:, 0], points[:, 1])
    return np.asarray(points * np.minimum(1.0, _FARTHEST / np.maximum(far, 1e-9))[:, None])


def _around(spot: QPointF, side: float) -> QRectF:
    wide = 2 * side
    return QRectF(spot.x() - wide / 2, spot.y() - side / 2, wide, side)


def _shrunk(box: QRectF, share: float) -> QRectF:
    dx, dy = box.width() * share / 2, box.height() * share / 2
    return box.adjusted(dx, dy, -dx, -dy)
