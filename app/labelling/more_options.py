"""What is rarely needed while labelling: the note, who answers, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from app import texts
from app.labelling.annotation_session import Order
from app.labelling.playback_buttons import FlatButton
from app.ui.key_button import KeyButton
from app.ui.keys import Act
from app.ui.plain import PlainLabel
from app.ui.theme import Theme
from core.data import Role


class Choice(QWidget):
    """A row of words of which one is chosen.

    Parameters
    ----------
    words
        From a value to the word for it.
    chosen
        The value at first.
    """

    changed = pyqtSignal(str)

    def __init__(self, words: dict[str, str], chosen: str) -> None:
        super().__init__()
        self.buttons: dict[str, FlatButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        for value, word in words.items():
            button = FlatButton(word, checkable=True)
            button.explain(word, "")
            button.setChecked(value == chosen)
            button.clicked.connect(lambda _, value=value: self.changed.emit(value))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[value] = button
        row.addStretch(1)

    def choose(self, value: str) -> None:
        """Show another value as chosen."""
        self.buttons[value].setChecked(True)


class MoreOptions(QWidget):
    """Note, the moment's bounds, annotator, role, what comes next and how, and the way into continuous rating.

    Parameters
    ----------
    annotator, role
        Who answers at first.
    auto_advance
        Whether the next moment comes by itself at first.
    hint
        From an act to the key printed for it.
    mixture
        The button of soft answers.
    """

    asked = pyqtSignal(str)
    """The act of a button that was pressed."""

    def __init__(
        self, annotator: str, role: Role, auto_advance: bool, hint: Callable[[str], str], mixture: QWidget
    ) -> None:
        super().__init__()
        self.note, self.annotator = QLineEdit(), QLineEdit(annotator)
        self.note.setPlaceholderText(texts.NOTE_HINT)
        self.role = Choice(texts.ROLES, role)
        self.advance = Choice(texts.ADVANCE, "itself" if auto_advance else "enter")
        self.order = Choice(texts.ORDERS, Order.SCORE)
        self.rate = KeyButton(hint(Act.RATE), texts.RATE)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            (texts.NOTE, self.note),
            (texts.BOUNDS, self._bounds(hint)),
            (texts.SEVERAL, _at_left(mixture)),
            (texts.ANNOTATOR, self.annotator),
            (texts.ROLE, self.role),
            (texts.AUTO_ADVANCE, self.advance),
            (texts.ORDER, self.order),
        )
        for row, (words, field) in enumerate(rows):
            label = PlainLabel(words)
            label.setObjectName("note")
            label.setBuddy(field)
            field.setAccessibleName(words)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(field, row, 1)
        self._grid.addWidget(self.rate, len(rows), 0, 1, 2)

    def _bounds(self, hint: Callable[[str], str]) -> QWidget:
        """Return the buttons that trim and split the moment where the playback is."""
        buttons = []
        for act, word, text in texts.BOUNDS_ACTS:
            button = FlatButton(f"{word} {hint(act)}".replace("⇧ ", "⇧"))
            button.explain(text, hint(act))
            button.clicked.connect(lambda _=False, act=act: self.asked.emit(act))
            buttons.append(button)
        return _at_left(*buttons)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(6))


def _at_left(*widgets: QWidget) -> QWidget:
    """Return widgets side by side, no wider than they need."""
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return whole
