"""The rate at which samples really come, against the rate that the stream declares."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array

__all__ = ["RateWatch", "usual_rate"]

_TOLERANCE = 0.01
_JITTER = 0.25
"""Seconds by which data may come late or early through radio and network; the longer the look, the less it counts."""
_LONGEST = 60.0
_SHORTEST = 5.0
_USUAL = (100, 125, 128, 200, 220, 250, 256, 300, 500, 512, 600, 1000, 1024, 1200, 2000, 2048, 4096)


class RateWatch:
    """Compares the samples that arrive with the nominal rate, in looks of up to a minute.

    Arrival counts, not stamps: muselsl makes its stamps from the nominal rate, so they never tell.

    Parameters
    ----------
    sfreq : float
        Nominal rate, Hz; 0 is never judged.
    """

    def __init__(self, sfreq: float) -> None:
        self._sfreq = sfreq
        self._reported = False
        self._delay = self._usual = math.inf
        """Seconds from stamp to arrival: the least of this look, and of the one before a loss."""
        self.restart()

    def restart(self) -> None:
        """Begin a new look, as after a loss: samples of before it, which come in one block, do not count in it."""
        self._start = float("nan")
        self._count = 0
        self._usual = self._delay if math.isfinite(self._delay) else self._usual
        self._delay = math.inf
        self._is_after_loss = True

    def take(self, n_samples: int, arrival: float, times: Array | None = None) -> float | None:
        """Note samples that arrived now; return the effective rate, Hz, once when it is more than 1 % off.

        Parameters
        ----------
        n_samples : int
        arrival : float
            s, LSL clock.
        times : array of shape (n_times,), optional
            When they were taken, s, LSL clock, those of which it is known.
        """
        if not self._sfreq:
            return None
        if times is not None and len(times):
            if self._is_after_loss and math.isfinite(self._usual) and not math.isnan(self._start):
                n_samples -= int(np.sum(times + self._usual < self._start - _JITTER))
            self._delay = min(self._delay, arrival - max(times.tolist()))
        if math.isnan(self._start):
            # The samples that open the look came in the time before it.
            self._start = arrival
            return None
        self._count += n_samples
        elapsed = arrival - self._start
        if elapsed < _SHORTEST:
            return None
        rate = self._count / elapsed
        off = abs(rate / self._sfreq - 1.0)
        if elapsed >= _LONGEST:
            self._start, self._count, self._is_after_loss = arrival, 0, False
            self._usual, self._delay = self._delay, math.inf
            self._reported = self._reported and off > _TOLERANCE
        if self._reported or off <= _TOLERANCE + _JITTER / elapsed:
            return None
        self._reported = True
        return rate


def usual_rate(stamps: Array) -> float:
    """Return the rate of a stream that declares none, Hz: what its stamps show, moved to a usual rate within 2 %."""
    stamps = stamps[np.isfinite(stamps)]
    span = float(stamps[-1] - stamps[0]) if len(stamps) > 1 else 0.0
    if span <= 0.0:
        return 0.0
    measured = (len(stamps) - 1) / span
    nearest = min(_USUAL, key=lambda rate: abs(rate - measured))
    return float(nearest) if abs(nearest / measured - 1.0) < 0.02 else measured
