"""Labelled recordings as something to learn from and be tested on: Insula's sessions, or any EEG files with a table.

A table of trials, ``trials.tsv``, makes a published data set one that Insula reads: a row for each labelled stretch
with the columns ``participant file start stop label``, and others for ratings, videos, stimuli and groups
(`app.study.trials_table`). ``file`` lies by the table; ``start`` and ``stop`` are seconds of the file. A participant's
files are read as one session, in the table's order. Windows, and what was read of faces, are kept for the next time.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.study.labelled_recording import LabelledRecording
from app.study.rating_samples import Samples
from app.study.rating_scale import UNIT, Scale
from app.study.recorded_answers import recorded_answers
from app.study.recorded_windows import RecordedWindows
from app.study.training_material import recording_name
from app.study.trials_files import checked_trials, copies, recordings_of_table
from app.study.trials_table import Trial
from core.config import Config
from core.data import Window
from core.errors import ConfigError, FileFormatError, TableError
from core.label_rules import newest_covering
from core.models.model_file import CLASSES, Architecture
from core.plain_text import first_of
from core.recording.label_reader import RATED
from training.examples import UNKNOWN, Examples, Truth
from training.loop import Report
from training.own_recordings import standing_answers
from training.targets import Target, Threshold

TABLE = "trials.tsv"
STEP_S = 1.0
"""Between windows; those that overlap more say little new."""


@dataclass(frozen=True, slots=True)
class LabelledData:
    """Labelled recordings, cut."""

    examples: Examples
    classes: tuple[str, ...]
    n_recordings: int
    minutes: float
    """Of recording that is labelled."""
    annotators: tuple[str, ...]
    recordings: tuple[str, ...]
    """Names of what the examples' `recording` counts; see `recording_name`."""
    target: Target = dataclasses.field(default_factory=Target)
    """With thresholds between -1 and 1."""


def read_labelled(
    data: Path, config: Config, report: Report, target: Target | None = None, step: float = STEP_S
) -> LabelledData:
    """Return the windows of all labelled recordings in `data`: a table of trials, a folder with one, or sessions.

    Parameters
    ----------
    data : Path
    config : Config
    report : callable
    target : Target, optional
        What is to be learnt; classes, valence and arousal if it is not given.
    step : float
        Seconds between windows.

    Raises
    ------
    FileFormatError
        Nothing there is labelled with two classes or more.
    """
    target = target or Target()
    config = dataclasses.replace(config, window=dataclasses.replace(config.window, step=step))
    table = data if data.is_file() else data / TABLE
    scales: set[Scale] = {UNIT}
    if table.exists():
        trials = checked_trials(table)
        _check_rated(table, trials, target)
        _tell_of_nothing(table, trials, target, report)
        for text in copies(table, trials):
            report(text)
        scales = {trial.scale for trial in trials}
        known: Iterable[str] = {trial.label for trial in trials if trial.label}
        recordings = recordings_of_table(table, config, report, scales=target.scales)
    else:
        found = list(_sessions(data, config, report))
        known = {label.label for one in found for label in one.labels if label.label}
        recordings = iter(found)
    target = _mapped(target, scales)
    classes = target.classes or _in_usual_order(known)
    if len(classes) < 2:
        raise FileFormatError(
            f"{data} has labels of {len(classes)} classes; learning needs two or more. Label sessions with `insula "
            f"label`, or describe EEG files in {TABLE}; ratings are learnt with --target valence, or valence>5."
        )
    taken = _Taken()
    a = Architecture()
    examples = Examples(_pairs(taken.through(recordings), classes, target), a.n_embedding, a.n_times)
    target.relabel(examples, np.arange(len(examples)))
    who = tuple(sorted(taken.annotators))
    names = tuple(taken.names)
    return LabelledData(examples, classes, len(names), taken.seconds / 60, who, names, target)


def _check_rated(table: Path, trials: Sequence[Trial], target: Target) -> None:
    """Refuse a scale that no row rates, such as a misspelt one, before anything is read."""
    for name in () if target.is_plain else target.scales:
        if not any(trial.continuous or math.isfinite(trial.rated(table, name)) for trial in trials):
            raise TableError(
                f"{table} has no rating of {name!r}. Give --target a column of the table with numbers in it, such as "
                "valence."
            )


def _tell_of_nothing(table: Path, trials: Sequence[Trial], target: Target, report: Report) -> None:
    """Say how many rows are not learnt from, where others are: a cell that was forgotten is seen by this alone."""
    for name in [one.scale for one in target.thresholds] or ["label"]:
        if name == "label":
            lacking = [trial.line for trial in trials if not trial.label]
        else:
            lacking = [one.line for one in trials if not one.continuous and math.isnan(one.rated(table, name))]
        if 0 < len(lacking) < len(trials):
            report(
                f"{len(lacking)} of {len(trials)} rows of {table.name} have no {name} and are not learnt from: "
                f"line {first_of(lacking, 5)}."
            )


