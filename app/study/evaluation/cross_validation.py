"""A run that left people or trials out, read back as answers whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.evaluation.material import UNCERTAINTIES, Judged, trial
from app.study.train_people import ABOUT, fold_names
from core.errors import FileFormatError
from core.status import Abstention
from training.answers import Answer, Answers
from training.cross_validation import ANSWERS, FOLDS
from training.folds import fold_folder
from training.order import Order
from training.run import read_config

Columns = dict[str, NDArray[Any]]


def judge_run(folder: Path) -> tuple[Judged, dict[str, Any]]:
    """Return what was said of all who have been left out so far, and what is known of the run.

    The second has what the data are (`app.study.train_people.ABOUT`), the configuration of the folds, the library
    versions, and each fold's figures by name.

    Raises
    ------
    FileFormatError
        The folder holds no such run, or nothing has been left out yet.
    """
    if not (folder / ABOUT).exists():
        raise FileFormatError(f"{folder} holds no run of `insula train people --leave-out`.")
    about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    settings = read_config(folder)["config"]
    if "leave_out" not in settings:
        raise FileFormatError(f"{folder} does not say what was left out: an older Insula made it. Make the run anew.")
    names, folds = fold_names(about, settings["leave_out"]), folder / FOLDS
    done = [name for name in names if (fold_folder(folds, name) / "DONE").exists()]
    if not done:
        raise FileFormatError(f"{folder}: nothing has been left out yet. Let `insula train` run on.")
    figures, columns = {}, []
    for name in done:
        where = fold_folder(folds, name)
        figures[name] = json.loads((where / "metrics.json").read_text(encoding="utf-8"))
        with np.load(where / ANSWERS) as file:
            columns.append({key: file[key] for key in file.files})
    kept = read_config(fold_folder(folds, done[0]))
    about |= {
        "missing": len(names) - len(done),
        "recipe": kept["config"]["config"],
        "versions": kept["versions"],
        "folds": figures,
    }
    classes = about["classes"]
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
        Answers([answer for _, answer in rows], classes), Answers(trials, classes), parts, about["n_recordings"],
        about["minutes"], tuple(about["annotators"]), abstained, silent,
        about["simulated"], _order(about["order"]) if "order" in about else None,
    )  # fmt: skip
    return judged, about


def _order(kept: dict[str, Any]) -> Order:
    by_time = float("nan") if kept["by_time"] is None else kept["by_time"]
    return Order(tuple(kept["in_blocks"]), kept["n_people"], by_time, kept["chance"])


def _answers(columns: Columns) -> Iterator[tuple[tuple[str, int], Answer]]:
    """Give each window's trial and answer."""
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
            ),
        )
