"""Before a session that was begun from the command line: settle on screen what is doubtful of its headset."""

from __future__ import annotations

import dataclasses
import signal
import threading

import pylsl
from PyQt6.QtCore import QTimer

from acquisition.lsl import LslSource
from app.session.session_choices import NONE
from app.start.channel_mapping import doubts
from app.start.device_dialog import DeviceDialog
from app.start.device_preview import DevicePreview
from app.ui.application import application, delete
from app.ui.theme import system_theme
from app.ui.window_geometry import fit_screen
from core.config import Config
from core.errors import SessionCancelled

_WAIT = 3.0
"""Seconds to look for the stream: one that is not there yet is the session's to wait for."""
_POLL_S = 0.05


def settle_device(config: Config) -> None:
    """Ask for the channels and the unit of the EEG stream that `config` means, if they are in doubt.

    Raises
    ------
    SessionCancelled
        Ctrl-C, also while the dialog is open.
    """
    if config.eeg.name == NONE:
        return
    qt = application()
    eeg = dataclasses.replace(config.eeg, wait=min(config.eeg.wait, _WAIT))
    preview = DevicePreview(LslSource(eeg, "", keep=False), pylsl.local_clock)
    pause = threading.Event()
    try:
        while preview.info is None and not preview.error:
            preview.poll()
            qt.processEvents()
            pause.wait(_POLL_S)
        if preview.info is not None and doubts(preview.info):
            _open_dialog(preview)
    finally:
        preview.close(_WAIT)


def _open_dialog(preview: DevicePreview) -> None:
    assert preview.info is not None
    dialog = DeviceDialog(preview.info, preview, system_theme())
    fit_screen(dialog)
    timer = QTimer(dialog)
    timer.timeout.connect(preview.poll)
    timer.start(round(1000 * _POLL_S))
    interrupted = threading.Event()

    def interrupt(*_: object) -> None:
        interrupted.set()
        dialog.reject()

    before = {name: signal.signal(name, interrupt) for name in (signal.SIGINT, signal.SIGTERM)}
    dialog.exec()
    delete(dialog)
    for name, handler in before.items():
        signal.signal(name, handler)
    if interrupted.is_set():
        raise SessionCancelled
