"""A run that left people or trials out, read back as answers whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.evaluation.material import UNCERTAINTIES, Judged, trial
from app.study.run_data import RunData, RunOrder
from core.errors import FileFormatError
from core.status import Abstention
from training.answers import Answer, Answers
from training.cross_validation import ANSWERS, FOLDS, part_names
from training.examples import UNKNOWN
from training.folds import fold_folder
from training.order import Order
from training.run import damage_told, read_config

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class EvaluatedRun:
    """What is known of a run that left people or trials out, beside its answers."""

    data: RunData
    recipe: dict[str, Any]
    """The configuration of its folds."""
    versions: dict[str, str]
    """Of the libraries that it was made with."""
    folds: dict[str, dict[str, Any]]
    """Figures of each fold that is done, by who was left out."""
    missing: int
    """Folds that are not done yet."""


def judge_run(folder: Path) -> tuple[Judged, EvaluatedRun]:
    """Return what was said of all who have been left out so far, and what is known of the run.

    Raises
    ------
    FileFormatError
        The folder holds no such run, or nothing has been left out yet.
    """
    if not RunData.is_in(folder):
        raise FileFormatError(f"{folder} holds no run of `insula train people --leave-out`.")
    settings = read_config(folder)["config"]
    if "leave_out" not in settings:
        raise FileFormatError(f"{folder} does not say what was left out: an older Insula made it. Make the run anew.")
    data = RunData.read(folder)
    older = data.people if settings["leave_out"] == "subject" else part_names()
    names, folds = data.folds or older, folder / FOLDS
    done = [name for name in names if (fold_folder(folds, name) / "DONE").exists()]
    if not done:
        raise FileFormatError(f"{folder}: nothing has been left out yet. Let `insula train` run on.")
    figures, columns = {}, []
    for name in done:
        where = fold_folder(folds, name)
        with damage_told(where):
            figures[name] = dict(json.loads((where / "metrics.json").read_text(encoding="utf-8")))
            with np.load(where / ANSWERS) as file:
                columns.append({key: file[key] for key in file.files})
    kept = read_config(fold_folder(folds, done[0]))
    run = EvaluatedRun(data, kept["config"]["config"], kept["versions"], figures, len(names) - len(done))
    classes = data.classes
    with damage_told(folds):
        rows = [row for one in columns for row in _answers(one)]
        trials = [
            trial([answer for _, answer in same])
            for _, same in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0])
        ]
        parts: dict[str, NDArray[np.float64]] = {
            name: np.concatenate([one[name] for one in columns]).astype(np.float64) for name in UNCERTAINTIES
        }
        parts["1 - highest probability"] = np.concatenate([1.0 - one["probability"].max(axis=1) for one in columns])
        silent = sum(one["silent_trials"] for one in figures.values())
        unread = sum(one["unread"] for one in figures.values())
    abstained = Counter({Abstention.NO_SIGNAL.value: unread} if unread else {})
    judged = Judged(
        Answers([answer for _, answer in rows], classes, data.scales), Answers(trials, classes, data.scales),
        parts, data.n_recordings, data.minutes, data.annotators, abstained, silent,
        data.simulated, _order(data.order) if data.order is not None else None,
    )  # fmt: skip
    return judged, run


def _order(kept: RunOrder) -> Order:
    by_time = float("nan") if kept.by_time is None else kept.by_time
    return Order(kept.in_blocks, kept.n_people, by_time, kept.chance)


def _answers(columns: Columns) -> Iterator[tuple[tuple[str, int], Answer]]:
    """Give each window's trial and answer; answers of an older Insula do not say what was shown."""
    shown = columns.get("stimulus", np.full(len(columns["truth"]), UNKNOWN))
    for k in range(len(columns["truth"])):
        (valence, arousal), (rated_valence, rated_arousal) = columns["affect"][k], columns["rated"][k]
        name = str(columns["participant"][k])
        yield (
            (name, int(columns["trial"][k])),
            Answer(
                name,
                int(columns["truth"][k]),
                tuple(float(p) for p in columns["probability"][k]),
                float(columns["uncertainty"][k]),
                tuple(int(one) for one in np.flatnonzero(columns["set"][k])),
                str(columns["condition"][k]),
                (float(valence), float(arousal)),
                (float(rated_valence), float(rated_arousal)),
                int(columns["trial"][k]),
                int(shown[k]),
            ),
        )
