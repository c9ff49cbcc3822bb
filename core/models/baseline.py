"""A person's own log power so far: what the EEG student measures change against.

It begins at the population's mean, follows the past alone, and is the same whatever the step between windows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PRIOR_S = 20.0
"""Seconds of the person's own data that weigh as much as the population's mean."""
MEMORY_S = 300.0
"""Older data fade."""
MAX_STEP_S = 2.0
MAX_CHANGE = 2.0
"""Nats; a burst of artefact moves the baseline no further than this would."""


class Baseline:
    """The running mean of one person's log power.

    Parameters
    ----------
    population : array of shape (n_power,), float32
        Where it begins.
    """

    def __init__(self, population: Floats) -> None:
        self._population = population
        self._start = -np.inf
        self._begin()

    def _begin(self) -> None:
        self._mean = self._population.astype(np.float32, copy=True)
        self._seconds = PRIOR_S

    def before(self, start: float) -> Floats:
        """Return the mean over windows that began before `start`, array of shape (n_power,).

        Windows come in order. One that is not later than the last begins a new recording, and a new baseline.
        """
        if start <= self._start:
            self._begin()
            self._start = -np.inf
        return self._mean.copy()

    def follow(self, start: float, power: Floats) -> None:
        """Take in the log power, shape (n_power,), of the window that began at `start`."""
        seconds = min(start - self._start, MAX_STEP_S)
        self._start = start
        self._seconds = min(self._seconds + seconds, MEMORY_S)
        rate = np.float32(seconds / self._seconds)
        self._mean += rate * np.clip(power - self._mean, -MAX_CHANGE, MAX_CHANGE)
