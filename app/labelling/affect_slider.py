"""A stepless slider between two faces, after the Affective Slider (Betella & Verschure 2016, PLoS ONE 11(2))."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QSize
from PyQt6.QtGui import QMouseEvent, QPaintEvent

from app.labelling.scale_row import ScaleRow
from app.ui.face_icon import paint_face

_STEP = 0.1


class AffectSlider(ScaleRow):
    """From -1 to 1 without steps, marks or numbers; there is no knob until it is first touched."""

    arrow_steps = 0.5

    def nudge(self, steps: float) -> None:
        """Move by tenths of the half scale; the first touch starts from the middle."""
        start = self.value if math.isfinite(self.value) else 0.0
        self.move_to(round(start + steps * _STEP, 6))

    def move_to(self, value: float) -> None:
        """Stand at a value, within -1 and 1."""
        self.show_value(min(1.0, max(-1.0, value)))
        self.moved.emit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return one line of words and the slider under it."""
        return QSize(self.theme.px(200), self.theme.px(44))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return QSize(self.theme.px(120), self.theme.px(44))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move to where the mouse is."""
        if event is not None and self.isEnabled():
            left, right = self._ends()
            self.move_to((event.position().x() - left) / (right - left) * 2 - 1)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse."""
        self.mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint words, faces, line and knob."""
        theme, painter = self.theme, self.begin()
        left, stop = self._ends()
        y = theme.px(31)
        painter.setPen(self.line("accent" if self.hasFocus() else "faint", 2))
        painter.drawLine(QPointF(left, y), QPointF(stop, y))
        for x, end in ((theme.px(11), -1.0), (self.width() - theme.px(11), 1.0)):
            paint_face(painter, QPointF(x, y), theme.px(10), self.scale, end, self.line("dim", 1.5))
        if math.isfinite(self.value):
            knob = left + (self.value + 1) / 2 * (stop - left)
            painter.setPen(self.line("panel", 2))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QPointF(knob, y), theme.px(8), theme.px(8))

    def _ends(self) -> tuple[float, float]:
        return self.theme.px(34), self.width() - self.theme.px(34)
