"""EDF and BDF as they stand in the file: each signal at its own rate and in its own unit, the breaks of EDF+D kept.

Formats: Kemp et al. 1992 (EDF), Kemp & Olivan 2003 (EDF+), BioSemi (BDF: 24 bits). What a header says wrongly and the
file shows is told in `notices` and read as the file shows it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core.data import Array
from core.errors import FileFormatError
from core.files import no_pipe

_FIELDS = (
    ("label", 16), ("transducer", 80), ("unit", 8), ("physical_min", 8), ("physical_max", 8), ("digital_min", 8),
    ("digital_max", 8), ("prefilter", 80), ("n_per_record", 8), ("reserved", 32),
)  # fmt: skip
_HEAD = 256
_TEXTS = ("EDF Annotations", "BDF Annotations")
_TRIGGER_BITS = 0x1FFFF
"""BioSemi's Status: 16 trigger inputs and the bit of a new epoch; what is above tells of the amplifier."""
_LARGEST = 1e9
"""A number of a header or a time that is larger is damaged."""
_BREAK_S = 0.15
"""A step between records that a file of continuous kind may not have, s."""


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """One signal of the file."""

    label: str
    unit: str
    """Physical dimension as written; ``""`` where the numbers have no scale."""
    n_per_record: int
    sfreq: float
    gain: float
    offset: float
    place: int
    """Sample of a record at which it begins."""
    bits: int = -1
    """Which bits of a sample count; -1 all."""


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation of the file."""

    onset: float
    """s, from the file's first sample."""
    duration: float
    text: str
    channels: tuple[str, ...] = ()
    """The labels of those that it is about; none: all."""


