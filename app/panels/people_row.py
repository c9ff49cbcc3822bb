"""Two to four people side by side: of each the affect, the words, the face, and how good the EEG is."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import texts
from app.panels.affect_plane import AffectPlane
from app.panels.electrode_map import ElectrodeMap
from app.panels.video import Video
from app.timeline.span import Span, overlaps
from app.ui.people import People
from app.ui.plain import PlainLabel
from app.ui.theme import LIGHT, Theme
from core.data import Chunk, FaceObservation, Prediction, StreamHealth, StreamInfo, Window

_MOST = 4
_WIDE = 1.7
"""A tile so much wider than high has room for three squares beside each other."""


class PeopleRow(QWidget):
    """A tile for each participant as soon as there are two; a press on a name shows that person's signals below.

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
        self._recorded = False
        self._theme: Theme = LIGHT
        self._chosen = ""
        # Higher than the panels beside it would ask for, it would take the room of what is over time.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def add(self, name: str) -> None:
        """Have a tile for a participant, once; the fifth and later ones are reached by key and list alone."""
        if name in self.tiles or len(self.tiles) >= _MOST:
            return
        tile = self.tiles[name] = PersonTile(name)
        tile.video.recorded = self._recorded
        tile.name.clicked.connect(lambda: self.chosen.emit(name))
        tile.name.setChecked(name == self._chosen)
        self._row.addWidget(tile, 1)
        self.apply_theme(self._theme)

    def of(self, name: str = "") -> Iterator[PersonTile]:
        """Give the tile of a participant, none where there is none; all tiles unless somebody is named."""
        return (tile for each, tile in self.tiles.items() if name in ("", each))

    def show_recording(self) -> None:
        """Know that it is a recording that is shown, where a face is not asked for any more."""
        self._recorded = True
        for tile in self.tiles.values():
            tile.video.recorded = True

    def hide_span(self, name: str, span: Span | None) -> None:
        """Show nothing of a stretch of a person while it is labelled blind; None shows all, ``""`` means everybody."""
        for tile in self.of(name):
            tile.hide_span(span)

    def show_chosen(self, name: str) -> None:
        """Mark whose signals are shown below."""
        self._chosen = name
        for each, tile in self.tiles.items():
            tile.name.setChecked(each == name)

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
        self.plane, self.video, self.electrodes = AffectPlane(), Video(), ElectrodeMap(with_words=False)
        self.eeg, self.words = _note(""), _note(texts.NO_PREDICTION)
        self.eeg.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hidden: Span | None = None
        self._head, self._body, self._sensors = QHBoxLayout(), QHBoxLayout(), QBoxLayout(_DOWN)
        self._head.addWidget(self.name)
        self._head.addWidget(self.eeg, 1)
        self._body.addWidget(self.plane, 1)
        self._body.addLayout(self._sensors, 1)
        self._sensors.addWidget(self.video, 1)
        self._sensors.addWidget(self.electrodes, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addLayout(self._body, 1)
        self._column.addWidget(self.words)

    def show_stream(self, info: StreamInfo) -> None:
        """Take what the person wears."""
        if info.kind == "eeg":
            self.electrodes.show_stream(info)

    def push(self, chunk: Chunk) -> None:
        """Take pictures of the person."""
        if not chunk.is_bare:
            self.video.push(chunk)

    def show_face(self, face: FaceObservation, card: tuple[str, str] | None) -> None:
        """Take what a picture says of the face, and what is asked of the person."""
        self.video.show_face(face)
        self.video.ask(card)

    def show_window(self, window: Window) -> None:
        """Take how good the EEG of the newest window is."""
        self.electrodes.show_window(window)
        self._show_eeg()

    def show_health(self, kind: str, health: StreamHealth) -> None:
        """Take how a stream of the person is doing."""
        if kind == "eeg":
            self.electrodes.show_lost(not health.connected)
            self._show_eeg()
        elif kind == "video":
            self.video.show_health(health)

    def show_prediction(self, prediction: Prediction) -> None:
        """Take what was said."""
        self.plane.show_prediction(prediction)
        hidden = overlaps(prediction, self._hidden)
        _tell(self.words, texts.HIDDEN_NOW if hidden else texts.person_now(prediction))

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.plane.hide_span(span)

    def wear(self, theme: Theme, color: str) -> None:
        """Take the theme and the person's colour, which is a band beside the name."""
        self._column.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        for layout in (self._column, self._head, self._body, self._sensors):
            layout.setSpacing(theme.px(6))
        for canvas in (self.plane, self.video, self.electrodes):
            canvas.apply_theme(theme)
        self.name.setStyleSheet(f"QPushButton#tool {{ border-left: {theme.px(6)}px solid {color}; font-weight: 600; }}")

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Stand face and head beside each other where there is room for it, else one above the other."""
        super().resizeEvent(event)
        wide = self.width() > _WIDE * self.height()
        self._sensors.setDirection(QBoxLayout.Direction.LeftToRight if wide else _DOWN)
        self._body.setStretch(1, 2 if wide else 1)

    def _show_eeg(self) -> None:
        _tell(self.eeg, texts.eeg_of_person(self.electrodes.note(), self.electrodes.lost))


_DOWN = QBoxLayout.Direction.TopToBottom


def _note(text: str) -> PlainLabel:
    label = PlainLabel(text, "note")
    # Lines that are broken by the width would have the row ask for height by width; what is cut is in the tip.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _tell(label: PlainLabel, words: str) -> None:
    if words != label.text():
        label.setText(words)
        label.setToolTip(words)
