"""What MNE reads of a file, in the file's own unit, with what MNE warns of and what it leaves to others to notice."""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from acquisition.cut_short import samples_there
from acquisition.devices import Device, channel_table
from core.data import Array
from core.errors import FileFormatError, PluginError
from core.files import no_pipe
from core.montage import scale_to_uv
from core.plugins import load_plugin
from core.reading import json_file
from core.recording.edf_reader import Note

FORMATS = (".edf", ".bdf", ".fif", ".vhdr", ".gdf", ".set", ".cnt")
"""How the names of the files end that are read by MNE, or by our own reader."""
_HARMLESS = ("naming conventions",)
_CUTS = ("boundary", "BAD boundary", "EDGE boundary", "New Segment/")
"""Annotations that say: here the signal was cut, or joined from pieces. In order: EEGLAB, MNE's own, BrainVision."""
SKIPPED = "BAD_ACQ_SKIP"
"""Annotations that say: here the recording was paused. MNE gives zeros."""
GAP, EXPORTED = "BAD_gap", "Exported by Insula"
"""Annotations that say, in what Insula exported: here samples are missing. There are zeros; and by what its export is
known, in the description of a FIF or the JSON of a BIDS recording."""
_SCALED = ("V", "mV", "µV", "uV", "nV")
"""Units that MNE's reader of BrainVision understands and takes to volts; what has another one is given as it stands."""
_IN_V, _NO_UNIT = 107, ""
_GDF_UNITS = {1e-6: "uV", 1e-3: "mV"}
_POWERS = {0: "V", -3: "mV", -6: "uV", -9: "nV"}


class MneSignals:
    """What `acquisition.eeg_file` reads of a file that MNE reads; see there.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FileFormatError
        MNE cannot read it.
    """

    dtype = "double64"

    def __init__(self, path: Path) -> None:
        self.notices: list[str] = []
        try:
            with self._heard(path):
                self._raw = _reader(path)(no_pipe(path))
                if path.suffix.lower() == ".gdf":
                    self._raw = _of_one_rate(path, self._raw, self.notices)
            self._take_header(path)
        except (FileFormatError, PluginError):
            raise
        except Exception as error:
            raise FileFormatError(f"{path} cannot be read: {error}. Check the file in MNE.") from error

    def _take_header(self, path: Path) -> None:
        info = self._raw.info
        self.sfreq = float(info["sfreq"])
        self.n_times, missing = samples_there(path, self._raw)
        self.notices += [missing] if missing else []
        if not self.n_times:
            raise FileFormatError(f"{path} has no samples. Choose another file.")
        units = [_unit_of(path, self._raw, k) for k in range(len(self._raw.ch_names))]
        self._per_unit = np.array([per_unit for _, per_unit in units])
        self.device = _described(path, self._raw, tuple(unit for unit, _ in units))
        first = float(self._raw.first_time)
        began = info["meas_date"]
        self.began = began if began is None or not first else began + timedelta(seconds=first)
        notes = [
            Note(
                float(note["onset"]) - first,
                float(note["duration"]),
                str(note["description"]),
                tuple(note.get("ch_names", ())),
            )
            for note in self._raw.annotations
        ]
        is_export = _is_export(path, info)
        notes = _events_beside(path) or notes if is_export else notes
        self.notes = _each_pause_once(notes, 0.5 / self.sfreq)
        self.bads = frozenset(k for k, name in enumerate(self._raw.ch_names) if name in info["bads"])
        self.cuts: tuple[float, ...] = tuple(
            note.onset for note in self.notes if note.text.startswith(_CUTS) and note.onset > 0.0
        )
        self.gap_texts = {SKIPPED, *([GAP] if is_export else [])}
        """Annotations that say where samples are missing."""
        self._missing = [
            (
                note.onset,
                note.onset + note.duration,
                [k for k, n in enumerate(self._raw.ch_names) if n in note.channels],
            )
            for note in self.notes
            if note.text in self.gap_texts
        ]

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def number_at(self, time: float) -> int:
        """Return the number of the sample at `time`, s from the first sample."""
        return min(max(0, int(time * self.sfreq)), self.n_times)

    def times(self, start: int, stop: int) -> Array:
        """Return when samples [start, stop) were taken, s from the first sample."""
        return np.arange(start, stop) / self.sfreq

    def read(self, start: int, stop: int) -> Array:
        """Return samples [start, stop), array of shape (n_times, n_chans), each channel in its own unit.

        NaN where the recording was paused, samples are missing, or it is damaged.
        """
        try:
            data: Array = self._raw.get_data(start=start, stop=stop, verbose="error").T * self._per_unit
        except MemoryError:
            raise
        except Exception:  # whatever MNE's many readers raise of bytes that are not what they should be
            data = np.full((stop - start, len(self._per_unit)), math.nan)
        times = self.times(start, stop)
        for begin, end, columns in self._missing:
            rows = (times >= begin - 0.5 / self.sfreq) & (times < end - 0.5 / self.sfreq)
            data[np.ix_(rows, np.array(columns)) if columns else rows] = math.nan
        return data

    @contextmanager
    def _heard(self, path: Path) -> Iterator[None]:
        """Keep what MNE warns of, each warning once."""
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            yield
        for warning in heard:
            text = " ".join(str(warning.message).split())
            is_ours = issubclass(warning.category, DeprecationWarning | FutureWarning | PendingDeprecationWarning)
            if not is_ours and not any(word in text for word in _HARMLESS):
                self.notices.append(f"{path.name}: {text}")
        self.notices = list(dict.fromkeys(self.notices))


