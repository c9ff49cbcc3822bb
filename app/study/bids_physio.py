"""Streams beside the EEG in a BIDS data set: ``_physio`` with what belongs to gaze, and ``_motion``.

BIDS 1.11, "Physiological recordings", "Eye-tracking" and "Motion". What BIDS has no place for is written as ``_physio``
with the stream's own names for its columns.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import mne_bids
import numpy as np

from app.study.other_streams import OtherStream, unique_labels
from core.data import Array

__all__ = ["write_physio"]

_GAZE = ("gaze", "eyetracker", "eyetracking", "eyetrack", "eye", "pupil")
_MOTION = {
    "acc": "ACCEL", "accel": "ACCEL", "accelerometer": "ACCEL", "gyro": "GYRO", "gyroscope": "GYRO", "mag": "MAGN",
    "magnetometer": "MAGN", "mocap": "POS",
}  # fmt: skip
_UNITS = {
    "microsiemens": "uS", "microvolts": "uV", "millivolts": "mV", "volts": "V", "seconds": "s", "pixels": "pixel",
    "degrees": "deg",
}  # fmt: skip
_DIGITS = 9
_KINDS = ("ACCEL", "ANGACCEL", "GYRO", "JNTANG", "LATENCY", "MAGN", "MISC", "ORNT", "POS", "VEL")
"""Types of channels of motion that are counted."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A stream as BIDS wants it: columns without a head, on a time base of start and rate."""

    start: float
    """Seconds from the first sample of the EEG."""
    sfreq: float
    times: Array | None
    """Array of shape (n_times,), s from the first sample of the EEG, where samples are not on a grid."""
    rows: Array
    """(n_times, n_chans), NaN where there is none."""


def write_physio(
    place: mne_bids.BIDSPath, streams: Sequence[OtherStream], zero: float, task: str, tell: Callable[[str], object]
) -> list[Path]:
    """Write each stream beside an EEG recording; return the tables.

    Parameters
    ----------
    place : mne_bids.BIDSPath
        Where the EEG is.
    streams : sequence of OtherStream
    zero : float
        When the first sample of the EEG was taken, s, LSL clock.
    task : str
    tell : callable
        Takes a sentence on what is not as it was.
    """
    written = []
    labels = unique_labels(stream.info for stream in streams)
    n_eyes = 0
    for stream, label in zip(streams, labels, strict=True):
        table = _table(stream, zero, tell)
        if table is None:
            tell(f"{stream.info.name} ({stream.info.type}) has no samples with times and is left out.")
        elif (kind := _MOTION.get(stream.info.type.lower())) is not None:
            written.append(_write_motion(place, stream, table, label, kind, task))
        elif (columns := _gaze_columns(stream)) is not None:
            n_eyes += 1
            about = {"TaskName": task, **_about_gaze(stream)}
            written.append(_write_table(place, stream, table, f"eye{n_eyes}", columns, about))
        else:
            about = {"TaskName": task, "PhysioType": "generic"}
            written.append(_write_table(place, stream, table, label, stream.names, about))
    return written


def _table(stream: OtherStream, zero: float, tell: Callable[[str], object]) -> _Table | None:
    if (grid := stream.on_grid(tell)) is not None:
        first, sfreq, rows = grid
        times = None if stream.info.type.lower() not in _GAZE else first - zero + np.arange(len(rows)) / sfreq
        return _Table(first - zero, sfreq, times, rows)
    times, rows = stream.ordered()
    if not len(times):
        return None
    span = float(times[-1] - times[0])
    sfreq = (len(times) - 1) / span if span > 0 else stream.info.sfreq or 1.0
    tell(
        f"{stream.info.name} ({stream.info.type}) is irregular: the column timestamp has when each of its samples was "
        f"taken, and SamplingFrequency ({sfreq:.3g} Hz) is only their mean."
    )
    return _Table(float(times[0] - zero), sfreq, times - zero, rows)


def _write_table(
    place: mne_bids.BIDSPath,
    stream: OtherStream,
    table: _Table,
    label: str,
    columns: Sequence[str],
    more: dict[str, Any],
) -> Path:
    file: Path = place.copy().update(recording=label, suffix="physio", extension=".tsv.gz", check=True).fpath
    about: dict[str, Any] = {
        "SamplingFrequency": table.sfreq, "StartTime": table.start,
        "Columns": [*(["timestamp"] if table.times is not None else []), *columns], **more, **_about(stream),
    }  # fmt: skip
    if table.times is not None:
        about["timestamp"] = {"Description": "Seconds from the first sample of the EEG.", "Units": "s"}
    for name, channel in zip(columns, stream.info.channels, strict=True):
        about[name] = {
            "Description": f"Channel {channel.label or channel.name} of the stream.",
            "Units": _unit(channel.unit),
        }
    _write_rows(file, table, stream, compressed=True)
    file.with_suffix("").with_suffix(".json").write_text(_json(about), encoding="utf-8")
    return file


