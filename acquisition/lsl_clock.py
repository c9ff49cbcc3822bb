"""How the stamps of one LSL stream lie on this machine's LSL clock."""

from __future__ import annotations

import math
from collections import deque
from typing import Literal

from core.data import Array

__all__ = ["FOREIGN", "JUMP", "StreamClock"]

FOREIGN = 60.0
"""Stamps further than this from the LSL clock, s, are of another clock: muselsl and BrainFlow give Unix time."""
JUMP = 0.5
"""A step of the stamps, s, that the arrival of the data does not share is a jump of the device's clock."""
_PERIOD = 5.0
"""Seconds between two looks at the offset, as LabRecorder has it."""
_MEMORY = 30.0
"""Seconds over which the shortest delay is looked for: long enough to find one, short enough to follow a drift."""


class StreamClock:
    """Gives the seconds to add to a stream's stamps to be on this machine's LSL clock.

    A stream that keeps LSL's clock takes the offset that liblsl measures. For any other clock the offset is estimated
    from the data: of all samples of the last half minute the one that came quickest had next to no delay, so the
    smallest difference between arrival and stamp is the offset (the minimum filter of NTP's clock filter algorithm,
    RFC 5905, section 10).

    Parameters
    ----------
    stamp : float
        A stamp of the stream; of several, the one that came quickest.
    arrival : float
        When it arrived, s, LSL clock.
    correction : float or None
        liblsl's time correction for the stream; None if it could not be measured, which makes the clock a foreign one.
    """

    def __init__(self, stamp: float, arrival: float, correction: float | None) -> None:
        self.mode: Literal["lsl", "rebased"] = "rebased"
        self.offset = arrival - stamp
        if correction is not None and abs(stamp + correction - arrival) <= FOREIGN:
            self.mode, self.offset = "lsl", correction
        self._last = math.nan
        # Delays that may yet become the smallest, ascending: the first one is the smallest of the last half minute.
        self._delays = deque([(arrival, arrival - stamp)])
        self._due = arrival + _PERIOD

    def due(self, arrival: float) -> bool:
        """Tell whether it is time for `refresh`."""
        return arrival >= self._due

    def refresh(self, arrival: float, correction: float | None) -> None:
        """Bring the offset up to date, given liblsl's time correction of now; None keeps the last one."""
        self._due = arrival + _PERIOD
        if self.mode == "rebased":
            self.offset = self._delays[0][1]
        elif correction is not None:
            self.offset = correction

    def take(self, stamps: Array, arrival: float) -> float:
        """Note stamps without a step among them that arrived now; return by how much the clock jumped before them, s.

        Samples that are missing are no jump: the stamps then step forward by as much as the arrival does. After a jump
        the offset is estimated from the data, since the device's clock is no longer to be believed.
        """
        step, delay = float(stamps[0]) - self._last, arrival - float(stamps[-1])
        jumped = step < -JUMP or (step > JUMP and delay < self._delays[0][1] - JUMP)
        self._last = float(stamps[-1])
        if jumped:
            self._delays.clear()
        while self._delays and self._delays[-1][1] >= delay:
            self._delays.pop()
        self._delays.append((arrival, delay))
        while self._delays[0][0] < arrival - _MEMORY:
            self._delays.popleft()
        if jumped:
            self.mode = "rebased"
            self.offset = delay
        return step if jumped else 0.0