def _is_export(path: Path, info: Any) -> bool:
    """Return whether Insula wrote a file."""
    if EXPORTED in str(info["description"]):
        return True
    beside = path.with_suffix(".json")
    try:
        return "InsulaVersion" in json_file(beside, dict[str, Any]) if beside.is_file() else False
    except FileFormatError:
        return False


def _events_beside(path: Path) -> list[Note]:
    """Return what the events of a BIDS recording say: a BrainVision file has numbers in the place of their texts."""
    table = path.with_name(f"{path.stem.removesuffix('_eeg')}_events.tsv")
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        return [
            Note(float(row["onset"]), float(row["duration"]), row["trial_type"], _channels(row.get("channel")))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return []


def _channels(cell: str | None) -> tuple[str, ...]:
    return tuple(cell.split(",")) if cell not in (None, "", "n/a") else ()


def _reader(path: Path) -> Callable[[Path], Any]:
    """Return what reads a file: MNE, or what another package offers for its kind."""
    if path.suffix.lower() not in FORMATS:
        reader: Callable[[Path], Any] = load_plugin("insula.sources", path.suffix.lower(), str(path))
        return reader
    import mne

    return partial(mne.io.read_raw, preload=False, verbose="warning")


def _unit_of(path: Path, raw: Any, k: int) -> tuple[str, float]:
    """Return the unit of a channel in the file, and how many of it one of what MNE gives is."""
    channel = raw.info["chs"][k]
    told = (raw._orig_units or {}).get(raw.ch_names[k])
    if path.suffix.lower() in (".set", ".cnt"):
        told = "uV" if channel["unit"] == _IN_V else _NO_UNIT  # these formats have no unit; the programs write µV
    elif path.suffix.lower() == ".gdf":
        extras = raw._raw_extras[0]  # of all channels of the file, also of those that are left out
        names = list(extras["ch_names"])
        at = names.index(raw.ch_names[k]) if raw.ch_names[k] in names else k
        told = _GDF_UNITS.get(float(extras["units"][at]), _NO_UNIT)
    elif told is None:
        told = _POWERS.get(int(channel["unit_mul"]), _NO_UNIT) if channel["unit"] == _IN_V else _NO_UNIT
        return told, 1.0  # MNE takes no notice of the power of ten that stands with a FIF's unit
    return told, 1e6 / (scale_to_uv(told) or 1.0) if told in _SCALED else 1.0


def _each_pause_once(notes: Sequence[Note], near: float) -> tuple[Note, ...]:
    """Return annotations without those of a pause that others tell: MNE adds one whenever it reads a FIF."""
    kept: list[Note] = []
    for note in notes:
        begin, end = note.onset + near, note.onset + note.duration - near
        told = (other.onset <= begin and end <= other.onset + other.duration for other in kept if other.text == SKIPPED)
        if note.text != SKIPPED or not any(told):
            kept.append(note)
    return tuple(kept)


def _described(path: Path, raw: Any, units: tuple[str, ...]) -> Device:
    is_fif = path.suffix.lower() == ".fif"
    # FIF says of each channel what it is; elsewhere "eeg" is what MNE says where nothing is known, and BrainVision's
    # "misc" is a unit that MNE does not know.
    says_nothing = () if is_fif else ("eeg", "misc")
    types = tuple("" if each in says_nothing else each for each in raw.get_channel_types())
    return Device(
        name=path.stem, type="EEG", hostname="", source_id="", labels=tuple(raw.ch_names), types=types, units=units,
        locations=tuple(_location(channel) for channel in raw.info["chs"]),
    )  # fmt: skip


def _location(channel: Any) -> tuple[float, float, float] | None:
    x, y, z = (float(value) for value in channel["loc"][:3])
    return (x, y, z) if math.isfinite(x + y + z) and (x, y, z) != (0.0, 0.0, 0.0) else None


def _of_one_rate(path: Path, raw: Any, notices: list[str]) -> Any:
    """Return a GDF with the channels of the EEG's rate alone: MNE fills those of a lower rate with zeros."""
    import mne

    extras = raw._raw_extras[0]
    sizes = [int(extras["n_samps"][k]) for k in extras["sel"]]
    if len(set(sizes)) == 1:
        return raw
    device = _described(path, raw, ("",) * len(sizes))
    kinds = [channel.kind for channel in channel_table(device, keep=False).channels]
    eeg = [size for size, kind in zip(sizes, kinds, strict=True) if kind == "eeg"] or sizes
    wanted = max(set(eeg), key=lambda size: (eeg.count(size), size))
    names = [name for name, size in zip(raw.ch_names, sizes, strict=True) if size == wanted]
    others = [name for name, size in zip(raw.ch_names, sizes, strict=True) if size != wanted]
    notices.append(f"{path.name}: left out is what has another rate than the EEG: {', '.join(others)}.")
    if raw.ch_names[: len(names)] == names:
        return mne.io.read_raw_gdf(path, include=names, preload=False, verbose="warning")
    if wanted == max(sizes):
        return raw.pick(names, verbose="error")
    # MNE takes the first of a file's rates and places for those of what it is asked for.
    raise FileFormatError(
        f"{path} has channels of a higher rate before or among its EEG ({', '.join(others)}), which MNE cannot "
        "read past. Save it without them, or as EDF or BDF, for instance with BioSig's save2gdf."
    )
