"""The log: one configuration of standard `logging`, one file for each run of a command, made when there is something.

Faults, what is wrong with streams and with the recording, errors that end a command, and warnings of libraries are
written with the time and where in the code they came from. Samples, predictions and answers never are; names of streams
and paths may stand in messages, so the file stays with its session and is readable by its owner alone. What goes into a
bug report is less: see `app.commands.doctor_report`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import logging.handlers
import os
import queue
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar, cast

import platformdirs

from core.data import Fault, LabelRefused, Notice, RecordingHealth
from core.error_trace import SET_IN, error_trace, one_line

ABOUT = "insula.about"
"""The logger of what Insula says of itself and of the machine: nothing of it is anyone's."""
_WARNED = ("lost", "gap", "jump", "rate", "clock", "unit", "dropped")
_MOST_BYTES = 2_000_000
_MOST_FILES = 20
_ROOM = 2000
_M = TypeVar("_M")

_about: dict[str, logging.LogRecord] = {}
_log: Log | None = None


def log_folder() -> Path:
    """Return where logs lie that belong to no session; the environment variable ``INSULA_CONFIG_DIR`` overrides it."""
    if chosen := os.environ.get("INSULA_CONFIG_DIR"):
        return Path(chosen) / "log"
    return platformdirs.user_log_path("insula", appauthor=False)


def newest_log() -> Path | None:
    """Return the log that was begun last, beside its session or not; None if there is none any more."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        path = Path(_pointer().read_text(encoding="utf-8"))
        if path.is_file():
            return path
    return max(log_folder().glob("*.log"), default=None)  # their names begin with the time


def logs_that_name(participant: str) -> list[Path]:
    """Return what lies in the user's folder for logs and has a participant's name in it, such as in a path."""
    word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(participant)}(?![A-Za-z0-9])")
    found = []
    for path in sorted(log_folder().glob("*")):
        with contextlib.suppress(OSError):
            if word.search(path.read_text(encoding="utf-8", errors="replace")):
                found.append(path)
    return found


def about(what: str, text: str) -> None:
    """Have the log begin with `text`, in place of what was said of the same; it must hold no names and no paths."""
    _about[what] = logging.makeLogRecord({"name": ABOUT, "levelname": "INFO", "msg": f"{what} {text}"})


def log_beside(path: Path) -> None:
    """Have what comes from now on go into the log of a session that is there."""
    if _log is not None:
        _log.go_on_in(path)


def logged(message: _M) -> _M:
    """Write a fault, a notice or trouble with the recording to the log; everything else passes.

    Never waits. Returns the message, a fault with the name of the log.
    """
    if isinstance(message, Fault):
        told = f"{message.where}: {message.text}"
        logging.getLogger("insula.fault").error("%s", told, extra={"trace": message.detail})
        return cast(_M, dataclasses.replace(message, log=str(_log.path) if _log is not None else ""))
    if isinstance(message, Notice):
        # A kind that was read from a file may be any text; names of loggers go into bug reports.
        grave = message.kind in _WARNED
        logger = logging.getLogger(f"insula.notice.{message.kind}" if grave else "insula.notice")
        logger.log(logging.WARNING if grave else logging.INFO, "%s: %s", message.stream, message.text)
    elif isinstance(message, LabelRefused):
        logging.getLogger("insula.label").warning("%s", message.text)
    elif isinstance(message, RecordingHealth) and _log is not None:
        _log.tell_trouble(message.problem)
    return message


class _NotWritten(Exception):  # noqa: N818 - no error: there is another place to write to
    pass


class LogFile(logging.handlers.RotatingFileHandler):
    """A log of bounded size that is made with its first line.

    A record with the attribute `go_on_in` has what follows written to that file, or still to the one before if that
    cannot be.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self._elsewhere = ""
        self.path = path.absolute()
        """Where what is said now will be written, though it may not have come to that yet."""

    def _open(self) -> IO[Any]:  # type: ignore[override]
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        file = open(self.baseFilename, self.mode, encoding="utf-8", opener=_for_the_owner)  # noqa: SIM115
        for record in _about.values():
            file.write(_Lines().format(record) + "\n")
        with contextlib.suppress(OSError):
            _pointer().parent.mkdir(parents=True, exist_ok=True)
            _pointer().write_text(self.baseFilename, encoding="utf-8")
        return file

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a full or forbidden disk is no reason to fail."""
        try:
            if path := getattr(record, "go_on_in", ""):
                self.close()
                self._elsewhere, self.baseFilename = self.baseFilename, path
            else:
                super().emit(record)
        except (OSError, _NotWritten):
            if self._elsewhere:
                self.baseFilename, self._elsewhere = self._elsewhere, ""
                self.path = Path(self.baseFilename)
                self.stream = None
                self.emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Tell `emit` that it could not write."""
        raise _NotWritten


