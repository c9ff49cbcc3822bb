"""Continuous ratings: a mark that is held while data plays, sampled on a grid of data time. No Qt."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import replace

from core.data import Rating

_JUMP = 2.0
"""A step of data time by more than this, or back, is a jump: what comes after it is another run."""
_PIECE = 1.0
"""Seconds of data after which a piece goes to the disk."""


class RatingTracer:
    """Turns the place of the mark into pieces of a rating.

    A sample is taken for every grid point that data time passes, with the place of the mark when it passes: nothing
    is sampled while nothing plays, and a replay at another speed gives as many samples for the same data.

    Parameters
    ----------
    rate : float
        Grid points in a second of data.
    now : callable
        The clock that stamps the pieces, s, LSL clock.
    """

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._about: Rating | None = None
        self._passed = math.nan
        self._times: list[float] = []
        self._values: list[float] = []
        self.seconds = 0.0
        """How much has been rated, s of data."""

    def begin(self, about: Rating) -> None:
        """Start a run; `about` says everything of it but the samples."""
        self._about = replace(about, uid=uuid.uuid4().hex)
        self._passed = math.nan

    def read(self, data_time: float, value: float) -> Rating | None:
        """Take data time and the place of the mark, NaN for none; return a piece when there is enough for one."""
        if self._about is None or math.isnan(data_time):
            return None
        if math.isnan(self._passed) or not 0 <= data_time - self._passed < _JUMP:
            piece = self._cut()
            self.begin(self._about)
            self._passed = data_time
            return piece
        first, last = math.floor(self._passed * self._rate) + 1, math.floor(data_time * self._rate)
        self._passed = data_time
        if math.isnan(value):
            return self._cut()
        for k in range(first, last + 1):
            self._times.append(k / self._rate)
            self._values.append(value)
        self.seconds += (last - first + 1) / self._rate
        return self._cut() if len(self._times) >= _PIECE * self._rate else None

    def finish(self) -> Rating | None:
        """Return what is left of the run, and end it."""
        piece = self._cut()
        self._about = None
        return piece

    def _cut(self) -> Rating | None:
        if not self._times or self._about is None:
            return None
        times, values = tuple(self._times), tuple(self._values)
        self._times, self._values = [], []
        return replace(self._about, times=times, values=values, time=self._now())
