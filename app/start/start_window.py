"""The first screen: who, what, with which devices and which model; one key starts the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from acquisition.finder import Finder
from acquisition.lsl_found import FoundStream
from app import texts
from app.session.session_choices import NONE, SessionChoices, free_bytes, place, problems
from app.start.camera_chooser import CameraChooser
from app.start.device_choosers import DeviceChoosers
from app.start.device_dialog import DeviceDialog
from app.start.device_preview import DevicePreview
from app.start.eeg_chooser import EegChooser
from app.start.network_choice import NetworkChoice
from app.start.people_dialog import PeopleDialog
from app.start.session_form import SessionForm
from app.ui.canvas import Canvas
from app.ui.choice import Choice
from app.ui.panel import Panel
from app.ui.plain import PlainLabel
from app.ui.push_button import push_button
from app.ui.screen import Screen
from app.ui.text_field import TextField
from app.ui.theme import Theme
from core.config import Config, ParticipantConfig

_LOOK_MS = 100
_CHECK_EVERY = 10
"""Looks between two checks of the disk."""
_DRESSED = (Canvas, Panel, Choice, TextField, SessionForm, NetworkChoice, EegChooser, CameraChooser, DeviceChoosers)
"""What takes the theme."""


class StartWindow(Screen):
    """Asks for all that a session needs, and says in its place what is missing.

    Parameters
    ----------
    choices
        What it shows at first.
    config
        What is not asked for.
    finder
        Which streams and cameras there are.
    listen, look
        Open an EEG stream, a camera, to look at it.
    theme
        How it looks; None takes what the system has.
    """

    decided = pyqtSignal(object)
    """The `SessionChoices` to start with."""
    closed = pyqtSignal()
    anew_wanted = pyqtSignal(object)
    """The `SessionChoices` to start the program with again: LSL is to go elsewhere."""

    def __init__(
        self,
        choices: SessionChoices,
        config: Config,
        finder: Finder,
        listen: Callable[[FoundStream], DevicePreview],
        look: Callable[[str], DevicePreview],
        theme: Theme | None = None,
    ) -> None:
        super().__init__(texts.TITLE, theme)
        self._config = config
        self._finder = finder
        self._tried = False
        self._looks = 0
        self._error = ""
        self._opening: list[str] = []
        self.form = SessionForm(choices, config)
        self.devices = DeviceChoosers(choices, listen, look)
        self.eeg, self.camera, self.others = self.devices.eeg, self.devices.camera, self.devices.others
        self._last = choices
        self._make_buttons()
        self._show_people()
        self._lay_out()
        self._connect()
        self.resize(1280, 800)
        self.setMinimumSize(980, 640)
        self.apply_theme()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_LOOK_MS)
        self.refresh()
        self.form.fields["participant"].line.setFocus()
        self.form.fields["participant"].line.selectAll()

    @property
    def choices(self) -> SessionChoices:
        """What is chosen now."""
        return self.form.choices(self.devices.into(self._last))

    def refresh(self) -> None:
        """Take what was found and heard since the last look."""
        self._looks += 1
        self.devices.take(self._finder)
        if self._looks % _CHECK_EVERY == 1:
            self.check()

    def check(self) -> dict[str, str]:
        """Show where the session would go and what is missing; return the latter."""
        choices = self.choices
        missing = problems(choices, self._config) | self.devices.problems()
        stem, run = place(choices)
        free = None if "study" in missing else free_bytes(choices.study)
        rate = self.devices.bytes_per_second(choices)
        low = free is not None and free < self._config.record.min_free_mb * 1e6
        room = "" if free is None else texts.start_low(free, rate) if low else texts.start_room(free, rate)
        self.form.show_place(texts.start_place(stem, run), room, low)
        # What is typed wrong is told at once; what is not done yet, once somebody has tried to start.
        typed = {name: text for name, text in missing.items() if name in self.form.fields or name == "model"}
        self.form.show_problems(missing if self._tried else typed)
        ready = texts.START_DOUBT if self.eeg.doubtful else texts.START_READY
        grave = bool(self._error) or (self._tried and bool(missing))
        self._show_sentence(self._error or next(iter(missing.values()), ready), grave)
        return missing

    def start(self, record: bool = True) -> None:
        """Start the session if nothing is missing; else go to what is."""
        if not self.go.isEnabled():
            return
        self._error = ""
        self._last = replace(self._last, record=record)
        self._tried = True
        if missing := self.check():
            self._show_missing(next(iter(missing)))
            return
        self._decide(self.choices)

    def simulate(self) -> None:
        """Start a session with a simulated participant."""
        if self.go.isEnabled():
            # To try things out nobody waits for a program that was there last time.
            markers, streams = self.others.there
            self._decide(replace(self.choices, markers=markers, streams=streams, simulated=True))

    def show_error(self, text: str) -> None:
        """Show why the session could not be opened; all can be chosen again."""
        self._error, self._tried = text, False
        self._enable(True)
        self._timer.start(_LOOK_MS)
        self.devices.open_again()
        self.check()

    def show_opening(self, stage: str = "") -> None:
        """Show what is done now that the session is opened."""
        self._show_sentence(texts.start_opening(self._opening, stage), False)

    def show_fault(self, text: str) -> None:
        """Show an error in the window's own code; nothing else is touched."""
        self._error = text
        self._show_sentence(text, True)

    def name_people(self) -> None:
        """Ask who wears which stream, where there are several participants.

        Not while the session is opened: it would begin behind the dialog, and nobody would see it.
        """
        if not self.people.isEnabled():
            return
        choices = self.choices
        alone = ParticipantConfig(choices.participant, choices.eeg.name or NONE, choices.camera or NONE)
        asked = PeopleDialog(
            choices.participants or (alone,), self.devices.may_be_eeg, self.camera.found, choices.streams, self.theme,
            self,
        )  # fmt: skip
        if asked.exec():
            several = asked.people if len(asked.people) > 1 else ()
            self.devices.people = several
            self.others.give(asked.streams)
            if asked.people:
                self.form.fields["participant"].line.setText(asked.people[0].name)
            self._show_people()
            self._changed()

    def _show_people(self) -> None:
        names = [each.name for each in self.devices.people]
        self.people.setText(f"{texts.people_button(names)}  F7")
        self.people.setToolTip("\n".join(texts.wears(each) for each in self.devices.people) or texts.PEOPLE_TIP)

    def name_channels(self) -> None:
        """Ask for the electrodes and the unit of the stream that is chosen."""
        preview = self.eeg.preview
        if preview is None or preview.info is None:
            return
        if DeviceDialog(preview.info, preview, self.theme, self).exec():
            self._error = ""
            self.eeg.listen_again()

    def let_go(self) -> None:
        """Let go of all devices."""
        self._timer.stop()
        self.devices.let_go()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Start with Return, but press a button that has the focus."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            if isinstance(focus, QPushButton):
                focus.click()
            else:
                self.start()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Let go of the devices; nothing was made."""
        super().closeEvent(event)
        self.let_go()
        self.closed.emit()

    def _decide(self, choices: SessionChoices) -> None:
        self._last = replace(choices, markers=self.others.markers, streams=self.others.streams, simulated=False)
        self.let_go()
        self._enable(False)
        self._opening = [texts.START_SIMULATED] if choices.simulated else _devices(choices)
        self.show_opening()
        self.decided.emit(choices)

    def _start_anew(self, this_machine: bool) -> None:
        self.let_go()
        self._enable(False)
        self.anew_wanted.emit(replace(self.choices, this_machine=this_machine))

    def _show_missing(self, name: str) -> None:
        if not self.devices.focus_on(name):
            self.form.focus(name)

    def _show_sentence(self, text: str, grave: bool) -> None:
        self._message.setText(text)
        name = "problem" if grave else "message"
        if self._message.objectName() != name:
            self._message.setObjectName(name)
            self._message.setStyleSheet(self._message.styleSheet())

    def _enable(self, enabled: bool) -> None:
        for widget in (self.form, self.devices, self.go, self.watch, self.simulated, self.people):
            widget.setEnabled(enabled)

    def _changed(self) -> None:
        self._error = ""
        self.check()

    def _connect(self) -> None:
        self.form.changed.connect(self._changed)
        self.form.network.reach_wanted.connect(self._start_anew)
        # Devices come and go by themselves: that takes no words away which nobody may have read yet.
        self.devices.changed.connect(self.check)
        self.eeg.channels_wanted.connect(self.name_channels)
        self.go.clicked.connect(lambda: self.start())
        self.watch.clicked.connect(lambda: self.start(record=False))
        self.simulated.clicked.connect(self.simulate)
        self.back.clicked.connect(self.close)
        self.people.clicked.connect(self.name_people)
        self.appearance.clicked.connect(self.change_appearance)
        for keys, slot in (
            ("Esc", self.close),
            ("Ctrl+Q", self.close),
            ("Ctrl+Return", lambda: self.start()),
            ("F2", self.simulate),
            ("F3", lambda: self.start(record=False)),
            ("F4", self.name_channels),
            ("F7", self.name_people),
            ("F5", self._finder.look_again),
            ("F11", lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen()),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _make_buttons(self) -> None:
        self.go = push_button(f"{texts.START_GO}  ↵", "primary", "")
        self.watch = push_button(f"{texts.START_WATCH}  F3", "plain", texts.START_WATCH_TIP)
        self.simulated = push_button(f"{texts.START_SIMULATED}  F2", "plain", texts.START_SIMULATED_TIP)
        self.back = push_button(f"{texts.START_BACK}  Esc", "plain", texts.START_BACK_TIP)
        self.people = push_button(f"{texts.people_button(())}  F7", "tool", texts.PEOPLE_TIP)
        self.appearance = push_button(f"{texts.THEME_BUTTON}  F6", "tool", texts.THEME_TEXT)

    def _lay_out(self) -> None:
        title, subtitle = PlainLabel(texts.START_TITLE), PlainLabel(texts.START_SUBTITLE)
        title.setObjectName("heading")
        subtitle.setObjectName("note")
        self._message = PlainLabel()
        self._message.setObjectName("message")
        self._message.setWordWrap(True)
        self._head, self._foot, self._body = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(title)
        self._head.addWidget(subtitle, 0, Qt.AlignmentFlag.AlignBottom)
        self._head.addStretch(1)
        for widget in (self.people, self.appearance, self.simulated):
            self._head.addWidget(widget)
        form = QScrollArea()
        form.setWidgetResizable(True)
        form.setWidget(self.form)
        form.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.addWidget(form, 11)
        self._body.addWidget(self.devices, 12)
        self._foot.addWidget(self.back)
        self._foot.addWidget(self._message, 1)
        self._foot.addWidget(self.watch)
        self._foot.addWidget(self.go)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._head)
        self._outer.addLayout(self._body, 1)
        self._outer.addLayout(self._foot)

    def apply_theme(self) -> None:
        """Have all that is on it wear the theme."""
        theme = self.theme
        self.setStyleSheet(theme.stylesheet())
        for layout in (self._head, self._body, self._foot, self._outer):
            layout.setSpacing(theme.px(10))
        self._outer.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        for widget in self.findChildren(QWidget):
            if isinstance(widget, _DRESSED):
                widget.apply_theme(theme)


def _devices(choices: SessionChoices) -> list[str]:
    if choices.participants:
        worn = [each.eeg for each in choices.participants if each.eeg != NONE]
        return [*worn, *(each.name for each in (*choices.markers, *choices.streams) if each.name)]
    eeg = [choices.eeg.name] if choices.eeg.name != NONE else []
    camera = [texts.start_camera(choices.camera, "")[0]] if choices.camera not in ("", NONE) else []
    return [*eeg, *camera, *(each.name for each in (*choices.markers, *choices.streams) if each.name)]
