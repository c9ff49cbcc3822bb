"""The buttons at the top of the window: who is shown, what is hidden, how it looks, which keys there are."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from app import texts
from app.ui.keys import Act, Key, hint
from app.ui.theme import Theme


class Toolbar(QWidget):
    """A row of buttons, each with its key.

    Parameters
    ----------
    keys
        The keys that are printed.
    blind
        Whether the model's view is hidden at first.
    """

    chosen = pyqtSignal(str)
    """The participant to be shown."""
    wanted = pyqtSignal(str)
    """An act of the window's."""

    def __init__(self, keys: tuple[Key, ...], blind: bool) -> None:
        super().__init__()
        printed = partial(hint, keys=keys)
        self.people = QComboBox()
        self.people.setAccessibleName(texts.PARTICIPANT)
        self.people.hide()
        self.people.currentTextChanged.connect(self.chosen)
        self.private = _button(f"{texts.PRIVATE_BUTTON}  {printed(Act.PRIVATE)}", texts.PRIVATE_TEXT, checkable=True)
        self.blind = _button(f"{texts.BLIND}  {printed(Act.BLIND)}", texts.BLIND_TIP, checkable=True)
        self.blind.setChecked(blind)
        theme = _button(f"{texts.THEME_BUTTON}  {printed(Act.THEME)}", texts.THEME_TEXT)
        sheet = _button(f"{texts.KEYS_TITLE}  {printed(Act.KEYS)}", texts.KEYS_TEXT)
        self.eeg = _button(f"{texts.EEG_FIGURES_BUTTON}  {printed(Act.EEG_FIGURES)}", texts.EEG_FIGURES_TEXT)
        self.eeg.clicked.connect(lambda: self.wanted.emit("eeg figures"))
        self.teach = _button(f"{texts.TEACH}  {printed(Act.TEACH)}", texts.TEACH_TEXT)
        self.teach.clicked.connect(lambda: self.wanted.emit("teach"))
        self.stop = _button(f"{texts.STOP}  {printed(Act.STOP)}", texts.STOP_TEXT)
        self._done = f"{texts.DONE}  {printed(Act.STOP)}"
        self.stop.clicked.connect(lambda: self.wanted.emit("stop"))
        theme.clicked.connect(lambda: self.wanted.emit("theme"))
        sheet.clicked.connect(lambda: self.wanted.emit("keys"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.people, self.eeg, self.teach, self.private, self.blind, theme, sheet, self.stop):
            self._row.addWidget(widget)

    def offer_done(self) -> None:
        """Offer to close a window that records nothing, in place of stopping."""
        self.stop.setText(self._done)
        self.stop.setToolTip(texts.DONE_TEXT)

    def add_participant(self, participant: str) -> None:
        """Offer a participant, once; the choice is seen when there are several."""
        if self.people.findText(participant) < 0:
            self.people.addItem(participant)
            self.people.setVisible(self.people.count() > 1)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._row.setSpacing(theme.px(8))


def _button(text: str, tip: str, checkable: bool = False) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("tool")
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