def _mapped(target: Target, scales: set[Scale]) -> Target:
    """Return the target with thresholds between -1 and 1, in which ratings are kept."""
    if all(one.at is None for one in target.thresholds):
        return target
    if len(scales) > 1:
        raise ConfigError(
            "Rows of the table have different scales, so a threshold is not the same for all: use >median."
        )
    (scale,) = scales
    for one in target.thresholds:
        if one.at is not None and not scale.low <= one.at <= scale.high:
            raise ConfigError(f"A threshold of {one.at:g} lies outside of the scale, {scale.low:g} to {scale.high:g}.")
    moved = tuple(
        Threshold(one.scale, None if one.at is None else scale.unchecked(one.at), one.inclusive)
        for one in target.thresholds
    )
    return dataclasses.replace(target, thresholds=moved)


def _in_usual_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (CLASSES.index(name) if name in CLASSES else len(CLASSES), name)))


class _Taken:
    """What passed by on the way into the examples, so that not all windows lie in memory twice."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.annotators: set[str] = set()
        self.seconds = 0.0

    def through(self, recordings: Iterable[LabelledRecording]) -> Iterator[LabelledRecording]:
        for one in recordings:
            self.names.append(one.name)
            self.annotators.update(label.annotator for label in one.labels if label.annotator)
            self.seconds += sum(label.stop - label.start for label in one.labels)
            yield one


def _pairs(
    recordings: Iterable[LabelledRecording], classes: Sequence[str], target: Target
) -> Iterator[tuple[Window, Truth]]:
    """Give each window with the newest label that its middle lies in; a label is a trial."""
    trial = 0
    stimuli: dict[str, int] = {}
    groups: dict[str, int] = {}
    for number, recording in enumerate(recordings):
        labels = recording.labels
        for window in recording.windows:
            newest = newest_covering(labels, window)
            rated = [recording.rated(name, newest, window) for name in target.scales]
            first, second = [*rated, math.nan, math.nan][:2]
            if newest is None:
                yield window, Truth(UNKNOWN, first, second, trial + len(labels), recording=number)
                continue
            label = labels[newest].label
            known = classes.index(label) if label in classes else UNKNOWN
            shown, bound = _number(recording.stimuli, stimuli, newest), _number(recording.groups, groups, newest)
            yield (
                window,
                Truth(known, first, second, trial + newest, recording=number, stimulus=shown, together=bound),
            )
        trial += len(labels) + 1


def number_of(name: str, known: dict[str, int]) -> int:
    """Return a name's number, the next one if it is new; `UNKNOWN` of no name."""
    return known.setdefault(name, len(known)) if name else UNKNOWN


def _number(names: Sequence[str], known: dict[str, int], which: int) -> int:
    return number_of(names[which] if which < len(names) else "", known)


def _sessions(folder: Path, config: Config, report: Report) -> Iterator[LabelledRecording]:
    paths = sorted(folder.rglob("*_eeg.xdf"))
    answered = [(path, *recorded_answers(path)) for path in paths]
    known = [(path, standing_answers(given), tuple(_over_time(ratings))) for path, given, ratings in answered]
    labelled = [(path, labels, rated) for path, labels, rated in known if labels or rated]
    if not labelled:
        raise FileFormatError(
            f"No labelled recording under {folder}. Label some with `insula label`, or describe EEG files in {TABLE}."
        )
    reader = RecordedWindows("", config, report)
    for number, (path, labels, rated) in enumerate(labelled, start=1):
        report(f"reading {path.name}, {number} of {len(labelled)}")
        yield LabelledRecording(recording_name(path), reader.of(path), tuple(labels), samples=rated)


def _over_time(rows: Sequence[tuple[str | float, ...]]) -> Iterator[Samples]:
    """Give what was rated all along of each person: the mean over all who rated, and over all who rated twice."""
    given: dict[tuple[str, str], dict[float, list[float]]] = {}
    for row in rows:
        one = dict(zip(RATED, row, strict=True))
        at = given.setdefault((str(one["participant"]), str(one["scale"])), {})
        at.setdefault(float(one["time"]), []).append(float(one["value"]))
    for (participant, scale), values in given.items():
        times = np.array(sorted(values))
        means = np.array([np.mean(values[time]) for time in times])
        yield Samples(participant, float(times[0]), float(times[-1]), times, {scale: means})
