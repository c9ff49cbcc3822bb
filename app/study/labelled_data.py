"""Labelled recordings as something to learn from and be tested on: Insula's sessions, or any EEG files with a table.

A table of trials, ``trials.tsv``, makes a published data set one that Insula reads: a row for each labelled stretch
with the columns ``participant file start stop label``, and ``valence arousal`` where they were rated. ``file`` lies by
the table; ``start`` and ``stop`` are seconds of the file. A participant's files are read as one session, in the table's
order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acquisition.eeg_file import EegFile
from acquisition.source import items
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from app.study.recorded_answers import recorded_labels
from app.study.training_material import recording_name
from app.study.trials_table import Trial, read_trials
from core.config import Config
from core.data import Chunk, Label, Window
from core.errors import FileFormatError, TableError
from core.label_rules import newest_covering
from core.models.model_file import CLASSES, Architecture
from core.predictor import Predictor
from core.quality import ELECTRODE_CHECKS
from core.windowing import Windower
from training.examples import UNKNOWN, Examples, Truth
from training.loop import Report
from training.own_recordings import Recording, standing_answers

TABLE = "trials.tsv"
STEP_S = 1.0
"""Between windows; those that overlap more say little new."""
BREAK_S = 5.0
"""Between the files of one session."""
_ROUNDED_S = 1.0
"""By so much a trial may reach over the ends of its file: people round."""


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


def read_labelled(data: Path, config: Config, report: Report) -> LabelledData:
    """Return the windows of all labelled recordings in `data`: a table of trials, a folder with one, or sessions.

    Raises
    ------
    FileFormatError
        Nothing there is labelled with two classes or more.
    """
    config = dataclasses.replace(config, window=dataclasses.replace(config.window, step=STEP_S))
    table = data if data.is_file() else data / TABLE
    recordings = list(recordings_of_table(table, config, report) if table.exists() else _sessions(data, config, report))
    labels = [label for one in recordings for label in one.labels]
    there = {label.label for label in labels if label.label}
    classes = tuple(sorted(there, key=lambda name: (CLASSES.index(name) if name in CLASSES else len(CLASSES), name)))
    if len(classes) < 2:
        raise FileFormatError(
            f"{data} has labels of {len(classes)} classes; learning needs two or more. Label sessions with `insula "
            f"label`, or describe EEG files in {TABLE}."
        )
    a = Architecture()
    examples = Examples(_pairs(recordings, classes), a.n_embedding, a.n_times)
    minutes = sum(label.stop - label.start for label in labels) / 60
    annotators = tuple(sorted({label.annotator for label in labels if label.annotator}))
    names = tuple(one.name for one in recordings)
    return LabelledData(examples, classes, len(recordings), minutes, annotators, names)


def _pairs(recordings: Iterable[Recording], classes: Sequence[str]) -> Iterator[tuple[Window, Truth]]:
    """Give each window with the newest label that its middle lies in; a label is a trial."""
    trial = 0
    for number, recording in enumerate(recordings):
        labels = recording.labels
        for window in recording.windows:
            newest = newest_covering(labels, window)
            if newest is None:
                yield window, Truth(UNKNOWN, trial=trial + len(labels), recording=number)
                continue
            label = labels[newest]
            known = classes.index(label.label) if label.label in classes else UNKNOWN
            yield window, Truth(known, label.valence, label.arousal, trial + newest, recording=number)
        trial += len(labels) + 1


def _sessions(folder: Path, config: Config, report: Report) -> Iterator[Recording]:
    paths = sorted(folder.rglob("*_eeg.xdf"))
    labelled = [(path, labels) for path in paths if (labels := standing_answers(recorded_labels(path)))]
    if not labelled:
        raise FileFormatError(
            f"No labelled recording under {folder}. Label some with `insula label`, or describe EEG files in {TABLE}."
        )
    make_pipeline = pipelines(config, Predictor("", config))
    for number, (path, labels) in enumerate(labelled, start=1):
        report(f"replaying {path.name}, {number} of {len(labelled)}")
        replayed = replay(path, config, make_pipeline, tell=report)
        events = (event for _, events in replayed for event in events)
        windows = tuple(event for event in events if isinstance(event, Window))
        yield Recording(recording_name(path), windows, tuple(labels))


def recordings_of_table(
    table: Path, config: Config, report: Report, swapped: bool = False, checks: int = ELECTRODE_CHECKS
) -> Iterator[Recording]:
    """Give what a table of trials describes: the files of each person as one recording, and its trials as labels.

    `swapped` reads the files of each person in the opposite order, so that what came first comes last.
    """
    trials = read_trials(table)
    people = list(dict.fromkeys(trial.participant for trial in trials))
    _check_times(table, trials, config)
    for number, person in enumerate(people, start=1):
        report(f"reading {person}, {number} of {len(people)}")
        own = [trial for trial in trials if trial.participant == person]
        names = list(dict.fromkeys(trial.file for trial in own))
        names = names[::-1] if swapped else names
        windows, began = [], {}
        for file, start, window in cut_files(person, [table.parent / name for name in names], config, report, checks):
            windows.append(window)
            began[names[file]] = start
        labels = tuple(_label(trial, began[trial.file], table) for trial in own if trial.file in began)
        yield Recording(", ".join([person, *names]), tuple(windows), labels)


def _check_times(table: Path, trials: Sequence[Trial], config: Config) -> None:
    """Refuse trials that lie outside of their files, which would be learnt from in part, or not at all."""
    ends: dict[str, float] = {}
    for trial in trials:
        if trial.file not in ends:
            with EegFile(table.parent / trial.file, trial.participant, config.eeg) as source:
                ends[trial.file] = source.span[1]
        end = ends[trial.file]
        if not -_ROUNDED_S <= trial.start < trial.stop <= end + _ROUNDED_S:
            raise TableError(
                f"{table}, line {trial.line}: it goes from {trial.start:g} to {trial.stop:g} s, but {trial.file} lasts "
                f"{end:.1f} s. Give seconds from the file's beginning."
            )


def _label(trial: Trial, began: float, table: Path) -> Label:
    return Label(
        "", "", trial.participant, began + trial.start, began + trial.stop, 0.0,
        label=trial.label, valence=trial.valence, arousal=trial.arousal, annotator=table.name,
    )  # fmt: skip


def cut_files(
    participant: str,
    paths: Sequence[Path],
    config: Config,
    report: Report = lambda _: None,
    checks: int = ELECTRODE_CHECKS,
) -> Iterator[tuple[int, float, Window]]:
    """Give the windows of EEG files read as one session: the file's number, when it began, and the window.

    What follows the person's past then does what it would have done live. A window that reaches over the break between
    two files is left out. Each file is read at its own rate and in its own unit.
    """
    windower: Windower | None = None
    began = 0.0
    electrodes: tuple[str, ...] = ()
    for number, path in enumerate(paths):
        newest = began
        with EegFile(path, participant, config.eeg) as source:
            for notice in source.notices:
                report(notice.text)
            info = dataclasses.replace(source.infos[0], key=participant)
            electrodes = electrodes or info.ch_names
            if info.ch_names != electrodes:
                raise FileFormatError(f"{path} has other channels than {paths[0]}. Give them different participants.")
            if windower is None:
                windower = Windower(participant, [info], config, checks)
            windower.follow(info)
            for item in items(source, 0.0):
                if not isinstance(item, Chunk):
                    continue
                chunk = dataclasses.replace(item, stream=participant, timestamps=item.timestamps + began)
                newest = float(chunk.times[-1])
                for event in windower.push(chunk):
                    if isinstance(event, Window) and event.start >= began:
                        yield number, began, event
        began = newest + BREAK_S
