"""What the face does: mouth, brows, eyes and jaw as words over bars, each against the face at rest."""

from __future__ import annotations

import math
from collections import deque

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from app import texts
from app.timeline.span import Span
from app.ui.canvas import Canvas
from core.data import Array, FaceObservation, Neutral
from core.face_measures import MEASURES, SEEN_FROM, measures, rest_of

_LATELY_S = 0.6
"""Seconds whose medians are shown: shorter is a blink."""
_STALE_S = 1.0
_FULL = 0.6
"""How far from rest fills a bar: what half of the smiles of 60 people come to."""


class FaceMeasures(Canvas):
    """A row for each of `core.face_measures.MEASURES`, and below what they are compared with."""

    def __init__(self) -> None:
        super().__init__(texts.FACE_MEASURES, "panel")
        self._recent: deque[FaceObservation] = deque()
        self._rest = rest_of(None)
        self._neutral: Neutral | None = None
        self._hidden: Span | None = None
        self._now = math.nan

    def show_face(self, face: FaceObservation) -> None:
        """Take the newest observation of the face."""
        if self._recent and not 0 <= face.time - self._recent[-1].time <= _STALE_S:
            self._recent.clear()
        self._recent.append(face)
        while self._recent[0].time < face.time - _LATELY_S:
            self._recent.popleft()
        self._now = face.time
        self.update()

    def show_neutral(self, neutral: Neutral | None) -> None:
        """Take what the face is compared with; None while nothing is known of the person."""
        if neutral is not self._neutral:
            self._neutral, self._rest = neutral, rest_of(neutral)
            self.update()

    def show_time(self, now: float) -> None:
        """Take the newest moment of data, s, LSL clock: what is older than a second is of now no more."""
        was, self._now = self._is_old(), now
        if self._is_old() != was:
            self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def clear(self) -> None:
        """Show nothing, of nobody."""
        self._recent.clear()
        self._neutral, self._rest, self._now = None, rest_of(None), math.nan
        self.update()

    def values(self) -> Array:
        """Return how far each measure is from rest, shape (n_measures,); NaN while nothing is seen."""
        unseen = self._is_old() or self._is_hidden() or bool(self._recent[-1].problem)
        return measures([] if unseen else tuple(self._recent), self._rest)

    def words(self) -> tuple[str, ...]:
        """Return what each row says."""
        return tuple(
            texts.face_measure(measure.name, 0 if not abs(value) >= SEEN_FROM else 1 if value > 0 else -1)
            for measure, value in zip(MEASURES, self.values(), strict=True)
        )

    def compared(self) -> str:
        """Return what the rows are compared with, in words."""
        weight = 0.0 if self._neutral is None else self._neutral.weight
        return texts.AGAINST["own" if weight >= 1.0 else "running" if weight > 0.0 else "unknown"]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for each row."""
        return QSize(self.theme.px(112), self.theme.px(36) * (len(MEASURES) + 1))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the rows, and what they are compared with."""
        painter = self.painter()
        foot_px = min(self.theme.px(32), self.height() / 5)
        row = min((self.height() - foot_px) / len(MEASURES), self.theme.px(46))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for k, (measure, value, word) in enumerate(zip(MEASURES, self.values(), self.words(), strict=True)):
            bar_px = row * 0.2
            line = QRectF(0, k * row, self.width(), row * 0.62)
            seen = abs(value) >= SEEN_FROM
            self.write(painter, line, word, "text" if seen else "dim", "normal", left, seen)
            bar = QRectF(0, line.bottom(), self.width(), bar_px)
            self._paint_bar(painter, bar, float(value), bool(measure.less), seen)
        foot = QRectF(0, len(MEASURES) * row, self.width(), foot_px)
        self.write(painter, foot, self.compared(), "dim", "small", Qt.AlignmentFlag.AlignLeft)

    def _paint_bar(self, painter: QPainter, bar: QRectF, value: float, both_ways: bool, seen: bool) -> None:
        round_px = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("raised"))
        painter.drawRoundedRect(bar, round_px, round_px)
        middle = bar.center().x() if both_ways else bar.left() + round_px
        if math.isfinite(value):
            share = min(max(value / _FULL, -1.0), 1.0)
            room = (bar.right() if share > 0 else bar.left()) - middle
            painter.setBrush(self.theme.color("face") if seen else self.theme.color("faint", 0.7))
            painter.drawRoundedRect(
                QRectF(QPointF(middle, bar.top()), QPointF(middle + room * abs(share), bar.bottom())).normalized(),
                round_px / 2,
                round_px / 2,
            )
        # Where the face is at rest.
        painter.setPen(self.line("dim", 2))
        painter.drawLine(QPointF(middle, bar.top() - 1), QPointF(middle, bar.bottom() + 1))

    def _is_old(self) -> bool:
        return not self._recent or not self._now - self._recent[-1].time <= _STALE_S

    def _is_hidden(self) -> bool:
        return self._hidden is not None and self._hidden[0] <= self._recent[-1].time <= self._hidden[1]
