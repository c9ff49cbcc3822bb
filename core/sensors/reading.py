"""What a stream says of a person's body right now, and how far that can be relied on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.data import Array
from core.stamps import are_times

__all__ = ["Measure", "Reader", "Reading", "Recent"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure, named as what it is."""

    name: str
    value: float
    """NaN while there is too little to say it."""
    unit: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stream's last seconds say."""

    time: float
    """Of the newest sample that it rests on, s."""
    measures: tuple[Measure, ...]
    quality: float
    """0 not to be relied on to 1 good."""
    problem: str = ""
    """Why it is not to be relied on, in words, ``""`` if nothing."""


class Reader(Protocol):
    """Reads one stream."""

    def push(self, times: Array, data: Array) -> Reading | None:
        """Take samples, arrays of shape (n_times,), s, and (n_times, n_chans); return a reading once a second."""
        ...


class Recent:
    """The last seconds of a stream's channels; what is no time, or goes back, is left out.

    Parameters
    ----------
    seconds : float
        How far back it reaches.
    n_chans : int
    period : float
        Seconds from one reading to the next.
    """

    def __init__(self, seconds: float, n_chans: int, period: float = 1.0) -> None:
        self._seconds = seconds
        self._period = period
        self.times = np.empty(0)
        self.data = np.empty((0, n_chans))
        self._due = -math.inf

    def push(self, times: Array, data: Array) -> bool:
        """Take samples; return whether a reading is due."""
        newest = self.times[-1] if len(self.times) else -math.inf
        good = are_times(times)
        times, data = times[good], data[good].astype(np.float64)
        if not len(times):
            return False
        if times[0] < newest - self._seconds or times[0] > newest + self._seconds:
            self.times, self.data, newest = self.times[:0], self.data[:0], -math.inf  # another time begins
            self._due = times[0] + self._period
        rising = times > np.maximum.accumulate(np.concatenate([[newest], times[:-1]]))
        times, data = times[rising], data[rising]
        if not len(times):
            return False
        since = times[-1] - self._seconds
        kept = np.searchsorted(self.times, since)
        new = np.searchsorted(times, since)
        self.times = np.concatenate([self.times[kept:], times[new:]])
        self.data = np.concatenate([self.data[kept:], data[new:]])
        if times[-1] < self._due:
            return False
        self._due = times[-1] + self._period
        return True

    def on_grid(self, sfreq: float, k: int = 0) -> tuple[float, Array]:
        """Return the time of the first sample and one channel on a grid of `sfreq`, array of shape (n_times,).

        Between samples it is interpolated. Of what lies before the last gap of over a second nothing is returned.
        """
        finite = np.isfinite(self.data[:, k])
        times, values = self.times[finite], self.data[finite, k]
        breaks = np.flatnonzero(np.diff(times) > max(1.0, 3.0 / sfreq))
        if len(breaks):
            times, values = times[breaks[-1] + 1 :], values[breaks[-1] + 1 :]
        if len(times) < 2:
            return math.nan, np.empty(0)
        grid = times[0] + np.arange(int((times[-1] - times[0]) * sfreq + 1e-6) + 1) / sfreq
        return float(times[0]), np.interp(grid, times, values)
