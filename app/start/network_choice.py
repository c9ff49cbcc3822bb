"""How far LSL goes in this session: where streams are looked for, and whether predictions are sent."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app import texts
from app.ui.choice import Choice
from app.ui.plain import PlainLabel
from app.ui.theme import Theme


class NetworkChoice(QWidget):
    """Two switches, and in words what holds.

    Parameters
    ----------
    scope
        Where streams are looked for; liblsl takes that once, so another one needs the program to start anew.
    publish
        Whether predictions are sent at first.
    """

    reach_wanted = pyqtSignal(bool)
    """This machine only, or its network as well."""

    def __init__(self, scope: str, publish: bool) -> None:
        super().__init__()
        self._scope = scope
        self.this_machine = Choice(texts.START_THIS_MACHINE, texts.START_THIS_MACHINE_NOTE)
        self.this_machine.setChecked(scope == "machine")
        self.publish = Choice(texts.START_PUBLISH, texts.START_PUBLISH_NOTE)
        self.publish.setChecked(publish)
        self.words = PlainLabel()
        self.words.setObjectName("note")
        self.words.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in (self.this_machine, self.publish, self.words):
            self._column.addWidget(part)
        self.this_machine.clicked.connect(self.reach_wanted)
        self.publish.clicked.connect(self._tell)
        self._tell()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(6))

    def _tell(self) -> None:
        self.words.setText(f"{texts.looks(self._scope)}. {texts.sends(self.publish.isChecked())}.")
