"""The running size of one participant's EEG, from past data only."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array

MEMORY_S = 30.0
"""Time constant of what it forgets."""


class RunningScale:
    """The size of the EEG: median over good channels of a standard deviation that forgets with a time constant.

    It is moved by the newest step of each window, so by data time, and knows nothing of what comes after the window.

    Parameters
    ----------
    step
        Seconds between windows.
    sfreq
        Rate of the windows' samples, Hz.
    """

    def __init__(self, step: float, sfreq: float) -> None:
        self._n_new = max(1, round(step * sfreq))
        self._share = 1 - math.exp(-step / MEMORY_S)
        self._variance: Array | None = None
        self.value = 1.0

    def follow(self, window: Array, mask: Array) -> float:
        """Take in a window, array of shape (n_chans, n_times), µV; return the scale, µV."""
        if self._variance is None:
            self._variance = np.full(len(window), np.nan)
        newest = window[:, -self._n_new :]
        power = np.square(newest).sum(axis=1) / newest.shape[1]
        moved = self._variance + self._share * (power - self._variance)
        fresh = mask & np.isnan(moved)
        if fresh.any():
            moved[fresh] = np.square(window[fresh]).mean(axis=1)
        self._variance = np.where(mask, moved, self._variance)
        known = np.sort(self._variance[mask])
        if known.size:
            # What `numpy.median` gives, without its checks: a tenth of its time for some dozens.
            middle = (known[(known.size - 1) // 2] + known[known.size // 2]) / 2
            self.value = max(math.sqrt(middle), 1e-3)
        return self.value
