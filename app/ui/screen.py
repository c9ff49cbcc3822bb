"""A window of the program's own: it wears a theme, and its type grows with it."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QWidget

from app.ui.theme import Theme, fitting_scale, other, system_theme


class Screen(QWidget):
    """What such windows have in common; F6 goes from light to dark and back.

    Parameters
    ----------
    title
        Of the window.
    theme
        How it looks; None takes what the system has.
    """

    def __init__(self, title: str, theme: Theme | None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(title)
        self.theme = theme or system_theme()
        QShortcut(QKeySequence("F6"), self).activated.connect(self.change_appearance)

    def apply_theme(self) -> None:
        """Have all that is on it wear the theme."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Wear another theme."""
        self.theme = theme
        self.apply_theme()

    def change_appearance(self) -> None:
        """Go from light to dark, or back."""
        self.set_theme(other(self.theme))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Grow the type with the window, in steps."""
        super().resizeEvent(event)
        scale = fitting_scale(self.width(), self.height())
        if scale != self.theme.scale:
            self.set_theme(replace(self.theme, scale=scale))
