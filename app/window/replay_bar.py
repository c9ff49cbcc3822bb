"""What a replay has and a live session has not: the whole session on one line, and keys to go about in it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import texts
from app.timeline.overview_line import OverviewLine
from app.timeline.session_overview import OverviewEvent, SessionOverview
from app.timeline.span import Span
from app.ui.keys import Act, Key, hint
from app.ui.push_button import push_button
from app.ui.theme import Theme
from core.data import Label, Marker, Notice, Prediction

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, math.inf)
_STEP, _LEAP = 10.0, 60.0
"""Seconds that an arrow goes, alone and with Ctrl."""
_SLICE_S = 0.008
"""How long the window reads the recording's own events at a time, so that keys stay quick."""


class Player(Protocol):
    """A recording that is being played; its methods may be called from the window's thread."""

    @property
    def span(self) -> Span:
        """When it begins and ends, s, LSL clock."""
        ...

    def seek(self, time: float) -> None:
        """Go to `time`."""
        ...

    def set_speed(self, speed: float) -> None:
        """Go on at another speed; 0 stands still."""
        ...


@dataclass(frozen=True)
class Replay:
    """A recording that the window is opened on."""

    player: Player
    path: Path
    speed: float
    events: Callable[[], Iterator[OverviewEvent]]
    """Gives what was said when it was recorded."""
    models: Sequence[str] = ()
    """Hashes of the model that predicts now and of those that came after it when it was recorded, which may grow while
    that is read. What was said when it was recorded may be others'."""
    rival: str = ""
    """Hash of the second of two models, ``""`` if there is one."""


