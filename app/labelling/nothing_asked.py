"""What stands there while nothing is asked: why, and what can be done all the same."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app import texts
from app.ui.key_button import KeyButton
from app.ui.plain import PlainLabel
from app.ui.theme import Theme

_BETWEEN_PX = 24
_ACTS = {"unskip": texts.UNSKIP_TEXT, "undo": texts.UNDO_TEXT, "rate": texts.RATE}


class NothingAsked(QWidget):
    """A few words, and the acts that need no question.

    Parameters
    ----------
    hint
        From an act to the key printed for it.
    """

    asked = pyqtSignal(str)
    """The act of a button that was pressed."""

    def __init__(self, hint: Callable[[str], str]) -> None:
        super().__init__()
        self.words = PlainLabel(texts.NOTHING_TO_LABEL)
        self.words.setObjectName("empty")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons = {act: KeyButton(hint(act), text) for act, text in _ACTS.items()}
        self.can_rate = True
        """Whether something plays that could be rated."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(self.words)
        for act, button in self.buttons.items():
            button.clicked.connect(lambda _=False, act=act: self.asked.emit(act))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing; the buttons take theirs from the window."""
        self.words.setContentsMargins(0, 0, 0, theme.px(_BETWEEN_PX))

    def show_acts(self, can: dict[str, bool]) -> None:
        """Show the acts that are possible."""
        for act, button in self.buttons.items():
            button.setVisible(self.can_rate if act == "rate" else can[act])
