"""How each stream that passes by is doing, told from its items alone, whatever kind of source they come from."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from core.data import Array, Chunk, Notice, StreamHealth, StreamInfo
from core.stamps import are_times, longest_step

__all__ = ["StreamMeter"]

_SPAN = 10.0
"""Seconds of data that the effective rate and the jitter are measured over."""
_EVEN = 0.2
"""Steps that differ from a whole number of usual ones by less than this part of one are that number."""
_MOST_USUAL = 0.7
_FEW = 3
_OTHER_TIME = 60.0
"""Stamps further than this from now are of another time, as in a replay."""
_ASIDE_S = 0.5
"""Seconds' worth of samples that lie aside before they are looked through: five cost as much as a hundred."""


class _Mark(NamedTuple):
    """What had been counted when the sample of this time had come."""

    time: float
    n_samples: int
    missing: float
    n_steps: int
    total: float
    squares: float


class StreamMeter:
    """Counts what one stream gives: samples, gaps, what is lost, rate, jitter, and how old the newest sample is.

    Parameters
    ----------
    info : StreamInfo
        The stream; video counts frames.
    """

    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        self._gap = longest_step(info.sfreq)
        self._gaps: list[tuple[float, float]] = []
        self._aside: list[Array] = []
        self._n_aside = 0
        self._recent: deque[_Mark] = deque()
        self._connected = True
        self._n_samples = self._n_dropped = self._n_steps = 0
        self._n_usual = self._n_seen = 0.0
        self._missing = self._sum = self._squares = 0.0
        self._next_frame = -1
        self._offset = 0.0
        self._newest = self._arrival = float("nan")

    def take(self, item: Chunk | Notice, now: float) -> None:
        """Note a chunk or notice of this stream that came now."""
        if isinstance(item, Notice):
            self._connected = item.kind == "back" or (self._connected and item.kind != "lost")
        elif len(item.timestamps):
            self._take_chunk(item, now)

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """(before, behind) of each gap, s, LSL clock; where the stamps jump back, both are when they begin anew."""
        self._look_through()
        return self._gaps

    def health(self, now: float) -> StreamHealth:
        """Return how the stream is doing now, s, LSL clock."""
        self._look_through()
        age = now - self._newest
        if abs(age) > _OTHER_TIME or self.info.kind == "markers":  # a marker may be meant for another moment
            age = now - self._arrival
        return StreamHealth(
            stream=self.info.key, time=now, connected=self._connected, last_sample_age=age,
            effective_sfreq=self._rate(), nominal_sfreq=self.info.sfreq, n_samples=self._n_samples,
            n_dropped=self._n_dropped, n_gaps=len(self._gaps), clock_offset=self._offset,
            jitter=self._jitter(), missing=self._missing, last_came=now - self._arrival,
        )  # fmt: skip

    def _take_chunk(self, chunk: Chunk, now: float) -> None:
        self._arrival, self._offset = now, chunk.clock_offset
        if self.info.kind == "markers":
            self._n_samples += len(chunk.timestamps)
            return
        if self.info.kind == "video":
            self._n_dropped += max(chunk.frame_index - self._next_frame, 0) if self._next_frame >= 0 else 0
            self._next_frame = chunk.frame_index + len(chunk.timestamps)
        self._aside.append(chunk.times)
        self._n_aside += len(chunk.timestamps)
        if self._n_aside >= _ASIDE_S * self.info.sfreq:
            self._look_through()

    def _look_through(self) -> None:
        """Count what lies aside."""
        if not self._aside:
            return
        times = np.concatenate(self._aside)
        self._aside, self._n_aside = [], 0
        self._n_samples += len(times)
        times = times[are_times(times)]
        if not len(times):
            return
        if self.info.sfreq:
            joined = times if np.isnan(self._newest) else np.append(self._newest, times)
            steps = np.diff(joined)
            self._gaps += [
                (float(min(joined[k], joined[k + 1])), float(joined[k + 1]))
                for k in np.flatnonzero(np.abs(steps) > self._gap)
            ]
            self._take_steps(steps)
        self._newest = float(times[-1])
        if self._recent and self._newest < self._recent[-1].time:
            self._recent.clear()
        self._recent.append(
            _Mark(self._newest, self._n_samples, self._missing, self._n_steps, self._sum, self._squares)
        )
        while self._recent[0].time < self._newest - _SPAN:
            self._recent.popleft()

    def _take_steps(self, steps: Array) -> None:
        """Note the steps between stamps: those of the stream's own pace, and gaps."""
        usual = 1.0 / self.info.sfreq
        gaps = steps[np.abs(steps) > self._gap]
        ahead = gaps[gaps > 0] - usual
        self._missing += float(np.sum(ahead))
        if self.info.kind != "video":
            self._n_dropped += int(np.sum(np.round(ahead * self.info.sfreq)))
            self._n_dropped += self._between(steps[np.abs(steps) <= self._gap] / usual)
        # Summed round the usual step, where the squares are small: nothing is lost to rounding in hours.
        off = steps[np.abs(steps) <= self._gap] - usual
        self._n_steps += len(off)
        self._sum += float(np.sum(off))
        self._squares += float(np.sum(off**2))

    def _between(self, steps: Array) -> int:
        """Return how many samples are missing one by one, by steps in units of the usual one.

        That can be told only where most steps are the usual one: else a long step may be a sample that is late.
        """
        whole = np.round(steps)
        even = np.abs(steps - whole) < _EVEN
        usual = int(np.sum(even & (whole == 1)))
        if self._n_seen > self.info.sfreq:  # the last second or two count
            self._n_usual, self._n_seen = self._n_usual / 2, self._n_seen / 2
        self._n_usual, self._n_seen = self._n_usual + usual, self._n_seen + len(steps)
        if self._n_usual < _MOST_USUAL * self._n_seen or (len(steps) > _FEW and usual < len(steps) / 2):
            return 0
        return int(np.sum(whole[even & (whole > 1)] - 1))

    def _rate(self) -> float:
        if not self._recent:
            return 0.0
        first, last = self._recent[0], self._recent[-1]
        # What a gap lacks is told as a gap: the pace before and after it may be right.
        span = last.time - first.time - (last.missing - first.missing)
        return (last.n_samples - first.n_samples) / span if span > 0.0 else 0.0

    def _jitter(self) -> float:
        if not self._recent or (n_steps := self._recent[-1].n_steps - self._recent[0].n_steps) < 2:
            return float("nan")
        first, last = self._recent[0], self._recent[-1]
        mean = (last.total - first.total) / n_steps
        return math.sqrt(max(0.0, (last.squares - first.squares) / n_steps - mean**2))