class ReplayBar(QWidget):
    """Goes about in a recording.

    Parameters
    ----------
    replay
        What is played. What was said when it was recorded is read in small slices, so a session of hours opens at once.
    keys
        What is printed on the buttons.
    """

    sought = pyqtSignal()
    """Someone goes elsewhere; what is on its way to the window is of no use any more."""
    read = pyqtSignal()
    """All that was said when it was recorded is known."""
    marker_found = pyqtSignal(object)
    """Another program said something when the session was recorded."""
    wanted = pyqtSignal(str)
    """An act of the window's is wanted."""

    def __init__(self, replay: Replay, keys: tuple[Key, ...]) -> None:
        super().__init__()
        player = replay.player
        self.session_overview = SessionOverview()
        self.overview = OverviewLine(self.session_overview)
        self.overview.show_span(player.span)
        self.overview.sought.connect(self.seek)
        self.speed = replay.speed
        self.paused = False
        self._player = player
        self._replay = replay
        self._recorded: Iterator[OverviewEvent] | None = replay.events()
        self._predictions: dict[tuple[str, float, str], Prediction] = {}
        self._made: dict[tuple[str, float, str], Prediction] = {}
        self._is_new = False
        self._went_early = False
        """Whether somebody went elsewhere before it was known from when on another model had read."""
        self._time = player.span[0]
        self._since = math.nan
        self.acts: dict[str, Callable[[], object]] = {
            Act.BACK: lambda: self.seek(self._time - _STEP),
            Act.ON: lambda: self.seek(self._time + _STEP),
            Act.FAR_BACK: lambda: self.seek(self._time - _LEAP),
            Act.FAR_ON: lambda: self.seek(self._time + _LEAP),
            Act.PAUSE: self.toggle_pause,
            Act.SLOW_DOWN: lambda: self._change_speed(-1),
            Act.SPEED_UP: lambda: self._change_speed(1),
            Act.NEXT_UNSURE: lambda: self._go(self.session_overview.next_unsure(self._time)),
            Act.LAST_UNSURE: lambda: self._go(self.session_overview.next_unsure(self._time, back=True)),
            Act.NEXT_GAP: lambda: self._go(self.session_overview.next_gap(self._time)),
            Act.LAST_GAP: lambda: self._go(self.session_overview.next_gap(self._time, back=True)),
            Act.NEXT_LABEL: lambda: self._go(self.session_overview.next_label(self._time)),
            Act.LAST_LABEL: lambda: self._go(self.session_overview.next_label(self._time, back=True)),
        }
        self._lay_out(keys)
        self._reader = QTimer(self)
        self._reader.timeout.connect(self._read_on)
        self._reader.start(0)

    @property
    def has_recorded(self) -> bool:
        """Whether the line shows what was said when it was recorded, not what is predicted now."""
        return bool(self._predictions)

    def note(self) -> str:
        """Return where one is, how fast it goes, and whose predictions the line shows."""
        start, stop = self._player.span
        elapsed, since = self._time - start, self._since - start
        return texts.replay_note(elapsed, stop - start, self.speed, self.paused, self.has_recorded, since)

    def seek(self, time: float) -> None:
        """Go to a moment, s, LSL clock."""
        start, stop = self._player.span
        self._time = min(max(time, start), stop)
        self._went_early |= self._recorded is not None
        self.sought.emit()
        self._since = self._time if self._time > start else math.nan
        self._player.seek(self._time)
        self.overview.show_time(self._time)

    def show_time(self, time: float) -> None:
        """Take how far the replay has come."""
        if not math.isnan(time):
            self._time = time
            self.overview.show_time(time)
        if self._is_new:
            self._is_new = False
            self.overview.update()

    def choose(self, participant: str) -> None:
        """Show another participant from now on."""
        self.session_overview.participant = participant
        self._is_new = True

    def show_prediction(self, prediction: Prediction) -> None:
        """Take what is predicted now; it is drawn where the recording itself says nothing."""
        self._made[_name(prediction)] = replace(prediction, feature=None)
        if not self.has_recorded and prediction.model != self._replay.rival:
            self._take(prediction)

    def show_notice(self, notice: Notice) -> None:
        """Take what is noticed now, where the recording itself says nothing."""
        if not self.has_recorded:
            self._take(notice)

    def show_label(self, label: Label) -> None:
        """Take an answer that is on disk."""
        self._take(label)

    def numbers(self) -> list[Prediction]:
        """Return what was predicted when it was recorded, then what has been predicted here and was not known then."""
        for event in self._recorded or ():
            self._take_recorded(event)
        fresh = (made for name, made in self._made.items() if name not in self._predictions)
        return [*self._predictions.values(), *sorted(fresh, key=lambda p: (p.model, p.stop))]

    def before(self, time: float, seconds: float) -> list[Prediction]:
        """Return what the models that predict now said of the time before a moment when it was recorded."""
        name, models = self.session_overview.participant, self._replay.models
        said = (p for p in self._predictions.values() if time - seconds < p.stop < time)
        return [p for p in said if p.participant == name and p.model in models]

    def toggle_pause(self) -> None:
        """Stand still, or go on."""
        self.paused = not self.paused
        self._pause.setChecked(self.paused)
        self._player.set_speed(0.0 if self.paused else self.speed)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing; the line takes its own from the window."""
        self._buttons.setSpacing(theme.px(6))
        self._fit_buttons()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Show as many buttons as there is room for; each has its key."""
        super().resizeEvent(event)
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        room = self.width()
        for button in self._by_use:
            room -= button.sizeHint().width() + self._buttons.spacing()
            button.setVisible(room >= 0)

    def _change_speed(self, step: int) -> None:
        nearest = min(range(len(SPEEDS)), key=lambda k: abs(math.atan(SPEEDS[k]) - math.atan(self.speed)))
        self.speed = SPEEDS[min(max(nearest + step, 0), len(SPEEDS) - 1)]
        self._speed.setText(texts.replay_speed(self.speed))
        if not self.paused:
            self._player.set_speed(self.speed)

    def _go(self, time: float | None) -> None:
        if time is not None:
            self.seek(time)

    def _read_on(self) -> None:
        """Take a slice of what the recording says."""
        deadline = time.perf_counter() + _SLICE_S
        while self._recorded is not None and time.perf_counter() < deadline:
            event = next(self._recorded, None)
            if event is None:
                self._recorded = None
                self._reader.stop()
                if self._went_early and len(self._replay.models) > 1:
                    self.seek(self._time)  # once more, now that it is known which model read there
                self.read.emit()
            else:
                self._take_recorded(event)

    def _take_recorded(self, event: OverviewEvent) -> None:
        if isinstance(event, Prediction):
            self._predictions[_name(event)] = event
        elif isinstance(event, Marker):
            self.marker_found.emit(event)
        self._take(event)

    def _take(self, event: OverviewEvent) -> None:
        # Painted four times a second, however much is told.
        self.session_overview.add(event)
        self._is_new = True

    def _lay_out(self, keys: tuple[Key, ...]) -> None:
        self._buttons = QHBoxLayout()
        self._speed = push_button(texts.replay_speed(self.speed), "tool")
        self._speed.setEnabled(False)
        made = {
            act: self._button(act, text, keys)
            for act, text in (
                (Act.BACK, texts.BACK),
                (Act.PAUSE, texts.PAUSE),
                (Act.ON, texts.ON),
                (Act.SLOW_DOWN, texts.SLOW_DOWN),
                (Act.SPEED_UP, texts.SPEED_UP),
                (Act.NEXT_UNSURE, f"{texts.NEXT} {texts.UNSURE}"),
                (Act.NEXT_GAP, f"{texts.NEXT} {texts.GAP}"),
                (Act.NEXT_LABEL, f"{texts.NEXT} {texts.LABELLED}"),
                (Act.SAVE_VIEW, texts.SAVE_VIEW_BUTTON),
                (Act.SAVE_NUMBERS, texts.SAVE_NUMBERS_BUTTON),
            )
        }
        self._pause = made[Act.PAUSE]
        self._pause.setCheckable(True)
        self._by_use = (*made.values(), self._speed)
        for act, button in made.items():
            if act == Act.SPEED_UP:
                self._buttons.addWidget(self._speed)
            if act == Act.NEXT_UNSURE:
                self._buttons.addStretch(1)
            self._buttons.addWidget(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.overview, 1)
        rows.addLayout(self._buttons)

    def _button(self, act: str, text: str, keys: tuple[Key, ...]) -> QPushButton:
        tip = next((key.text for key in keys if key.act == act), "")
        button = push_button(f"{text}  {hint(act, keys)}", "tool", tip)
        here = self.acts.get(act)
        button.clicked.connect(lambda: here() if here is not None else self.wanted.emit(act))
        return button


def _name(prediction: Prediction) -> tuple[str, float, str]:
    """Return what tells a prediction from all others of a session."""
    return prediction.participant, prediction.stop, prediction.model
