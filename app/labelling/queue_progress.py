"""How much of what is worth asking is answered, as a thin line."""

from __future__ import annotations

from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QSizePolicy

from app import texts
from app.ui.canvas import Canvas
from app.ui.theme import Theme


class QueueProgress(Canvas):
    """A thin line: how much of what is worth asking is answered."""

    def __init__(self) -> None:
        super().__init__(texts.LABELLING)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_progress(self, n_done: int, n_waiting: int) -> None:
        """Show how many are answered of all."""
        share = n_done / (n_done + n_waiting) if n_done else 0.0
        if share != self._share:
            self._share = share
            self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's height."""
        super().apply_theme(theme)
        self.setFixedHeight(theme.px(3))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the line."""
        painter = self.painter()
        painter.fillRect(self.rect(), self.theme.color("edge"))
        painter.fillRect(0, 0, round(self.width() * self._share), self.height(), self.theme.color("accent"))
