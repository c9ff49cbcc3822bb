"""Any BIDS data set with EEG and events, as OpenNeuro and EEG-DaSh have them; faces beside it by BEP047.

Each row of ``events.tsv`` that lasts is a trial: `onset`, `duration`, `trial_type` (else `value`) as its class,
`stim_file` (else `stimulus`) as what was shown, and `valence`, `arousal` and other scales where they are columns.
``events.json`` may tell a scale's `Minimum` and `Maximum`; where scales differ each is brought to -1 to 1 here, since a
row of the table has one. A row that does not last goes up to the next one. A person's recordings come in the order of
their names, numbers in them by size: session 2 before session 10. A video
``*_recording-face_video.*`` or ``*_video.*`` of the same entities, in any folder of the session, begins at its
sidecar's `StartTime`, s from the EEG's first sample, or by the times of ``scans.tsv``.
"""

from __future__ import annotations

import csv
import json
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check
from app.study.rating_scale import UNIT, Scale
from app.study.trials_table import RATED
from core.errors import FileFormatError
from core.files import FILM_ENDINGS, no_pipe

_READ = (".edf", ".bdf", ".vhdr", ".set", ".fif", ".cnt")
_NOTHING = ("", "n/a")
Row = Mapping[str, str]


class Bids:
    """See the module."""

    title = "a BIDS data set"
    terms = "Licence and how to cite are in its own dataset_description.json."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give the events of all recordings that last."""
        from mne_bids import find_matching_paths

        description = source / "dataset_description.json"
        check(source, description.is_file(), "it has no dataset_description.json, which each BIDS data set has")
        about = json.loads(no_pipe(description).read_text(encoding="utf-8"))
        made.report(f"{about.get('Name', source.name)}: licence {about.get('License', 'not told')}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paths = find_matching_paths(source, datatypes="eeg", suffixes="eeg", extensions=list(_READ))
        if not paths:
            raise FileFormatError(f"{source} has no EEG that can be read ({', '.join(_READ)}).")
        for number, path in enumerate(sorted(paths, key=_by_numbers), start=1):
            made.report(f"looking at {path.basename}, {number} of {len(paths)}")
            yield from made.attempt(path.basename, self._of_recording(path, made))

    def _of_recording(self, path: Any, made: Made) -> Iterator[ImportedTrial]:
        eeg = Path(path.fpath)
        events = path.find_matching_sidecar(suffix="events", extension=".tsv", on_error="ignore")
        if events is None:
            made.skip(eeg.name, "it has no events.tsv")
            return
        rows = _rows(Path(events))
        sidecar = path.find_matching_sidecar(suffix="events", extension=".json", on_error="ignore")
        scales = _scales(Path(sidecar), rows, made) if sidecar is not None else {}
        scale = _shared(scales)
        film, offset = _film(eeg, made)
        onset = [_number(row.get("onset", "")) for row in rows]
        left_out = 0
        for k, row in enumerate(rows):
            start, lasts = onset[k], _number(row.get("duration", ""))
            label = next((row[name] for name in ("trial_type", "value") if row.get(name, "") not in _NOTHING), "")
            if not lasts > 0.0:
                lasts = next((other - start for other in onset[k + 1 :] if other > start), math.nan)
            if not label or not math.isfinite(start + lasts) or start < 0.0:
                left_out += 1
                continue
            given = _rated(Path(events), row, scales, mapped=not scale)
            shown = next((row[name] for name in ("stim_file", "stimulus") if row.get(name, "") not in _NOTHING), "")
            yield ImportedTrial(
                path.subject, eeg, start, start + lasts, label, given, scale if given else "", shown,
                video=film, video_offset=offset,
            )  # fmt: skip
        if left_out:
            made.skip(
                f"{eeg.name}, {left_out} events", "they have no name, or neither last nor are followed by another"
            )


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in csv.DictReader(file, delimiter="\t")]
    check(path, not rows or "onset" in rows[0], "it has no column onset")
    return sorted(rows, key=lambda row: _number(row.get("onset", "")))


def _by_numbers(path: Any) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", str(path))]


def _scales(path: Path, rows: Sequence[Row], made: Made) -> dict[str, Scale]:
    """Return the scales of what was rated, by name; empty where none is told, so that all must run from -1 to 1.

    Raises
    ------
    FileFormatError
        A scale runs from nowhere to nowhere.
    """
    about = json.loads(no_pipe(path).read_text(encoding="utf-8"))
    rated = [name for name in RATED if any(math.isfinite(_number(row.get(name, ""))) for row in rows)]
    found = {}
    for name in rated:
        one = about.get(name)
        if isinstance(one, dict) and {"Minimum", "Maximum"} <= set(one):
            found[name] = Scale(float(one["Minimum"]), float(one["Maximum"]))
            check(path, found[name].low < found[name].high, f"{name} runs from {one['Minimum']} to {one['Maximum']}")
    for name in rated if found else ():
        if name not in found:
            made.skip(f"{path.name}, {name}", "its Minimum and Maximum are not told, those of other ratings are")
    return found


def _shared(scales: Mapping[str, Scale]) -> str:
    """Return the scale that all ratings have, as the table writes it; ``""`` where they differ, or none is told."""
    if len(set(scales.values())) != 1:
        return ""
    one = next(iter(scales.values()))
    return f"{one.low:g} to {one.high:g}"


def _rated(path: Path, row: Row, scales: Mapping[str, Scale], mapped: bool) -> dict[str, float]:
    """Return what was rated in a row, as it was given or `mapped`, each by its own scale, to between -1 and 1.

    Raises
    ------
    FileFormatError
        A rating lies outside of its scale.
    """
    given = {}
    for name in scales or RATED:
        scale, value = scales.get(name, UNIT), _number(row.get(name, ""))
        if not math.isfinite(value):
            continue
        if not scale.low <= value <= scale.high:
            raise FileFormatError(
                f"{path}: {name} is {value:g} at {row['onset']} s, but runs from {scale.low:g} to {scale.high:g}. Say "
                "from where to where it runs by Minimum and Maximum in events.json."
            )
        given[name] = scale.unchecked(value) if mapped else value
    return given


def _film(eeg: Path, made: Made) -> tuple[Path | None, float]:
    """Return the face's video that goes with a recording, and its second at the EEG's first sample."""
    stem = eeg.stem.removesuffix("_eeg")
    session = eeg.parent.parent
    found = [
        path
        for path in sorted(session.rglob(f"{stem}*_video.*"))
        if path.suffix.lower() in FILM_ENDINGS and path.stem.startswith(f"{stem}_")
    ]
    found = [path for path in found if "face" in path.stem] or found
    if not found:
        return None, 0.0
    sidecar = found[0].with_suffix(".json")
    if sidecar.is_file():
        begins = json.loads(no_pipe(sidecar).read_text(encoding="utf-8")).get("StartTime")
        if isinstance(begins, int | float):
            return found[0], -float(begins)
    times = _scan_times(session)
    if eeg.name in times and found[0].name in times:
        return found[0], (times[eeg.name] - times[found[0].name]).total_seconds()
    made.skip(found[0].name, "neither its sidecar's StartTime nor scans.tsv says when it began")
    return None, 0.0


def _scan_times(session: Path) -> dict[str, datetime]:
    found = {}
    for path in session.glob("*_scans.tsv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                text = (row.get("acq_time") or "").replace("Z", "+00:00")
                try:
                    found[Path(row["filename"]).name] = datetime.fromisoformat(text)
                except (ValueError, KeyError):
                    continue
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


DATASET = Bids()
