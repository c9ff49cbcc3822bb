"""Which sensor is trusted: the reliability weights of the newest prediction, in words and bars."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from app import texts
from app.ui.canvas import Canvas
from core.data import MODALITIES, Prediction, Window


class ReliabilityPanel(Canvas):
    """A bar for each modality of the model, with its weight and whatever must be known of it."""

    def __init__(self) -> None:
        super().__init__(texts.TRUST, "panel")
        self._now: Prediction | None = None
        self._problems: dict[str, str] = {}
        self.no_face = ""
        """Why there cannot be a face: nothing is to be done about the camera then; ``""`` where there can."""
        self.recorded = False
        """Whether it is a recording that is shown, where nothing can be done about a sensor any more."""

    def show_window(self, window: Window) -> None:
        """Take why sensors cannot be used in the newest window."""
        missing = window.face_problem == "missing" and self.no_face
        face = self.no_face if missing else window.face_problem
        further = {numbers.modality: numbers.problem for numbers in window.further}
        self._problems = {"eeg": window.eeg_problem, "face": face, **further}

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the newest weights."""
        self._now = prediction
        self.update()

    def clear(self) -> None:
        """Show no weights."""
        self._now, self._problems = None, {}
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for two."""
        return QSize(self.theme.px(150), self.theme.px(150))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the sensors, one above the other."""
        painter = self.painter()
        modalities = MODALITIES if self._now is None else self._now.modalities
        part = self.height() / len(modalities)
        for k, name in enumerate(modalities):
            self._paint_sensor(painter, QRectF(0, k * part, self.width(), part), k, name)

    def _paint_sensor(self, painter: QPainter, box: QRectF, modality: int, name: str) -> None:
        weight = self._now.weights[modality] if self._now is not None else float("nan")
        words = f"{weight:.1f}" if math.isfinite(weight) else "–"
        head = QRectF(box.left(), box.top(), box.width(), self.theme.px(26 * self.theme.headline))
        base = Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, texts.modality_name(name), "text", "normal", base | Qt.AlignmentFlag.AlignLeft, True)
        color_of_words = "text" if math.isfinite(weight) else "faint"
        self.write(painter, head, words, color_of_words, "large", base | Qt.AlignmentFlag.AlignRight, True)
        width = self.theme.px(6)
        y = head.bottom() + width
        start, stop = QPointF(width / 2, y), QPointF(box.width() - width / 2, y)
        painter.setPen(self.line("raised", width / self.theme.scale))
        painter.drawLine(start, stop)
        if math.isfinite(weight) and weight > 0:
            painter.setPen(self.line(name if name in MODALITIES else "text", width / self.theme.scale))
            painter.drawLine(start, start + (stop - start) * weight)
        problem = self._problems.get(name, "")
        remark = texts.remark(self._now, modality, problem, self.recorded) if self._now is not None else ""
        foot = QRectF(box.left(), y + width, box.width(), box.bottom() - y - width)
        self.write(painter, foot, remark, "dim", "small", Qt.AlignmentFlag.AlignLeft)
