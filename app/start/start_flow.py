"""From the first screen to a session: asked, opened, and asked again if it could not be opened."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Self, TypeVar

import pylsl
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QDialog

from acquisition.finder import Finder
from acquisition.lsl import LslSource
from acquisition.lsl_found import FoundStream
from acquisition.webcam import WebcamSource
from app import texts
from app.session.session_choices import SessionChoices, first_choices, remember
from app.session.session_state import SessionState
from app.start.device_preview import DevicePreview
from app.start.start_window import StartWindow
from app.ui.application import application, delete
from app.ui.error_catcher import ErrorCatcher
from app.ui.window_geometry import fit_screen
from core.config import Config, EegConfig
from core.errors import SessionCancelled

_T = TypeVar("_T")
_OVERLAP_MS = 300
_FOLLOW_MS = 20
_DRAWN_MS = 100
"""The screen is drawn before anything else takes every other turn."""
_WAIT = 5.0
"""Seconds that a stream is given to send its first data while it is only looked at."""


class StartFlow:
    """The first screen. It makes nothing on disk but, once a session is wanted, the note of what was chosen.

    Parameters
    ----------
    config : Config
        What is not asked for.
    given : mapping
        What the command line says already.
    prepare : callable
        Does what takes long and is needed later, on a thread of its own while somebody chooses.
    """

    def __init__(self, config: Config, given: Mapping[str, str], prepare: Callable[[], object] = lambda: None) -> None:
        self._config = config
        self._given = dict(given)
        self._preparing = threading.Thread(target=prepare, name="prepare")  # noqa: TID251
        self._answer: SessionChoices | None = None
        self.state = SessionState.CHOOSING
        self.is_anew = False
        """Whether the program is to be started again, with what is remembered: LSL is to go elsewhere."""

    def __enter__(self) -> Self:
        application()
        # A loop of its own: an application that quits closes all windows, and this one is to be asked again.
        self._loop = QEventLoop()
        self._searching = contextlib.ExitStack()
        self._finder = self._searching.enter_context(Finder())
        self.window = StartWindow(
            first_choices(self._config, self._given), self._config, self._finder, self._listen, self._look
        )
        self.window.decided.connect(self._decide)
        self.window.closed.connect(self._close)
        self.window.anew_wanted.connect(self._start_anew)
        self._catcher = ErrorCatcher(lambda fault: self.window.show_fault(texts.start_fault(fault.text, fault.log)))
        self._catcher.__enter__()
        fit_screen(self.window)
        self.window.show()
        self._drawn = QTimer()
        self._drawn.setSingleShot(True)
        self._drawn.timeout.connect(self._preparing.start)
        self._drawn.start(_DRAWN_MS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.state = SessionState.ENDED
        self.window.close()
        self._searching.close()
        self._catcher.__exit__()
        self._drawn.stop()
        if self._preparing.ident is not None:
            self._preparing.join()
        delete(self.window)

    @property
    def is_open(self) -> bool:
        """Whether it can be asked again."""
        return self.state in (SessionState.CHOOSING, SessionState.OPENING)

    def choose(self) -> SessionChoices | None:
        """Return what was chosen, None if the screen was closed or on Ctrl-C."""
        self._answer = None
        if not self.is_open:
            return None
        with _interrupts(self._interrupt):
            self._loop.exec()
        return self._answer

    def open(self, work: Callable[[Callable[[str], object], Callable[[], bool]], _T]) -> _T:
        """Return what `work` gives, which is done on a thread of its own while the screen lives on.

        Parameters
        ----------
        work : callable
            Takes a function that is told in words what is done, and one that says whether it is still wanted.

        Raises
        ------
        SessionCancelled
            The screen was closed meanwhile, or on Ctrl-C.
        """
        self.state = SessionState.OPENING
        wanted = threading.Event()
        wanted.set()
        progress: queue.SimpleQueue[str] = queue.SimpleQueue()
        given: queue.SimpleQueue[_T | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                given.put(work(progress.put, wanted.is_set))
            except BaseException as error:
                given.put(error)

        thread = threading.Thread(target=run, name="opening")  # noqa: TID251
        timer = QTimer()
        timer.timeout.connect(lambda: self._follow(thread.is_alive, progress))
        thread.start()
        timer.start(_FOLLOW_MS)
        with _interrupts(self._interrupt):
            self._loop.exec()
        if thread.is_alive() or not self.is_open:
            wanted.clear()
            self.window.hide()
        thread.join()
        timer.stop()
        result = given.get()
        if isinstance(result, BaseException):
            raise result
        if not wanted.is_set():
            raise SessionCancelled
        return result

    def _follow(self, is_busy: Callable[[], bool], progress: queue.SimpleQueue[str]) -> None:
        """Show what is being done; leave the loop once it is done."""
        while not progress.empty():
            self.window.show_opening(progress.get())
        if not is_busy():
            self._loop.quit()

    def show_error(self, text: str) -> None:
        """Say why the session could not be opened, and let all be chosen again."""
        self.state = SessionState.CHOOSING
        self.window.show_error(text)

    def leave(self) -> None:
        """Put the screen away once the next window is there, so that nobody looks at an empty desk."""
        self.state = SessionState.RUNNING
        self.window.let_go()
        self._searching.close()
        self.window.closed.disconnect(self._close)
        QTimer.singleShot(_OVERLAP_MS, self.window.close)

    def _interrupt(self) -> None:
        """Leave the loop, and before it the dialogs, each of which has a loop of its own within it."""
        for dialog in reversed(self.window.findChildren(QDialog)):
            dialog.reject()
        self._loop.quit()

    def _close(self) -> None:
        self.state = SessionState.ENDED
        self._loop.quit()

    def _decide(self, choices: SessionChoices) -> None:
        if not choices.simulated:
            remember(choices)
        self._answer = choices
        self._loop.quit()

    def _start_anew(self, choices: SessionChoices) -> None:
        remember(choices)
        self.is_anew = True
        self._close()

    def _listen(self, stream: FoundStream) -> DevicePreview:
        eeg = EegConfig(predicate=f"uid='{stream.uid}'", unit=self._config.eeg.unit, wait=_WAIT)
        return DevicePreview(LslSource(eeg, "", keep=False), pylsl.local_clock)

    def _look(self, camera: str) -> DevicePreview:
        face = dataclasses.replace(self._config.face, camera=camera)
        return DevicePreview(WebcamSource(face, "", self._config.record.crf), pylsl.local_clock)


@contextlib.contextmanager
def _interrupts(act: Callable[[], object]) -> Iterator[None]:
    """Act on Ctrl-C and on being asked to end, in place of what is done otherwise."""
    before = {name: signal.signal(name, lambda *_: act()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
