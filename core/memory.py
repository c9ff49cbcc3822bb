"""Memory that is given back and asked for again, many times a second."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 128 * 2**20
_LARGE_BYTES = 32 * 2**20
"""What is larger than this is asked of the system by itself and given back at once: glibc takes no higher limit."""


def keep_freed_memory() -> None:
    """Have glibc keep up to 128 MB that is given back, for whoever asks next; elsewhere nothing happens.

    A block of windows asks for a few MB again and again, for its EEG and between the steps of its network. By itself
    glibc gives such memory back to the system, which then hands it out anew, page by page and filled with zeros: that
    took a third of the time of a network of 64 windows.
    """
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        set_option(_M_TRIM_THRESHOLD, _KEPT_BYTES)
