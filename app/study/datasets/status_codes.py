"""When the codes of a BioSemi's Status channel came."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.errors import FileFormatError
from core.recording.edf_reader import EdfReader

_BLOCK = 64
"""Records that are read at once."""


def onsets(path: Path, mask: int, code: int | None = None) -> list[float]:
    """Return the seconds of a BDF at which a code came.

    Parameters
    ----------
    path : Path
    mask : int
        Which bits count: the upper ones tell of the amplifier.
    code : int, optional
        The code; None: anything but 0 that follows a 0. What is there from the first sample on came before it.

    Raises
    ------
    FileFormatError
        It has no Status channel.
    """
    file = EdfReader(path)
    named = [k for k, signal in enumerate(file.signals) if signal.label.strip().lower() == "status"]
    if not named:
        raise FileFormatError(f"{path} has no channel Status. Is it the raw file, as it is distributed?")
    signal = file.signals[named[0]]
    found: list[float] = []
    before: int | None = None
    for first in range(0, file.n_records, _BLOCK):
        last = min(first + _BLOCK, file.n_records)
        values = np.rint(file.read((named[0],), first, last)[:, 0]).astype(np.int64) & mask
        steps = np.concatenate([values[:1] if before is None else [before], values])
        rises = (steps[1:] == code) & (steps[:-1] != code) if code is not None else (steps[1:] != 0) & (steps[:-1] == 0)
        found += ((np.flatnonzero(rises) + first * signal.n_per_record) / signal.sfreq).tolist()
        before = int(values[-1]) if len(values) else before
    return found
