"""One command of Insula in a process of its own, so that nothing it does can hold up or take down a window."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, pyqtSignal

from app import texts
from app.ui.theme import THEME_VARIABLE

_PATIENCE_MS = 10_000
"""A command that was asked to stop and has not after so long is killed: a session that ends has files to close."""
_STOPPED = 130
"""The exit code of what was stopped; see `app.cli`."""


def told(line: str) -> dict[str, Any]:
    """Return what a command tells as JSON, nothing of a line for people."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class CommandJob(QObject):
    """Runs ``insula WORDS`` and tells each line that it prints.

    Parameters
    ----------
    words
        The command line after ``insula``.
    parent
        Whoever owns it.
    """

    said = pyqtSignal(str)
    """A line of its standard output."""
    ended = pyqtSignal(int, str)
    """Its exit code, and why it failed if it did, in its own words where it said some."""

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words = tuple(words)
        self.theme = ""
        """``light`` or ``dark``: how windows of its own look; ``""`` as the system has it."""
        self._out, self._error = "", ""
        self._is_cancelled = False
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", "insula", *words])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_error)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)

    def start(self) -> None:
        """Start it."""
        if self.theme:
            environment = QProcessEnvironment.systemEnvironment()
            environment.insert(THEME_VARIABLE, self.theme)
            self._process.setProcessEnvironment(environment)
        self._process.start()

    def end(self) -> None:
        """Ask it to stop and wait until it has: its window goes."""
        self._process.terminate()
        if not self._process.waitForFinished(_PATIENCE_MS):
            self._process.kill()
            self._process.waitForFinished(_PATIENCE_MS)

    def cancel(self) -> None:
        """Ask it to stop, which is not waited for; what it has kept by then stays whole."""
        self._is_cancelled = True
        self._process.terminate()
        QTimer.singleShot(_PATIENCE_MS, self._process.kill)

    def is_running(self) -> bool:
        """Return whether it has not ended yet."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def _read(self) -> None:
        self._out += bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        *lines, self._out = self._out.split("\n")
        for line in lines:
            self.said.emit(line)

    def _read_error(self) -> None:
        self._error += bytes(self._process.readAllStandardError().data()).decode(errors="replace")

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_error()
        crashed = status == QProcess.ExitStatus.CrashExit
        # However it ended then: on a busy machine it may have to be killed while it ends.
        code = _STOPPED if self._is_cancelled and code else -1 if crashed else code
        self.ended.emit(code, texts.COMMAND_CRASHED if crashed else _said_last(self._error))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(-1, self._process.errorString())


def _said_last(error: str) -> str:
    """Return what a command said of itself last on its standard error, else the last line of whoever wrote there."""
    lines = [line for line in error.splitlines() if line.strip()]
    own = [line.partition(": ")[2] for line in lines if line.startswith("insula ")]
    return next(iter([*lines, *own][-1:]), "")
