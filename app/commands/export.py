"""``insula export``: a recording in the formats of other tools."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import mne
import mne_bids

from acquisition.replay import open_recording, recorded_events
from acquisition.source import items
from app.session.configuration import configuration, existing
from app.session.predictions_table import PredictionsTable
from app.study.annotator_agreement import agreements
from app.study.mne_raw import NO_BREAKS, SIMULATED, TOLD, to_raw
from app.study.training_material import recorded_labels, recorded_ratings
from core.config import Config
from core.data import Item, Label, Marker, Notice, Prediction, StreamInfo
from core.errors import FileFormatError
from core.reading import from_tree
from core.recording.label_reader import RATED
from core.recording.session import Session

_OF_LABELS = (
    *("participant", "start", "stop", "annotator", "role", "answer", "label", "valence", "arousal", "confidence"),
    *("note", "response_time", "n_plays", "prediction_shown", "segment", "scheme", "model"),
)


@dataclass(frozen=True, slots=True)
class _Began:
    """What ``session.json`` says of when a session began."""

    start: str
    """ISO 8601."""
    start_lsl: float
    """s, LSL clock."""


def run(args: argparse.Namespace) -> int:
    """Write the recording as BIDS, as tables, or as an MNE file, and say where it is."""
    path = existing(args.recording)
    config = configuration(args)
    to: Callable[[Path, Config, Path | None], Path] = {"bids": to_bids, "tsv": to_tsv, "fif": to_fif}[args.to]
    out = to(path, config, Path(args.out) if args.out else None)
    sys.stdout.write(f"{out}\n")
    return 0


def to_tsv(path: Path, config: Config, out: Path | None) -> Path:
    """Write predictions, labels and how far they agree, ratings and markers as tables, and return their folder.

    It is one of the recording's own: the next run of a session lies beside it and has tables of the same names.
    """
    folder = out or _beside(path) / f"{_stem(path)}_tables"
    folder.mkdir(parents=True, exist_ok=True)
    events = list(recorded_events(path, _say))
    predictions = [event for event in events if isinstance(event, Prediction)]
    if predictions:
        with PredictionsTable(folder / "predictions.tsv", predictions[0].classes) as table:
            for prediction in predictions:
                table.add(prediction)
    labels = recorded_labels(path)
    _write_table(folder / "labels.tsv", _OF_LABELS, labels)
    if agreed := agreements(labels):
        _write_table(folder / "agreement.tsv", ("asked", "annotators", "moments", "alpha"), agreed)
    if ratings := recorded_ratings(path):
        _write_rows(folder / "ratings.tsv", RATED, ratings)
    # Row by row: markers may be more than there is memory for.
    markers = (event for event in recorded_events(path) if isinstance(event, Marker))
    if marker := next(markers, None):
        _write_table(folder / "markers.tsv", ("time", "stream", "text"), itertools.chain([marker], markers))
    return folder


def _write_table(path: Path, names: Sequence[str], things: Iterable[object]) -> None:
    _write_rows(path, names, ([getattr(thing, name) for name in names] for thing in things))


def _write_rows(path: Path, names: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in itertools.chain([names], ([_cell(value) for value in row] for row in rows)):
            file.write("\t".join(line) + "\n")


def to_fif(path: Path, config: Config, out: Path | None) -> Path:
    """Write the EEG with gaps, markers and labels as annotations, and return the file."""
    _, raw, _ = _raw(path, config)
    file = (out or _beside(path)) / f"{_stem(path)}_raw.fif"
    file.parent.mkdir(parents=True, exist_ok=True)
    raw.save(file, verbose="error")
    return file


def to_bids(path: Path, config: Config, out: Path | None) -> Path:
    """Write the EEG as BrainVision in a BIDS data set, and return its folder."""
    info, raw, labels = _raw(path, config)
    session = Session.open(path)
    names = dict(part.split("-", 1) for part in session.stem.split("_") if "-" in part)
    root = out or session.folder.parents[2]
    place = mne_bids.BIDSPath(
        subject=names["sub"], session=names["ses"], task=names["task"], run=names["run"], datatype="eeg", root=root
    )
    raw.info["line_freq"] = config.eeg.notch if config.eeg.notch > 0 else None
    mne_bids.write_raw_bids(raw, place, format="BrainVision", allow_preload=True, overwrite=False, verbose="error")
    _describe_labels(place, labels)
    # MNE-BIDS takes the maker of the file's format for that of the amplifier.
    maker = re.search(r"<manufacturer>([^<]+)<", info.desc)
    sidecar = place.copy().update(suffix="eeg", extension=".json")
    about = {"Manufacturer": maker[1] if maker else "n/a"}
    if info.simulated:
        about = {"Manufacturer": "none", "TaskDescription": SIMULATED}
    mne_bids.update_sidecar_json(sidecar, about, verbose="error")
    return root


def _describe_labels(place: mne_bids.BIDSPath, labels: list[Label]) -> None:
    """Say in the events' JSON what the labels are and by whom: BIDS leaves that to us."""
    if not labels:
        return
    about = place.copy().update(suffix="events", extension=".json").fpath
    known = json.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
    levels = {f"affect/{label.label}": f"label {label.label}" for label in labels if label.label}
    known.setdefault("trial_type", {})["Levels"] = {**known.get("trial_type", {}).get("Levels", {}), **levels}
    known |= {name: {"Description": meaning} for name, meaning in TOLD.items()}
    known["Annotators"] = sorted({f"{label.annotator} ({label.role})" for label in labels})
    about.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _raw(path: Path, config: Config) -> tuple[StreamInfo, mne.io.RawArray, list[Label]]:
    labels = recorded_labels(path)
    markers = _markers(path)
    with open_recording(path, config) as source:
        source.seek(min(0.0, source.span[0]), frames_from=math.inf)  # hours of frames would be decoded for nothing
        info, (first, last), raw = to_raw(
            source.infos, _telling(items(source)), labels, config.eeg.max_gap, markers, _say
        )
    raw.set_meas_date(_time_of_day(path, first))
    if n := sum(not first <= marker.time <= last for marker in markers):
        sys.stderr.write(
            f"{n} of {len(markers)} markers lie before or after the EEG and are left out. --to tsv has all.\n"
        )
    return info, raw, labels


