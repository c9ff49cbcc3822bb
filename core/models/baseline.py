"""A person's own log power so far and in the last seconds: what the EEG student measures change against, and in.

Both begin at the population's mean, follow the past alone, and are the same whatever the step between windows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PRIOR_S = 20.0
"""Seconds of the person's own data that weigh as much as the population's mean."""
MEMORY_S = 300.0
"""Older data fade."""
RECENT_S = 10.0
"""Memory of the mean of the last seconds."""
MAX_STEP_S = 2.0
MAX_CHANGE = 2.0
"""Nats; a burst of artefact moves the baseline no further than this would."""


class Baseline:
    """The running means of one person's log power.

    Parameters
    ----------
    population : array of shape (n_power,), float32
        Where they begin.
    """

    def __init__(self, population: Floats) -> None:
        self._population = population
        self._start = -np.inf
        self._begin()

    def _begin(self) -> None:
        self._means = np.stack([self._population, self._population]).astype(np.float32)
        self._seconds = np.array([PRIOR_S, 0.0])

    def before(self, start: float) -> Floats:
        """Return both means over windows that began before `start`, array of shape (2, n_power).

        Windows come in order. One that is not later than the last begins a new recording, and a new baseline.
        """
        if start <= self._start:
            self._begin()
            self._start = -np.inf
        return self._means.copy()

    def follow(self, start: float, power: Floats) -> None:
        """Take in the log power, shape (n_power,), of the window that began at `start`."""
        seconds = min(start - self._start, MAX_STEP_S)
        self._start = start
        self._seconds = np.minimum(self._seconds + seconds, (MEMORY_S, RECENT_S))
        rates = (seconds / self._seconds).astype(np.float32)
        self._means += rates[:, None] * np.clip(power - self._means, -MAX_CHANGE, MAX_CHANGE)
