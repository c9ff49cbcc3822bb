"""The screens before a session: who, what and with which devices, and what a headset leaves open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PyQt6.QtWidgets import QWidget

from acquisition.lsl_found import FoundStream
from app.session.session_choices import Consent, SessionChoices
from app.start.device_dialog import DeviceDialog
from app.start.start_window import StartWindow
from app.ui.theme import Theme
from core.config import Config
from core.data import Array, Channel, Chunk, StreamInfo
from tests.app.staged import Stage
from tools import study_screens

HEADSET = FoundStream("LiveAmp", "EEG", "laptop", "amp", "uid-amp", 19, 256.0, "eeg")
BOARD = FoundStream("obci_eeg1", "EEG", "laptop", "board", "uid-board", 8, 250.0, "eeg")
MARKERS = FoundStream("PsychoPyMarkers", "Markers", "stimuli", "psychopy", "uid-psychopy", 1, 0.0, "markers")
CHOICES = SessionChoices(
    study="study",
    participant="P001",
    session="01",
    task="film",
    consent=Consent(record_eeg=True, record_video=True, keep_video=True, train=True),
)


class _Devices:
    """What there is to be found."""

    def __init__(self, streams: tuple[FoundStream, ...], cameras: tuple[str, ...]) -> None:
        self.found, self.cameras = streams, cameras

    def streams(self) -> list[FoundStream]:
        return list(self.found)

    def look_again(self) -> None:
        """Find the same again."""


class _Preview:
    """A device that plays some seconds of a stage at once."""

    health = None
    error = ""

    def __init__(self, info: StreamInfo, chunks: list[Chunk]) -> None:
        self.info: StreamInfo | None = None
        self._info, self._chunks = info, [replace(chunk, stream=info.key) for chunk in chunks]
        self._new = list(self._chunks)

    def poll(self) -> list[Chunk]:
        self.info, new, self._new = self._info, self._new, []
        return new

    def samples(self) -> tuple[Array, Array]:
        return np.concatenate([c.times for c in self._chunks]), np.concatenate([c.data for c in self._chunks])

    def close(self, wait: float = 0.0) -> None:
        """Let go of nothing."""


def _headset(found: FoundStream) -> _Preview:
    stage = Stage(found.n_chans, found.sfreq)
    info = stage.eeg if found is HEADSET else _nameless(found)
    return _Preview(info, [stage.eeg_chunk(64, ()) for _ in range(48)])


def _nameless(found: FoundStream) -> StreamInfo:
    """Return a board that says neither its electrodes nor its unit."""
    channels = tuple(Channel(str(k + 1), "") for k in range(found.n_chans))
    return StreamInfo(
        "board", "eeg", "", found.name, sfreq=found.sfreq, channels=channels, hostname="laptop", unit_confirmed=False
    )


def _camera(_: str) -> _Preview:
    stage = Stage()
    return _Preview(stage.video, [stage.video_chunk()])


def start(theme: Theme, choices: SessionChoices, *streams: FoundStream, cameras: tuple[str, ...] = ()) -> StartWindow:
    """Return the first screen with these devices on the table."""
    window = StartWindow(choices, Config(), _Devices(streams, cameras), _headset, _camera, theme)  # type: ignore[arg-type]
    for _ in range(3):
        window.refresh()
    return window


def ready(theme: Theme) -> QWidget:
    """Show that all is there."""
    return start(theme, CHOICES, HEADSET, MARKERS, cameras=("0: Integrated camera",))


def nothing_found(theme: Theme) -> QWidget:
    """Show how it looks on a machine with neither headset nor camera."""
    return start(theme, replace(CHOICES, participant="", consent=Consent()))


def something_wrong(theme: Theme) -> QWidget:
    """Try to start with a name that BIDS refuses and without consent."""
    window = start(theme, replace(CHOICES, participant="P 1", consent=Consent()), HEADSET, cameras=("0: Camera",))
    window.start()
    return window


def doubtful_headset(theme: Theme) -> QWidget:
    """Choose a board whose channels and unit are a guess."""
    return start(theme, CHOICES, BOARD, cameras=("0: Integrated camera",))


def channels(theme: Theme) -> QWidget:
    """Ask for the channels and the unit of a board that says neither."""
    preview = _headset(BOARD)
    preview.poll()
    assert preview.info is not None
    dialog = DeviceDialog(preview.info, preview, theme)  # type: ignore[arg-type]
    dialog.rows.fill(["Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2"])
    dialog.refresh()
    return dialog


SCREENS: dict[str, Callable[[Theme], QWidget]] = {
    "start": ready,
    "start-nothing-found": nothing_found,
    "start-wrong": something_wrong,
    "start-doubtful": doubtful_headset,
    "channels": channels,
    **study_screens.SCREENS,
}