def _telling(given: Iterable[Item]) -> Iterator[Item]:
    """Give items, and say what a source has to say of the whole recording: it has no moment."""
    for item in given:
        if isinstance(item, Notice) and math.isnan(item.time):
            _say(item.text)
        yield item


def _say(text: str) -> None:
    sys.stderr.write(f"! {text}\n")


def _time_of_day(path: Path, time: float) -> datetime | None:
    """Return when a moment of a session was, s, LSL clock; None for recordings of other programs."""
    try:
        session = Session.open(path)
    except FileFormatError:
        return None
    try:
        began = from_tree(session.about(), _Began, str(session.json))
        return datetime.fromisoformat(began.start) + timedelta(seconds=time - began.start_lsl)
    except (FileFormatError, ValueError, OverflowError) as error:
        _say(f"When it was recorded is left out: {error}")
        return None


def _markers(path: Path) -> list[Marker]:
    """Return the markers of other programs, which XDF alone has as streams."""
    if not (path.is_dir() or path.suffix.lower() == ".xdf"):
        return []
    return [event for event in recorded_events(path) if isinstance(event, Marker)]


def _beside(path: Path) -> Path:
    try:
        return Session.open(path).xdf.parent
    except FileFormatError:
        return path.parent


def _stem(path: Path) -> str:
    try:
        return Session.open(path).stem
    except FileFormatError:
        return path.stem


def _cell(value: object) -> str:
    return "n/a" if value != value or value == "" else str(value).translate(NO_BREAKS)
