"""What EEG tells of itself, untaught: spectrum, band powers, alpha asymmetry, and their drift against the own past.

None of it is an emotion, and none is called so. All of it follows from windows that have been, as the models get them:
filtered, re-referenced, without electrodes that were judged bad.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Window

Floats = NDArray[np.floating[Any]]
BANDS = {"delta": (1.0, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 13.0), "beta": (13.0, 30.0), "gamma": (30.0, 40.0)}
"""Hz, from and below; what lies above is mostly muscle, and below the filters' own edge."""
SPAN_S = 20.0
"""Seconds of which the spectrum is: some twenty windows, so that a line is known to about a quarter of itself."""
PAST_S = 30.0
"""Seconds of own past before anything is held against it."""
PAIRS = (("F4", "F3"), ("F8", "F7"), ("AF4", "AF3"), ("AF8", "AF7"), ("Fp2", "Fp1"))
"""Electrodes on the right and on the left, the first pair that there is."""
_MOST_ROWS = 600
"""Of the own past: then every second one is left."""
_TO_SD = 1.4826
"""From the median absolute deviation to the standard deviation, of normal values."""


def periodogram(samples: Floats, sfreq: float) -> tuple[Floats, Floats]:
    """Return frequencies, Hz, and one-sided power density, µV²/Hz, of samples, shape (n_chans, n_times), µV.

    With a Hann window, the mean taken off: as SciPy's `welch` does with each of its segments (Welch 1967).
    """
    n = samples.shape[-1]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    centred = samples - samples.mean(axis=-1, keepdims=True)
    density = np.abs(np.fft.rfft(centred * window, axis=-1)) ** 2 / (sfreq * (window**2).sum())
    density[..., 1 : n // 2 + n % 2] *= 2
    return np.fft.rfftfreq(n, 1 / sfreq), density


def band_power(freqs: Floats, density: Floats, band: tuple[float, float]) -> Floats:
    """Return the power, µV², of densities, shape (..., n_freqs), in a band."""
    inside = (freqs >= band[0]) & (freqs < band[1])
    return np.asarray(density[..., inside].sum(axis=-1) * (freqs[1] - freqs[0]))


@dataclass(slots=True)
class OverTime:
    """Values of each second so far, each held against those that were over before its own span began."""

    times: list[float] = field(default_factory=list)
    """s, LSL clock."""
    asymmetry: list[float] = field(default_factory=list)
    """ln µV²; NaN where it is not known."""
    usual: list[float] = field(default_factory=list)
    """Median of the asymmetry's own past."""
    spread: list[float] = field(default_factory=list)
    """Standard deviation of that past, robust."""
    drift: list[tuple[float, ...]] = field(default_factory=list)
    """dB by band: median over electrodes of the change against each one's own past."""


class EegFigures:
    """Follows the windows of one participant."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew, with another recording or another place in it."""
        self.names: tuple[str, ...] = ()
        self.positions: Floats = np.zeros((0, 3))
        self.freqs: Floats = np.zeros(0)
        self.density: Floats = np.zeros((0, 0))
        """Shape (n_chans, n_freqs), µV²/Hz; NaN for electrodes that were bad all the while."""
        self.powers: Floats = np.zeros((len(BANDS), 0))
        """Shape (n_bands, n_chans), µV²."""
        self.over_time = OverTime()
        self._last = -math.inf
        self._recent: deque[tuple[float, Floats]] = deque()
        self._past: list[tuple[float, Floats]] = []
        """Time and log power, dB, (n_bands, n_chans)."""

    @property
    def pair(self) -> tuple[str, str] | None:
        """The electrodes, right and left, whose alpha is compared; None if there are none."""
        return next((pair for pair in PAIRS if set(pair) <= set(self.names)), None)

    @property
    def seconds(self) -> float:
        """Seconds of EEG that the spectrum is of."""
        return (self._recent[-1][0] - self._recent[0][0]) if self._recent else 0.0

    def push(self, window: Window) -> bool:
        """Take a window, in order; return whether anything is new. Half of it may have been in the one before."""
        if window.eeg is None or window.eeg_mask is None or window.eeg_problem:
            return False
        if window.ch_names != self.names or window.start < self._last - 60.0:
            self.clear()
            self.names = window.ch_names
            self.positions = np.asarray(window.positions)
        if window.stop < self._last + (window.stop - window.start) / 2 - 1e-6:
            return False
        self._last = window.stop
        sfreq = window.eeg.shape[1] / (window.stop - window.start)
        self.freqs, density = periodogram(np.asarray(window.eeg, np.float64), sfreq)
        density[~window.eeg_mask] = np.nan
        self._recent.append((window.stop, density))
        while self._recent[0][0] <= window.stop - SPAN_S:
            self._recent.popleft()
        self.density = _mean([one for _, one in self._recent])
        self.powers = np.stack([band_power(self.freqs, self.density, band) for band in BANDS.values()])
        self._follow(window.stop)
        return True

    def _follow(self, now: float) -> None:
        with np.errstate(divide="ignore"):
            level = 10 * np.log10(self.powers)
        told, over = self.over_time, now - SPAN_S
        before = [one for time, one in self._past if time <= over]
        known = bool(before) and self._past[0][0] <= over - PAST_S
        value = self._asymmetry(level)
        past = np.array([self._asymmetry(one) for one in before])
        past = past[np.isfinite(past)]
        usual = float(np.median(past)) if known and len(past) else math.nan
        told.times.append(now)
        told.asymmetry.append(value)
        told.usual.append(usual)
        told.spread.append(_TO_SD * float(np.median(np.abs(past - usual))) if math.isfinite(usual) else math.nan)
        told.drift.append(tuple(_drift(level, before)) if known else (math.nan,) * len(BANDS))
        self._past.append((now, level))
        if len(self._past) > _MOST_ROWS:
            self._past = self._past[::2]

    def _asymmetry(self, level: Floats) -> float:
        """Return ln alpha on the right less ln alpha on the left: above 0 there is more alpha on the right.

        Allen, Coan & Nazarian (2004), Biological Psychology 67, 183-218.
        """
        if self.pair is None:
            return math.nan
        right, left = (level[list(BANDS).index("alpha"), self.names.index(name)] for name in self.pair)
        return float((right - left) * math.log(10) / 10)


def _mean(values: Sequence[Floats]) -> Floats:
    """Return the mean of arrays where they are known."""
    stacked = np.stack(values)
    known = np.isfinite(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _drift(level: Floats, before: Sequence[Floats]) -> list[float]:
    """Return for each band the median over electrodes of the change, dB, against the median of each one's past."""
    out = []
    for band in range(len(level)):
        rows = np.stack([one[band] for one in before])
        there = np.isfinite(rows).any(axis=0) & np.isfinite(level[band])
        change = level[band][there] - np.nanmedian(rows[:, there], axis=0)
        out.append(float(np.median(change)) if there.any() else math.nan)
    return out
