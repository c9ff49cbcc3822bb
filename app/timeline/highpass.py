"""A causal high-pass for what is drawn, without SciPy: its import takes as long as the rest of the window's."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array

_BLOCK = 64


class HighPass:
    """Butterworth of order 2, block by block: within a block output is a matrix product with input and state.

    The first sample primes the state, so that an offset makes no step at the start. It rounds differently in chunks of
    other sizes, which no eye sees; `core.filters` does not.

    Parameters
    ----------
    highpass, sfreq
        Hz.
    """

    def __init__(self, highpass: float, sfreq: float) -> None:
        k = math.tan(math.pi * highpass / sfreq)
        gain = 1 / (1 + math.sqrt(2) * k + k * k)
        b, a = gain * np.array([1.0, -2.0, 1.0]), gain * np.array([2 * (k * k - 1), 1 - math.sqrt(2) * k + k * k])
        # State space of the transposed direct form II: y = s[0] + b[0] x, s -> step s + drive x.
        step, drive = np.array([[-a[0], 1.0], [-a[1], 0.0]]), b[1:] - a * b[0]
        self._powers = np.stack([np.linalg.matrix_power(step, n) for n in range(_BLOCK + 1)])
        driven = self._powers[:_BLOCK] @ drive
        response = np.concatenate([b[:1], driven[:-1, 0]])
        lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self._of_input = np.where(lag >= 0, response[np.abs(lag)], 0.0)
        self._of_state = self._powers[:_BLOCK, 0]
        self._into_state = driven[::-1].T
        self._settled = np.array([[-b[0]], [b[2]]])
        self._state: Array | None = None

    def forget(self) -> None:
        """Begin anew with the next sample."""
        self._state = None

    def push(self, x: Array) -> Array:
        """Return `x`, array of shape (n_times, n_chans), float64, filtered."""
        y = np.empty_like(x)
        for start in range(0, len(x), _BLOCK):
            block = x[start : start + _BLOCK]
            n = len(block)
            state = self._settled * block[0] if self._state is None else self._state
            y[start : start + n] = self._of_input[:n, :n] @ block + self._of_state[:n] @ state
            self._state = self._powers[n] @ state + self._into_state[:, _BLOCK - n :] @ block
        return y
