"""Lowest and highest values of a stream over minutes, in little memory."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array

RATE_HZ = 32.0


class TraceBins:
    """A ring of short stretches of time, each with the extremes of its samples.

    Parameters
    ----------
    n_chans
        Channels.
    seconds
        How far back it reaches.
    """

    def __init__(self, n_chans: int, seconds: float) -> None:
        self._n = int(seconds * RATE_HZ) + 2
        self._numbers = np.full(self._n, np.iinfo(np.int64).min)
        self._low, self._high = (np.empty((self._n, n_chans), dtype=np.float32) for _ in range(2))

    def clear(self) -> None:
        """Forget all samples."""
        self._numbers[:] = np.iinfo(np.int64).min

    def push(self, times: Array, samples: Array) -> None:
        """Take samples, arrays of shape (n_times,) and (n_times, n_chans); times rise."""
        numbers = np.floor(times * RATE_HZ).astype(np.int64)
        starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))[-self._n :]
        low, high = (extreme.reduceat(samples, starts, axis=0) for extreme in (np.minimum, np.maximum))
        numbers = numbers[starts]
        places = numbers % self._n
        # A stretch may have begun with the samples before.
        begun = self._numbers[places] == numbers
        low[begun] = np.minimum(low[begun], self._low[places[begun]])
        high[begun] = np.maximum(high[begun], self._high[places[begun]])
        self._numbers[places], self._low[places], self._high[places] = numbers, low, high

    def between(self, start: float, stop: float) -> tuple[Array, Array, Array]:
        """Return the middle of each stretch in [start, stop) and its extremes, arrays of shape (n, n_chans)."""
        last = math.ceil(stop * RATE_HZ)
        numbers = np.arange(max(math.floor(start * RATE_HZ), last - self._n), last)
        places = numbers % self._n
        known = self._numbers[places] == numbers
        places = places[known]
        return (numbers[known] + 0.5) / RATE_HZ, self._low[places], self._high[places]
