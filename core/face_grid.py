"""Which frames of a camera are looked at: the same wherever it is asked, from their times alone."""

from __future__ import annotations

import math

_JUMP_S = 1.0
"""Stamps that step back by more than this begin the grid anew."""


class FaceGrid:
    """A fixed grid of data time: of each cell, the first frame is looked at; an empty one gives nothing.

    Parameters
    ----------
    rate : float
        Cells in a second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._cell = -math.inf

    def takes(self, time: float) -> bool:
        """Return whether the frame at `time`, s, LSL clock, is looked at; frames are asked about in their order."""
        if not math.isfinite(time):
            return False
        cell = math.floor(time * self._rate)
        if self._cell - _JUMP_S * self._rate <= cell <= self._cell:
            return False
        self._cell = cell
        return True

    def is_over(self, stop: float) -> bool:
        """Return whether all frames before `stop`, s, that are looked at have come: the last cell before it has its."""
        return self._cell >= math.ceil(stop * self._rate) - 1
