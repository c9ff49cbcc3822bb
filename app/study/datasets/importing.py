"""A published data set as a study: its table of trials, and the files that no reader of Insula's reads."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from app.study.datasets.catalogue import find_dataset
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import NOT_AS_TOLD, Made, not_as_told
from app.study.trials_table import RATED, read_trials
from core.errors import ConfigError, FileFormatError
from core.files import no_pipe, write_whole
from training.loop import Report

TABLE = "trials.tsv"
ABOUT = "import.json"
_FIRST = ("participant", "file", "start", "stop", "label")
_LAST = ("scale", "stimulus", "group", "video", "video_offset", "video_fps", "continuous")


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    title: str
    terms: str
    n_people: int
    n_trials: int
    n_filmed: int
    n_labelled: int
    """Trials that have a class; others were only rated."""
    skipped: tuple[tuple[str, str], ...]
    """(what, why) of all that was left out."""


def import_dataset(name: str, source: Path, study: Path, report: Report, overwrite: bool = False) -> Imported:
    """Write the table of trials of a data set into a study; broken off, the same goes on with what is missing.

    Raises
    ------
    ConfigError
        There is no such data set, or the study has a table that was not written by an import.
    FileFormatError
        The copy is not what it should be, or has no trials.
    """
    dataset = find_dataset(name)
    study.mkdir(parents=True, exist_ok=True)
    table = study / TABLE
    if table.exists() and not overwrite and _digest(table) != _written(study):
        raise ConfigError(f"{table} is there, and not as an import wrote it. Give --overwrite, or another --study.")
    made = Made(study, report)
    try:
        trials = list(dataset.trials(source, made))
    except NOT_AS_TOLD as error:
        raise FileFormatError(
            f"{source} does not hold what {dataset.title} does: {not_as_told(error)}. Is it a whole copy, as it is "
            "distributed?"
        ) from error
    if not trials:
        why = "; ".join(f"{what}: {reason}" for what, reason in made.skipped[:3])
        raise FileFormatError(f"{source} has no trials that can be read. {why}")
    write_whole(table, _text(trials, study))
    read_trials(table)
    about = {
        "dataset": name, "source": str(source.resolve()), "terms": dataset.terms, "table": _digest(table),
        "insula": metadata.version("insula"), "left_out": made.skipped,
    }  # fmt: skip
    write_whole(study / ABOUT, json.dumps(about, indent=1))
    people = {trial.participant for trial in trials}
    filmed = sum(trial.video is not None for trial in trials)
    labelled = sum(bool(trial.label) for trial in trials)
    return Imported(dataset.title, dataset.terms, len(people), len(trials), filmed, labelled, tuple(made.skipped))


def _text(trials: Sequence[ImportedTrial], study: Path) -> str:
    """Return the table; a person's files stand in the order in which they came."""
    rated = [name for name in RATED if any(name in trial.ratings for trial in trials)]
    more = sorted({name for trial in trials for name in trial.ratings} - set(rated))
    rows = [[*_FIRST, *rated, *more, *_LAST]]
    for trial in trials:
        given = [_number(trial.ratings.get(name, math.nan)) for name in (*rated, *more)]
        first = [trial.participant, _place(trial.file, study), _number(trial.start), _number(trial.stop), trial.label]
        film = ["", "", ""]
        if trial.video is not None:
            fps = _number(trial.video_fps) if trial.video_fps else ""
            film = [_place(trial.video, study), _number(trial.video_offset), fps]
        samples = _place(trial.continuous, study) if trial.continuous is not None else ""
        rows.append([*first, *given, trial.scale, trial.stimulus, trial.group, *film, samples])
    return "".join("\t".join(_cell(cell) for cell in row) + "\n" for row in rows)


def _place(path: Path, study: Path) -> str:
    """Return a path by the table where it lies there, else whole."""
    whole, home = path.resolve(), study.resolve()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")


def _cell(text: str) -> str:
    return " ".join(text.split())


def _digest(table: Path) -> str:
    return hashlib.sha256(no_pipe(table).read_bytes()).hexdigest()


def _written(study: Path) -> str:
    try:
        return str(json.loads((study / ABOUT).read_text(encoding="utf-8")).get("table", ""))
    except (OSError, ValueError):
        return ""
