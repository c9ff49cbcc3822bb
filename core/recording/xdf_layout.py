"""How many channels the samples of an XDF stream have, whatever its header says."""

from __future__ import annotations

import contextlib
import mmap
import struct
from collections.abc import Sequence

import numpy as np

from core.recording.xdf_writer import DTYPES

__all__ = ["channels_that_fit", "length_at", "stamp_bytes"]


def channels_that_fit(content: bytes, dtype: str, told: Sequence[int]) -> int | None:
    """Return which number of channels a chunk of samples has: one of `told` if that fits, else as many as fill it.

    Parameters
    ----------
    content : bytes
        A chunk of samples, behind the number of its stream.
    dtype : str
        Its format, as in XDF.
    told : sequence of int
        What the header says in its several places, the likeliest first.

    Returns
    -------
    int or None
        None if no number fits.
    """
    with contextlib.suppress(struct.error, IndexError, ValueError):
        n_samples, at = length_at(content, 0)
        if n_samples:
            fitting = [n for n in (*told, *_filling(len(content) - at, n_samples, dtype)) if n > 0]
            return next((n for n in fitting if _fits(content, at, n_samples, dtype, n)), None)
    return None


def length_at(content: bytes | mmap.mmap, at: int) -> tuple[int, int]:
    """Return a number whose first byte says how many bytes it has, and where it ends.

    Raises
    ------
    ValueError
        It has as many bytes as no number has.
    """
    size = content[at]
    end = at + 1 + size
    if size == 1:
        return content[at + 1], end
    if size not in (4, 8):
        raise ValueError(f"a length of {size} bytes")
    number = content[at + 1 : end]
    if len(number) < size:
        raise ValueError(f"a length of which {size - len(number)} bytes are missing")
    return int.from_bytes(number, "little"), end


def stamp_bytes(content: bytes | mmap.mmap, at: int) -> int:
    """Return how many bytes the stamp at a byte has, which is none where it follows from the rate.

    Raises
    ------
    ValueError
        There is no stamp.
    """
    if content[at] not in (0, 8):
        raise ValueError(f"a stamp of {content[at]} bytes")
    return content[at]


def _filling(n_bytes: int, n_samples: int, dtype: str) -> list[int]:
    """Return how many channels fill a chunk of numbers where all, or none, of its samples have a stamp."""
    if dtype == "string" or n_bytes % n_samples:
        return []
    item = np.dtype(DTYPES[dtype]).itemsize
    values = [n_bytes // n_samples - stamp for stamp in (9, 1)]
    return [value // item for value in values if value >= item and not value % item]


def _fits(content: bytes, at: int, n_samples: int, dtype: str, n_chans: int) -> bool:
    try:
        for _ in range(n_samples):
            at += 1 + stamp_bytes(content, at)
            if dtype == "string":
                for _ in range(n_chans):
                    length, at = length_at(content, at)
                    at += length
            else:
                at += np.dtype(DTYPES[dtype]).itemsize * n_chans
    except (struct.error, IndexError, ValueError):
        return False
    return at == len(content)
