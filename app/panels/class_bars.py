"""The classes as bars, with the prediction set marked."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from app import texts
from app.timeline.span import Span, overlaps
from app.ui.canvas import Canvas
from core.data import Prediction


class ClassBars(Canvas):
    """The classes with their probabilities; those of the prediction set are strong and marked."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__(texts.CLASSES, "panel")
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
        if now is not None and overlaps(now, self._hidden):
            return texts.hidden(self._hidden)
        if now is None or now.status != "ok" or not now.prediction_set:
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
            swatch = QRectF(0, line.center().y() - row * 0.2, self.theme.px(4), row * 0.4)
            painter.fillRect(swatch, self.theme.category(k))
            bar = QRectF(name_px + gap, line.center().y() - row * 0.2, 0, row * 0.4)
            room = self.width() - name_px - number_px - 2 * gap
            bar.setWidth(room)
            self._paint_bar(painter, bar, k, now.probabilities[k] if speaks and now else float("nan"), marked)
            if speaks and now is not None and math.isfinite(now.probabilities[k]):
                left = QRectF(self.width() - number_px, line.top(), number_px, row)
                self.write(painter, left, f"{now.probabilities[k]:.2f}", color, "small", right)

    def _paint_bar(self, painter: QPainter, bar: QRectF, k: int, probability: float, marked: bool) -> None:
        round_px = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("raised"))
        painter.drawRoundedRect(bar, round_px, round_px)
        if not math.isfinite(probability):
            return
        painter.setBrush(self.theme.category(k) if marked else self.theme.color("faint", 0.4))
        full = QRectF(bar.left(), bar.top(), max(bar.height(), bar.width() * probability), bar.height())
        painter.drawRoundedRect(full, round_px, round_px)
        if marked:
            # A tick at the left edge: the set must be seen without its colour too.
            painter.setPen(self.line("text", 2))
            painter.drawLine(
                QPointF(bar.left() - self.theme.px(4), bar.top() - 1),
                QPointF(bar.left() - self.theme.px(4), bar.bottom() + 1),
            )
