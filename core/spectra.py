"""What electrodes are judged by that is of a whole window: its size, spectrum and covariance.

Each of these is taken of a window by itself, in the same few steps whichever windows are read together: sums of samples
that some windows have in common would round differently with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.data import Array
from core.pieces import Pieces

_BANDS_HZ = ((1, 4), (4, 8), (8, 13), (13, 20), (20, 30), (30, 45))


@dataclass(frozen=True, slots=True)
class RawFigures:
    """What some windows are before the filters, arrays of shape (n_windows, n_chans)."""

    level: Array
    """Mean, µV."""
    spread: Array
    """Root mean square without mean and slope, µV."""
    line: Array
    """Power of the line over that of 1 to 45 Hz."""
    muscle: Array
    """Power of muscle over that of 1 to 45 Hz,"""
    muscle_uv: Array
    """and in µV."""


@dataclass(frozen=True, slots=True)
class FilteredFigures:
    """What some windows are behind the filters."""

    covariance: Array
    """Array of shape (n_windows, n_chans, n_chans), µV²."""
    bands: Array
    """Array of shape (n_windows, n_chans, n_bands): log amplitude in each band that there is."""


def raw_figures(pieces: Pieces, sfreq: float, line: float) -> RawFigures:
    """Return the figures of the raw windows.

    Parameters
    ----------
    pieces
        The windows.
    sfreq, line
        Rate and line frequency, Hz; 0 if there is no line to be seen.
    """
    n_windows, n_chans, n_times = len(pieces.raw_at), len(pieces.raw), pieces.n_raw
    ramp, taper, kinds = np.linspace(-1, 1, n_times), *_kinds(n_times, sfreq, line)
    lines = np.stack([np.ones(n_times), ramp])
    fitted, spread = np.empty((n_windows, n_chans, 2)), np.empty((n_windows, n_chans))
    powers = _Powers(n_windows, n_chans, n_times, kinds)
    x = np.empty((n_chans, n_times))
    for k in range(n_windows):
        raw = pieces.raw_of(k)
        fitted[k, :, 0] = np.add.reduce(raw, axis=1) / n_times
        fitted[k, :, 1] = raw @ ramp / (ramp @ ramp)
        np.subtract(raw, np.matmul(fitted[k], lines, out=x), out=x)
        np.vecdot(x, x, out=spread[k])
        x *= taper
        powers.take(k, x)
    brain, of_line, of_muscle = np.moveaxis(powers.of_bands(), -1, 0)
    return RawFigures(
        level=fitted[..., 0],
        spread=np.sqrt(spread / n_times),
        line=of_line / (brain + 1e-9),
        muscle=of_muscle / (brain + 1e-9),
        muscle_uv=np.sqrt(2 * of_muscle / (n_times * (taper @ taper))),
    )


def filtered_figures(pieces: Pieces, length: float) -> FilteredFigures:
    """Return the figures of the filtered windows, which are `length` seconds long."""
    n_windows, n_chans, n_times = len(pieces.filtered_at), len(pieces.filtered), pieces.n_times
    taper, bands = _bands(n_times, length)
    covariance = np.empty((n_windows, n_chans, n_chans))
    powers = _Powers(n_windows, n_chans, n_times, bands)
    x = np.empty((n_chans, n_times))
    for k in range(n_windows):
        filtered = pieces.filtered_of(k)
        np.subtract(filtered, (np.add.reduce(filtered, axis=1) / n_times)[:, None], out=x)
        np.dot(x, x.T, out=covariance[k])
        x *= taper
        powers.take(k, x)
    covariance /= n_times - 1
    return FilteredFigures(covariance, 0.5 * np.log(powers.of_bands() + 1e-9))


class _Powers:
    """Power in bands of windows of one length, each taken in the same memory, which the processor keeps.

    Parameters
    ----------
    n_windows, n_chans, n_times
        How many windows there are, and of what size.
    bands
        Array of shape (n_freqs, n_bands): what is summed up.
    """

    def __init__(self, n_windows: int, n_chans: int, n_times: int, bands: Array) -> None:
        # Between two of these nothing changes, so that what lies there is summed up first.
        edges = np.flatnonzero((bands[1:] != bands[:-1]).any(axis=1)) + 1
        self._edges, self._bands = 2 * edges, bands[edges]
        self._spectrum = np.empty((n_chans, n_times // 2 + 1), np.complex128)
        self._between = np.empty((n_windows, n_chans, len(edges)))

    def take(self, k: int, x: Array) -> None:
        """Take window `k`, array of shape (n_chans, n_times)."""
        parts = np.fft.rfft(x, out=self._spectrum).view(np.float64)
        np.add.reduceat(np.square(parts, out=parts), self._edges, axis=1, out=self._between[k])

    def of_bands(self) -> Array:
        """Return the power of all windows, array of shape (n_windows, n_chans, n_bands)."""
        return np.asarray(self._between @ self._bands)


@cache
def _kinds(n_times: int, sfreq: float, line: float) -> tuple[Array, Array]:
    """Return the taper (n_times,) and the weights (n_freqs, 3) of brain, line and muscle."""
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)
    at_line = np.zeros(len(freqs), dtype=bool)
    if line:
        at_line = (np.abs(freqs - line) <= 1.5) | (np.abs(freqs - 2 * line) <= 1.5)
    high = (freqs > 52) & (freqs < min(120.0, 0.45 * sfreq)) & ~at_line
    if not high.any():  # a slow amplifier shows muscle only at the top of its band
        high = (freqs > 30) & (freqs <= 45) & ~at_line
    brain = (freqs >= 1) & (freqs <= 45)
    return np.hanning(n_times), np.stack([brain, at_line & (freqs < 0.48 * sfreq), high], axis=1).astype(float)


@cache
def _bands(n_times: int, length: float) -> tuple[Array, Array]:
    """Return the taper (n_times,) and weights (n_freqs, n_bands) that take the mean power of each band."""
    freqs = np.arange(n_times // 2 + 1) / length
    inside = [(freqs >= low) & (freqs < high) for low, high in _BANDS_HZ]
    return np.hanning(n_times), np.stack([one / one.sum() for one in inside if one.any()], axis=1)
