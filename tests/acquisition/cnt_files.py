"""Files of Neuroscan (.cnt) made byte by byte: MNE reads them, and writes none."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.data import Array

_HEAD, _ELECTRODE = 900, 75
_UV_PER_STEP = 0.01
"""µV of one step of a sample, as `sensitivity * calib / 204.8` says it."""


def write_cnt(path: Path, labels: Sequence[str], data: Array, sfreq: int) -> Path:
    """Write channels in µV, ``data`` of shape (n_channels, n_times), as 32-bit samples and no event.

    Offsets are those of the structs SETUP, ELECTLOC and TEEG of Neuroscan's ``sethead.h``.
    """
    n_channels, n_times = data.shape
    samples = np.round(data / _UV_PER_STEP).astype("<i4")
    table_at = _HEAD + n_channels * _ELECTRODE + samples.nbytes
    head = bytearray(_HEAD + n_channels * _ELECTRODE)
    struct.pack_into("<20s", head, 0, b"Version 3.0")
    struct.pack_into("<10s12s", head, 225, b"04/08/18", b"10:00:00")
    struct.pack_into("<H", head, 370, n_channels)
    struct.pack_into("<H", head, 376, sfreq)
    struct.pack_into("<i", head, 864, n_times)
    struct.pack_into("<i", head, 886, table_at)
    for k, label in enumerate(labels):
        at = _HEAD + k * _ELECTRODE
        struct.pack_into("<10s", head, at, label.encode())
        turn = 2 * np.pi * k / n_channels
        struct.pack_into("<ff", head, at + 19, 100 * np.cos(turn), 100 * np.sin(turn))
        struct.pack_into("<f", head, at + 59, 1.0)
        struct.pack_into("<f", head, at + 71, 204.8 * _UV_PER_STEP)
    path.write_bytes(bytes(head) + samples.T.tobytes() + struct.pack("<Bii", 2, 0, 0))
    return path
