"""Which samples of a simulated stream are due: in real time, or at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from core.data import Array
from core.errors import EndOfStream

Clock = Callable[[], float]
Wait = Callable[[float], object]


class SampleGrid:
    """The sample grid ``t0 + i / rate``, and which sample comes next."""

    def __init__(self, t0: float, rate: float, n: int, duration: float, clock: Clock | None, wait: Wait | None) -> None:
        self._t0 = t0
        self._rate = rate
        self._n = n
        self._stop = np.floor(duration * rate + 1e-6)  # whole samples; infinity stays infinity
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._next = 0 if clock is None else max(0, int(np.ceil((clock() - t0) * rate)))

    def due(self, timeout: float) -> bool:
        """Return whether the next samples are over, having waited for them at most `timeout` seconds."""
        if self._next >= self._stop:
            raise EndOfStream
        if self._clock is None:
            return True
        over = float(self.stamps(self._next + self._n - 1))
        missing = over - self._clock()
        if missing > 0:
            self._wait(min(timeout, missing))
        return self._clock() >= over

    def take(self) -> tuple[int, int]:
        """Return the first and the number of the next samples, and go on behind them."""
        first, n = self._next, int(min(self._n, self._stop - self._next))
        self._next += n
        return first, n

    def skip_late(self, n_late: int) -> None:
        """Go on with the newest sample if the next one is more than `n_late` behind it."""
        if self._clock is not None:
            newest = int((self._clock() - self._t0) * self._rate)
            if newest - self._next > n_late:
                self._next = newest

    def stamps(self, index: Array | int) -> Array:
        """Return the LSL times of samples."""
        stamps: Array = np.asarray(self._t0 + np.asarray(index) / self._rate)
        return stamps
