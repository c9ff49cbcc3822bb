"""Values that are missing among samples: which are a hole to be filled, and which never came."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array

__all__ = ["HoleKeeper", "fill"]


def fill(samples: Array, before: Array) -> Array:
    """Return samples with holes filled by the channel's last value: causal, and small for filters.

    Parameters
    ----------
    samples : array of shape (n_chans, n_times)
        NaN or infinite where a value is missing.
    before : array of shape (n_chans,)
        Each channel's value before the first sample, NaN if there is none: a channel that begins with a hole then takes
        its first value, since a step from 0 would ring for seconds; without any value it is 0.
    """
    if np.isfinite(samples).all():
        return samples
    wide = np.concatenate([before[:, None], samples], axis=1)
    there = np.isfinite(wide)
    wide[:, 0] = np.where(there[:, 0], wide[:, 0], wide[np.arange(len(wide)), there.argmax(axis=1)])
    wide[~np.isfinite(wide[:, 0]), 0] = 0.0
    latest = np.maximum.accumulate(np.where(there, np.arange(wide.shape[1]), 0), axis=1)
    return np.asarray(np.take_along_axis(wide, latest, axis=1)[:, 1:])


class HoleKeeper:
    """Tells samples without a single value that are a short hole from those that never came.

    A device that fills a gap with NaN has a gap: such samples are left out. Few enough to be no gap are kept, so that
    samples may be counted; they wait until the next value tells which they are.

    Parameters
    ----------
    max_gap : float
        Seconds between two values up to which it is no gap.
    """

    def __init__(self, max_gap: float) -> None:
        self._max_gap = max_gap
        self._last = math.nan
        """Stamp of the last sample that had a value."""
        self._held: tuple[Array, Array] | None = None

    def push(self, stamps: Array, rows: Array) -> tuple[Array, Array]:
        """Return the samples that came, of those that waited and of these.

        Parameters
        ----------
        stamps : array of shape (n_times,), s
        rows : array of shape (n_times, n_chans)
        """
        there = np.isfinite(rows).any(axis=1)
        if there.all() and self._held is None:
            self._last = float(stamps[-1]) if len(stamps) else self._last
            return stamps, rows
        if self._held is not None:
            stamps, rows = np.concatenate([self._held[0], stamps]), np.concatenate([self._held[1], rows])
            there = np.isfinite(rows).any(axis=1)
            self._held = None
        at = np.flatnonzero(there)
        known = np.concatenate([[self._last], stamps[at], [math.nan]])
        before = np.cumsum(there)  # how many values have come by each sample
        keep = there | (known[before + 1] - known[before] <= self._max_gap)
        settled = int(at[-1]) + 1 if len(at) else 0
        self._last = float(known[-2])
        late = stamps[settled:]
        if len(late) and late[-1] - self._last <= self._max_gap:
            self._held = late, rows[settled:]
        keep = keep[:settled]
        return stamps[:settled][keep], rows[:settled][keep]
