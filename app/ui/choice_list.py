"""Lines to choose from that come and go by themselves, such as the devices that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QScrollArea, QVBoxLayout, QWidget

from app.ui.choice import Choice
from app.ui.theme import LIGHT, Theme


class ChoiceList(QWidget):
    """Lines under each other, each with a key that stays the same.

    Parameters
    ----------
    one_of
        One of them is chosen; else any number.
    """

    chosen = pyqtSignal(str)
    """The key of the line that was clicked."""

    def __init__(self, one_of: bool) -> None:
        super().__init__()
        self.rows: dict[str, Choice] = {}
        self._one_of = one_of
        self._theme: Theme = LIGHT
        self._group = QButtonGroup(self)
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(0, 0, 0, 0)

    @property
    def ticked(self) -> Choice | None:
        """The first line that is ticked, None if none is."""
        return next((row for row in self.rows.values() if row.isChecked()), None)

    def show_choices(
        self, wanted: Mapping[str, tuple[str, str]], ticked: Collection[str], tall: Collection[str] = ()
    ) -> None:
        """Show these lines in this order: text and remark by key, which are ticked, which have two lines."""
        # A group with one line ticked lets go of it only when it is not exclusive.
        self._group.setExclusive(False)
        for key in [key for key in self.rows if key not in wanted]:
            row = self.rows.pop(key)
            self._group.removeButton(row)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, (key, (text, remark)) in enumerate(wanted.items()):
            if key not in self.rows:
                self._add(key, key in tall)
            row = self.rows[key]
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            row.set_text(text, remark)
            row.setChecked(key in ticked)
        self._group.setExclusive(self._one_of)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        self._list.setSpacing(theme.px(2))
        for row in self.rows.values():
            row.apply_theme(theme)

    def _add(self, key: str, tall: bool) -> None:
        row = self.rows[key] = Choice("", one_of=self._one_of, tall=tall)
        row.apply_theme(self._theme)
        row.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(row)


def scrolling(choices: ChoiceList) -> QScrollArea:
    """Return what the lines scroll in where there are many; the focus goes to the lines themselves."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(choices)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
