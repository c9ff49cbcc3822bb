"""A button as Qt draws it, in one of the kinds that the theme's style sheet knows."""

from __future__ import annotations

from typing import Literal

from PyQt6.QtWidgets import QPushButton


def push_button(text: str, kind: Literal["primary", "plain", "tool"], tip: str = "") -> QPushButton:
    """Return a button with its text and tip."""
    button = QPushButton(text)
    button.setObjectName(kind)
    button.setToolTip(tip)
    return button
