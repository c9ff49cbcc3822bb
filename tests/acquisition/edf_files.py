"""EDF and BDF files made byte by byte, also such as no well-made library would write."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data import Array

SFREQ = 128.0


@dataclass
class Signal:
    """One signal; `data` in its own unit."""

    label: str
    data: Array
    sfreq: float = SFREQ
    unit: str = "uV"
    physical: tuple[float | str, float | str] = (-3276.8, 3276.7)
    digital: tuple[int, int] | None = None


def sine(frequency: float, seconds: float, sfreq: float = SFREQ, amplitude: float = 20.0, phase: float = 0.0) -> Array:
    times = np.arange(round(seconds * sfreq)) / sfreq
    return amplitude * np.sin(2 * np.pi * frequency * times + phase)


def eeg(seconds: float, labels: str = "Fp1 Fp2 C3 C4", sfreq: float = SFREQ, **rest: object) -> list[Signal]:
    """Return a signal for each label: noise of 20 µV, another one for each."""
    rng = np.random.default_rng(len(labels))
    n = round(seconds * sfreq)
    return [Signal(label, 20.0 * rng.standard_normal(n), sfreq, **rest) for label in labels.split()]  # type: ignore[arg-type]


def write_edf(
    path: Path,
    signals: Sequence[Signal],
    record_s: float = 1.0,
    starts: Sequence[float] | None = None,
    notes: Sequence[tuple[float, float, str]] = (),
    reserved: str = "",
    n_records: int | None = None,
    start: str = "01.03.26|10.00.00",
) -> Path:
    """Write a file; one that ends in ``.bdf`` has 24 bits. `starts` or `notes` make it EDF+."""
    width = 3 if path.suffix == ".bdf" else 2
    full = (-(1 << (8 * width - 1)), (1 << (8 * width - 1)) - 1)
    sizes = [round(signal.sfreq * record_s) for signal in signals]
    n = len(signals[0].data) // sizes[0] if signals else 1
    is_plus = starts is not None or bool(notes)
    begins = list(starts) if starts is not None else [k * record_s for k in range(n)]
    texts = [_annotations(begins[k], notes if k == 0 else ()) for k in range(n)] if is_plus else []
    room = -(-max(map(len, texts), default=0) // width)
    is_broken = starts is not None and any(b - a > record_s + 1e-9 for a, b in itertools.pairwise(begins))
    kind = ("BDF+" if width == 3 else "EDF+") + ("D" if is_broken else "C")
    rows = [
        [s.label, "", s.unit, *map(str, s.physical), *map(str, s.digital or full), "", str(size), ""]
        for s, size in zip(signals, sizes, strict=True)
    ]
    if is_plus:
        rows.append([f"{kind[:3]} Annotations", "", "", "-1", "1", *map(str, full), "", str(room), ""])
    date, time = start.split("|")
    head = (b"\xffBIOSEMI" if width == 3 else b"0".ljust(8)) + _cell("X", 80) + _cell("X", 80) + _cell(date, 8)
    head += _cell(time, 8) + _cell(str(256 * (len(rows) + 1)), 8) + _cell(reserved or (kind if is_plus else ""), 44)
    head += _cell(str(n if n_records is None else n_records), 8) + _cell(f"{record_s:g}", 8) + _cell(str(len(rows)), 4)
    for column, size in enumerate((16, 80, 8, 8, 8, 8, 8, 80, 8, 32)):
        head += b"".join(_cell(row[column], size) for row in rows)
    digital = [_digital(signal, signal.digital or full) for signal in signals]
    with path.open("wb") as file:
        file.write(head)
        for k in range(n):
            for values, size in zip(digital, sizes, strict=True):
                file.write(_packed(values[k * size : (k + 1) * size], width))
            if is_plus:
                file.write(texts[k].ljust(room * width, b"\x00"))
    return path


def as_read(signal: Signal, width: int = 2) -> Array:
    """Return a signal's data as they can be after rounding to whole numbers."""
    low, high = signal.digital or (-(1 << (8 * width - 1)), (1 << (8 * width - 1)) - 1)
    bottom, top = (float(each) for each in signal.physical)
    gain = (top - bottom) / (high - low)
    return np.asarray(_digital(signal, (low, high)) * gain + (bottom - gain * low))


def _digital(signal: Signal, digital: tuple[int, int]) -> Array:
    low, high = digital
    try:
        bottom, top = (float(each) for each in signal.physical)
    except ValueError:
        bottom, top = 0.0, 0.0
    if top == bottom:
        return np.round(signal.data).astype(np.int64)
    gain = (top - bottom) / (high - low)
    return np.round((signal.data - bottom) / gain + low).astype(np.int64)


def _packed(values: Array, width: int) -> bytes:
    if width == 2:
        return values.astype("<i2").tobytes()
    return values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _annotations(begin: float, notes: Sequence[tuple[float, float, str]]) -> bytes:
    parts = [b"%+g\x14\x14\x00" % begin]
    for onset, duration, text in notes:
        lasts = b"\x15%g" % duration if duration else b""
        parts.append(b"%+g" % onset + lasts + b"\x14" + text.encode() + b"\x14\x00")
    return b"".join(parts)


def _cell(text: str, size: int) -> bytes:
    return text.encode("latin-1").ljust(size)[:size]
