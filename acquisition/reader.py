"""The one thread round a source: it opens it, reads it, closes it, and puts all it gives into one inbox."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from acquisition.health import StreamMeter
from acquisition.inbox import Inbox
from acquisition.source import Source
from core.data import Chunk, Fault, Notice, StreamInfo
from core.error_trace import error_trace
from core.errors import EndOfStream, InsulaError, SourceError

__all__ = ["EndOfSource", "Reader", "Skippable"]

_READ_S = 0.1
_PUT_S = 0.1
_LAST_PUTS = 10
"""How often the item in hand is offered once more after `stop`, so that it is recorded if anyone still reads."""
_JOIN_S = 30.0
_SECOND = 1.0


@dataclass(frozen=True, slots=True)
class EndOfSource:
    """A source has nothing more to give; the last that a reader puts into the inbox."""

    streams: tuple[str, ...]
    """The keys of its streams."""


@runtime_checkable
class Skippable(Protocol):
    """A live source whose data may be lost rather than wait: a camera.

    It must drop frames before it codes them: a coded frame that is missing makes those that build on it unreadable.
    """

    def skip(self, timeout: float) -> int:
        """Take the next frame and forget it; return how many were forgotten within `timeout` seconds."""
        ...


class Reader:
    """Runs one source on a thread of its own.

    Into the inbox go the source's items, a `StreamHealth` of each stream once a second, and at the end one more that
    says so, with one `EndOfSource`, or one `Fault` if it broke; after `stop` none. When the inbox is full, a camera
    drops frames and that is told; everything else waits: LSL and files keep what is behind it.

    Parameters
    ----------
    source : Source
        Entered, read and left on the thread alone.
    inbox : Inbox or queue.Queue
        Bounded.
    clock : callable
        The LSL clock.
    late : bool
        Nobody waits for it: its streams go into the inbox first of all, and a `Fault` if it cannot be opened.
    """

    def __init__(
        self, source: Source, inbox: Inbox | queue.Queue[object], clock: Callable[[], float], late: bool = False
    ) -> None:
        self._source = source
        self._inbox = inbox
        self._clock = clock
        self._late = late
        self._name = type(source).__name__
        self._stopping = threading.Event()
        self._opened: queue.Queue[tuple[StreamInfo, ...] | Exception] = queue.Queue()
        self._meters: dict[str, StreamMeter] = {}
        self._n_skipped = 0
        self._due = 0.0
        # Daemon: a driver that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name=f"reader-{self._name}", daemon=True)  # noqa: TID251

    def start(self) -> None:
        """Begin to open the source."""
        self._thread.start()

    def wait_ready(self, timeout: float) -> tuple[StreamInfo, ...]:
        """Return the source's streams once it is open.

        Raises
        ------
        SourceError
            It could not be opened, or not within `timeout` seconds; then nothing of it comes into the inbox.
        """
        try:
            opened = self._opened.get(timeout=timeout)
        except queue.Empty:
            self._stopping.set()
            raise SourceError(f"{self._name} did not open within {timeout:g} s. Check its device, try again.") from None
        if isinstance(opened, Exception):
            raise opened
        return opened

    def ready(self) -> tuple[StreamInfo, ...] | None:
        """Return the source's streams if it is open, None as long as it is being opened; never waits.

        Raises
        ------
        InsulaError
            It could not be opened.
        """
        try:
            opened = self._opened.get_nowait()
        except queue.Empty:
            return None
        if isinstance(opened, Exception):
            raise opened
        return opened

    def stop(self, wait: float = _JOIN_S) -> None:
        """End reading and wait until the source is closed, for at most `wait` seconds."""
        self._stopping.set()
        if wait and self._thread.ident is not None:
            self._thread.join(wait)

    def _work(self) -> None:
        is_open = False
        try:
            with self._source as source:
                is_open = True
                self._meters = {info.key: StreamMeter(info) for info in source.infos}
                self._opened.put(source.infos)
                for info in source.infos if self._late else ():
                    self._put(info)
                self._run(source)
        except EndOfStream:
            self._tell_end(connected=True)
            self._put(EndOfSource(tuple(self._meters)))
        except Exception as error:
            if is_open:
                self._tell_end(connected=False)
                text = f"{self._name} stopped: {error} The session goes on without it; start Insula again to have it."
                self._put(Fault(f"reader of {', '.join(self._meters)}", self._clock(), text, error_trace(error)))
            else:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Tell that the source could not be opened."""
        failure = error
        if not isinstance(error, InsulaError):
            failure = SourceError(f"{self._name} could not be opened: {error!r}. Check its device, try again.")
            failure.__cause__ = error
        self._opened.put(failure)
        if self._late:
            self._put(Fault(self._name, self._clock(), str(failure), error_trace(error)))

    def _run(self, source: Source) -> None:
        self._due = self._clock() + _SECOND
        while not self._stopping.is_set():
            if self._inbox.full() and isinstance(source, Skippable):
                self._n_skipped += source.skip(_READ_S)
            elif (item := source.read(_READ_S)) is not None:
                if isinstance(item, Chunk | Notice) and item.stream in self._meters:
                    self._meters[item.stream].take(item, self._clock())
                elif isinstance(item, StreamInfo):  # only now is its rate known
                    self._meters[item.key] = StreamMeter(item)
                self._put(item)
            if (now := self._clock()) >= self._due:
                self._due = now + _SECOND
                self._report(source, now)

    def _report(self, source: Source, now: float) -> None:
        if self._n_skipped and not self._inbox.full():
            text = f"{self._n_skipped} frames were dropped because the computer did not keep up."
            self._put(Notice(source.infos[0].key, now, "dropped", text))
            self._n_skipped = 0
        for meter in self._meters.values():
            with contextlib.suppress(queue.Full):
                self._inbox.put_nowait(meter.health(now))

    def _tell_end(self, connected: bool) -> None:
        """Tell of each stream that nothing more comes: what was said of it last would stand for ever."""
        for meter in self._meters.values():
            self._put(dataclasses.replace(meter.health(self._clock()), connected=connected, ended=True))

    def _put(self, message: object) -> None:
        tries = 0
        while tries < _LAST_PUTS:
            tries += self._stopping.is_set()
            try:
                self._inbox.put(message, timeout=_PUT_S)
                return
            except queue.Full:
                continue
