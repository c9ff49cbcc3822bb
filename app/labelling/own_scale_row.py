"""A scale of the study's own: a line between two numbers."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPaintEvent

from app.labelling.affect_slider import AffectSlider
from app.labelling.scale_row import HEAD_PX
from core.label_scheme import OwnScale


class OwnScaleRow(AffectSlider):
    """Asks for a value in the scale's own units; there is no knob until it is first touched.

    Parameters
    ----------
    scale
        Its name and range.
    """

    def __init__(self, scale: OwnScale) -> None:
        super().__init__("valence", "")
        self.own = scale
        self.setAccessibleName(scale.name)

    @property
    def answer(self) -> float:
        """What is chosen, in the scale's own units, NaN for nothing."""
        low, high = self.own.low, self.own.high
        return round(low + (self.value + 1) / 2 * (high - low), 3) if math.isfinite(self.value) else math.nan

    def show_own(self, value: float) -> None:
        """Stand at a value in the scale's own units without telling; NaN makes it empty."""
        low, high = self.own.low, self.own.high
        self.show_value(min(1.0, max(-1.0, (value - low) / (high - low) * 2 - 1)) if value == value else math.nan)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint name, value, ends, line and knob."""
        theme, painter = self.theme, self.begin()
        left, stop = self._ends()
        y, half = theme.px(31), theme.px(9)
        middle = Qt.AlignmentFlag.AlignVCenter
        if math.isfinite(self.value):
            head = QRectF(0, 0, self.width(), theme.px(HEAD_PX))
            self.write(painter, head, f"{self.answer:g}", "text", align=Qt.AlignmentFlag.AlignRight | middle)
        for x, end in ((0.0, self.own.low), (stop + theme.px(6), self.own.high)):
            side = Qt.AlignmentFlag.AlignLeft if x else Qt.AlignmentFlag.AlignRight
            box = QRectF(x, y - half, left - theme.px(6), 2 * half)
            self.write(painter, box, f"{end:g}", align=side | middle)
        painter.setPen(self.line("accent" if self.hasFocus() else "faint", 2))
        painter.drawLine(QPointF(left, y), QPointF(stop, y))
        if math.isfinite(self.value):
            painter.setPen(self.line("panel", 2))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QPointF(left + (self.value + 1) / 2 * (stop - left), y), theme.px(8), theme.px(8))
