"""Heart beats in ECG and PPG by two moving averages, and what follows from them: rate and its variability.

Elgendi, M. (2013), Fast QRS detection with an optimized knowledge-based method, PLoS ONE 8(9):e73557; Elgendi, M. et
al. (2013), Systolic peak detection in acceleration photoplethysmograms, PLoS ONE 8(10):e76585.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.data import Array
from core.sensors.reading import Measure, Reading, Recent

__all__ = ["ECG", "PPG", "HeartReader", "band", "find_beats"]

_SECONDS = 64.0
_RATE_S = 15.0
"""Seconds of beats that the rate is the median of."""
_FASTEST_S, _SLOWEST_S = 0.3, 2.0
"""Seconds between two beats that a heart can have."""
_CHANGE = 0.3
"""Share by which an interval may differ from the median round it before it is no beat after a beat."""
_LEAST = 20
"""Intervals from which variability is said."""
_GOOD = 0.7
_MOST_HZ = 500.0
"""More samples a second place a beat no better."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How beats look in one kind of signal."""

    low: float
    high: float
    """Hz, between which a beat has its power."""
    peak_s: float
    """Seconds of the shorter average: a beat's own peak."""
    beat_s: float
    """Seconds of the longer one: a whole beat."""
    offset: float
    """Share of the signal's mean that is added to the longer average."""
    upward: bool
    """Whether only what lies above zero counts."""
    least_s: float
    """Seconds between two beats that are two."""


ECG = Pulse(8.0, 20.0, 0.097, 0.611, 0.08, False, 0.3)
PPG = Pulse(0.5, 8.0, 0.111, 0.667, 0.02, True, 0.3)


def find_beats(signal: Array, sfreq: float, pulse: Pulse) -> Array:
    """Return where the beats are, in samples and parts of them, array of shape (n_beats,).

    Parameters
    ----------
    signal : array of shape (n_times,)
    sfreq : float
        Hz.
    pulse : Pulse
    """
    if len(signal) < sfreq:
        return np.empty(0)
    clean = band(signal, sfreq, pulse.low, pulse.high)
    power = np.maximum(clean, 0.0) ** 2 if pulse.upward else np.abs(clean)
    peak, beat = (_average(power, max(1, round(s * sfreq))) for s in (pulse.peak_s, pulse.beat_s))
    inside = peak > beat + pulse.offset * power.mean()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    found: list[float] = []
    least, shortest = pulse.least_s * sfreq, round(pulse.peak_s * sfreq)
    ridge = clean if pulse.upward else np.abs(clean)
    for start, stop in edges.reshape(-1, 2):
        if stop - start < shortest or start == 0 or stop == len(signal):
            continue  # too short for a beat, or not all of it is there
        top = int(start + ridge[start:stop].argmax())
        if not found or top - found[-1] > least:
            found.append(_between(ridge, top))
    return np.array(found)


class HeartReader:
    """Reads heart rate and variability from an ECG, pulse rate and its variability from a PPG.

    Variability is RMSSD, the root mean square of successive differences of the last minute's intervals. From a PPG it
    is that of the pulse, which moves with breath and posture more than the heart's.

    Parameters
    ----------
    pulse : Pulse
    sfreq : float
        Hz.
    channel : int
    n_chans : int
    """

    def __init__(self, pulse: Pulse, sfreq: float, channel: int, n_chans: int) -> None:
        self._pulse = pulse
        self._sfreq = min(sfreq, _MOST_HZ)
        self._channel = channel
        self._recent = Recent(_SECONDS, n_chans)

    def push(self, times: Array, data: Array) -> Reading | None:
        """Take samples; return a reading once a second."""
        if not self._recent.push(times, data):
            return None
        first, signal = self._recent.on_grid(self._sfreq, self._channel)
        beats = first + find_beats(signal, self._sfreq, self._pulse) / self._sfreq
        return _reading(float(self._recent.times[-1]), first, beats, self._pulse is ECG)


def _reading(now: float, first: float, beats: Array, is_ecg: bool) -> Reading:
    heart = "heart" if is_ecg else "pulse"
    steps, at = np.diff(beats), beats[1:]
    usual = np.array([np.median(steps[max(0, k - 5) : k + 6]) for k in range(len(steps))])
    good = (steps > _FASTEST_S) & (steps < _SLOWEST_S) & (np.abs(steps - usual) < _CHANGE * usual)
    late = good & (at > now - _RATE_S)
    rate = 60.0 / float(np.median(steps[late])) if late.sum() >= 3 else math.nan
    follows = good[1:] & good[:-1]
    varies = math.sqrt(float(np.mean(np.diff(steps)[follows] ** 2))) * 1e3 if follows.sum() >= _LEAST else math.nan
    span = min(_RATE_S, now - first) if math.isfinite(first) else 0.0
    quality = min(1.0, float(steps[late].sum()) / (0.9 * span)) if span > 4.0 else 0.0
    problem = "" if quality >= _GOOD else "too few beats in a row" if span > 4.0 else "not enough yet"
    return Reading(
        now,
        (Measure(f"{heart} rate", rate, "/min"), Measure(f"{heart} RMSSD", varies, "ms")),
        quality,
        problem,
    )


def band(signal: Array, sfreq: float, low: float, high: float) -> Array:
    """Return a signal between two frequencies, without delay: its ends are mirrored."""
    n_pad = min(len(signal) - 1, round(sfreq))
    padded = np.concatenate([2 * signal[0] - signal[n_pad:0:-1], signal, 2 * signal[-1] - signal[-2 : -n_pad - 2 : -1]])
    frequencies = np.fft.rfftfreq(len(padded), 1 / sfreq)
    with np.errstate(divide="ignore"):
        gain = 1 / (1 + (low / frequencies) ** 6) / (1 + (frequencies / high) ** 6)
    clean: Array = np.fft.irfft(np.fft.rfft(padded) * gain, len(padded))[n_pad : n_pad + len(signal)]
    return clean


def _average(signal: Array, n: int) -> Array:
    """Return the mean of the `n` samples round each."""
    before, after = n // 2, n - n // 2
    total = np.concatenate([[0.0], np.cumsum(signal)])
    edges = np.arange(len(signal))
    start, stop = np.maximum(edges - before, 0), np.minimum(edges + after, len(signal))
    mean: Array = (total[stop] - total[start]) / n
    return mean


def _between(signal: Array, top: int) -> float:
    """Return where a peak is between its samples: the top of the parabola through three of them."""
    if not 0 < top < len(signal) - 1:
        return float(top)
    left, middle, right = signal[top - 1 : top + 2]
    bend = left - 2 * middle + right
    return top + (float(0.5 * (left - right) / bend) if bend < 0 else 0.0)