class Log:
    """Logging for one run of a command, from entering to leaving.

    Lines are made where they arise and written on a thread of their own, so that nothing waits for a slow disk.

    Parameters
    ----------
    command : str
        Goes into the file's name.
    """

    def __init__(self, command: str) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._file = LogFile(log_folder() / f"{stamp}_{command}_{os.getpid()}.log")
        self._file.setFormatter(logging.Formatter("%(message)s"))
        lines: queue.Queue[Any] = queue.Queue(_ROOM)
        self._handler = logging.handlers.QueueHandler(lines)
        self._handler.setFormatter(_Lines())
        self._listener = logging.handlers.QueueListener(lines, self._file)
        self._is_done = False
        self._trouble = ""

    @property
    def path(self) -> Path:
        """The file in which what is said now will be; surely so after `finish`."""
        return self._file.path

    def __enter__(self) -> Self:
        global _log
        _log = self
        _about.clear()
        _prune(log_folder())
        self._raising, logging.raiseExceptions = logging.raiseExceptions, False
        self._thread_hook, threading.excepthook = threading.excepthook, _thread_ended
        logging.captureWarnings(True)
        logging.getLogger().addHandler(self._handler)
        logging.getLogger("insula").setLevel(logging.INFO)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _log
        self.finish()
        logging.captureWarnings(False)
        threading.excepthook = self._thread_hook
        logging.raiseExceptions = self._raising
        _log = None

    def go_on_in(self, path: Path) -> None:
        """Write what is said from now on to another file."""
        self._file.path = path.absolute()
        self._handler.enqueue(logging.makeLogRecord({"go_on_in": str(self._file.path)}))

    def tell_trouble(self, problem: str) -> None:
        """Write what is wrong with the recording, each time that it is something else."""
        if problem and problem != self._trouble:
            logging.getLogger("insula.recording").warning("%s", problem)
        self._trouble = problem

    def finish(self) -> None:
        """Return when all that was said is written; more is not taken."""
        if self._is_done:
            return
        self._is_done = True
        logging.getLogger().removeHandler(self._handler)
        self._listener.stop()
        with contextlib.suppress(OSError):
            self._file.close()


class _Lines(logging.Formatter):
    """One line that begins with the time, and lines that are set in for where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{time} {record.levelname} {record.name}: {one_line(record.getMessage())}"
        trace = getattr(record, "trace", "")
        if record.exc_info and record.exc_info[1] is not None:
            trace = error_trace(record.exc_info[1])
        return "\n".join([line, *(SET_IN + each for each in trace.splitlines())])


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    """Tell of an error that ended a thread which has no place of its own to tell it."""
    if args.exc_value is None or isinstance(args.exc_value, SystemExit):
        return
    name = args.thread.name if args.thread is not None else "a thread"
    logging.getLogger("insula.thread").error("%s ended", name, exc_info=args.exc_value)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{name} ended: {one_line(str(args.exc_value))}\n")


def _prune(folder: Path) -> None:
    for old in sorted(folder.glob("*.log*"))[:-_MOST_FILES]:
        with contextlib.suppress(OSError):
            old.unlink()


def _pointer() -> Path:
    return log_folder() / "newest"


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
