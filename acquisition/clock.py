"""The clock of LSL, to be asked many times a second."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import pylsl

__all__ = ["local_clock"]


def _without_giving_way() -> Callable[[], float]:
    """Return `pylsl.local_clock` as it is but for Python's lock, which it lets go of and takes up again.

    Each time that wakes whoever waits for the lock, to find it taken again: of the threads of a session there is often
    one. It is asked some dozen times for each chunk.
    """
    clock: Callable[[], float] = pylsl.local_clock
    library = getattr(pylsl.lib, "lib", None)
    if isinstance(library, ctypes.CDLL):
        clock = ctypes.PYFUNCTYPE(ctypes.c_double)(("lsl_local_clock", library))
    return clock


local_clock = _without_giving_way()
"""Return the LSL time of now, s."""
