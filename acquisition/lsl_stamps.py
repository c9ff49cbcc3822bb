"""The stamps of a live stream in seconds, where its device gives something else."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from acquisition.lsl_inlet import Pulled
from core.data import Array
from core.stamps import seconds_per_unit

__all__ = ["StreamStamps"]

_ANEW_S = 1.0
"""A course made from arrivals begins anew when it is this far from them."""
_FOLLOW = 0.02
"""Share of the distance from arrivals by which it follows them with each chunk."""
_UNITS = {1e-3: "milliseconds", 1e-6: "microseconds", 1e-9: "nanoseconds"}


class StreamStamps:
    """Gives the stamps of one stream in seconds on its sender's clock.

    Stamps in another unit are scaled. In the place of those that tell no time come such as the declared rate gives,
    led by when the samples arrive.

    Parameters
    ----------
    pulled : sequence of Pulled
        The stream's first data.
    sfreq : float
        Declared rate, Hz; 0 if there is none, and then the rate of arrival is taken.
    """

    def __init__(self, pulled: Sequence[Pulled], sfreq: float) -> None:
        stamps = np.concatenate([stamps for _, stamps, _ in pulled])
        self.unit = seconds_per_unit(stamps, sfreq)
        """Seconds in one unit of the stamps; NaN where they tell no time."""
        elapsed = pulled[-1][2] - pulled[0][2]
        self._step = 1 / sfreq if sfreq else elapsed / max(len(stamps) - len(pulled[0][1]), 1)
        self._last = math.nan

    def notice(self, name: str) -> str:
        """Return what a person should know of it, ``""`` if the stamps are seconds."""
        if self.unit == 1.0:
            return ""
        if self.unit in _UNITS:
            return (
                f"The stamps of {name} are not in seconds but, by its declared rate, in {_UNITS[self.unit]}. They are "
                "recorded and used in seconds. Have its program stamp with LSL's clock."
            )
        return (
            f"The stamps of {name} stand still or are not in seconds. Its declared rate and the arrival of its samples "
            "take their place, in the recording too. Have its program stamp with LSL's clock."
        )

    def seconds(self, pulled: Pulled, correction: float | None) -> Pulled:
        """Return samples with their stamps in seconds; `correction` as liblsl measured it, s."""
        data, stamps, arrival = pulled
        if not math.isnan(self.unit):
            return (data, stamps * self.unit, arrival) if self.unit != 1.0 else pulled
        return data, self._made(len(stamps), arrival - (correction or 0.0)), arrival

    def _made(self, n_samples: int, arrival: float) -> Array:
        length = (n_samples - 1) * self._step
        start = self._last + self._step
        behind = arrival - length - start
        if math.isnan(start) or abs(behind) > _ANEW_S:
            start = arrival - length
        else:
            start = max(start + _FOLLOW * behind, self._last + 0.1 * self._step)
        self._last = start + length
        return start + np.arange(n_samples) * self._step
