"""A titled panel: the frame that every part of the window stands in."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.plain import PlainLabel
from app.ui.remarks import fitting
from app.ui.theme import Theme


class Panel(QFrame):
    """A frame with a title at the left, a note at the right, and one widget below.

    Parameters
    ----------
    title
        The name of the panel.
    content
        What it shows.
    """

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._title = PlainLabel(title)
        self._title.setObjectName("title")
        self._note = _Note("")
        self._note.setObjectName("note")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight)
        # A long note is cut, and said to be, before it makes the panel wider.
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(head)
        self._layout.addWidget(content, 1)

    def name(self, title: str) -> None:
        """Give the panel another title."""
        self._title.setText(title)

    def note(self, text: str) -> None:
        """Show a short remark beside the title."""
        if self._note.text() != text:
            self._note.setText(text)
            self._note.setToolTip(text)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._layout.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(10))
        self._layout.setSpacing(theme.px(6))


class _Note(PlainLabel):
    """One line of remarks with dots between them, as many as there is room for."""

    def shown(self) -> str:
        """Return what there is room for."""
        return fitting(self.text(), QFontMetricsF(self.font()), self.width())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint what there is room for."""
        QPainter(self).drawText(self.rect(), int(self.alignment()), self.shown())
