"""What ``trials.tsv`` describes, as recordings: the files of each person as one session, and its trials as labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from acquisition.eeg_file import EegFile
from app.study.derivatives import Derivatives, made_by
from app.study.file_state import FileState
from app.study.filmed_files import FilmedFile, cut_files
from app.study.kept_faces import Film, Looker
from app.study.kept_windows import Placed, keep_windows, kept_windows
from app.study.labelled_recording import LabelledRecording
from app.study.rating_samples import Samples, read_samples
from app.study.trials_table import ROUNDED_S, Trial, check_apart, read_trials
from core.config import Config
from core.data import Label
from core.errors import TableError
from core.face_reading import reading_of
from core.quality import ELECTRODE_CHECKS
from training.loop import Report, silent

_SAMPLED = 4096
"""Bytes of each part of a file by which it is told from another one."""
_HEADERS = (".vhdr", ".set")


def recordings_of_table(
    table: Path,
    config: Config,
    report: Report,
    swapped: bool = False,
    checks: int = ELECTRODE_CHECKS,
    scales: Sequence[str] = (),
) -> Iterator[LabelledRecording]:
    """Give what a table of trials describes: the files of each person as one recording, and its trials as labels.

    Parameters
    ----------
    table : Path
    config : Config
    report : callable
        Gets lines of progress.
    swapped : bool
        Read the files of each person in the opposite order, so that what came first comes last.
    checks : int
        The rules by which electrodes are judged.
    scales : sequence of str
        What was rated beside valence and arousal and is asked for.
    """
    trials = checked_trials(table)
    _check_times(table, trials, config)
    people = list(dict.fromkeys(trial.participant for trial in trials))
    films = {(trial.participant, trial.file): _films(table, trials, trial) for trial in trials}
    kept = Derivatives.of(table.parent, report)
    looker = Looker(config.face, kept) if any(films.values()) else None
    for number, person in enumerate(people, start=1):
        report(f"reading {person}, {number} of {len(people)}")
        own = [trial for trial in trials if trial.participant == person]
        names = list(dict.fromkeys(trial.file for trial in own))
        names = names[::-1] if swapped else names
        files = [FilmedFile(table.parent / name, films[person, name]) for name in names]
        placed = _windows(person, files, config, kept, looker, report, checks)
        began = {names[file]: start for file, start, _ in placed}
        there = [trial for trial in own if trial.file in began]
        yield LabelledRecording(
            ", ".join([person, *names]),
            tuple(window for _, _, window in placed),
            tuple(_label(trial, began[trial.file], table) for trial in there),
            tuple(trial.stimulus for trial in there),
            tuple(trial.group for trial in there),
            tuple({name: trial.rated(table, name) for name in scales} for trial in there),
            tuple(_samples(trial, began[trial.file], table) for trial in there if trial.continuous),
        )


def checked_trials(table: Path) -> list[Trial]:
    """Return a table's trials, once all is well that can be told without opening any of its files.

    Raises
    ------
    TableError
        Trials lie over each other, or a file is not there.
    """
    trials = read_trials(table)
    check_apart(table, trials)
    for trial in trials:
        for what, cell in (("file", trial.file), ("video", trial.video), ("file of samples", trial.continuous)):
            path = table.parent / cell
            if cell and not (path.exists() if what == "file" else path.is_file()):
                slash = " Write / in place of \\." if "\\" in cell else ""
                raise TableError(f"{table}, line {trial.line}: there is no {what} {path}.{slash}")
    return trials


def copies(table: Path, trials: Sequence[Trial]) -> Iterator[str]:
    """Give a sentence on each file that is a copy of another person's, as far as some of what is in them tells."""
    seen: dict[tuple[int, bytes], Trial] = {}
    for trial in {trial.file: trial for trial in reversed(trials)}.values():
        content = _sampled(table.parent / trial.file)
        other = seen.setdefault(content, trial) if content is not None else trial
        if other.participant != trial.participant:
            later, first = sorted((trial, other), key=lambda one: one.line, reverse=True)
            yield (
                f"{table.name}, line {later.line}: {later.file}, of {later.participant}, is a copy of {first.file}, of "
                f"{first.participant} in line {first.line}: both are taught and tested on the same signal."
            )