def _write_motion(
    place: mne_bids.BIDSPath, stream: OtherStream, table: _Table, label: str, kind: str, task: str
) -> Path:
    path = place.copy().update(datatype="motion", suffix="motion", tracking_system=label, extension=".tsv", check=True)
    file = _in_order(path.fpath)
    file.parent.mkdir(parents=True, exist_ok=True)
    latency = table.times if table.times is not None else table.start + np.arange(len(table.rows)) / table.sfreq
    timed = _Table(table.start, table.sfreq, latency, table.rows)
    _write_rows(file, timed, stream, compressed=False)
    components = dict(zip("xyz", "xyz", strict=True))
    rows = ["name\tcomponent\ttype\ttracked_point\tunits\tsampling_frequency"]
    rows.append(f"latency\tn/a\tLATENCY\tn/a\ts\t{table.sfreq!r}")
    for k, (name, channel) in enumerate(zip(stream.names, stream.info.channels, strict=True)):
        component = components.get(name[-1:].lower(), "xyz"[k] if len(stream.names) == 3 else "n/a")
        rows.append(f"{name}\t{component}\t{kind}\thead\t{_unit(channel.unit)}\t{table.sfreq!r}")
    channels = _in_order(path.copy().update(suffix="channels", check=True).fpath)
    channels.write_text("\n".join(rows) + "\n", encoding="utf-8")
    n = len(stream.names)
    counts = {kind: n, "LATENCY": 1}
    about = {
        "TaskName": task, "SamplingFrequency": stream.info.sfreq or table.sfreq,
        "SamplingFrequencyEffective": table.sfreq, "TrackingSystemName": stream.info.name,
        "TrackedPointsCount": 1, "MotionChannelCount": n,
        **{f"{each}ChannelCount": counts.get(each, 0) for each in _KINDS},
        "MissingValues": "n/a", **_about(stream),
        "Latency": "The channel latency has seconds from the first sample of the EEG of the same run.",
    }  # fmt: skip
    _in_order(path.copy().update(extension=".json").fpath).write_text(_json(about), encoding="utf-8")
    return file


def _in_order(path: Path) -> Path:
    """Return the place of a file of motion with ``tracksys`` right behind the task, where BIDS has it.

    MNE-BIDS writes it behind the run.
    """
    system = re.search(r"_tracksys-[^_]+", path.name)
    assert system is not None
    return path.with_name(re.sub(r"(_task-[^_]+)", rf"\1{system[0]}", path.name.replace(system[0], ""), count=1))


def _write_rows(file: Path, table: _Table, stream: OtherStream, compressed: bool) -> None:
    """Write the samples so that they read back to the same bits; times to a nanosecond."""
    kind = stream.data.dtype
    whole = np.issubdtype(kind, np.integer)

    def cell(value: float) -> str:
        if value != value:
            return "n/a"
        return str(int(value)) if whole else str(kind.type(value))

    with contextlib.ExitStack() as opened:
        raw = opened.enter_context(file.open("wb"))
        # Neither the time of writing nor a name goes into the file.
        packed = opened.enter_context(gzip.GzipFile("", "wb", fileobj=raw, mtime=0)) if compressed else raw
        out = opened.enter_context(io.TextIOWrapper(packed, encoding="utf-8", newline="\n"))
        for k, row in enumerate(table.rows):
            time = [f"{table.times[k]:.{_DIGITS}f}"] if table.times is not None else []
            out.write("\t".join([*time, *map(cell, row)]) + "\n")


def _gaze_columns(stream: OtherStream) -> list[str] | None:
    """Return BIDS' names of the columns of one eye's gaze; None where the stream is not that."""
    if stream.info.type.lower() not in _GAZE:
        return None
    wanted = {"x_coordinate": ("x",), "y_coordinate": ("y",), "pupil_size": ("pupil", "diameter")}
    names, columns = stream.names, list(stream.names)
    for column, signs in wanted.items():
        is_one = [any(_is_called(name.lower(), sign) for sign in signs) for name in names]
        if sum(is_one) == 1:
            columns[is_one.index(True)] = column
        elif column != "pupil_size":
            return None
    return columns


def _is_called(name: str, sign: str) -> bool:
    return name == sign or name.endswith(f"_{sign}") or (len(sign) > 1 and sign in name)


def _about_gaze(stream: OtherStream) -> dict[str, Any]:
    words = " ".join([stream.info.name, *stream.names]).lower()
    eyes = [eye for eye in ("left", "right") if eye in words]
    return {
        "PhysioType": "eyetrack", "RecordedEye": eyes[0] if len(eyes) == 1 else "cyclopean",
        # On a screen, in the head or in the world: no stream says so, and BIDS wants the screen's size where it is one.
        "SampleCoordinateSystem": "custom",
        "SampleCoordinateSystemDescription": "As the eye tracker gave it; its stream does not say of what it is.",
    }  # fmt: skip


def _about(stream: OtherStream) -> dict[str, Any]:
    info = stream.info
    return {
        "StreamName": info.name, "StreamType": info.type, "StreamSourceID": info.source_id,
        "DeclaredSamplingFrequency": info.sfreq or "n/a", "InsulaVersion": metadata.version("insula"),
    }  # fmt: skip


def _unit(unit: str) -> str:
    return _UNITS.get(unit.lower(), unit.replace("µ", "u").replace("μ", "u")) or "n/a"


def _json(about: dict[str, Any]) -> str:
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"
