"""Skin conductance: its slow level and its quick responses.

Boucsein, W. (2012), Electrodermal Activity, 2nd ed., Springer: responses are rises of 0.05 µS and more within some
seconds.
"""

from __future__ import annotations

import math

import numpy as np

from core.data import Array
from core.sensors.beats import band
from core.sensors.reading import Measure, Reading, Recent

__all__ = ["SkinReader", "find_responses", "scale_to_us"]

_SECONDS, _SFREQ = 64.0, 10.0
_SLOW_HZ, _FAST_HZ = 0.05, 1.5
"""The level is slower, a response quicker than this; what is above the second is noise."""
_LEAST_US = 0.05
_LOWEST_US, _HIGHEST_US = 0.05, 60.0
"""Between what skin has: an electrode that has come off has nothing, and no skin has more."""
_UNITS = {"us": 1.0, "microsiemens": 1.0, "s": 1e6, "siemens": 1e6, "ns": 1e-3, "nanosiemens": 1e-3, "ms": 1e3}


def scale_to_us(unit: str) -> float | None:
    """Return the factor from a unit of conductance to µS; 1 where none is stated, None of anything else."""
    plain = unit.strip().replace("µ", "u").replace("μ", "u").lower()
    return _UNITS.get(plain) if plain else 1.0


def find_responses(signal: Array, sfreq: float) -> Array:
    """Return where skin conductance responses have their peaks, in samples, array of shape (n_responses,).

    Parameters
    ----------
    signal : array of shape (n_times,), µS
    sfreq : float
        Hz.
    """
    if len(signal) < 4 * sfreq:
        return np.empty(0, int)
    quick = band(signal, sfreq, _SLOW_HZ, _FAST_HZ)
    steps = np.sign(np.diff(quick))
    peaks = np.flatnonzero((steps[:-1] > 0) & (steps[1:] <= 0)) + 1
    feet = np.flatnonzero((steps[:-1] <= 0) & (steps[1:] > 0)) + 1
    found = []
    for peak in peaks:
        before = feet[feet < peak]
        foot = before[-1] if len(before) else 0
        if quick[peak] - quick[foot] >= _LEAST_US:
            found.append(int(peak))
    return np.array(found, int)


class SkinReader:
    """Reads level and responses of skin conductance.

    Parameters
    ----------
    scale_us : float
        Factor from the channel's unit to µS.
    channel, n_chans : int
    """

    def __init__(self, scale_us: float, channel: int, n_chans: int) -> None:
        self._scale = scale_us
        self._channel = channel
        self._recent = Recent(_SECONDS, n_chans)

    def push(self, times: Array, data: Array) -> Reading | None:
        """Take samples; return a reading once a second."""
        if not self._recent.push(times, data):
            return None
        _, signal = self._recent.on_grid(_SFREQ, self._channel)
        now = float(self._recent.times[-1])
        if len(signal) < 4 * _SFREQ:
            return Reading(now, (), 0.0, "not enough yet")
        signal = signal * self._scale
        level = float(np.median(signal[-round(4 * _SFREQ) :]))
        quick = float(band(signal, _SFREQ, _SLOW_HZ, _FAST_HZ)[-1])
        minutes = len(signal) / _SFREQ / 60
        rate = len(find_responses(signal, _SFREQ)) / minutes if minutes > 0.25 else math.nan
        is_skin = _LOWEST_US < level < _HIGHEST_US
        return Reading(
            now,
            (
                Measure("skin tonic", level, "µS", 2),
                Measure("phasic", quick, "µS", 2),
                Measure("responses", rate, "/min", 1),
            ),
            1.0 if is_skin else 0.0,
            "" if is_skin else "no skin has that: check the electrodes and the unit",
        )
