"""When the samples of a recorded stream were taken, where its stamps do not say so in seconds."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array
from core.stamps import are_times, seconds_per_unit

__all__ = ["StreamTime"]

_UNITS = {1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds"}


class StreamTime:
    """Turns the stamps of one stream, in the order of the file, into seconds on its clock.

    Parameters
    ----------
    stamps : array of shape (n_times,)
        The stream's first seconds.
    sfreq : float
        Declared rate, Hz; 0 if there is none.
    """

    def __init__(self, stamps: Array, sfreq: float) -> None:
        self.unit = seconds_per_unit(stamps, sfreq)
        """Seconds in one unit of the stamps; NaN where these tell no time and the rate takes their place."""
        self._sfreq = sfreq
        first = float(stamps[0]) if len(stamps) and are_times(stamps[:1])[0] else 0.0
        self._origin = first
        self._n = 0

    @property
    def is_counted(self) -> bool:
        """Whether samples are counted for want of stamps: then only who begins at the first knows their time."""
        return math.isnan(self.unit)

    @property
    def can_be_told(self) -> bool:
        """Whether there are times at all."""
        return not self.is_counted or self._sfreq > 0.0

    def notice(self, name: str) -> str:
        """Return what a person should know of it, ``""`` if the stamps are seconds."""
        if self.unit == 1.0:
            return ""
        if self.unit in _UNITS:
            return (
                f"The stamps of {name} are not in seconds but, by its declared rate, in {_UNITS[self.unit]}, and are "
                "read so. Have its program stamp with LSL's clock."
            )
        return (
            f"The stamps of {name} stand still or are not in seconds. The declared rate of {self._sfreq:g} Hz takes "
            "their place: gaps cannot be seen. Have its program stamp with LSL's clock."
        )

    def begin(self) -> None:
        """Know that the next stamps are the first of the file again."""
        self._n = 0

    def span(self, n_samples: int) -> tuple[float, float]:
        """Return when the first and the last of so many counted samples were taken, s."""
        return self._origin, self._origin + max(n_samples - 1, 0) / self._sfreq

    def seconds(self, stamps: Array) -> Array:
        """Return the times of the samples that follow, array of shape (n_times,), s."""
        if self.unit == 1.0:
            return stamps
        if not self.is_counted:
            return stamps * self.unit
        numbers = np.arange(self._n, self._n + len(stamps))
        self._n += len(stamps)
        return self._origin + numbers / self._sfreq

    def stamp(self, time: float) -> float:
        """Return the stamp of a time on the stream's clock."""
        return time / self.unit
