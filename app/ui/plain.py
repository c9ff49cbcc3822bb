"""What shows text: labels and tips that take it as it is, whatever a stream or a file is called.

Qt takes a text that looks like HTML for HTML, and ``<img src=file:...>`` in the name of a stream for a file to be read.
"""

from __future__ import annotations

import html

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QLabel, QToolTip, QWidget  # noqa: TID251 - the one place where they are made plain


class PlainTip:
    """Makes the tip of a widget be shown as it is; stands before Qt's class among what it inherits from."""

    def setToolTip(self, text: str | None) -> None:  # noqa: N802 - Qt's name
        """Take what is shown while the mouse rests on it."""
        super().setToolTip(tip(text or ""))  # type: ignore[misc]


class PlainLabel(PlainTip, QLabel):
    """A label that shows its text as it is.

    Parameters
    ----------
    text
        What it shows.
    name
        What the style sheet knows it by.
    """

    def __init__(self, text: str = "", name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def tip(text: str) -> str:
    """Return a tip that Qt shows as `text`."""
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>' if "<" in text else text


def show_tip(where: QPoint, text: str, over: QWidget) -> None:
    """Show a tip now."""
    QToolTip.showText(where, tip(text), over)


def hide_tip() -> None:
    """Show none any more."""
    QToolTip.hideText()