def _sampled(path: Path) -> tuple[int, bytes] | None:
    """Return a file's size and some of what is in it; None where there is too little, or the signal lies beside it."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size < 3 * _SAMPLED or path.suffix.lower() in _HEADERS:
            return None
        with path.open("rb") as file:
            places = range(0, size - _SAMPLED + 1, (size - _SAMPLED) // 16)
            parts = [file.read(_SAMPLED) for at in places if file.seek(at) == at]
    except (OSError, ValueError):
        return None
    return size, hashlib.sha256(b"".join(parts)).digest()


def state_of_table(table: Path, before: Mapping[str, str]) -> dict[str, str]:
    """Return by name what tells a table, and each file that it names, from what they were before.

    What is of the same content as `before`, which this gave, is told in the same words, though it was touched since.
    """
    folder, kept = table.parent, Derivatives(table.parent, silent)
    named = sorted({cell for one in checked_trials(table) for cell in (one.file, one.video, one.continuous) if cell})
    told = {table.name: hashlib.sha256(table.read_bytes()).hexdigest()}
    known = [FileState.of_words(before.get(cell, "")) for cell in named]
    states = kept.file_states((folder / cell, then) for cell, then in zip(named, known, strict=True))
    for cell, then, now in zip(named, known, states, strict=True):
        told[cell] = (then if then is not None and then.holds(now) else now).words
    return told


def _windows(
    person: str,
    files: Sequence[FilmedFile],
    config: Config,
    kept: Derivatives | None,
    looker: Looker | None,
    report: Report,
    checks: int,
) -> list[Placed]:
    """Return a person's windows, those that are kept if nothing they hang on has changed."""
    path = _path(kept, person, files, config, checks) if kept is not None else None
    there = kept_windows(path) if path is not None else None
    if path is not None and there is not None:
        Derivatives.used(path)
        for text in there.told:
            report(text)
        return there.placed
    told: list[str] = []
    found = list(cut_files(person, files, config, report, looker, checks, told.append))
    if kept is not None and path == _path(kept, person, files, config, checks):  # else they changed meanwhile
        kept.keep(path, partial(keep_windows, placed=found, told=told))
    return found


def _path(kept: Derivatives, person: str, files: Sequence[FilmedFile], config: Config, checks: int) -> Path:
    told: list[Any] = [made_by(), checks, asdict(config.window), asdict(config.eeg)]
    for one in files:
        told.append(kept.state(one.path))
        told += [[*kept.state(film.path), film.offset, film.fps] for film in one.films]
    if any(one.films for one in files):
        told.append(reading_of(config.face))
    return kept.path(person, "windows", [kept.place(one.path) for one in files], told)


def _films(table: Path, trials: Sequence[Trial], one: Trial) -> tuple[Film, ...]:
    """Return the videos that are told of with a person's file, each once."""
    found: dict[tuple[str, float], Film] = {}
    for trial in trials:
        if (trial.participant, trial.file) != (one.participant, one.file) or not trial.video:
            continue
        film = Film(table.parent / trial.video, trial.video_offset, trial.video_fps)
        other = found.setdefault((trial.video, trial.video_offset), film)
        if other != film:
            raise TableError(
                f"{table}, line {trial.line}: {trial.video} has a video_fps of {film.fps:g}, and of {other.fps:g} in "
                "another line. Give it once."
            )
    return tuple(found.values())


def _check_times(table: Path, trials: Sequence[Trial], config: Config) -> None:
    """Refuse trials that lie outside of their files, which would be learnt from in part, or not at all."""
    ends: dict[str, float] = {}
    for trial in trials:
        if trial.file not in ends:
            with EegFile(table.parent / trial.file, trial.participant, config.eeg) as source:
                ends[trial.file] = source.span[1]
        end = ends[trial.file]
        if not -ROUNDED_S <= trial.start < trial.stop <= end + ROUNDED_S:
            raise TableError(
                f"{table}, line {trial.line}: it goes from {trial.start:g} to {trial.stop:g} s, but {trial.file} lasts "
                f"{end:.1f} s. Give seconds from the file's beginning."
            )


def _label(trial: Trial, began: float, table: Path) -> Label:
    return Label(
        "", "", trial.participant, began + trial.start, began + trial.stop, 0.0,
        label=trial.label, valence=trial.valence, arousal=trial.arousal, annotator=table.name,
    )  # fmt: skip


def _samples(trial: Trial, began: float, table: Path) -> Samples:
    path = table.parent / trial.continuous
    times, values = read_samples(path, trial.scale)
    if not ((times >= trial.start) & (times <= trial.stop)).any():
        runs = f" It runs from {times[0]:g} to {times[-1]:g} s." if len(times) else ""
        raise TableError(
            f"{table}, line {trial.line}: {path} has no sample from {trial.start:g} to {trial.stop:g} s, where the "
            f"trial lies.{runs} Give the seconds of the EEG file."
        )
    return Samples(trial.participant, began + trial.start, began + trial.stop, times + began, values)
