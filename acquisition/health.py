"""How each stream that passes by is doing, told from its items alone, whatever kind of source they come from."""

from __future__ import annotations

from collections import deque

import numpy as np

from core.data import Chunk, Notice, StreamHealth, StreamInfo

__all__ = ["StreamMeter"]

_SPAN = 10.0
"""Seconds of data that the effective rate is measured over."""
_GAP = 0.15
"""Least jump of the stamps, s, that counts as a gap."""
_OTHER_TIME = 60.0
"""Stamps further than this from now are of another time, as in a replay."""


class StreamMeter:
    """Counts what one stream gives: samples, gaps, lost frames, rate, and how old the newest sample is.

    Parameters
    ----------
    info : StreamInfo
        The stream; video counts frames.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._gap = max(_GAP, 3.0 / info.sfreq) if info.sfreq else float("inf")
        self._recent: deque[tuple[float, int]] = deque()
        self._connected = True
        self._n_samples = self._n_dropped = self._n_gaps = 0
        self._next_frame = -1
        self._offset = 0.0
        self._newest = self._arrival = float("nan")

    def take(self, item: Chunk | Notice, now: float) -> None:
        """Note a chunk or notice of this stream that came now."""
        if isinstance(item, Notice):
            self._connected = item.kind == "back" or (self._connected and item.kind != "lost")
        elif len(item.timestamps):
            self._take_chunk(item, now)

    def health(self, now: float) -> StreamHealth:
        """Return how the stream is doing now, s, LSL clock."""
        age = now - self._newest
        if abs(age) > _OTHER_TIME:
            age = now - self._arrival
        return StreamHealth(
            stream=self._info.key, time=now, connected=self._connected, last_sample_age=age,
            effective_sfreq=self._rate(), nominal_sfreq=self._info.sfreq, n_samples=self._n_samples,
            n_dropped=self._n_dropped, n_gaps=self._n_gaps, clock_offset=self._offset,
        )  # fmt: skip

    def _take_chunk(self, chunk: Chunk, now: float) -> None:
        times = chunk.times
        steps = np.diff(times, prepend=times[0] if np.isnan(self._newest) else self._newest)
        self._n_gaps += int(np.count_nonzero(np.abs(steps) > self._gap))
        if self._info.kind == "video":
            self._n_dropped += max(chunk.frame_index - self._next_frame, 0) if self._next_frame >= 0 else 0
            self._next_frame = chunk.frame_index + len(times)
        self._n_samples += len(times)
        self._newest, self._arrival, self._offset = float(times[-1]), now, chunk.clock_offset
        if self._recent and self._newest < self._recent[-1][0]:
            self._recent.clear()
        self._recent.append((self._newest, self._n_samples))
        while self._recent[0][0] < self._newest - _SPAN:
            self._recent.popleft()

    def _rate(self) -> float:
        (start, before), (stop, after) = (self._recent[0], self._recent[-1]) if self._recent else ((0.0, 0), (0.0, 0))
        return (after - before) / (stop - start) if stop > start else 0.0
