"""The dialog for several participants: who wears which stream, chosen by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from acquisition.lsl_found import FoundStream
from app import texts
from app.session.configuration import participants_trouble
from app.session.session_choices import NONE
from app.ui.plain import PlainLabel
from app.ui.push_button import push_button
from app.ui.text_field import TextField
from app.ui.theme import Theme
from core.config import AnyStreamConfig, ParticipantConfig

MOST = 4
"""Participants who can be chosen on screen, as many as stand side by side in the window."""


class PeopleDialog(QDialog):
    """A line for each participant with name, EEG and camera, and one for each other stream with whose it is.

    Parameters
    ----------
    people
        Who is chosen at first.
    eeg
        The streams that may be someone's EEG.
    cameras
        What each camera is called, by its number.
    streams
        The other streams that are to be recorded.
    theme
        How it looks.
    """

    def __init__(
        self,
        people: Sequence[ParticipantConfig],
        eeg: Sequence[FoundStream],
        cameras: Mapping[str, str],
        streams: Sequence[AnyStreamConfig],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.PEOPLE_TITLE)
        self._streams = tuple(streams)
        self.names = [TextField(texts.person_number(k + 1)) for k in range(MOST)]
        ids = _told_apart(eeg)
        heads = {NONE: texts.START_WITHOUT_EEG} | {name: texts.person_eeg(name, each) for name, each in ids.items()}
        films = {person.camera: Path(person.camera) for person in people if not person.camera.isdigit()}
        faces = {NONE: texts.PEOPLE_NO_CAMERA} | dict(cameras)
        faces |= {camera: film.name for camera, film in films.items() if film.is_file()}
        self.eeg = [_choice(texts.person_wears(texts.EEG, k + 1), heads) for k in range(MOST)]
        self.cameras = [_choice(texts.person_wears(texts.FACE, k + 1), faces) for k in range(MOST)]
        self.whose = [_choice(texts.whose(each.words), {}) for each in self._streams]
        self.message = PlainLabel(texts.PEOPLE_TEXT)
        self.message.setObjectName("note")
        self.message.setWordWrap(True)
        for k, person in enumerate(people[:MOST]):
            self.names[k].line.setText(person.name)
            _take(self.eeg[k], person.eeg)
            _take(self.cameras[k], person.camera)
        self._lay_out(theme)
        self._name_people()
        for each, box in zip(self._streams, self.whose, strict=True):
            _take(box, each.participant)
        for field in self.names:
            field.line.textChanged.connect(self._name_people)

    @property
    def people(self) -> tuple[ParticipantConfig, ...]:
        """The participants who have a name."""
        rows = zip(self.names, self.eeg, self.cameras, strict=True)
        return tuple(
            ParticipantConfig(field.text.strip(), eeg.currentData(), camera.currentData())
            for field, eeg, camera in rows
            if field.text.strip()
        )

    @property
    def streams(self) -> tuple[AnyStreamConfig, ...]:
        """The other streams, each with who wears it."""
        pairs = zip(self._streams, self.whose, strict=True)
        return tuple(replace(each, participant=box.currentData() or "") for each, box in pairs)

    def confirm(self) -> None:
        """Accept, unless something cannot be meant: that is told, and all stays as it is."""
        if trouble := participants_trouble(self.people):
            self.message.setText(trouble)
            self.message.setObjectName("problem")
            self.message.setStyleSheet(self.message.styleSheet())
            return
        self.accept()

    def _name_people(self) -> None:
        """Have each other stream be worn by one of those who have a name now, or by nobody alone."""
        choices = {"": texts.PEOPLE_NOBODY} | {person.name: person.name for person in self.people}
        for box in self.whose:
            before = box.currentData()
            box.clear()
            for data, text in choices.items():
                box.addItem(text, data)
            _take(box, before)

    def _lay_out(self, theme: Theme) -> None:
        self.keep = push_button(f"{texts.PEOPLE_KEEP}  Ctrl+↵", "primary", "")
        self.cancel = push_button(f"{texts.CHANNELS_CANCEL}  Esc", "plain", "")
        self.keep.clicked.connect(self.confirm)
        self.cancel.clicked.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.confirm)
        grid = QGridLayout()
        grid.setSpacing(theme.px(8))
        for column, title in enumerate((texts.START_PARTICIPANT, texts.EEG, texts.FACE)):
            head = PlainLabel(title)
            head.setObjectName("title")
            grid.addWidget(head, 0, column)
            grid.setColumnStretch(column, (2, 4, 3)[column])
        for k, row in enumerate(zip(self.names, self.eeg, self.cameras, strict=True)):
            for column, widget in enumerate(row):
                grid.addWidget(widget, k + 1, column, Qt.AlignmentFlag.AlignBottom)
        for k, (each, box) in enumerate(zip(self._streams, self.whose, strict=True)):
            label = PlainLabel(each.words)
            grid.addWidget(label, MOST + 1 + k, 0, 1, 2)
            grid.addWidget(box, MOST + 1 + k, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.message, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.keep)
        outer = QVBoxLayout(self)
        outer.setSpacing(theme.px(12))
        outer.addLayout(grid)
        outer.addStretch(1)
        outer.addLayout(foot)
        self.setStyleSheet(theme.stylesheet())
        for field in self.names:
            field.apply_theme(theme)
        self.resize(theme.px(760), theme.px(300 + 34 * len(self._streams)))


def _told_apart(eeg: Sequence[FoundStream]) -> dict[str, FoundStream]:
    """Return the streams by what names each alone: its name, or its source_id where the name repeats."""
    names = [each.name for each in eeg]
    return {each.name if names.count(each.name) == 1 else each.source_id: each for each in eeg}


def _choice(name: str, choices: Mapping[str, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for data, text in choices.items():
        box.addItem(text, data)
    return box


def _take(box: QComboBox, data: str | None) -> None:
    """Choose an entry; one that is not there is added, since it may come."""
    if data is None:
        return
    if box.findData(data) < 0 and data:
        box.addItem(texts.not_there_yet(data), data)
    box.setCurrentIndex(max(box.findData(data), 0))
