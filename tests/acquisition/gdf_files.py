"""GDF 2.2 files made byte by byte (Schloegl 2006, arXiv cs/0608052), with signals of several rates."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.acquisition.edf_files import Signal

_CODES = {"uV": 4275, "mV": 4274, "": 512}
_FLOAT32 = 16


def write_gdf(path: Path, signals: Sequence[Signal], seconds: int) -> Path:
    """Write signals as single precision in records of one second, and an empty table of events."""
    n = len(signals)
    sizes = [round(signal.sfreq) for signal in signals]
    head = b"GDF 2.20".ljust(8) + b"X X".ljust(66) + bytes(10) + bytes(4) + b"X".ljust(64) + bytes(16)
    head += struct.pack("<QQHxxxxxx", 0, 0, n + 1) + bytes(8 + 6 + 6 + 12 + 12)
    head += struct.pack("<qIIHxx", seconds, 1, 1, n)
    assert len(head) == 256
    rows = b"".join(signal.label.encode().ljust(16) for signal in signals) + bytes(80 * n) + bytes(6 * n)
    rows += struct.pack(f"<{n}H", *(_CODES[signal.unit] for signal in signals))
    for value in (-1.0, 1.0, -1.0, 1.0):  # physical and digital minimum and maximum: numbers as they stand
        rows += struct.pack(f"<{n}d", *[value] * n)
    rows += bytes(68 * n) + struct.pack(f"<{3 * n}f", *[0.0] * 3 * n)
    rows += struct.pack(f"<{n}i", *sizes) + struct.pack(f"<{n}i", *[_FLOAT32] * n) + bytes(12 * n) + bytes(20 * n)
    assert len(rows) == 256 * n
    with path.open("wb") as file:
        file.write(head + rows)
        for second in range(seconds):
            for signal, size in zip(signals, sizes, strict=True):
                file.write(signal.data[second * size : (second + 1) * size].astype("<f4").tobytes())
        file.write(struct.pack("<BBBBf", 1, 0, 0, 0, 128.0))
    return path


def as_written(signals: Sequence[Signal]) -> np.ndarray:
    """Return what such a file holds of signals of one rate, array of shape (n_times, n_signals)."""
    return np.stack([signal.data.astype("f4") for signal in signals], axis=1)
