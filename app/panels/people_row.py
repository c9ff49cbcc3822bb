"""Two to four people side by side: each with name and colour, where the affect is now, and what it is in words."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import texts
from app.panels.affect_plane import AffectPlane
from app.timeline.span import Span, overlaps
from app.ui.people import People
from app.ui.plain import PlainLabel
from app.ui.theme import LIGHT, Theme
from core.data import Prediction

_MOST = 4


class PeopleRow(QWidget):
    """A tile for each participant as soon as there are two; a press on a name shows the rest of that person.

    Parameters
    ----------
    people
        Who takes part.
    """

    chosen = pyqtSignal(str)

    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people
        self.tiles: dict[str, PersonTile] = {}
        self._theme: Theme = LIGHT
        self._chosen = ""
        # Higher than the panels beside it would ask for, it would take the room of what is over time.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def add(self, name: str) -> None:
        """Have a tile for a participant, once; the fifth and later ones are reached by the list of names alone."""
        if name in self.tiles or len(self.tiles) >= _MOST:
            return
        tile = self.tiles[name] = PersonTile(name)
        tile.name.clicked.connect(lambda: self.chosen.emit(name))
        tile.name.setChecked(name == self._chosen)
        self._row.addWidget(tile, 1)
        self.apply_theme(self._theme)

    def show_chosen(self, name: str) -> None:
        """Mark whose face, signals and trust are shown beside."""
        self._chosen = name
        for each, tile in self.tiles.items():
            tile.name.setChecked(each == name)

    def show_prediction(self, prediction: Prediction) -> None:
        """Take what was said of a person."""
        if prediction.participant in self.tiles:
            self.tiles[prediction.participant].show_prediction(prediction)

    def hide_span(self, name: str, span: Span | None) -> None:
        """Show nothing of a stretch of a person while it is labelled blind; None shows all, ``""`` means everybody."""
        for each, tile in self.tiles.items():
            tile.hide_span(span if name in ("", each) else None)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing, and each person's colour."""
        self._theme = theme
        self._row.setSpacing(theme.px(10))
        for name, tile in self.tiles.items():
            tile.wear(theme, self._people.color(name, theme))


class PersonTile(QFrame):
    """One person.

    Parameters
    ----------
    name
        The participant.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.name = QPushButton(name)
        self.name.setObjectName("tool")
        self.name.setCheckable(True)
        self.name.setToolTip(texts.show_person(name))
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plane = AffectPlane()
        self.words = PlainLabel(texts.NO_PREDICTION)
        self.words.setObjectName("note")
        # Lines that are broken by the width would have the row ask for height by width; what is cut is in the tip.
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hidden: Span | None = None
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.name)
        self._column.addWidget(self.plane, 1)
        self._column.addWidget(self.words)

    def show_prediction(self, prediction: Prediction) -> None:
        """Take what was said."""
        self.plane.show_prediction(prediction)
        hidden = overlaps(prediction, self._hidden)
        words = texts.HIDDEN_NOW if hidden else texts.person_now(prediction)
        if words != self.words.text():
            self.words.setText(words)
            self.words.setToolTip(words)

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch; None shows all."""
        self._hidden = span
        self.plane.hide_span(span)

    def wear(self, theme: Theme, color: str) -> None:
        """Take the theme and the person's colour, which is a band beside the name."""
        self._column.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        self._column.setSpacing(theme.px(4))
        self.plane.apply_theme(theme)
        self.name.setStyleSheet(f"QPushButton#tool {{ border-left: {theme.px(6)}px solid {color}; font-weight: 600; }}")
