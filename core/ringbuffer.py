"""The newest samples of a stream with their stamps, in bounded memory."""

from __future__ import annotations

import numpy as np

from core.data import Array


class RingBuffer:
    """Keeps at least the newest `capacity` samples; views, not copies, come out.

    The rows lie in one block that is twice as long as it must be: new rows are appended, and only when the block is
    full are the newest moved to its front. So a stretch is always contiguous, and a push costs no shuffling.
    """

    def __init__(self, capacity: int, n_chans: int, dtype: type = np.float64) -> None:
        self._capacity = max(1, capacity)
        self._data: Array = np.empty((2 * self._capacity, n_chans), dtype)
        self._stamps = np.empty(2 * self._capacity)
        self._start = 0
        self._stop = 0

    def __len__(self) -> int:
        return self._stop - self._start

    @property
    def stamps(self) -> Array:
        """Array of shape (n_times,), s, never falling: device jitter is taken out so that it can be searched."""
        return self._stamps[self._start : self._stop]

    @property
    def data(self) -> Array:
        """Array of shape (n_times, n_chans), oldest first; valid until the next push."""
        return self._data[self._start : self._stop]

    def push(self, stamps: Array, data: Array) -> None:
        """Append samples, forgetting the oldest if need be."""
        if len(stamps) > self._capacity:
            stamps, data = stamps[-self._capacity :], data[-self._capacity :]
        n = len(stamps)
        if n == 0:
            return
        if self._stop + n > len(self._stamps):
            keep = min(len(self), self._capacity)
            self._data[:keep] = self._data[self._stop - keep : self._stop]
            self._stamps[:keep] = self._stamps[self._stop - keep : self._stop]
            self._start, self._stop = 0, keep
        floor = self._stamps[self._stop - 1] if len(self) else -np.inf
        self._stamps[self._stop : self._stop + n] = np.maximum(np.maximum.accumulate(stamps), floor)
        self._data[self._stop : self._stop + n] = data
        self._stop += n
        self._start = max(self._start, self._stop - self._capacity)

    def clear(self) -> None:
        """Forget everything: the time line is broken."""
        self._start = self._stop = 0
