"""A person's own log power so far and in the last seconds: what the EEG student measures change against, and in.

Both begin at the population's mean, follow the past alone, and are the same whatever the step between windows.
"""

from __future__ import annotations

from typing import NamedTuple, Self

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
_LONGEST_S = np.array([MEMORY_S, RECENT_S])


class Means(NamedTuple):
    """The running means of one person, or of several that are followed at once."""

    power: Floats
    """(..., 2, n_power)."""
    seconds: NDArray[np.float64]
    """(..., 2): how much data they rest on."""

    @classmethod
    def of(cls, population: Floats, *several: int) -> Self:
        """Return where they begin, for so many people or for one."""
        seconds = np.broadcast_to([PRIOR_S, 0.0], (*several, 2))
        return cls(np.broadcast_to(population, (*several, 2, len(population))).astype(np.float32), seconds)

    def after(self, passed: NDArray[np.float64], power: Floats) -> Means:
        """Return them after windows of this log power, (..., n_power), that began `passed` seconds later, (...)."""
        passed = np.minimum(passed, MAX_STEP_S)[..., None]
        seconds = np.minimum(self.seconds + passed, _LONGEST_S)
        change = power[..., None, :] - self.power
        change.clip(-MAX_CHANGE, MAX_CHANGE, out=change)
        change *= (passed / seconds).astype(np.float32)[..., None]
        change += self.power
        return Means(change, seconds)


class Baseline:
    """The running means of one person's log power.

    Parameters
    ----------
    population : array of shape (n_power,), float32
        Where they begin.
    """

    def __init__(self, population: Floats) -> None:
        self._population = population
        self._begin()

    def _begin(self) -> None:
        self._start = -np.inf
        self._means = Means.of(self._population)

    def before(self, start: float) -> Floats:
        """Return both means over windows that began before `start`, array of shape (2, n_power).

        Windows come in order. One that is not later than the last begins a new recording, and a new baseline.
        """
        if start <= self._start:
            self._begin()
        return self._means.power.copy()

    def follow(self, start: float, power: Floats) -> None:
        """Take in the log power, shape (n_power,), of the window that began at `start`."""
        self._means = self._means.after(np.asarray(start - self._start), power)
        self._start = start
