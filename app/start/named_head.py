"""A head seen from above with the electrodes that have been named."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize
from PyQt6.QtGui import QPaintEvent, QPolygonF

from app.ui.canvas import Canvas
from app.ui.head_map import RIM, project
from core.montage import positions


class NamedHead(Canvas):
    """Outline, nose up, and a disc with its name for each electrode."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._names: tuple[str, ...] = ()
        self._chosen = ""

    def show_names(self, names: Sequence[str], chosen: str = "") -> None:
        """Show these electrodes; `chosen` stands out."""
        if (tuple(names), chosen) != (self._names, self._chosen):
            self._names, self._chosen = tuple(names), chosen
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a square."""
        return QSize(self.theme.px(230), self.theme.px(230))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint head and electrodes."""
        painter, theme = self.painter(), self.theme
        radius = 0.4 * min(self.width(), self.height())
        x, y = self.width() / 2, self.height() / 2 + theme.px(4)
        painter.setPen(self.line("faint", 1.5))
        painter.setBrush(theme.color("raised"))
        painter.drawEllipse(QPointF(x, y), radius, radius)
        nose = [(-0.12, -0.99), (0.0, -1.13), (0.12, -0.99)]
        painter.drawPolyline(QPolygonF([QPointF(x + radius * dx, y + radius * dy) for dx, dy in nose]))
        size = theme.px(22 if len(self._names) <= 24 else 17)
        for name, place in zip(self._names, project(positions(self._names)), strict=True):
            disc = QRectF(0, 0, size, size)
            disc.moveCenter(QPointF(x + radius / RIM * place[0], y - radius / RIM * place[1]))
            painter.setPen(self.line("eeg", 1.2))
            painter.setBrush(theme.color("eeg" if name == self._chosen else "panel"))
            painter.drawEllipse(disc)
            if len(self._names) <= 40:
                self.write(painter, disc.adjusted(-8, 0, 8, 0), name, "panel" if name == self._chosen else "text")
