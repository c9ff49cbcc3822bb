"""Stamps that tell no time, or another than they mean: what can be known of them, and what takes their place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.data import Array

__all__ = ["LATEST_S", "StampMender", "all_times", "are_times", "longest_step", "seconds_per_unit"]

LATEST_S = 1e10
"""Three centuries: what is further from 0 is no time in seconds, on whatever clock."""
_UNITS = (1e-3, 1e-6, 1e-9)
_NEAR_UNIT = 1.25
"""By which factor a rate may be off for its stamps to be taken for milli-, micro- or nanoseconds."""
_OFF = 50.0
"""By which factor a declared rate may be off while its stamps are still taken for seconds."""
_SLOWEST, _FASTEST = 8.0, 50_000.0
"""Hz between which an EEG's rate lies, where none is declared."""
_GAP_S, _MISSED = 0.15, 3.0
_STRAYS = 4
"""Samples in a row whose stamps may stray; more of them are a break."""


def longest_step(sfreq: float) -> float:
    """Return by how many seconds the times of a stream may step; a longer step is a gap.

    Two samples may be missing, and a camera's frames come unevenly. A stream without a rate has no gaps.

    Parameters
    ----------
    sfreq : float
        Declared rate, Hz; 0 if there is none.
    """
    return max(_GAP_S, _MISSED / sfreq) if sfreq else math.inf


def are_times(stamps: Array) -> Array:
    """Return which stamps can be times in seconds: array of bool, of the same shape."""
    return np.abs(stamps) < LATEST_S  # False for NaN as well


def all_times(stamps: Sequence[float]) -> bool:
    """Return whether all stamps can be times in seconds, as `are_times` says of each; of a few ten times as quickly."""
    return all(abs(stamp) < LATEST_S for stamp in stamps)


def seconds_per_unit(stamps: Array, sfreq: float) -> float:
    """Return what one unit of a stream's stamps is in seconds: 1, or less for milli-, micro- and nanoseconds.

    NaN if they tell no time: they stand still, go back, count samples, or are no numbers. A device that stamps packets,
    gaps and single stamps that are wrong do not matter, since steps over a second are looked at, and of these the
    median.

    Parameters
    ----------
    stamps : array of shape (n_times,)
        Some seconds, as the device gave them.
    sfreq : float
        Declared rate, Hz; 0 if there is none, and then any that an EEG can have fits.
    """
    stamps = stamps[np.isfinite(stamps)]
    n = min(max(1, round(sfreq or 100.0)), len(stamps) // 2)
    if n < 1:
        return 1.0 if len(stamps) else math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        step = float(np.median(stamps[n:] - stamps[:-n])) / n
    if not sfreq:
        fits = (unit for unit in (1.0, *_UNITS) if _SLOWEST <= 1 / max(step * unit, 1e-300) <= _FASTEST)
        return next(fits, math.nan)
    ratio = step * sfreq
    if 1 / _OFF <= ratio <= _OFF:
        return 1.0
    return next((unit for unit in _UNITS if 1 / _NEAR_UNIT <= ratio * unit <= _NEAR_UNIT), math.nan)


class StampMender:
    """Gives samples whose stamps stray, or are no times, the place between their neighbours.

    A stamp strays that is far from the one before it while one of the next few goes on from there. Samples after a step
    wait until that is known, so what comes out follows from the samples alone, not from how they were cut into chunks.

    Parameters
    ----------
    sfreq : float
        Nominal rate, Hz; 0 if there is none.
    max_gap : float
        Seconds by which stamps may step without it being a break.
    """

    def __init__(self, sfreq: float, max_gap: float) -> None:
        self._step = 1 / sfreq if sfreq else 0.0
        self._max_gap = max_gap
        self._last = math.nan
        self._held: list[tuple[float, Array]] = []
        self.n_mended = 0
        """Samples whose stamp was replaced, or that were left out since nothing was known yet."""
        self.first_mended = math.inf
        """The stamp that the first of them was given."""

    def push(self, stamps: Array, rows: Array) -> tuple[Array, Array]:
        """Return the samples that are settled, of those that waited and of these.

        Parameters
        ----------
        stamps : array of shape (n_times,), s
        rows : array of shape (n_times, n_chans)
        """
        if not len(stamps) or (not self._held and self._is_smooth(stamps)):
            if len(stamps):
                self._last = max(float(stamps.max()), -math.inf if math.isnan(self._last) else self._last)
            return stamps, rows
        settled: list[tuple[float, Array]] = []
        for stamp, row in zip(stamps.tolist(), rows, strict=True):
            self._take(stamp, row, settled)
        return (
            np.array([stamp for stamp, _ in settled]),
            np.array([row for _, row in settled], dtype=rows.dtype).reshape(-1, rows.shape[1]),
        )

    def flush(self, rows: Array) -> tuple[Array, Array]:
        """Return what still waits when nothing more comes; `rows` is any array of the samples' kind."""
        settled: list[tuple[float, Array]] = []
        self._release(settled)
        data = np.array([row for _, row in settled], dtype=rows.dtype).reshape(-1, rows.shape[1])
        return np.array([stamp for stamp, _ in settled]), data

    def _is_smooth(self, stamps: Array) -> bool:
        if not are_times(stamps).all():
            return False
        first = float(stamps[0]) if math.isnan(self._last) else self._last
        highest = np.maximum.accumulate(np.concatenate([[first], stamps]))
        return bool((np.abs(stamps - highest[:-1]) <= self._max_gap).all())

    def _take(self, stamp: float, row: Array, settled: list[tuple[float, Array]]) -> None:
        is_time = abs(stamp) < LATEST_S
        if math.isnan(self._last) and not is_time:
            self._mend(-math.inf)
        elif math.isnan(self._last):
            self._settle(stamp, row, settled)
        elif is_time and self._goes_on(stamp):
            for _, held in self._held:
                self._settle(self._mend(self._last + self._step), held, settled)
            self._held.clear()
            self._settle(stamp, row, settled)
        elif not is_time and not self._held:
            self._settle(self._mend(self._last + self._step), row, settled)
        else:
            self._held.append((stamp if is_time else math.nan, row))
            if len(self._held) > _STRAYS:
                self._release(settled)

    def _goes_on(self, stamp: float) -> bool:
        return abs(stamp - self._last - len(self._held) * self._step) <= self._max_gap

    def _release(self, settled: list[tuple[float, Array]]) -> None:
        """Take what waited for a break, behind which the last of them tells where the others lie."""
        waiting, self._held = self._held, []
        known = [k for k, (stamp, _) in enumerate(waiting) if not math.isnan(stamp)]
        for k, (stamp, row) in enumerate(waiting):
            place = waiting[known[-1]][0] - (known[-1] - k) * self._step
            settled.append((stamp if abs(stamp - place) <= self._max_gap else self._mend(place), row))
            self._last = settled[-1][0]

    def _mend(self, stamp: float) -> float:
        self.n_mended += 1
        self.first_mended = min(self.first_mended, stamp)
        return stamp

    def _settle(self, stamp: float, row: Array, settled: list[tuple[float, Array]]) -> None:
        settled.append((stamp, row))
        self._last = stamp if math.isnan(self._last) else max(self._last, stamp)
