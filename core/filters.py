"""Causal filters that keep their state, so that the same samples in other chunks give the same signal to the bit."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy import signal

from core.data import Array

_NOTCH_Q = 25.0
_HALF_LENGTH, _HALF_LENGTH_NEAR = 2, 4
"""Of the resampler, in samples of the slower side: 16 and 31 ms at 128 Hz, each of them latency. The short one loses
0.8 dB at 40 Hz and lets less than -41 dB fold into the band, thanks to the low-pass before it; rates near each other
(125 to 128 Hz) need the long one, for there the images of the band itself fold back."""
_NEAR = 1.2
_KAISER_BETA = 3.4
_LINE_EXCESS = 10.0
"""A line stands out by more than the highest of a dozen bins of noise does."""


def design(sfreq: float, highpass: float, lowpass: float, line: float) -> Array:
    """Return second-order sections, array of shape (n_sections, 6): high-pass, notch at `line`, low-pass.

    Butterworth of order 2 below and 4 above; a part whose frequency is 0 or does not fit under Nyquist is left out.
    """
    below_nyquist = 0.98 * sfreq / 2
    parts = []
    if 0 < highpass < below_nyquist:
        parts.append(signal.butter(2, highpass, "highpass", fs=sfreq, output="sos"))
    if 0 < line < below_nyquist:
        parts.append(signal.tf2sos(*signal.iirnotch(line, _NOTCH_Q, fs=sfreq)))
    if 0 < lowpass < below_nyquist:
        parts.append(signal.butter(4, lowpass, "lowpass", fs=sfreq, output="sos"))
    return np.concatenate(parts) if parts else np.array([[1.0, 0, 0, 1, 0, 0]])


class Cascade:
    """Second-order sections; the first sample primes the state, so that an offset makes no step at the start.

    Parameters
    ----------
    sos
        Array of shape (n_sections, 6), see `design`.
    """

    def __init__(self, sos: Array) -> None:
        self._sos = sos
        self._settled = signal.sosfilt_zi(sos)
        self._state: Array | None = None

    def push(self, x: Array) -> Array:
        """Return `x` filtered, array of shape (n_chans, n_times), float64."""
        if not x.shape[1]:
            return x
        if self._state is None:
            self._state = self._settled[:, None, :] * x[None, :, :1]
        y, self._state = signal.sosfilt(self._sos, x, axis=1, zi=self._state)
        return np.asarray(y)


class Resampler:
    """Polyphase resampling by a rational factor.

    Parameters
    ----------
    sfreq_in, sfreq_out
        Hz; their ratio is taken as the nearest fraction with a denominator up to 512.
    """

    def __init__(self, sfreq_in: float, sfreq_out: float) -> None:
        ratio = Fraction(sfreq_out / sfreq_in).limit_denominator(512)
        self._up, self._down = ratio.numerator, ratio.denominator
        self._plain = self._up == self._down
        length = _HALF_LENGTH if sfreq_in > _NEAR * sfreq_out else _HALF_LENGTH_NEAR
        half = 0 if self._plain else length * max(self._up, self._down)
        self._taps = _polyphase_taps(half, self._up, self._down)
        self.lag = half / self._up
        """Input samples by which the output lags; `push` has taken it off the places."""
        self._buffer: Array | None = None
        self._first = 0
        self._n_in = 0
        self._n_out = 0

    def places(self, first: int, stop: int) -> Array:
        """Return where the outputs of these numbers lie among the input samples; see `push`."""
        return np.arange(first, stop) * self._down / self._up - self.lag

    def n_needed(self, output: int) -> int:
        """Return how many input samples the output of this number needs."""
        return output * self._down // self._up + 1

    def n_up_to(self, place: float) -> int:
        """Return how many outputs lie at `place` among the input samples, or before it."""
        return math.floor((place + self.lag) * self._up / self._down) + 1

    def push(self, x: Array) -> tuple[Array, Array]:
        """Return the samples that `x`, array of shape (n_chans, n_times), completes, and their places.

        Returns
        -------
        y
            Array of shape (n_chans, n_out), float64.
        places
            Array of shape (n_out,), float64: where each lies among the input samples, counted from the first sample
            ever pushed; the filter's delay is taken off, so they begin below 0.
        """
        n_done = self._n_out
        self._n_in += x.shape[1]
        self._n_out = max(n_done, (self._n_in * self._up - 1) // self._down + 1)  # see `n_needed`
        return (x if self._plain else self._convolve(x, n_done)), self.places(n_done, self._n_out)

    def _convolve(self, x: Array, n_done: int) -> Array:
        if not x.shape[1]:
            return np.zeros((x.shape[0], 0))
        if self._buffer is None:
            self._first = -(len(self._taps) // self._up)
            self._buffer = np.repeat(x[:, :1], -self._first, axis=1)
        buffer = np.concatenate([self._buffer, x], axis=1)
        # upfirdn begins with an output at its first input; zeros in front of the taps move it to where we are.
        behind = n_done * self._down - self._first * self._up
        zeros = -behind % self._down
        skip = (behind + zeros) // self._down
        y = signal.upfirdn(np.concatenate([np.zeros(zeros), self._taps]), buffer, self._up, self._down, axis=1)
        oldest = (self._n_out * self._down - len(self._taps)) // self._up
        drop = max(0, min(oldest - self._first, buffer.shape[1]))
        self._buffer = buffer[:, drop:]
        self._first += drop
        return np.asarray(y[:, skip : skip + self._n_out - n_done])


def _polyphase_taps(half: int, up: int, down: int) -> Array:
    """Return the taps at `up` times the input rate; each of the `up` phases sums to 1, so that a level stays level."""
    if not half:
        return np.ones(1)
    taps = signal.firwin(2 * half + 1, 1 / max(up, down), window=("kaiser", _KAISER_BETA))
    phases = np.pad(taps, (0, -len(taps) % up)).reshape(-1, up)
    return np.asarray((phases / phases.sum(axis=0)).ravel())


def find_line(samples: Array, sfreq: float) -> float:
    """Return the line frequency that stands out of `samples`, 50 or 60 Hz, or 0 if neither does.

    Parameters
    ----------
    samples
        Array of shape (n_chans, n_times), finite; some seconds.
    sfreq
        Hz.
    """
    n_times = samples.shape[1]
    level = samples - samples.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(level * np.hanning(n_times))) ** 2
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)

    def excess(line: float) -> float:
        if line + 4 > sfreq / 2:
            return 0.0
        peak = power[:, np.abs(freqs - line) <= 1].max(axis=1)
        around = power[:, (np.abs(freqs - line) > 2) & (np.abs(freqs - line) <= 4)].mean(axis=1)
        alive = around > 0
        return float(np.median(peak[alive] / around[alive])) if alive.any() else 0.0

    best = max((50.0, 60.0), key=excess)
    return best if excess(best) > _LINE_EXCESS else 0.0


def measure_rate(stamps: Array) -> float:
    """Return the rate of `stamps`, array of shape (n_times,), s, in Hz; by least squares, for single stamps jitter."""
    numbers = np.arange(len(stamps)) - (len(stamps) - 1) / 2
    return float(numbers @ numbers) / float(numbers @ (stamps - stamps[0]))
