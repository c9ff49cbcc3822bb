"""Causal filters that keep their state, so that the same samples in other chunks give the same signal."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import signal

from core.data import Array

_HALF = 4
"""Half length of the resampler's filter in samples of the slower side: 31 ms at 128 Hz. The low-pass before it has
done the most, and a longer one would only add delay."""
_NOTCH_Q = 25.0
_LINE_RATIO = 4.0


def design(sfreq: float, highpass: float, lowpass: float, line: float) -> Array:
    """Return second-order sections, array of shape (n_sections, 6): high-pass, notch at `line`, low-pass.

    Butterworth of order 2 below and 4 above; a part whose frequency does not fit under Nyquist, or is 0, is left out.
    """
    nyquist = sfreq / 2
    parts = []
    if highpass > 0:
        parts.append(signal.butter(2, highpass, "highpass", fs=sfreq, output="sos"))
    if 0 < line < 0.98 * nyquist:
        parts.append(signal.tf2sos(*signal.iirnotch(line, _NOTCH_Q, fs=sfreq)))
    if 0 < lowpass < 0.98 * nyquist:
        parts.append(signal.butter(4, lowpass, "lowpass", fs=sfreq, output="sos"))
    return np.concatenate(parts) if parts else np.array([[1.0, 0, 0, 1, 0, 0]])


class Cascade:
    """Second-order sections over (n_times, n_chans); primed by the first sample, so nothing steps at the start."""

    def __init__(self, sos: Array) -> None:
        self._sos = sos
        self._primed = signal.sosfilt_zi(sos)
        self._state: Array | None = None

    def push(self, x: Array) -> Array:
        """Return the filtered samples, shape as `x`, float64."""
        if len(x) == 0:
            return x
        if self._state is None:
            self._state = self._primed[:, :, None] * x[0]
        y, self._state = signal.sosfilt(self._sos, x, axis=0, zi=self._state)
        filtered: Array = y
        return filtered


class Resampler:
    """Polyphase resampling by a rational factor, the same in chunks of any size.

    Parameters
    ----------
    sfreq_in, sfreq_out : float
        Hz; their ratio is taken as the nearest fraction with a denominator up to 512.
    n_chans : int
    """

    def __init__(self, sfreq_in: float, sfreq_out: float, n_chans: int) -> None:
        ratio = Fraction(sfreq_out / sfreq_in).limit_denominator(512)
        self._up, self._down = ratio.numerator, ratio.denominator
        slower = max(self._up, self._down)
        self._plain = self._up == self._down
        taps = 2 * _HALF * slower + 1
        if not self._plain:
            self._taps = self._up * signal.firwin(taps, 1 / slower, window=("kaiser", 5.0))
        self.delay = 0.0 if self._plain else _HALF * slower / (self._up * sfreq_in)
        """Seconds by which the output lags the input; `places` has taken it off."""
        self._shift = self.delay * sfreq_in
        self._history = -(-taps // self._up) + 1
        self._buffer = np.zeros((0, n_chans))
        self._first = 0
        self._n_in = 0
        self._n_out = 0

    def push(self, x: Array) -> tuple[Array, Array]:
        """Return the samples that `x` completes, and their places.

        Returns
        -------
        y : array of shape (n_out, n_chans), float64
        places : array of shape (n_out,), float64
            Where each lies among the input samples, counted from the first sample ever pushed, delay taken off.
        """
        if self._plain:
            places = np.arange(self._n_in, self._n_in + len(x), dtype=float)
            self._n_in += len(x)
            return x, places
        self._buffer = np.concatenate([self._buffer, x])
        self._n_in += len(x)
        stop = 0 if self._n_in == 0 else (self._n_in - 1) * self._up // self._down + 1
        numbers = np.arange(self._n_out, stop)
        if len(numbers) == 0:
            return np.zeros((0, x.shape[1])), np.zeros(0)
        offset = self._first * self._up // self._down
        y = signal.upfirdn(self._taps, self._buffer, self._up, self._down, axis=0)
        made: Array = y[self._n_out - offset : stop - offset]
        self._n_out = stop
        self._forget()
        return made, numbers * self._down / self._up - self._shift

    def _forget(self) -> None:
        # The buffer may only begin where an output falls on an input sample, which is every `down` samples.
        needed = self._n_out * self._down // self._up - self._history
        first = max(self._first, needed // self._down * self._down)
        self._buffer = self._buffer[first - self._first :]
        self._first = first


def find_line(samples: Array, sfreq: float) -> float:
    """Return the line frequency that stands out of `samples`, 50 or 60 Hz, or 0 if neither does.

    Parameters
    ----------
    samples : array of shape (n_times, n_chans), finite
    sfreq : float
    """
    n_times = len(samples)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(n_times)[:, None], axis=0)) ** 2
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)

    def excess(line: float) -> float:
        if line + 4 > freqs[-1]:
            return 0.0
        peak = spectrum[np.abs(freqs - line) <= 1].max(axis=0)
        around = spectrum[(np.abs(freqs - line) > 2) & (np.abs(freqs - line) <= 4)].mean(axis=0)
        alive = around > 0
        return float(np.median(peak[alive] / around[alive])) if alive.any() else 0.0

    # A single bin of noise beats the mean around it some ten times in a few hundred draws; a line does so everywhere.
    best = max((50.0, 60.0), key=excess)
    return best if excess(best) > _LINE_RATIO * 4 else 0.0
