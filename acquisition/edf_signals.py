"""The EEG of an EDF or BDF file at its own rate, and what is recorded beside it at that rate."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from acquisition.devices import Device, channel_table
from core.data import Array
from core.errors import FileFormatError
from core.recording.edf_reader import EdfReader, EdfSignal, Note

_BLOCK_S = 10.0
"""Seconds that are read at once: a file may have hundreds of records in a second."""


class EdfSignals:
    """What `acquisition.eeg_file` reads of an EDF or BDF file; see there.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FileFormatError
        It has no EEG.
    """

    dtype = "double64"

    def __init__(self, path: Path) -> None:
        self._file = file = EdfReader(path)
        if not file.signals:
            notes = f" It has {len(file.notes)} annotations alone." if file.notes else ""
            raise FileFormatError(f"{path} has no signals.{notes} Choose the file that holds the EEG.")
        self._which, left_out = _of_one_rate(path, file)
        self.notices = [*file.notices, *left_out]
        signals = [file.signals[k] for k in self._which]
        self.device = _described(path, signals)
        self.sfreq = signals[0].sfreq
        self._n = signals[0].n_per_record
        self.n_times = file.n_records * self._n
        if not self.n_times:
            raise FileFormatError(f"{path} has no samples. Choose another file.")
        self._is_even = file.is_continuous
        self.began = file.began
        self.notes: tuple[Note, ...] = file.notes
        self.bads: frozenset[int] = frozenset()
        self.cuts: tuple[float, ...] = ()
        self.gap_texts: set[str] = set()
        self._in_block = max(1, round(_BLOCK_S / file.record_s))
        self._block: tuple[int, Array] | None = None

    def close(self) -> None:
        """Forget what was read."""
        self._block = None

    def number_at(self, time: float) -> int:
        """Return the number of the sample at `time`, s from the first sample."""
        if self._is_even:
            return min(max(0, int(time * self.sfreq)), self.n_times)
        record = max(0, int(np.searchsorted(self._file.starts, time, side="right")) - 1)
        within = int((time - float(self._file.starts[record])) * self.sfreq)
        return record * self._n + min(max(0, within), self._n)

    def times(self, start: int, stop: int) -> Array:
        """Return when samples [start, stop) were taken, s from the first sample."""
        numbers = np.arange(start, stop)
        if self._is_even:
            return numbers / self.sfreq
        record, within = np.divmod(numbers, self._n)
        return np.asarray(self._file.starts[record] + within / self.sfreq)

    def read(self, start: int, stop: int) -> Array:
        """Return samples [start, stop), array of shape (n_times, n_chans), each channel in its own unit."""
        size = self._in_block * self._n
        pieces = []
        for number in range(start // size, -(-stop // size)):
            block = self._read_block(number)
            pieces.append(block[max(0, start - number * size) : stop - number * size])
        return np.concatenate(pieces)

    def _read_block(self, number: int) -> Array:
        if self._block is None or self._block[0] != number:
            first = number * self._in_block
            stop = min(first + self._in_block, self._file.n_records)
            self._block = number, self._file.read(self._which, first, stop)
        return self._block[1]


def _of_one_rate(path: Path, file: EdfReader) -> tuple[tuple[int, ...], list[str]]:
    """Return the signals that share the rate of most of the EEG, and what to say of the others."""
    channels = channel_table(_described(path, file.signals), keep=False).channels
    rates = Counter(
        signal.sfreq for signal, channel in zip(file.signals, channels, strict=True) if channel.kind == "eeg"
    )
    if not rates:
        names = ", ".join(signal.label for signal in file.signals)
        raise FileFormatError(f"{path} has no EEG among its signals: {names}. Choose the file that holds the EEG.")
    rate = max(rates, key=lambda each: (rates[each], each))
    others = [f"{signal.label} ({signal.sfreq:g} Hz)" for signal in file.signals if signal.sfreq != rate]
    which = tuple(k for k, signal in enumerate(file.signals) if signal.sfreq == rate)
    if not others:
        return which, []
    return which, [f"{path.name}: left out is what has another rate than the EEG's {rate:g} Hz: {', '.join(others)}."]


def _described(path: Path, signals: tuple[EdfSignal, ...] | list[EdfSignal]) -> Device:
    n = len(signals)
    return Device(
        name=path.stem, type="EEG", hostname="", source_id="", labels=tuple(signal.label for signal in signals),
        types=("",) * n, units=tuple(signal.unit for signal in signals), locations=(None,) * n,
    )  # fmt: skip
