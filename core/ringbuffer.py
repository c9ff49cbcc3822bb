"""The newest samples of a stream with their stamps, in bounded memory."""

from __future__ import annotations

import numpy as np

from core.data import Array


class RingBuffer:
    """Keeps at least the newest `capacity` samples; views, not copies, come out.

    The columns lie in one block that is twice as long as it must be: new ones are appended, and only when the block is
    full are the newest moved to its front. So a stretch is always contiguous, and a push costs no shuffling.

    Parameters
    ----------
    capacity
        How many of the newest samples are certain to be kept.
    n_chans
        Rows of the samples.
    """

    def __init__(self, capacity: int, n_chans: int) -> None:
        self._capacity = max(1, capacity)
        self._data: Array = np.empty((n_chans, 2 * self._capacity))
        self._stamps = np.empty(2 * self._capacity)
        self._stop = 0
        self.first = 0
        """Number of the oldest sample that is kept; the first sample ever pushed had number 0."""

    def __len__(self) -> int:
        return self._stop

    @property
    def stamps(self) -> Array:
        """Array of shape (n_times,), s, as pushed."""
        return self._stamps[: self._stop]

    @property
    def data(self) -> Array:
        """Array of shape (n_chans, n_times), oldest first; valid until the next push."""
        return self._data[:, : self._stop]

    def hold(self, capacity: int) -> None:
        """Keep at least so many of the newest samples from now on, if that is more than before."""
        if capacity <= self._capacity:
            return
        self._capacity = capacity
        stamps, data = self.stamps, self.data
        self._data, self._stamps = np.empty((len(data), 2 * capacity)), np.empty(2 * capacity)
        self._data[:, : self._stop], self._stamps[: self._stop] = data, stamps

    def push(self, stamps: Array, data: Array) -> None:
        """Append samples, array of shape (n_chans, n_times), forgetting the oldest if need be."""
        n = len(stamps)
        if n > self._capacity:
            self.first += self._stop + n - self._capacity
            self._stop = 0
            stamps, data, n = stamps[-self._capacity :], data[:, -self._capacity :], self._capacity
        elif self._stop + n > len(self._stamps):
            keep = min(self._stop, self._capacity)
            self._data[:, :keep] = self._data[:, self._stop - keep : self._stop]
            self._stamps[:keep] = self._stamps[self._stop - keep : self._stop]
            self.first += self._stop - keep
            self._stop = keep
        self._data[:, self._stop : self._stop + n] = data
        self._stamps[self._stop : self._stop + n] = stamps
        self._stop += n
