"""What was said and answered during a recording, as tables that any program reads."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from acquisition.eeg_file import EegFile
from acquisition.replay import open_recording, recorded_events, samples_of
from app.session.predictions_table import PredictionsTable
from app.study.annotator_agreement import agreements
from app.study.face_table import write_faces
from app.study.mne_annotations import NO_BREAKS
from app.study.other_streams import other_streams, unique_labels
from app.study.recorded_answers import recorded_answers
from app.study.staged_files import Wrote, refuse_others, staged
from core.config import Config
from core.data import Marker, Prediction
from core.errors import SourceError
from core.label_rules import shares_text
from core.recording.edf_reader import Note
from core.recording.label_reader import RATED

__all__ = ["write_tables"]

_OF_LABELS = (
    *("annotator", "role", "answer", "label", "shares", "valence", "arousal", "scales", "confidence", "note"),
    *("response_time", "n_plays", "prediction_shown", "segment", "scheme", "model"),
)
_OF_MARKERS = ("time", "in_session", "stream", "text", "duration")
_ABOUT = "export.json"
"""Says which of a folder's files are of which export."""


def write_tables(
    path: Path,
    config: Config,
    folder: Path,
    overwrite: bool,
    is_own: bool = False,
    tell: Callable[[str], object] = lambda _: None,
    wrote: Wrote = lambda _: None,
) -> Path:
    """Write predictions, labels and how far they agree, faces, ratings and markers as tables; return their folder.

    Times are on the LSL clock; beside them stand seconds from the first sample of the recording, ``in_session``.

    Parameters
    ----------
    path : Path
        A session, an XDF, or an EEG file of another kind, whose annotations are its markers.
    config : Config
    folder : Path
        Takes the tables of one recording.
    overwrite : bool
        Replace tables that Insula did not export.
    is_own : bool
        The folder has a name that only Insula gives.
    tell : callable
        Takes a sentence on what could not be read.
    wrote : callable
        Takes each file.
    """
    earlier = _earlier(folder)
    zero, notes = _beginning(path, config)
    with staged(folder, wrote=wrote) as draft:
        if samples_of(path).suffix.lower() in ("", ".xdf"):
            _write_events(draft, path, zero, tell)
            _write_streams(draft, path, config, zero, tell)
        elif notes:
            rows = (
                (note.onset, _seconds(note.onset - zero), path.stem, note.text, _seconds(note.duration))
                for note in notes
            )
            _write(draft / "markers.tsv", _OF_MARKERS, rows)
        _write_answers(draft, path, zero)
        names = sorted(file.name for file in draft.iterdir())
        for name in names:
            refuse_others(folder / name, is_own or name in earlier, overwrite)
        about = {"insula": metadata.version("insula"), "recording": path.name, "files": names}
        (draft / _ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in set(earlier) - set(names):
        (folder / name).unlink(missing_ok=True)  # there is nothing of its kind any more
    return folder


def _beginning(path: Path, config: Config) -> tuple[float, tuple[Note, ...]]:
    """Return when the recording's first sample was taken, s, LSL clock, NaN without any; and a file's annotations."""
    try:
        with open_recording(path, config) as source:
            return source.span[0], source.notes if isinstance(source, EegFile) else ()
    except SourceError:
        return math.nan, ()  # what was said and answered is there all the same


def _write_events(draft: Path, path: Path, zero: float, tell: Callable[[str], object]) -> None:
    """Write what was said while a recording was made, row by row: there may be more of it than there is memory for."""
    predictions = (event for event in recorded_events(path, tell) if isinstance(event, Prediction))
    if (first := next(predictions, None)) is not None:
        with PredictionsTable(draft / "predictions.tsv", first.classes, first.modalities) as table:
            for prediction in itertools.chain([first], predictions):
                table.add(prediction)
    markers = (event for event in recorded_events(path) if isinstance(event, Marker))
    if (marker := next(markers, None)) is not None:
        _write(draft / "markers.tsv", _OF_MARKERS, _marker_rows(itertools.chain([marker], markers), zero))
    write_faces(path, draft / "face.tsv", zero)


def _write_streams(draft: Path, path: Path, config: Config, zero: float, tell: Callable[[str], object]) -> None:
    """Write each stream of numbers that is no EEG as it came: values that read back to the same bits."""
    try:
        streams = other_streams(path, config, "", tell)
    except SourceError:
        return
    for stream, label in zip(streams, unique_labels(each.info for each in streams), strict=True):
        units = [f" [{channel.unit}]" if channel.unit else "" for channel in stream.info.channels]
        head = [f"{name}{unit}" for name, unit in zip(stream.names, units, strict=True)]
        rows = (
            [time, _seconds(time - zero), *map(str, row)]
            for time, row in zip(stream.times.tolist(), stream.data, strict=True)
        )
        _write(draft / f"stream_{label}.tsv", ("time", "in_session", *head), rows)


def _marker_rows(markers: Iterable[Marker], zero: float) -> Iterator[Sequence[object]]:
    """Give rows of markers over LSL, which are of a moment: how long they last nobody says."""
    return ((marker.time, _seconds(marker.time - zero), marker.stream, marker.text, math.nan) for marker in markers)


def _write_answers(draft: Path, path: Path, zero: float) -> None:
    answered, ratings = recorded_answers(path)
    labels = sorted(answered, key=lambda label: (label.start, label.stop, label.time))
    names = ("participant", "start", "stop", "start_in_session", "stop_in_session", *_OF_LABELS)
    rows = (
        [label.participant, label.start, label.stop, _seconds(label.start - zero), _seconds(label.stop - zero)]
        + [shares_text(v) if isinstance(v := getattr(label, name), tuple) else v for name in _OF_LABELS]
        for label in labels
    )
    _write(draft / "labels.tsv", names, rows)
    if agreed := agreements(labels):
        columns = ("asked", "annotators", "moments", "alpha")
        _write(draft / "agreement.tsv", columns, ([getattr(each, n) for n in columns] for each in agreed))
    if ratings:
        at = RATED.index("time")
        ordered = sorted(ratings, key=lambda row: row[at])
        head = (*RATED[: at + 1], "in_session", *RATED[at + 1 :])
        _write(
            draft / "ratings.tsv", head,
            ((*row[: at + 1], _seconds(float(row[at]) - zero), *row[at + 1 :]) for row in ordered),
        )  # fmt: skip


def _earlier(folder: Path) -> tuple[str, ...]:
    """Return the files that an earlier export of ours wrote into the folder."""
    try:
        return tuple(map(str, json.loads((folder / _ABOUT).read_text(encoding="utf-8"))["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _write(path: Path, names: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in itertools.chain([names], rows):
            file.write("\t".join(_cell(value) for value in row) + "\n")


def _seconds(value: float) -> str:
    return f"{value:.6f}" if math.isfinite(value) else "n/a"


def _cell(value: object) -> str:
    return "n/a" if value != value or value == "" else str(value).translate(NO_BREAKS)
