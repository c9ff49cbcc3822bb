"""Affect now: the valence-arousal plane with its spread and trail, and the classes with the prediction set marked."""

from __future__ import annotations

import itertools
import math
from collections import deque

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from app import texts
from app.widgets.canvas import Canvas
from core.data import Prediction

_TRAIL = 12.0
_ELLIPSE_SD = 1.0

Span = tuple[float, float]


def overlaps(prediction: Prediction, span: Span | None) -> bool:
    """Return whether a prediction speaks of the stretch that must stay hidden while it is labelled."""
    return span is not None and prediction.start < span[1] and prediction.stop > span[0]


class AffectPlane(Canvas):
    """Where the affect is now: a point, the ellipse of one standard deviation, and the way it came."""

    def __init__(self) -> None:
        super().__init__(texts.AFFECT)
        self._trail: deque[Prediction] = deque()
        self._hidden: Span | None = None

    def show_prediction(self, prediction: Prediction) -> None:
        """Move the point."""
        if self._trail and prediction.stop < self._trail[-1].stop:
            self._trail.clear()
        self._trail.append(prediction)
        while self._trail[0].stop < prediction.stop - _TRAIL:
            self._trail.popleft()
        self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def clear(self) -> None:
        """Forget the way it came."""
        self._trail.clear()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a square."""
        return QSize(self.theme.px(230), self.theme.px(230))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the plane."""
        painter = self.painter()
        row = self.theme.px(16)
        side = min(self.width() - 2 * row, self.height() - 2 * row)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        now = self._trail[-1] if self._trail else None
        speaks = now is not None and now.status == "ok" and not overlaps(now, self._hidden)
        self._paint_axes(painter, box, row, speaks)
        painter.save()
        painter.setClipRect(box.adjusted(-1, -1, 1, 1))
        if speaks:
            self._paint_trail(painter, box)
            self._paint_point(painter, box, self._trail[-1])
        painter.restore()
        if not speaks:
            self._paint_reason(painter, box, now)

    def _paint_axes(self, painter: QPainter, box: QRectF, row: int, speaks: bool) -> None:
        painter.setPen(self.line("edge"))
        painter.setBrush(self.theme.color("raised", 1.0 if speaks else 0.55))
        painter.drawRoundedRect(box, self.theme.px(6), self.theme.px(6))
        if speaks:
            painter.setPen(self.line("faint", 1, 0.7))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            painter.drawLine(QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom()))
        self.write(painter, QRectF(box.left(), box.top() - row, box.width(), row), texts.EXCITED)
        self.write(painter, QRectF(box.left(), box.bottom(), box.width(), row), texts.CALM)
        for text, x, angle in (
            (texts.UNPLEASANT, box.left() - row / 2, -90),
            (texts.PLEASANT, box.right() + row / 2, 90),
        ):
            painter.save()
            painter.translate(x, box.center().y())
            painter.rotate(angle)
            self.write(painter, QRectF(-box.height() / 2, -row / 2, box.height(), row), text)
            painter.restore()

    def _paint_trail(self, painter: QPainter, box: QRectF) -> None:
        last = self._trail[-1].stop
        steps = list(self._trail)
        for before, after in itertools.pairwise(steps):
            if before.status != "ok" or after.status != "ok":
                continue
            if overlaps(before, self._hidden) or overlaps(after, self._hidden):
                continue
            painter.setPen(self.line("accent", 2, 0.6 * max(0.0, 1 - (last - after.stop) / _TRAIL)))
            painter.drawLine(_place(box, before), _place(box, after))

    def _paint_point(self, painter: QPainter, box: QRectF, now: Prediction) -> None:
        spot = _place(box, now)
        if math.isfinite(now.valence_sd) and math.isfinite(now.arousal_sd):
            painter.setPen(self.line("accent", 1.2, 0.8))
            painter.setBrush(self.theme.color("accent", 0.16))
            half = box.width() / 2 * _ELLIPSE_SD
            painter.drawEllipse(spot, now.valence_sd * half, now.arousal_sd * half)
        painter.setPen(self.line("panel", 2))
        painter.setBrush(self.theme.color("accent"))
        painter.drawEllipse(spot, self.theme.px(7), self.theme.px(7))

    def _paint_reason(self, painter: QPainter, box: QRectF, now: Prediction | None) -> None:
        inner = box.adjusted(self.theme.px(14), self.theme.px(14), -self.theme.px(14), -self.theme.px(14))
        if now is None:
            text, title = texts.NO_PREDICTION, ""
        elif overlaps(now, self._hidden):
            text, title = texts.HIDDEN, ""
        else:
            text, title = now.status, texts.ABSTAINS
        if not title:
            self.write(painter, inner, text, "dim", "normal")
            return
        upper = QRectF(inner.left(), inner.top(), inner.width(), inner.height() * 0.3)
        lower = QRectF(inner.left(), upper.bottom() + self.theme.px(4), inner.width(), inner.height() * 0.7)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.write(painter, upper, title, "text", "normal", centre | Qt.AlignmentFlag.AlignBottom, True)
        self.write(painter, lower, text, "dim", "normal", centre | Qt.AlignmentFlag.AlignTop)


