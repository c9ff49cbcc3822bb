"""From raw chunks of a stream that is neither EEG nor video to a further modality's numbers of any window."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from core.data import Array, Chunk, Numbers, StreamInfo
from core.stamps import are_times

__all__ = ["NumberStage", "NumbersOf"]

_KEPT_S = 600.0
"""Seconds of samples, beyond what a window looks at, that wait for windows which EEG and video hold up."""


class NumbersOf(Protocol):
    """What makes numbers of a stream; `core.models.own_encoders.FurtherEncoder` is one."""

    seconds: float
    """How far back from a window's end it looks."""

    def reads(self, info: StreamInfo) -> bool:
        """Return whether it reads this stream."""
        ...

    def numbers(self, info: StreamInfo, times: Array, samples: Array) -> Array | None:
        """Return the numbers of samples whose times, array of shape (n_times,), s, end with the window, at 0."""
        ...


class NumberStage:
    """One further modality of one participant.

    What it gives follows from samples and stamps alone: the same samples in other chunks give the same numbers. Samples
    whose stamps are no times, or do not rise, are left out.

    Parameters
    ----------
    modality : str
    numbers_of : NumbersOf
    infos : sequence of StreamInfo
        The participant's streams; the first that is read is used, and one that comes later if there is none.
    """

    def __init__(self, modality: str, numbers_of: NumbersOf, infos: Sequence[StreamInfo]) -> None:
        self._modality = modality
        self._of = numbers_of
        self._info: StreamInfo | None = None
        self._parts: deque[tuple[Array, Array]] = deque()
        self._newest = -math.inf
        for info in infos:
            self.join(info)

    def join(self, info: StreamInfo) -> None:
        """Take a stream that is there, or has come."""
        is_one = info.kind == "other" and not info.awaited and info.dtype != "string"
        if self._info is None and is_one and self._of.reads(info):
            self._info = info

    def push(self, chunk: Chunk) -> None:
        """Take a chunk, if it is of the stream that is read."""
        if self._info is None or chunk.stream != self._info.key:
            return
        times = chunk.times
        before = np.maximum.accumulate(np.concatenate([[self._newest], np.where(are_times(times), times, -math.inf)]))
        good = are_times(times) & (times > before[:-1])
        if good.any():
            self._parts.append((times[good], chunk.data[good]))
            self._newest = float(times[good][-1])
            self._drop(self._newest - _KEPT_S - self._of.seconds)

    def passed(self, stop: float) -> bool:
        """Return whether a window that ends at `stop` need not wait: all has come, or nothing is due."""
        return self._info is None or not self._info.is_due or self._newest >= stop

    def forget(self) -> None:
        """Drop all: time has begun anew."""
        self._parts.clear()
        self._newest = -math.inf

    def cut(self, start: float, stop: float) -> Numbers:
        """Return the numbers of the window [start, stop); windows are asked for in order of time."""
        since = stop - self._of.seconds
        self._drop(since)
        parts = [part for part in self._parts if part[0][0] < stop]
        times = np.concatenate([part[0] for part in parts]) if parts else np.empty(0)
        inside = slice(*np.searchsorted(times, (since, stop)))
        times = times[inside]
        if self._info is None or not len(times) or times[-1] < start:
            return Numbers(self._modality, problem="missing")
        samples = np.concatenate([part[1] for part in parts])[inside]
        values = self._of.numbers(self._info, times - stop, samples)
        return Numbers(self._modality, values, "" if values is not None else "not enough")

    def _drop(self, before: float) -> None:
        while self._parts and self._parts[0][0][-1] < before:
            self._parts.popleft()
