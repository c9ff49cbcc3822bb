"""A stepless slider between two faces, after the Affective Slider (Betella & Verschure 2016, PLoS ONE 11(2))."""

from __future__ import annotations

import math
from typing import Literal

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy

from app import texts
from app.widgets.canvas import Canvas

_STEP = 0.1


class AffectSlider(Canvas):
    """From -1 to 1 without steps; empty until it is first touched, so that the middle is never an answer by accident.

    Parameters
    ----------
    scale
        What it asks for.
    hint
        The keys that move it, as printed.
    """

    moved = pyqtSignal()

    def __init__(self, scale: Literal["valence", "arousal"], hint: str) -> None:
        super().__init__(texts.VALENCE if scale == "valence" else texts.AROUSAL)
        self._scale = scale
        self._hint = hint
        self.value = float("nan")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nudge(self, steps: float) -> None:
        """Move by tenths of the half scale; the first touch starts from the middle."""
        start = self.value if math.isfinite(self.value) else 0.0
        self._set(round(start + steps * _STEP, 6))

    def reset(self) -> None:
        """Make it empty again."""
        self.value = float("nan")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return one line of words and the slider under it."""
        return QSize(self.theme.px(200), self.theme.px(46))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return QSize(self.theme.px(120), self.theme.px(46))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move to where the mouse is."""
        if event is not None and self.isEnabled():
            left, right = self._ends()
            self._set((event.position().x() - left) / (right - left) * 2 - 1)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move with the arrows while it has the focus."""
        if event is None:
            return
        steps = {Qt.Key.Key_Left: -0.5, Qt.Key.Key_Right: 0.5}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.nudge(steps)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint words, faces, line and knob."""
        theme, painter = self.theme, self.painter()
        if not self.isEnabled():
            painter.setOpacity(0.4)
        head = QRectF(0, 0, self.width(), theme.px(18))
        left_middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, self.accessibleName(), "text", align=left_middle)
        text = f"{self.value:+.1f}".replace("-", "−") if math.isfinite(self.value) else texts.NOT_SET
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, f"{text}    {self._hint}", align=right)
        left, stop = self._ends()
        y = theme.px(32)
        painter.setPen(self.line("accent" if self.hasFocus() else "faint", 2))
        painter.drawLine(QPointF(left, y), QPointF(stop, y))
        painter.setPen(self.line("faint", 1.5))
        painter.drawLine(QPointF((left + stop) / 2, y - theme.px(4)), QPointF((left + stop) / 2, y + theme.px(4)))
        for x, end in ((theme.px(11), -1), (self.width() - theme.px(11), 1)):
            self._paint_icon(painter, QPointF(x, y), end)
        if math.isfinite(self.value):
            knob = left + (self.value + 1) / 2 * (stop - left)
            painter.setPen(self.line("panel", 2))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QPointF(knob, y), theme.px(8), theme.px(8))

    def _paint_icon(self, painter: QPainter, centre: QPointF, end: int) -> None:
        painter.save()
        painter.translate(centre)
        painter.scale(self.theme.scale, self.theme.scale)
        painter.setPen(self.line("dim", 1.5 / self.theme.scale))
        painter.drawEllipse(QPointF(0, 0), 9.5, 9.5)
        eyes = 1.2
        mouth = QPainterPath(QPointF(-4.5, 4 if self._scale == "valence" else 4.5))
        if self._scale == "valence":
            mouth.moveTo(-4.5, 4 - end * 1.5)
            mouth.quadTo(0, 4 + end * 4, 4.5, 4 - end * 1.5)
        elif end < 0:
            mouth.lineTo(4.5, 4.5)
            eyes = 0.0
        else:
            mouth = QPainterPath()
            mouth.addEllipse(QPointF(0, 4.3), 2.4, 2.6)
            eyes = 2.2
        painter.drawPath(mouth)
        for x in (-3.5, 3.5):
            if eyes:
                painter.drawEllipse(QPointF(x, -2.5), eyes, eyes)
            else:
                painter.drawLine(QPointF(x - 1.8, -2.5), QPointF(x + 1.8, -2.5))
        painter.restore()

    def _ends(self) -> tuple[float, float]:
        return self.theme.px(34), self.width() - self.theme.px(34)

    def _set(self, value: float) -> None:
        self.value = min(1.0, max(-1.0, value))
        self.update()
        self.moved.emit()