class ClassBars(Canvas):
    """The classes with their probabilities; those of the prediction set are strong and marked."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__(texts.CLASSES)
        self._classes = classes
        self._now: Prediction | None = None
        self._hidden: Span | None = None

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the newest probabilities."""
        self._now = prediction
        self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def clear(self) -> None:
        """Show no probabilities."""
        self._now = None
        self.update()

    def words(self) -> str:
        """Return what the marks promise, ``""`` while nothing is marked."""
        now = self._now
        if now is None or now.status != "ok" or not now.prediction_set or overlaps(now, self._hidden):
            return ""
        return texts.promise(now.coverage)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for each class."""
        return QSize(self.theme.px(240), self.theme.px(22) * len(self._classes))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the bars."""
        painter = self.painter()
        row = min(self.height() / len(self._classes), self.theme.px(34))
        name_px, number_px, gap = self.theme.px(72), self.theme.px(40), self.theme.px(8)
        now = self._now if self._now is not None and not overlaps(self._now, self._hidden) else None
        speaks = now is not None and now.status == "ok"
        for k, name in enumerate(self._classes):
            marked = speaks and now is not None and name in now.prediction_set
            line = QRectF(0, k * row, self.width(), row)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            color = "text" if marked else "dim"
            self.write(painter, QRectF(0, line.top(), name_px, row), name, color, "normal", right, marked)
            bar = QRectF(name_px + gap, line.center().y() - row * 0.2, 0, row * 0.4)
            room = self.width() - name_px - number_px - 2 * gap
            bar.setWidth(room)
            self._paint_bar(painter, bar, now.probabilities[k] if speaks and now else float("nan"), marked)
            if speaks and now is not None and math.isfinite(now.probabilities[k]):
                left = QRectF(self.width() - number_px, line.top(), number_px, row)
                self.write(painter, left, f"{now.probabilities[k]:.2f}", color, "small", right)

    def _paint_bar(self, painter: QPainter, bar: QRectF, probability: float, marked: bool) -> None:
        round_px = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("raised"))
        painter.drawRoundedRect(bar, round_px, round_px)
        if not math.isfinite(probability):
            return
        painter.setBrush(self.theme.color("accent") if marked else self.theme.color("faint", 0.7))
        full = QRectF(bar.left(), bar.top(), max(bar.height(), bar.width() * probability), bar.height())
        painter.drawRoundedRect(full, round_px, round_px)
        if marked:
            # A tick at the left edge: the set must be seen without its colour too.
            painter.setPen(self.line("text", 2))
            painter.drawLine(
                QPointF(bar.left() - self.theme.px(4), bar.top() - 1),
                QPointF(bar.left() - self.theme.px(4), bar.bottom() + 1),
            )


def _place(box: QRectF, prediction: Prediction) -> QPointF:
    valence, arousal = (min(1.0, max(-1.0, value)) for value in (prediction.valence, prediction.arousal))
    return QPointF(box.center().x() + valence * box.width() / 2, box.center().y() - arousal * box.height() / 2)
