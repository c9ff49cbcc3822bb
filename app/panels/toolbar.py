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
    blinded = pyqtSignal(bool)
    """Whether the model's view of what is asked is to be hidden."""

    def __init__(self, keys: tuple[Key, ...], blind: bool) -> None:
        super().__init__()
        printed = partial(hint, keys=keys)
        self.people = QComboBox()
        self.people.setAccessibleName(texts.PARTICIPANT)
        self.people.hide()
        self.people.currentTextChanged.connect(self.chosen)
        self.one = _button(f"{texts.PEOPLE_BUTTON}  {printed(Act.PEOPLE)}", texts.PEOPLE_KEY_TEXT)
        self.one.clicked.connect(lambda: self.wanted.emit("people"))
        self.one.hide()
        self.private = _button(f"{texts.PRIVATE_BUTTON}  {printed(Act.PRIVATE)}", texts.PRIVATE_TEXT, checkable=True)
        # In words, not by a highlight: it is on at first, and would look as if something were the matter.
        self.blind = _button("", texts.BLIND_TIP)
        self.blind.clicked.connect(self.toggle_blind)
        self._blind, self._blind_key = blind, printed(Act.BLIND)
        self._name_blind()
        theme = _button(f"{texts.THEME_BUTTON}  {printed(Act.THEME)}", texts.THEME_TEXT)
        sheet = _button(f"{texts.KEYS_TITLE}  {printed(Act.KEYS)}", texts.KEYS_TEXT)
        self.eeg = _button(f"{texts.EEG_FIGURES_BUTTON}  {printed(Act.EEG_FIGURES)}", texts.EEG_FIGURES_TEXT)
        self.eeg.clicked.connect(lambda: self.wanted.emit("eeg figures"))
        self.teach = _button(f"{texts.TEACH}  {printed(Act.TEACH)}", texts.TEACH_TEXT)
        self.teach.clicked.connect(lambda: self.wanted.emit("teach"))
        self.stop = _button(f"{texts.STOP}  {printed(Act.STOP)}", texts.STOP_TEXT)
        self._stop_key = printed(Act.STOP)
        self.stop.clicked.connect(lambda: self.wanted.emit("stop"))
        theme.clicked.connect(lambda: self.wanted.emit("theme"))
        sheet.clicked.connect(lambda: self.wanted.emit("keys"))
        self.label = _button("", texts.ZEN_TEXT)
        self.label.clicked.connect(lambda: self.wanted.emit("zen"))
        self.label.hide()
        self._label_key = printed(Act.ZEN)
        self._rare = (self.private, self.blind, self.eeg, self.teach, theme)
        self._is_narrow = False
        self._left_out: set[QWidget] = set()
        """What does nothing in this window."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.people, self.one, self.eeg, self.teach, self.private, self.blind, theme, self.label, sheet):
            self._row.addWidget(widget)
        self._row.addWidget(self.stop)

    def set_narrow(self, narrow: bool) -> None:
        """Leave out what a key does as well, and offer to go to the questions and back, where there is little room."""
        self._is_narrow = narrow
        for button in self._rare:
            button.setVisible(not narrow and button not in self._left_out)
        self.label.setVisible(narrow and self.label not in self._left_out)
        self._show_people()

    def leave_out(self, *widgets: QWidget) -> None:
        """Show widgets no more: what they do cannot be done here."""
        self._left_out.update(widgets)
        for widget in widgets:
            widget.hide()

    def show_waiting(self, n_waiting: int) -> None:
        """Say on the way to the questions how many there are."""
        self.label.setText(f"{texts.label_button(n_waiting)}  {self._label_key}")

    def offer_to_close(self, text: str, tip: str) -> None:
        """Offer to close a window that records nothing, in place of stopping."""
        self.stop.setText(f"{text}  {self._stop_key}")
        self.stop.setToolTip(tip)

    def toggle_blind(self) -> None:
        """Hide the model's view of what is asked until it is answered, or show it."""
        self._blind = not self._blind
        self._name_blind()
        self.blinded.emit(self._blind)

    def _name_blind(self) -> None:
        self.blind.setText(f"{texts.BLIND if self._blind else texts.NOT_BLIND}  {self._blind_key}")

    def add_participant(self, participant: str) -> None:
        """Offer a participant, once; the choice is seen when there are several."""
        if self.people.findText(participant) < 0:
            self.people.addItem(participant)
            self._show_people()

    def _show_people(self) -> None:
        several = self.people.count() > 1
        self.people.setVisible(several and self.people not in self._left_out)
        self.one.setVisible(several and not self._is_narrow and self.one not in self._left_out)

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
