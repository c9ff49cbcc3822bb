"""Control from another program over TCP on this machine, in the words of LabRecorder's remote control (RCS).

What LabRecorder takes, one command a line: https://github.com/labstreaminglayer/App-LabRecorder#remote-control.
"""

from __future__ import annotations

import contextlib
import json
import queue
import re
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from core.config import RecordConfig
from core.errors import ConfigError, SourceError
from core.plain_text import plain
from core.recording.session import Session

__all__ = ["PORT", "Remote", "Wanted", "fields_of"]

PORT = 22345
"""LabRecorder's."""
_HOST = "127.0.0.1"
_LONGEST = 4096
_MOST = 8
"""Programs that may be connected at once."""
_TICK_S = 0.2
_FIELD = re.compile(r"\{\s*(\w+)\s*:([^{}]*)\}")
_OURS = {
    "root": "study",
    "participant": "participant",
    "session": "session",
    "task": "task",
    "acquisition": "acquisition",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next recording is to be."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Of `RecordConfig`, by their names there."""
    everything: bool = False
    """All streams that are on LSL are recorded, as ``select all`` says."""

    def into(self, record: RecordConfig) -> RecordConfig:
        """Return where to record to."""
        return replace(record, **self.fields)  # type: ignore[arg-type]


def fields_of(text: str) -> dict[str, str]:
    """Return what the fields of LabRecorder's ``filename`` say of where to record to; those it cannot be are left out.

    ``{template:...}``, ``{run:...}`` and ``{modality:...}`` are taken and change nothing: names are those of BIDS, and
    the next free run is taken.

    Raises
    ------
    ConfigError
        A name is not letters and digits alone, or there are no fields.
    """
    found = {name.lower(): value.strip() for name, value in _FIELD.findall(text)}
    if not found:
        raise ConfigError("filename wants fields such as {participant:P001} {task:film}")
    fields = {_OURS[name]: value for name, value in found.items() if name in _OURS and value}
    for name, value in fields.items():
        if name != "study" and not Session.names_well(value):
            raise ConfigError(f"{name} is {value!r}: BIDS wants letters and digits alone, such as P001")
        if "\0" in value:
            raise ConfigError(f"{name} has a NUL in it, which no path has")
    return fields


class Remote:
    """Listens for commands of programs on this machine, as long as it is entered.

    ``start``, ``stop``, ``filename {participant:P001} {task:film}``, ``select all``, ``select none`` and ``update``
    are answered with ``OK``, or ``ERROR`` and why; ``status`` with a line of JSON. Whoever can run a program on this
    machine can send them.

    Parameters
    ----------
    port : int
        0 takes any that is free.

    Raises
    ------
    SourceError
        Another program has the port.
    """

    def __init__(self, port: int = PORT) -> None:
        self._asked_port = port
        self._starts: queue.SimpleQueue[Wanted] = queue.SimpleQueue()
        self._wanted = Wanted()
        self._stopping = False
        self._status: Mapping[str, Any] = {"state": "ready"}
        self._leaving = False
        self._thread = threading.Thread(target=self._work, name="remote")  # noqa: TID251

    def __enter__(self) -> Self:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((_HOST, self._asked_port))
        except OSError as error:
            self._listener.close()
            raise SourceError(
                f"Port {self._asked_port} for remote control is taken ({error.strerror}). Close LabRecorder, or choose "
                "another with --remote PORT."
            ) from error
        self._listener.listen(_MOST)
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving = True
        self._thread.join()

    def next_start(self, timeout: float) -> Wanted | None:
        """Return what is to be recorded once someone says ``start``, None if nobody does within `timeout` seconds."""
        with contextlib.suppress(queue.Empty):
            return self._starts.get(timeout=timeout)
        return None

    def is_stopping(self) -> bool:
        """Return whether someone has said ``stop`` since the last start."""
        return self._stopping

    def tell(self, state: str, **more: Any) -> None:
        """Say what ``status`` answers from now on."""
        self._status = {"state": state, **more}

    def _work(self) -> None:
        with contextlib.ExitStack() as opened, selectors.DefaultSelector() as selector:
            opened.callback(self._listener.close)
            selector.register(self._listener, selectors.EVENT_READ)
            waiting: dict[socket.socket, bytes | None] = {}
            while not self._leaving:
                for key, _ in selector.select(_TICK_S):
                    if key.fileobj is self._listener:
                        self._welcome(selector, waiting)
                    elif isinstance(key.fileobj, socket.socket) and not self._listen_to(key.fileobj, waiting):
                        selector.unregister(key.fileobj)
                        del waiting[key.fileobj]
                        key.fileobj.close()
            for each in waiting:
                each.close()

    def _welcome(self, selector: selectors.BaseSelector, waiting: dict[socket.socket, bytes | None]) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            if len(waiting) >= _MOST:
                connection.close()
                return
            connection.settimeout(_TICK_S)
            selector.register(connection, selectors.EVENT_READ)
            waiting[connection] = b""

    def _listen_to(self, connection: socket.socket, waiting: dict[socket.socket, bytes | None]) -> bool:
        """Take what a program has sent; return False once it has gone.

        What waits is a line without its end yet; None while the rest of one is passed over that is too long.
        """
        before = waiting[connection]
        try:
            came = connection.recv(_LONGEST)
            lines = ((before or b"") + came).split(b"\n")
            rest: bytes | None = lines.pop()
            if before is None:
                lines, rest = lines[1:], rest if lines else None
            if rest is not None and len(rest) > _LONGEST:
                lines, rest = [*lines, rest], None
            if not came and rest and rest.strip():
                lines = [*lines, rest]
            for line in lines:
                connection.sendall(self._answer(line).encode() + b"\n")
        except OSError:
            return False
        waiting[connection] = rest
        return bool(came)

    def _answer(self, line: bytes) -> str:
        """Do what one line says, and return what to say to it."""
        if len(line) > _LONGEST:
            return f"ERROR the line is longer than {_LONGEST} bytes, and nothing was done"
        command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
        does: dict[str, Callable[[str], str]] = {
            "start": self._start, "stop": self._stop, "filename": self._name, "select": self._select,
            "update": lambda _: "OK", "status": lambda _: json.dumps(self._status, ensure_ascii=False),
        }  # fmt: skip
        if command.lower() not in does:
            return f"ERROR unknown command {plain(command)!r}: start, stop, filename, select, update, status"
        try:
            return does[command.lower()](rest)
        except ConfigError as error:
            return f"ERROR {error}"

    def _start(self, _: str) -> str:
        if self._status["state"] != "ready":
            return f"ERROR a session is {self._status['state']}"
        self.tell("opening")
        self._stopping = False
        self._starts.put(self._wanted)
        return "OK"

    def _stop(self, _: str) -> str:
        if self._status["state"] == "ready":
            return "ERROR nothing is recorded"
        self._stopping = True
        return "OK"

    def _name(self, rest: str) -> str:
        self._wanted = replace(self._wanted, fields={**self._wanted.fields, **fields_of(rest)})
        return "OK"

    def _select(self, rest: str) -> str:
        if rest.lower() not in ("all", "none"):
            return "ERROR select all, or select none"
        self._wanted = replace(self._wanted, everything=rest.lower() == "all")
        return "OK"
