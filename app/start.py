"""From the first screen to a session: asked, opened, and asked again if it could not be opened."""

from __future__ import annotations

import dataclasses
import signal
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import pylsl
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from acquisition.finder import Finder, FoundStream
from acquisition.lsl import LslSource
from acquisition.webcam import WebcamSource
from app import texts
from app.bridge import ErrorCatcher
from app.choices import Choices, first_choices, remember
from app.preview import Preview
from app.start_window import StartWindow
from app.window import fit_screen
from core.config import Config, EegConfig

_OVERLAP_MS = 300
_WAIT = 5.0
"""Seconds that a stream is given to send its first data while it is only looked at."""


class Start:
    """The first screen. It makes nothing on disk but, once a session is wanted, the note of what was chosen.

    Parameters
    ----------
    config : Config
        What is not asked for.
    given : mapping
        What the command line says already.
    """

    def __init__(self, config: Config, given: Mapping[str, str]) -> None:
        self._config = config
        self._given = dict(given)
        self._answer: Choices | None = None
        self.is_open = True
        """Whether it can be asked again."""

    def __enter__(self) -> Self:
        self._application = QApplication.instance() or QApplication(sys.argv[:1])
        # A loop of its own: an application that quits closes all windows, and this one is to be asked again.
        self._loop = QEventLoop()
        self._finder = Finder().__enter__()
        self.window = StartWindow(
            first_choices(self._config, self._given), self._config, self._finder, self._listen, self._look
        )
        self.window.decided.connect(self._decide)
        self.window.closed.connect(self._close)
        self._catcher = ErrorCatcher(lambda fault: self.window.show_fault(texts.start_fault(fault.text)))
        self._catcher.__enter__()
        fit_screen(self.window)
        self.window.show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_open = False
        self.window.close()
        self._finder.__exit__()
        self._catcher.__exit__()

    def ask(self) -> Choices | None:
        """Return what was chosen, None if the screen was closed or on Ctrl-C."""
        self._answer = None
        if not self.is_open:
            return None
        before = {name: signal.signal(name, lambda *_: self._loop.quit()) for name in (signal.SIGINT, signal.SIGTERM)}
        self._loop.exec()
        for name, handler in before.items():
            signal.signal(name, handler)
        # What is opened now holds up the window, so its last words must be on screen.
        self._application.processEvents()
        return self._answer

    def say(self, text: str) -> None:
        """Tell why the session could not be opened."""
        self.window.say(text)

    def leave(self) -> None:
        """Put the screen away once the next window is there, so that nobody looks at an empty desk."""
        self.is_open = False
        self.window.let_go()
        self.window.closed.disconnect(self._close)
        QTimer.singleShot(_OVERLAP_MS, self.window.close)

    def _close(self) -> None:
        self.is_open = False
        self._loop.quit()

    def _decide(self, choices: Choices) -> None:
        if not choices.simulated:
            remember(choices)
        self._answer = choices
        self._loop.quit()

    def _listen(self, stream: FoundStream) -> Preview:
        eeg = EegConfig(predicate=f"uid='{stream.uid}'", unit=self._config.eeg.unit, wait=_WAIT)
        return Preview(LslSource(eeg, "", keep=False), pylsl.local_clock)

    def _look(self, camera: str) -> Preview:
        face = dataclasses.replace(self._config.face, camera=camera)
        return Preview(WebcamSource(face, "", self._config.record.crf), pylsl.local_clock)
