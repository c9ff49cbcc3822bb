"""A place to type in, with what it is above it, marked where what was typed is wrong."""

from __future__ import annotations

from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.ui.plain import PlainLabel
from app.ui.theme import Theme


class TextField(QWidget):
    """A line to type in with its name.

    Parameters
    ----------
    name
        What is typed here.
    hint
        An example, shown while it is empty.
    """

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(name)
        label = PlainLabel(name)
        label.setObjectName("note")
        label.setBuddy(self.line)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for widget in (label, self.line):
            self._layout.addWidget(widget)

    @property
    def text(self) -> str:
        """What was typed, without blanks round it."""
        return self.line.text().strip()

    def mark(self, wrong: str) -> None:
        """Mark it as wrong, in these words for a screen reader; ``""`` if nothing is."""
        if wrong == self.line.accessibleDescription():
            return
        self.line.setAccessibleDescription(wrong)
        self.line.setProperty("wrong", "true" if wrong else "false")
        # Qt looks at a property in a style sheet only when the sheet is set anew.
        self.line.setStyleSheet(self.line.styleSheet())

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._layout.setSpacing(theme.px(3))
