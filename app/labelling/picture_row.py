"""Nine pictures from one end of a scale to the other."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QMouseEvent, QPaintEvent

from app.labelling.nine_steps import MIDDLE, NINE, place_of, value_of
from app.labelling.scale_row import ScaleRow
from app.ui.face_icon import paint_face


class PictureRow(ScaleRow):
    """Nine faces from one end of a scale to the other, as the Self-Assessment Manikin has them; our own drawing."""

    def nudge(self, steps: float) -> None:
        """Move by whole pictures; the first touch starts from the middle one."""
        way = 1 if steps > 0 else -1
        self._choose(place_of(self.value) + way if math.isfinite(self.value) else MIDDLE)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return one line of words and the pictures under it."""
        return QSize(self.theme.px(260), self.theme.px(50))

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Choose the picture under the mouse."""
        if event is not None and self.isEnabled():
            self._choose(int(event.position().x() / self.width() * NINE) + 1)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint words and pictures."""
        theme, painter = self.theme, self.begin()
        if self.hasFocus():
            painter.setPen(self.line("accent", 2))
            painter.drawLine(QPointF(0, self.height() - 1), QPointF(self.width(), self.height() - 1))
        for place in range(1, NINE + 1):
            chosen = math.isfinite(self.value) and place == place_of(self.value)
            centre = QPointF((place - 0.5) * self.width() / NINE, theme.px(32))
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent", 0.25))
                painter.drawEllipse(centre, theme.px(14), theme.px(14))
            pen = self.line("accent" if chosen else "dim", 2 if chosen else 1.3)
            paint_face(painter, centre, theme.px(12), self.scale, value_of(place), pen)

    def _choose(self, place: int) -> None:
        self.show_value(value_of(place))
        self.moved.emit()
