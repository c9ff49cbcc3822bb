"""Which sensor is trusted: the two reliability weights of the newest prediction, in words and bars."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from app import texts
from app.ui.canvas import Canvas
from core.data import Prediction, Window


class ReliabilityPanel(Canvas):
    """Two bars, EEG and face, each with its weight and whatever must be known of it."""

    def __init__(self) -> None:
        super().__init__(texts.TRUST, "panel")
        self._now: Prediction | None = None
        self._problems = ("", "")
        self.has_camera = True
        """False where there cannot be a face: nothing is to be done about the camera then."""
        self.recorded = False
        """Whether it is a recording that is shown, where nothing can be done about a sensor any more."""

    def show_window(self, window: Window) -> None:
        """Take why either sensor cannot be used in the newest window."""
        missing = window.face_problem == "missing" and not self.has_camera
        self._problems = (window.eeg_problem, texts.NO_CAMERA_SHORT if missing else window.face_problem)

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the newest weights."""
        self._now = prediction
        self.update()

    def clear(self) -> None:
        """Show no weights."""
        self._now, self._problems = None, ("", "")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for both."""
        return QSize(self.theme.px(150), self.theme.px(150))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the two sensors, one above the other."""
        painter = self.painter()
        half = self.height() / 2
        for k, (name, color) in enumerate(((texts.EEG, "eeg"), (texts.FACE_SHORT, "face"))):
            self._paint_sensor(painter, QRectF(0, k * half, self.width(), half), k, name, color)

    def _paint_sensor(self, painter: QPainter, box: QRectF, modality: int, name: str, color: str) -> None:
        weight = self._now.weights[modality] if self._now is not None else float("nan")
        words = f"{weight:.1f}" if math.isfinite(weight) else "–"
        head = QRectF(box.left(), box.top(), box.width(), self.theme.px(26 * self.theme.headline))
        base = Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, name, "text", "normal", base | Qt.AlignmentFlag.AlignLeft, True)
        color_of_words = "text" if math.isfinite(weight) else "faint"
        self.write(painter, head, words, color_of_words, "large", base | Qt.AlignmentFlag.AlignRight, True)
        width = self.theme.px(6)
        y = head.bottom() + width
        start, stop = QPointF(width / 2, y), QPointF(box.width() - width / 2, y)
        painter.setPen(self.line("raised", width / self.theme.scale))
        painter.drawLine(start, stop)
        if math.isfinite(weight) and weight > 0:
            painter.setPen(self.line(color, width / self.theme.scale))
            painter.drawLine(start, start + (stop - start) * weight)
        problem = self._problems[modality]
        remark = texts.remark(self._now, modality, problem, self.recorded) if self._now is not None else ""
        foot = QRectF(box.left(), y + width, box.width(), box.bottom() - y - width)
        self.write(painter, foot, remark, "dim", "small", Qt.AlignmentFlag.AlignLeft)
