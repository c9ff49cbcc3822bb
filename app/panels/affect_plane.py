"""Affect now: the valence-arousal plane with the newest point, how sure it is, and the way it came."""

from __future__ import annotations

import itertools
import math
from collections import deque

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent

from app import texts
from app.timeline.span import Span, overlaps
from app.ui.canvas import Canvas
from core.data import Prediction

_TRAIL = 12.0
RINGS = ((0.9, 0.10), (0.5, 0.16))
"""Share of the time that the truth lies within each ring, as the model's spread has it, and how strong its fill is."""


def ring_sds(share: float) -> float:
    """Return how many standard deviations out the ellipse lies that holds a share of a two-dimensional Gaussian."""
    return math.sqrt(-2 * math.log(1 - share))


class AffectPlane(Canvas):
    """Where the affect is now: a point, the ellipses that hold half and nine tenths, and a fading trail."""

    def __init__(self) -> None:
        super().__init__(texts.AFFECT, "panel")
        self._trail: deque[Prediction] = deque()
        self._rival: Prediction | None = None
        self._hidden: Span | None = None
        self._stale = ""

    def show_prediction(self, prediction: Prediction) -> None:
        """Move the point."""
        self._stale = ""
        if self._trail and prediction.stop < self._trail[-1].stop:
            self._trail.clear()
        self._trail.append(prediction)
        while self._trail[0].stop < prediction.stop - _TRAIL:
            self._trail.popleft()
        self.update()

    def show_rival(self, prediction: Prediction) -> None:
        """Put the ring of a second model beside the point."""
        self._rival = prediction
        self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def clear(self) -> None:
        """Forget the way it came."""
        self._trail.clear()
        self._rival = None
        self.update()

    def go_stale(self, why: str) -> None:
        """Show no point any more, and say why."""
        if why != self._stale:
            self.clear()
            self._stale = why

    def note(self) -> str:
        """Return what point and rings mean, ``""`` while there are none."""
        if not self._speaks():
            return ""
        return texts.TWO_MODELS if self._rival is not None else texts.rings(*(share for share, _ in RINGS))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a square."""
        return QSize(self.theme.px(230), self.theme.px(230))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the plane."""
        painter = self.painter()
        side = min(self.width(), self.height()) - 2
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        speaks = self._speaks()
        self._paint_ground(painter, box, speaks)
        if not speaks:
            self._paint_reason(painter, box)
            return
        painter.save()
        painter.setClipRect(box.adjusted(1, 1, -1, -1))
        inner = self._inner(box)
        self._paint_rings(painter, inner, self._trail[-1])
        self._paint_trail(painter, inner)
        spot = _place(inner, self._trail[-1])
        painter.setPen(self.line("panel", 2))
        painter.setBrush(self.theme.color("accent"))
        painter.drawEllipse(spot, self.theme.px(7), self.theme.px(7))
        if self._rival is not None and self._rival.status == "ok":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.line("text", 2.5))
            painter.drawEllipse(_place(inner, self._rival), self.theme.px(7), self.theme.px(7))
        painter.restore()

    def _speaks(self) -> bool:
        return bool(self._trail) and self._trail[-1].status == "ok" and not overlaps(self._trail[-1], self._hidden)

    def _inner(self, box: QRectF) -> QRectF:
        """Return where -1 to 1 lie: within the words at the edges."""
        edge = self.theme.px(17)
        return box.adjusted(edge, edge, -edge, -edge)

    def _paint_ground(self, painter: QPainter, box: QRectF, speaks: bool) -> None:
        painter.setPen(self.line("edge"))
        painter.setBrush(self.theme.color("raised", 1.0 if speaks else 0.5))
        painter.drawRoundedRect(box, self.theme.px(6), self.theme.px(6))
        inner, middle, row = self._inner(box), box.center(), self.theme.px(16)
        if speaks:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.line("faint", 1, 0.5))
            painter.drawEllipse(inner)
            painter.drawLine(QPointF(inner.left(), middle.y()), QPointF(inner.right(), middle.y()))
            painter.drawLine(QPointF(middle.x(), inner.top()), QPointF(middle.x(), inner.bottom()))
        color = "dim" if speaks else "faint"
        self.write(painter, QRectF(box.left(), box.top() + 1, box.width(), row), texts.EXCITED, color)
        self.write(painter, QRectF(box.left(), box.bottom() - row - 1, box.width(), row), texts.CALM, color)
        for text, x, angle in (
            (texts.UNPLEASANT, box.left() + row / 2, -90),
            (texts.PLEASANT, box.right() - row / 2, 90),
        ):
            painter.save()
            painter.translate(x, middle.y())
            painter.rotate(angle)
            self.write(painter, QRectF(-box.height() / 2, -row / 2, box.height(), row), text, color)
            painter.restore()

    def _paint_rings(self, painter: QPainter, box: QRectF, now: Prediction) -> None:
        if not (math.isfinite(now.valence_sd) and math.isfinite(now.arousal_sd)):
            return
        for share, alpha in RINGS:
            half = box.width() / 2 * ring_sds(share)
            painter.setPen(self.line("accent", 1, 0.35 + alpha))
            painter.setBrush(self.theme.color("accent", alpha))
            painter.drawEllipse(_place(box, now), now.valence_sd * half, now.arousal_sd * half)

    def _paint_trail(self, painter: QPainter, box: QRectF) -> None:
        last = self._trail[-1].stop
        for before, after in itertools.pairwise(self._trail):
            if before.status != "ok" or after.status != "ok":
                continue
            if overlaps(before, self._hidden) or overlaps(after, self._hidden):
                continue
            fresh = max(0.0, 1 - (last - after.stop) / _TRAIL)
            pen = self.line("accent", 1 + 2 * fresh, 0.75 * fresh)
            # Round ends would lie over each other and show as beads.
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(_place(box, before), _place(box, after))

    def _paint_reason(self, painter: QPainter, box: QRectF) -> None:
        now = self._trail[-1] if self._trail else None
        title, text = "", self._stale or texts.NO_PREDICTION
        if now is not None and overlaps(now, self._hidden):
            text = texts.hidden(self._hidden)
        elif now is not None:
            title, text = texts.ABSTAINS, texts.why_not(now.status)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(self.theme.color("faint", 0.35), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(box, self.theme.px(6), self.theme.px(6))
        inner = self._inner(box)
        wrapped = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        metrics = QFontMetricsF(self.theme.font("normal"))
        size = metrics.boundingRect(inner.adjusted(4, 0, -4, 0), wrapped, text).size()
        row, pad = self.theme.px(22) if title else 0, self.theme.px(8)
        back = QRectF(0, 0, inner.width(), size.height() + row + 2 * pad)
        back.moveCenter(box.center())
        painter.setBrush(self.theme.color("panel"))
        painter.setPen(self.line("edge"))
        painter.drawRoundedRect(back, self.theme.px(5), self.theme.px(5))
        if title:
            head = QRectF(back.left(), back.top() + pad, back.width(), row)
            self.write(painter, head, title, "text", "normal", bold=True)
        self.write(painter, back.adjusted(3, row + pad, -3, -pad), text, "text" if title else "dim", "normal")


def _place(box: QRectF, prediction: Prediction) -> QPointF:
    valence, arousal = (min(1.0, max(-1.0, value)) for value in (prediction.valence, prediction.arousal))
    return QPointF(box.center().x() + valence * box.width() / 2, box.center().y() - arousal * box.height() / 2)
