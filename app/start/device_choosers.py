"""With which devices: the EEG stream, the camera, and other streams, below each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from acquisition.finder import Finder
from acquisition.lsl_found import FoundStream
from app import texts
from app.session.session_choices import NONE, SessionChoices, bytes_per_second
from app.start.camera_chooser import CameraChooser
from app.start.device_preview import DevicePreview
from app.start.eeg_chooser import EegChooser
from app.start.stream_chooser import StreamChooser
from app.ui.panel import Panel
from app.ui.theme import Theme
from core.config import ParticipantConfig
from core.errors import SourceError

_PER_SAMPLE = 9.0
"""Bytes of a sample's stamp on the disk."""
_RELEASE = 5.0
"""Seconds that a camera is given to be let go of."""


class DeviceChoosers(QWidget):
    """Shows which devices there are, what is heard and seen of those that are chosen, and what is wrong with them.

    Parameters
    ----------
    choices
        What is chosen at first.
    listen, look
        Open an EEG stream, a camera, to look at it.
    """

    changed = pyqtSignal()
    """Another device is chosen, or one has come or gone."""

    def __init__(
        self,
        choices: SessionChoices,
        listen: Callable[[FoundStream], DevicePreview],
        look: Callable[[str], DevicePreview],
    ) -> None:
        super().__init__()
        self.eeg = EegChooser(choices.eeg, listen)
        self.camera = CameraChooser(choices.camera, look)
        self.others = StreamChooser(choices.markers, choices.streams)
        self.people: tuple[ParticipantConfig, ...] = choices.participants
        """Several participants, who wear what is chosen by name."""
        self._needed: dict[str, EegChooser | CameraChooser] = {"eeg": self.eeg, "camera": self.camera}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(Panel(texts.START_EEG, self.eeg), 3)
        self._column.addWidget(Panel(texts.START_FACE, self.camera), 2)
        self._others_panel = Panel(texts.START_MARKERS, self.others)
        self._column.addWidget(self._others_panel)
        for part in (self.eeg, self.camera, self.others):
            part.changed.connect(self.changed)
        self.others.changed.connect(self._fit_others)

    def into(self, choices: SessionChoices) -> SessionChoices:
        """Return choices with the devices that are chosen now."""
        return replace(
            choices, eeg=self.eeg.choice, camera=self.camera.choice, markers=self.others.markers,
            streams=self.others.streams, participants=self.people,
        )  # fmt: skip

    @property
    def may_be_eeg(self) -> list[FoundStream]:
        """The streams that may be someone's EEG."""
        return self.eeg.found

    def take(self, finder: Finder) -> None:
        """Take what was found and heard since the last time."""
        streams: list[FoundStream] = []
        with contextlib.suppress(SourceError):  # told by whoever opens one; a camera can be chosen all the same
            streams = finder.streams()
        self.eeg.show_found(streams)
        self.others.show_found(streams, self.eeg.heard)
        self.camera.show_found(finder.cameras)
        self.eeg.poll()
        self.camera.poll()

    def problems(self) -> dict[str, str]:
        """Return what is wrong with those that are chosen, by the names that `focus_on` takes."""
        if self.people:
            return {}  # each of them may come later: who is not there is told when the session is opened
        return {name: text for name, part in self._needed.items() if (text := part.problem())}

    def focus_on(self, name: str) -> bool:
        """Go to one of them; return whether it is one."""
        if name in self._needed:
            self._needed[name].focus()
        return name in self._needed

    def bytes_per_second(self, choices: SessionChoices) -> float:
        """Return how much of them goes onto the disk."""
        stream = self.eeg.stream
        n_chans, sfreq = (stream.n_chans, stream.sfreq) if stream is not None else (0, 0.0)
        video = choices.camera not in ("", NONE) and choices.consent.keep_video
        return bytes_per_second(n_chans, sfreq, video) + self.others.bytes_per_second(_PER_SAMPLE)

    def open_again(self) -> None:
        """Listen and look again at those that were let go of."""
        self.eeg.listen_again()
        self.camera.look_again()

    def let_go(self) -> None:
        """Let go of all of them."""
        self.eeg.let_go()
        self.camera.let_go(_RELEASE)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(10))
        self._theme = theme
        self._fit_others()

    def _fit_others(self) -> None:
        """Show the other streams where there are any: most sessions have none."""
        self._others_panel.setVisible(not self.others.is_empty)
        self.others.apply_theme(self._theme)