class EdfReader:
    """One EDF, EDF+, BDF or BDF+ file. Nothing is kept open between calls but a map of the file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FileFormatError
        It cannot be read, or its header contradicts itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: list[str] = []
        try:
            with no_pipe(path).open("rb") as file:
                head = file.read(_HEAD)
                n_signals = self._whole(head[252:256], "number of signals")
                rows = file.read(max(0, n_signals) * _HEAD)
            n_bytes = path.stat().st_size
        except OSError as error:
            raise FileFormatError(f"{path} cannot be read: {error.strerror}.") from error
        if n_signals < 0 or len(rows) < n_signals * _HEAD:
            raise self._damaged("its header is cut short")
        self._is_bdf = head[:1] == b"\xff"
        self._width = 3 if self._is_bdf else 2
        self._is_broken = _text(head[192:236])[3:5] == "+D"
        self._data_at = max(_HEAD * (n_signals + 1), int(_float(head[184:192], 0.0)))
        self.record_s = self._number(head[244:252], "duration of a record")
        cells = self._cells(rows, n_signals)
        sizes = [self._whole(cell, "samples of a record") for cell in cells["n_per_record"]]
        if any(size < 1 for size in sizes) or not 0 <= self.record_s < math.inf:
            raise self._damaged("its header has a record without samples or time")
        self._n_samples = sum(sizes)
        self.n_records = self._counted(head, n_bytes)
        self._map = self._mapped()
        places = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        labels = [_text(cell) for cell in cells["label"]]
        self._notes_at = [(int(places[k]), sizes[k]) for k, label in enumerate(labels) if label in _TEXTS]
        texts = {place for place, _ in self._notes_at}
        self.signals = tuple(
            self._signal(labels[k], {name: column[k] for name, column in cells.items()}, sizes[k], int(places[k]))
            for k in range(n_signals)
            if int(places[k]) not in texts
        )
        self.starts, self.notes, fraction = self._timeline()
        """When each record begins, array of shape (n_records,), s from the first; and the annotations."""
        began = _date(head)
        if began is None and (told := f"{_text(head[168:176])} {_text(head[176:184])}".strip()):
            self.notices.append(f"{path.name}: its date, {told!r}, is none, and is left out.")
        self.began = began + timedelta(seconds=fraction) if began is not None else None
        """When the first sample was taken, as UTC since the file names no zone; None if the date is none."""

    @property
    def is_continuous(self) -> bool:
        """Whether each record begins where the one before it ends."""
        return bool(np.allclose(self.starts, np.arange(self.n_records) * self.record_s, rtol=0, atol=1e-6))

    def read(self, which: tuple[int, ...], first: int, stop: int) -> Array:
        """Return records of signals that share a rate.

        Parameters
        ----------
        which : tuple of int
            Indices into `signals`.
        first, stop : int
            Records [first, stop).

        Returns
        -------
        array of shape (n_times, n_signals), float64, each in its own unit
        """
        columns = [self._digital(self.signals[k], first, stop) for k in which]
        rows = zip(columns, (self.signals[k] for k in which), strict=True)
        return np.stack([column * signal.gain + signal.offset for column, signal in rows], axis=1)

    def _digital(self, signal: EdfSignal, first: int, stop: int) -> Array:
        values = self._raw(signal.place, signal.n_per_record, first, stop)
        if not self._is_bdf:
            return values.view("<i2").ravel()
        parts = values.reshape(-1, 3).astype(np.int32)
        whole = parts[:, 0] | (parts[:, 1] << 8) | (parts[:, 2] << 16)
        signed = np.where(whole >= 1 << 23, whole - (1 << 24), whole)
        return signed if signal.bits < 0 else signed & signal.bits

    def _raw(self, place: int, size: int, first: int, stop: int) -> Array:
        """Return the bytes of one signal in some records, array of shape (n_records, n_bytes)."""
        return np.ascontiguousarray(self._map[first:stop, place * self._width : (place + size) * self._width])

    def _cells(self, rows: bytes, n_signals: int) -> dict[str, list[bytes]]:
        cells, at = {}, 0
        for name, width in _FIELDS:
            cells[name] = [rows[at + k * width : at + (k + 1) * width] for k in range(n_signals)]
            at += width * n_signals
        return cells

    def _counted(self, head: bytes, n_bytes: int) -> int:
        """Return how many whole records the file has, whatever its header says."""
        told = self._whole(head[236:244], "number of records")
        if not self._n_samples:
            return 0
        there, rest = divmod(n_bytes - self._data_at, self._n_samples * self._width)
        if told != there or rest:
            said = f"says that it has {told} records" if told >= 0 else "was not closed by its recorder"
            lost = f" {(told - max(there, 0)) * self.record_s:g} s are missing at its end." if told > there else ""
            read = f"{max(there, 0)} whole ones are in it, and these are read."
            self.notices.append(f"{self.path.name} {said}; {read}{lost}")
        return max(there, 0)

    def _mapped(self) -> Array:
        shape = (self.n_records, self._n_samples * self._width)
        if not self.n_records:
            return np.zeros(shape, np.uint8)
        return np.memmap(self.path, np.uint8, "r", self._data_at, shape)

    def _signal(self, label: str, cells: dict[str, bytes], size: int, place: int) -> EdfSignal:
        if not self.record_s:
            raise self._damaged("its header gives signals in records of no time")
        sfreq = size / self.record_s
        if self._is_bdf and label.lower() == "status":
            return EdfSignal(label, "", size, sfreq, 1.0, 0.0, place, _TRIGGER_BITS)
        low, high, digital_low, digital_high = (
            _float(cells[name]) for name in ("physical_min", "physical_max", "digital_min", "digital_max")
        )
        gain = (high - low) / (digital_high - digital_low) if digital_high != digital_low else 0.0
        if not gain or not math.isfinite(gain):
            self.notices.append(
                f"{self.path.name}: the signal {label} has no scale (physical {_text(cells['physical_min'])} to "
                f"{_text(cells['physical_max'])}, digital {_text(cells['digital_min'])} to "
                f"{_text(cells['digital_max'])}). Its numbers are read as they stand, without a unit."
            )
            return EdfSignal(label, "", size, sfreq, 1.0, 0.0, place)
        return EdfSignal(label, _text(cells["unit"]), size, sfreq, gain, low - gain * digital_low, place)

    def _timeline(self) -> tuple[Array, tuple[Note, ...], float]:
        """Return when records begin, the annotations, and how far into its second the first record begins, s."""
        even = np.arange(self.n_records) * self.record_s
        if not self._notes_at:
            return even, (), 0.0
        told, notes = np.full(self.n_records, np.nan), []
        for number, (place, size) in enumerate(self._notes_at):
            for record, row in enumerate(self._raw(place, size, 0, self.n_records)):
                for k, (onset, duration, texts) in enumerate(_annotations(row.tobytes())):
                    if number == 0 and k == 0 and not texts:
                        told[record] = onset  # the first one of a record says when it begins
                    notes += [Note(onset, duration, text) for text in texts]
        zero = float(np.nan_to_num(told[:1]).sum())
        moved = tuple(Note(note.onset - zero, note.duration, note.text) for note in sorted(notes, key=_onset))
        return self._trusted(told - zero, even), moved, zero

    def _trusted(self, told: Array, even: Array) -> Array:
        """Return when records begin, believed as far as it can be: time never runs back, and nothing overlaps."""
        known = np.isfinite(told)
        if not known.any():
            return even
        if not known.all():  # a record without a time follows the one before it
            last = np.maximum.accumulate(np.where(known, np.arange(len(told)), -1)).clip(0)
            told = np.where(known, told, np.nan_to_num(told)[last] + (even - even[last]))
        steps = np.diff(told) - self.record_s
        if np.any(steps < -0.5 * self.record_s) or (not self._is_broken and np.any(steps < -_BREAK_S)):
            self.notices.append(
                f"{self.path.name}: the times of its records run back or overlap. They are read as one after another."
            )
            return even
        if self._is_broken:
            return told
        if np.any(steps > _BREAK_S):
            self.notices.append(
                f"{self.path.name} says that it is continuous, but {int(np.sum(steps > _BREAK_S))} breaks stand in the "
                "times of its records, and are kept."
            )
            return told
        return even

    def _number(self, cell: bytes, what: str) -> float:
        value = _float(cell)
        if math.isnan(value):
            raise self._damaged(f"its {what} is {_text(cell)!r}")
        return value

    def _whole(self, cell: bytes, what: str) -> int:
        value = self._number(cell, what)
        if not math.isfinite(value) or value != int(value):
            raise self._damaged(f"its {what} is {_text(cell)!r}")
        return int(value)

    def _damaged(self, why: str) -> FileFormatError:
        return FileFormatError(f"{self.path} is no whole EDF or BDF file: {why}. Export it anew from its recorder.")


def _annotations(record: bytes) -> list[tuple[float, float, list[str]]]:
    """Return onset, duration and texts of each time-stamped list in a record; what is damaged is passed over."""
    found = []
    for part in record.split(b"\x00"):
        when, *texts = part.split(b"\x14")
        onset, _, duration = when.partition(b"\x15")
        time = _float(onset)
        if onset[:1] in (b"+", b"-") and math.isfinite(time):
            lasts = _float(duration)
            found.append((time, lasts if lasts > 0 else 0.0, [_text(text) for text in texts if text]))
    return found


def _onset(note: Note) -> float:
    return note.onset


def _float(cell: bytes, otherwise: float = math.nan) -> float:
    """Return a number of the header, NaN if it is none; some programs write a decimal comma."""
    try:
        value = float(_text(cell).replace(",", "."))
    except ValueError:
        return otherwise
    return value if abs(value) < _LARGEST else otherwise


def _text(cell: bytes) -> str:
    """Return a text of the file: ASCII by the standard, UTF-8 or Latin-1 by habit."""
    cell = cell.split(b"\x00")[0]
    try:
        return cell.decode("utf-8").strip()
    except UnicodeDecodeError:
        return cell.decode("latin-1").strip()


def _date(head: bytes) -> datetime | None:
    """Return the start of the recording; years are those from 1985 to 2084, as EDF has it."""
    try:
        day, month, year = (int(part) for part in _text(head[168:176]).split("."))
        hour, minute, second = (int(part) for part in _text(head[176:184]).split("."))
        return datetime(year + (1900 if year >= 85 else 2000), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
