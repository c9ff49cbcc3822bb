"""Breaths a minute from a belt or any signal that rises and falls with them."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array
from core.sensors.beats import band
from core.sensors.reading import Measure, Reading, Recent

__all__ = ["BreathReader", "find_breaths"]

_SECONDS, _SFREQ = 40.0, 10.0
_LOW_HZ, _HIGH_HZ = 0.08, 0.8
_LEAST_SWING = 0.3
"""Share of the usual swing that a breath has at least."""
_REGULAR = 0.5


def find_breaths(signal: Array, sfreq: float) -> Array:
    """Return where each breath is fullest, in samples, array of shape (n_breaths,).

    Parameters
    ----------
    signal : array of shape (n_times,)
        Rises as the chest does.
    sfreq : float
        Hz.
    """
    if len(signal) < 4 * sfreq:
        return np.empty(0, int)
    clean = band(signal, sfreq, _LOW_HZ, _HIGH_HZ)
    least = _LEAST_SWING * float(np.std(clean)) * math.sqrt(2)
    ups = np.flatnonzero((clean[:-1] <= 0) & (clean[1:] > 0)) + 1
    downs = np.flatnonzero((clean[:-1] > 0) & (clean[1:] <= 0)) + 1
    found = []
    for up in ups:
        after = downs[downs > up]
        if len(after) and clean[up : after[0]].max() >= least:
            found.append(int(up + clean[up : after[0]].argmax()))
    return np.array(found, int)


class BreathReader:
    """Reads breaths a minute.

    Parameters
    ----------
    channel, n_chans : int
    """

    def __init__(self, channel: int, n_chans: int) -> None:
        self._channel = channel
        self._recent = Recent(_SECONDS, n_chans)

    def push(self, times: Array, data: Array) -> Reading | None:
        """Take samples; return a reading once a second."""
        if not self._recent.push(times, data):
            return None
        _, signal = self._recent.on_grid(_SFREQ, self._channel)
        steps = np.diff(find_breaths(signal, _SFREQ)) / _SFREQ
        rate = 60.0 / float(np.median(steps)) if len(steps) >= 2 else math.nan
        spread = float(np.median(np.abs(steps - np.median(steps))) / np.median(steps)) if len(steps) >= 2 else 1.0
        quality = max(0.0, 1.0 - spread / _REGULAR)
        problem = "" if quality > 0.3 else "not enough yet" if len(steps) < 2 else "no even breath"
        return Reading(float(self._recent.times[-1]), (Measure("breaths", rate, "/min", 1),), quality, problem)
