"""One device, opened only to be looked at: is it there, what does it send, what is doubtful of it."""

from __future__ import annotations

import contextlib
import math
import queue
from collections import deque
from collections.abc import Callable

import numpy as np

from acquisition.reader import Reader
from acquisition.source import Source
from app.log import logged
from core.data import Array, Chunk, Fault, Notice, StreamHealth, StreamInfo
from core.errors import InsulaError

_SPAN = 6.0
"""Seconds of samples that are kept to be looked at."""


class DevicePreview:
    """Opens a source at once, in the background; `poll` takes what has come.

    Parameters
    ----------
    source : Source
    clock : callable
        The LSL clock.
    """

    def __init__(self, source: Source, clock: Callable[[], float]) -> None:
        self.info: StreamInfo | None = None
        self.health: StreamHealth | None = None
        self.error = ""
        """Why it could not be opened, or has ended."""
        self._inbox: queue.Queue[object] = queue.Queue(512)
        self._chunks: deque[Chunk] = deque()
        self._reader = Reader(source, self._inbox, clock)
        self._reader.start()

    def poll(self) -> list[Chunk]:
        """Return the chunks that came since the last time; never waits."""
        if self.info is None and not self.error:
            self._open()
        new: list[Chunk] = []
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._inbox.get_nowait()
                if isinstance(message, Chunk):
                    new.append(message)
                elif isinstance(message, StreamHealth):
                    self.health = message
                elif isinstance(message, Fault):
                    self.error = logged(message).text
                elif isinstance(message, Notice) and message.kind in ("lost", "back"):
                    self.error = message.text if message.kind == "lost" else ""
        if self.info is not None and self.info.kind != "video":
            self._keep(new)
        return new

    def samples(self) -> tuple[Array, Array]:
        """Return the stamps (n_times,) and samples (n_times, n_chans) of the last seconds, in the device's unit."""
        if not self._chunks:
            return np.empty(0), np.empty((0, len(self.info.channels) if self.info is not None else 0))
        return np.concatenate([c.times for c in self._chunks]), np.concatenate([c.data for c in self._chunks])

    def close(self, wait: float = 0.0) -> None:
        """Let go of the device; `wait` seconds at most until it is free for others."""
        self._reader.stop(wait)

    def _open(self) -> None:
        try:
            infos = self._reader.ready()
        except InsulaError as error:
            self.error = str(error)
            return
        self.info = infos[0] if infos else None

    def _keep(self, new: list[Chunk]) -> None:
        self._chunks.extend(chunk for chunk in new if len(chunk.timestamps))
        newest = float(self._chunks[-1].times[-1]) if self._chunks else -math.inf
        while self._chunks and float(self._chunks[0].times[-1]) < newest - _SPAN:
            self._chunks.popleft()
