"""What the session is called, what the participant has agreed to, who labels, and which model reads."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, TypeVar

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import texts
from app.session.session_choices import ROLES, Consent, SessionChoices, header_of
from app.start.network_choice import NetworkChoice
from app.ui.choice import Choice
from app.ui.panel import Panel
from app.ui.plain import PlainLabel
from app.ui.text_field import TextField
from app.ui.theme import Theme
from core.config import Config
from core.errors import CheckpointError, FileFormatError

_NAMES = ("participant", "session", "task", "acquisition")
_CONSENTS = (
    *(("record_eeg", 0, 0, 1), ("record_video", 0, 1, 1)),
    ("keep_video", 1, 0, 2),
    *(("share", 2, 0, 1), ("train", 2, 1, 1)),
)
"""Where what is agreed to stands: name, row, column, columns."""
_Row = TypeVar("_Row", QHBoxLayout, QVBoxLayout)


class SessionForm(QWidget):
    """The part of the start screen that is typed and ticked.

    Parameters
    ----------
    choices
        What it shows at first.
    config
        What is not asked for.
    """

    changed = pyqtSignal()

    def __init__(self, choices: SessionChoices, config: Config) -> None:
        super().__init__()
        self.fields = {
            "study": TextField(texts.START_STUDY),
            "participant": TextField(texts.START_PARTICIPANT, "P001"),
            "session": TextField(texts.START_SESSION_NAME, "01"),
            "task": TextField(texts.START_TASK, "film"),
            "acquisition": TextField(texts.START_ACQUISITION),
            "annotator": TextField(texts.START_ANNOTATOR),
            "classes": TextField(texts.START_CLASSES, texts.START_CLASSES_HINT),
            "scales": TextField(texts.START_SCALES, texts.START_SCALES_HINT),
        }
        self.consents = {name: Choice(text, note) for name, (text, note) in texts.START_CONSENTS.items()}
        self.roles = {role: Choice(texts.START_ROLES[role], one_of=True) for role in ROLES}
        self.shipped = Choice(texts.START_SHIPPED, one_of=True)
        self.other_model = Choice(texts.START_OTHER_MODEL, one_of=True)
        self.network = NetworkChoice(config.lsl.scope, choices.publish)
        self._model = choices.model
        self._agreed = {choices.participant: choices.consent}
        self._place, self._room, self._taught = _note(), _note(), _note()
        self._wrong = {name: _wrong() for name in ("study", "names", "consent", "scheme", "model")}
        self._rows: list[QHBoxLayout | QVBoxLayout] = []
        self._lay_out()
        self._fill(choices)
        self._connect()

    def choices(self, others: SessionChoices) -> SessionChoices:
        """Return `others` with what stands here."""
        typed: dict[str, Any] = {name: field.text for name, field in self.fields.items()}
        consent = Consent(**{name: box.isChecked() for name, box in self.consents.items()})
        role = next((role for role, button in self.roles.items() if button.isChecked()), others.role)
        return dataclasses.replace(
            others, **typed, consent=consent, role=role, model=self._model, publish=self.network.publish.isChecked()
        )

    def show_place(self, place: str, room: str, low: bool) -> None:
        """Say where the session goes and how much room there is."""
        for label, text in ((self._place, place), (self._room, room)):
            label.setText(text)
            label.setVisible(bool(text))
        name = "wrong" if low else "note"
        if self._room.objectName() != name:
            self._room.setObjectName(name)
            self._room.setStyleSheet(self._room.styleSheet())

    def show_problems(self, problems: dict[str, str]) -> None:
        """Show what is wrong, in its place."""
        for name, field in self.fields.items():
            field.mark(problems.get(name, ""))
        names = next((name for name in _NAMES if name in problems), "names")
        scheme = "classes" if "classes" in problems else "scales"
        instead = {"names": names, "scheme": scheme}
        for name, label in self._wrong.items():
            label.setText(problems.get(instead.get(name, name), ""))
            label.setVisible(bool(label.text()))

    def focus(self, name: str) -> None:
        """Put the cursor where something is wrong."""
        if name in self.fields:
            self.fields[name].line.setFocus()
        elif name == "consent":
            next(box for box in self.consents.values() if not box.isChecked()).setFocus()
        elif name == "model":
            self.other_model.setFocus()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        for row in self._rows:
            row.setSpacing(theme.px(10) if isinstance(row, QHBoxLayout) else theme.px(3))
        self._column.setSpacing(theme.px(10))
        self._session.setSpacing(theme.px(8))

    def take_model(self, path: str) -> None:
        """Choose another model file; ``""`` is the one that ships."""
        self._model = path
        (self.other_model if path else self.shipped).setChecked(True)
        self.other_model.set_text(Path(path).name if path else texts.START_OTHER_MODEL)
        try:
            about = header_of(path)
        except (CheckpointError, FileFormatError):
            self._taught.setText("")
        else:
            taught = about.taught_on
            words = texts.taught(taught.simulated, taught.population, taught.participants, about.training_data)
            method = texts.by_method(about.method)
            self._taught.setText(f"{words} {method.capitalize()}." if method else words)
        self.changed.emit()

    def _fill(self, choices: SessionChoices) -> None:
        for name, field in self.fields.items():
            field.line.setText(getattr(choices, name))
        for name, box in self.consents.items():
            box.setChecked(getattr(choices.consent, name))
        self.roles[choices.role].setChecked(True)
        self.take_model(choices.model)
        self._title_consent(choices.participant)

    def _connect(self) -> None:
        for field in self.fields.values():
            field.line.textEdited.connect(self.changed)
        self.fields["participant"].line.textChanged.connect(self._other_participant)
        for box in self.consents.values():
            box.clicked.connect(self._agree)
        self.network.publish.clicked.connect(self.changed)
        self.shipped.clicked.connect(lambda: self.take_model(""))
        self.other_model.clicked.connect(self._choose_model)

    def _agree(self) -> None:
        self._agreed[self.fields["participant"].text] = self.choices(SessionChoices()).consent
        self.changed.emit()

    def _other_participant(self) -> None:
        """Show what this participant has agreed to: nobody agrees for somebody else."""
        participant = self.fields["participant"].text
        agreed = self._agreed.get(participant, Consent())
        for name, box in self.consents.items():
            box.setChecked(getattr(agreed, name))
        self._title_consent(participant)

    def _title_consent(self, participant: str) -> None:
        self._consent_panel.name(texts.start_agreed(participant))

    def _choose_study(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, texts.START_STUDY, self.fields["study"].text)
        if folder:
            self.fields["study"].line.setText(folder)
            self.changed.emit()

    def _choose_model(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, texts.START_MODEL, self._model, "*.safetensors")
        self.take_model(path or self._model)

    def _lay_out(self) -> None:
        choose = QPushButton(texts.START_CHOOSE)
        choose.setObjectName("plain")
        choose.setAccessibleName(f"{texts.START_STUDY}: {texts.START_CHOOSE}")
        choose.clicked.connect(self._choose_study)
        study = self._row(QHBoxLayout(), self.fields["study"], choose)
        study.setAlignment(choose, Qt.AlignmentFlag.AlignBottom)
        names = self._row(QHBoxLayout(), *(self.fields[name] for name in _NAMES))
        for k, stretch in enumerate((3, 2, 3, 4)):
            names.setStretch(k, stretch)
        where = self._row(QHBoxLayout(), self._place, self._room)
        self._session = session = self._row(
            QVBoxLayout(), study, self._wrong["study"], names, self._wrong["names"], where
        )
        agreed, boxes = self.consents, QGridLayout()
        boxes.setVerticalSpacing(0)
        for name, row, column, n_columns in _CONSENTS:
            boxes.addWidget(agreed[name], row, column, 1, n_columns)
        consent = self._row(QVBoxLayout(), boxes, self._wrong["consent"])
        who = self._row(QHBoxLayout(), self.fields["annotator"], *self.roles.values())
        who.setStretch(0, 1)
        for button in self.roles.values():
            who.setAlignment(button, Qt.AlignmentFlag.AlignBottom)
        own = self._row(QHBoxLayout(), self.fields["classes"], self.fields["scales"])
        labeller = self._row(QVBoxLayout(), who, own, self._wrong["scheme"])
        models = self._row(QHBoxLayout(), self.shipped, self.other_model)
        model = self._row(QVBoxLayout(), models, self._taught, self._wrong["model"])
        for group in (list(self.roles.values()), [self.shipped, self.other_model]):
            buttons = QButtonGroup(self)
            for button in group:
                buttons.addButton(button)
        self._consent_panel = Panel(texts.start_agreed(""), _held(consent))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(Panel(texts.START_SESSION, _held(session)))
        self._column.addWidget(self._consent_panel)
        self._column.addWidget(Panel(texts.START_LABELLER, _held(labeller)))
        self._column.addWidget(Panel(texts.START_MODEL, _held(model)))
        self._column.addWidget(Panel(texts.START_NETWORK, self.network))
        self._column.addStretch(1)

    def _row(self, row: _Row, *parts: QWidget | QHBoxLayout | QGridLayout) -> _Row:
        row.setContentsMargins(0, 0, 0, 0)
        for part in parts:
            if isinstance(part, QWidget):
                row.addWidget(part)
            else:
                row.addLayout(part)
        self._rows.append(row)
        return row


def _held(layout: QVBoxLayout) -> QWidget:
    held = QWidget()
    held.setLayout(layout)
    return held


def _note() -> PlainLabel:
    label = PlainLabel()
    label.setObjectName("note")
    label.setWordWrap(True)
    return label


def _wrong() -> PlainLabel:
    label = _note()
    label.setObjectName("wrong")
    label.hide()
    return label
