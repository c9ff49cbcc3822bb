"""``insula train people``: the network fitted to labelled recordings, people or trials left out in turn, or on all.

The run's folder holds the windows as they were cut, a folder for each fold, and what the data are. Whatever
is broken off goes on with what is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.study.labelled_data import STEP_S, read_labelled
from app.study.run_data import RunData, RunOrder
from core.config import Config
from core.errors import ConfigError
from core.models.model_file import Architecture, Header
from core.quality import ELECTRODE_CHECKS
from training.cross_validation import FOLDS, WINDOWS, fit_all, leave_out, part_names
from training.examples import UNKNOWN
from training.folds import done_folds, run_folds, submit_folds
from training.gate import as_figures
from training.kept_examples import digest, keep
from training.loop import Report
from training.order import order_of
from training.people import PeopleRecipe, Sensors, SplitBy
from training.run import Run
from training.splits import FEWEST

N_FEWEST = 4
"""People, if people are left out."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Windows that have been cut, and how they are learnt from."""

    run: Run
    recipe: PeopleRecipe
    data: RunData


def prepare(
    folder: Path, data: Path, config: Config, sensors: Sensors, split_by: SplitBy, seed: int, report: Report
) -> Prepared:
    """Cut the windows of the labelled recordings into the run's folder, unless they are there; return what was made.

    Raises
    ------
    ConfigError
        The folder holds a run of other data or settings, or too few people or trials are labelled.
    """
    window = dataclasses.asdict(config.window)
    eeg = dataclasses.asdict(config.eeg)
    settings = {"data": str(data.resolve()), "sensors": sensors, "leave_out": split_by, "seed": seed}
    run = Run(folder, {**settings, "window": window, "eeg": eeg, "electrode_checks": ELECTRODE_CHECKS})
    if not RunData.is_in(folder):
        found = read_labelled(data, config, report)
        examples = found.examples
        labelled = examples.label != UNKNOWN
        readable = {"eeg": examples.has_eeg, "face": examples.has_face}
        usable = labelled & (readable["eeg"] | readable["face"] if sensors == "both" else readable[sensors])
        keep(examples, folder / WINDOWS)
        RunData(
            title=data.resolve().name,
            classes=tuple(found.classes),
            n_recordings=found.n_recordings,
            minutes=found.minutes,
            annotators=tuple(found.annotators),
            simulated=bool(examples.simulated.any()),
            people=tuple(str(name) for name in np.unique(examples.participants[usable])),
            windows=int(labelled.sum()),
            trials={
                name: len(np.unique(examples.group[usable & (examples.label == k)]))
                for k, name in enumerate(found.classes)
            },
            recordings=found.recordings,
            order=RunOrder(**as_figures(order_of(examples, np.flatnonzero(usable)))),
        ).write(folder)
    about = RunData.read(folder)
    if split_by == "subject" and len(about.people) < N_FEWEST:
        raise ConfigError(
            f"{data} has usable labelled windows of {len(about.people)} people. To leave one out and choose "
            f"settings on the others takes {N_FEWEST} or more; with fewer, --leave-out trials and another --run."
        )
    few = [f"{name} ({count})" for name, count in about.trials.items() if count < FEWEST]
    if split_by == "trials" and few:
        raise ConfigError(
            f"{data} has too few usable trials of {', '.join(few)}. To leave trials out and choose settings on others "
            f"takes {FEWEST} of each class."
        )
    recipe = PeopleRecipe(
        Architecture(classes=about.classes),
        sensors,
        split_by,
        seed=seed,
        device=config.model.device,
        windows=digest(folder / WINDOWS),
    )
    return Prepared(run, recipe, about)


def leave_each_out(made: Prepared, workers: int, cluster: str | None, report: Report) -> dict[str, dict[str, Any]]:
    """Run the folds that are missing, on this machine's cores or a cluster, and return the figures of each."""
    names, folder = fold_names(made.data, made.recipe.split_by), made.run.folder / FOLDS
    if cluster:
        jobs = submit_folds(leave_out, made.recipe, names, folder, None if cluster == "auto" else cluster, report)
        for number, job in enumerate(jobs, start=1):
            report(f"waiting for job {job.job_id}, {number} of {len(jobs)}; the jobs go on if this is stopped")
            job.result()
        figures = done_folds(made.recipe, names, folder)
    else:
        figures = run_folds(leave_out, made.recipe, names, folder, workers, report)
    accuracy = float(np.mean([one["accuracy"] for one in figures.values()]))
    made.run.finish({"folds": len(figures), "accuracy": accuracy})
    return figures


def fold_names(data: RunData, split_by: str) -> Sequence[str]:
    """Return who, or what part of the trials, is left out in turn."""
    return data.people if split_by == "subject" else part_names()


def train_everyone(made: Prepared, out: Path, report: Report) -> Header:
    """Teach on everyone and write the model; whose EEG it reads is decided by `training.people_gate`."""
    data = made.data
    words = f"{data.n_recordings} labelled recordings of {len(data.people)} people ({data.title})"
    return fit_all(made.recipe, made.run.folder, out, words, STEP_S, data.recordings, report)
