"""``insula train people``: the network fitted to labelled recordings, people or trials left out in turn, or on all.

The run's folder holds the windows as they were cut, a folder for each fold, and what the data are. Whatever
is broken off goes on with what is missing.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.study.labelled_data import STEP_S, TABLE, read_labelled
from app.study.run_data import RunData, RunOrder
from app.study.trials_files import state_of_table
from core.config import Config
from core.errors import ConfigError, InsulaError
from core.models.model_file import Architecture, Header
from core.plain_text import first_of
from core.quality import ELECTRODE_CHECKS
from training.cross_validation import FOLDS, WINDOWS, fit_all, fold_names, leave_out
from training.examples import UNKNOWN, Examples, Ints
from training.folds import done_folds, run_folds, submit_folds
from training.gate import as_figures
from training.kept_examples import digest, keep
from training.loop import Report
from training.methods import DEFAULT, method_of, switched
from training.order import order_of
from training.people import Noise, PeopleRecipe, Sensors
from training.run import CONFIG, Run
from training.splits import FEWEST, SplitBy, n_stimuli
from training.targets import Target, Threshold

N_FEWEST = 4
"""People, if people are left out."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Windows that have been cut, and how they are learnt from."""

    run: Run
    recipe: PeopleRecipe
    data: RunData


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for of the data."""

    sensors: Sensors = "both"
    split_by: SplitBy = "subject"
    seed: int = 0
    target: str = "class"
    """See `Target.read`."""
    test_sensors: Sensors | None = None
    """What is read when it is tested; None: as when it is taught."""
    modality_dropout: float = 0.0
    """How often one of two sensors is hidden from the network while it learns."""
    step: float = STEP_S
    """Seconds between windows."""
    method: str = DEFAULT
    """See `training.methods`."""
    noise: Noise = "eeg"
    """What is corrupted at known levels while it learns from both."""


def prepare(folder: Path, data: Path, config: Config, wish: Wish, report: Report) -> Prepared:
    """Cut the windows of the labelled recordings into the run's folder, unless they are there; return what was made.

    Raises
    ------
    ConfigError
        The folder holds a run of other data or settings, or too few people or trials are labelled.
    """
    window = dataclasses.asdict(config.window)
    eeg = dataclasses.asdict(config.eeg)
    sensors, split_by = wish.sensors, wish.split_by
    if wish.test_sensors not in (None, "both") and sensors not in ("both", wish.test_sensors):
        raise ConfigError(f"--test-sensors {wish.test_sensors} cannot be read with --sensors {sensors}.")
    settings: dict[str, Any] = {"data": str(data.resolve()), "sensors": sensors, "leave_out": split_by}
    settings["seed"] = wish.seed
    # What was not there in runs of an older Insula stands in the settings where it is not the default alone.
    method, called = switched(wish.method, config.method)
    wish = dataclasses.replace(wish, method=called)
    for name in ("target", "test_sensors", "modality_dropout", "step", "method", "noise"):
        if getattr(wish, name) != getattr(Wish(), name):
            settings[name] = getattr(wish, name)
    encoders = {"eeg_encoder": config.model.eeg_encoder, "face_encoder": config.model.face_encoder}
    settings |= {which: name for which, name in encoders.items() if name}
    del eeg["source"]  # of live sessions alone
    table = data if data.is_file() else data / TABLE
    known = RunData.read(folder).source if RunData.is_in(folder) else {}
    source = state_of_table(table, known) if table.exists() else {}
    is_new = not (folder / CONFIG).exists()
    run = Run(folder, {**settings, "window": window, "eeg": eeg, "electrode_checks": ELECTRODE_CHECKS})
    if not RunData.is_in(folder):
        try:
            found = read_labelled(data, config, report, Target.read(wish.target), wish.step)
        except InsulaError:
            if is_new:  # so that what was mistyped can be typed again with the same folder
                (folder / CONFIG).unlink()
            raise
        examples = found.examples
        labelled = examples.label != UNKNOWN
        readable = {"eeg": examples.has_eeg, "face": examples.has_face}
        readable["both"] = readable["eeg"] | readable["face"]
        usable = labelled & readable[sensors]
        tested = np.flatnonzero(usable & readable[wish.test_sensors or sensors])
        if usable.any() and not len(tested):
            if is_new:
                (folder / CONFIG).unlink()
            raise ConfigError(
                f"{data}: no labelled window has what --test-sensors {wish.test_sensors} reads, nothing to test. "
                "Test by what was recorded, or name the films in trials.tsv."
            )
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
            folds=fold_names(examples, np.flatnonzero(labelled), tested, split_by, wish.seed),
            n_stimuli=_n_stimuli(examples, np.flatnonzero(labelled)),
            scales=found.target.scales,
            thresholds=tuple((one.scale, one.at, one.inclusive) for one in found.target.thresholds),
            by_ccc=found.target.by_ccc,
            fused=int((labelled & examples.has_eeg & examples.has_face).sum()) if sensors == "both" else 0,
            order=RunOrder(**as_figures(order_of(examples, np.flatnonzero(usable)))),
            source=source,
        ).write(folder)
    about = RunData.read(folder)
    if about.source and (changed := sorted({name for name, _ in about.source.items() ^ source.items()})):
        raise ConfigError(
            f"{first_of(changed, 3)}: no longer of the size or content "
            f"that the windows in {folder} were cut from (in {table.parent}). Give another --run, or delete it."
        )
    _check(data, about, split_by)
    recipe = PeopleRecipe(
        Architecture(
            classes=about.classes,
            fusion=method.fusion,
            dfum=method.dfum,
            face_signal=wish.noise == "both",
            eeg_encoder=config.model.eeg_encoder,
            face_encoder=config.model.face_encoder,
        ),
        sensors,
        split_by,
        test_sensors=wish.test_sensors or sensors,
        weights=method.weights,
        modality_dropout=wish.modality_dropout or method.modality_dropout,
        method=wish.method,
        one_stage=not method.staged,
        teacher=method.teacher,
        noise=wish.noise,
        target=Target(about.scales, tuple(Threshold(*one) for one in about.thresholds), about.by_ccc),
        seed=wish.seed,
        device=config.model.device,
        windows=digest(folder / WINDOWS),
    )
    return Prepared(run, recipe, about)


def prepare_each(
    folder: Path, data: Path, config: Config, wish: Wish, methods: Sequence[str], report: Report
) -> dict[str, Prepared]:
    """Prepare a run of each method in a folder of its name, all on the same windows and folds; see `prepare`.

    Raises
    ------
    ConfigError
        A method is not known, or named twice.
    """
    for name in methods:
        method_of(name)
    if len(set(methods)) < len(methods) or len(methods) < 2:
        raise ConfigError(f"--compare takes two methods or more, each once, not {' '.join(methods)}.")
    made: dict[str, Prepared] = {}
    for name in methods:
        own = folder / name
        if made and not RunData.is_in(own):
            own.mkdir(parents=True, exist_ok=True)
            first = made[methods[0]]
            shutil.copyfile(first.run.folder / WINDOWS, own / WINDOWS)
            first.data.write(own)
        made[name] = prepare(own, data, config, dataclasses.replace(wish, method=name), report)
    if len({(one.recipe.windows, one.data.folds) for one in made.values()}) > 1:
        raise ConfigError(f"{folder} holds runs of other windows. Give another folder, or delete it.")
    return made


def _n_stimuli(examples: Examples, labelled: Ints) -> int:
    return n_stimuli(examples, labelled) if (examples.stimulus[labelled] != UNKNOWN).all() else 0


def _check(data: Path, about: RunData, split_by: SplitBy) -> None:
    """Refuse what is too little to leave anything out of, and to choose settings on the rest."""
    if "subject" in split_by and len(about.people) < N_FEWEST:
        raise ConfigError(
            f"{data} has usable labelled windows of {len(about.people)} people. To leave one out and choose "
            f"settings on the others takes {N_FEWEST} or more; with fewer, --leave-out trials and another --run."
        )
    if split_by == "subject" and 0 < len(about.folds) < FEWEST:
        raise ConfigError(
            f"{data}: people whose trials share a group are left out together, and that makes {len(about.folds)} of "
            f"its {len(about.people)} people: {'; '.join(about.folds)}. To leave some out and choose settings on "
            f"the others takes {FEWEST} or more; with fewer, --leave-out trials and another --run."
        )
    if "stimulus" in split_by and not about.n_stimuli:
        raise ConfigError(
            f"{data} does not say of all trials what was shown. Name it in a column `stimulus` of trials.tsv."
        )
    if "stimulus" in split_by and about.n_stimuli < FEWEST:
        raise ConfigError(
            f"{data} has {about.n_stimuli} stimuli that may be parted: those of which trials share a `group` count as "
            f"one. To leave stimuli out and choose settings on others takes {FEWEST} or more. Where a group is of "
            "people who saw the same, take the column `group` out of trials.tsv, or --leave-out subject."
        )
    few = [f"{name} ({count})" for name, count in about.trials.items() if count < FEWEST]
    if split_by == "trials" and few:
        raise ConfigError(
            f"{data} has too few usable trials of {', '.join(few)}. To leave trials out and choose settings on others "
            f"takes {FEWEST} of each class."
        )


def leave_each_out(made: Prepared, workers: int, cluster: str | None, report: Report) -> dict[str, dict[str, Any]]:
    """Run the folds that are missing, on this machine's cores or a cluster, and return the figures of each."""
    names, folder = made.data.folds, made.run.folder / FOLDS
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


def train_everyone(made: Prepared, out: Path, report: Report) -> Header:
    """Teach on everyone and write the model; whose EEG it reads is decided by `training.people_gate`."""
    data = made.data
    if not made.recipe.target.is_plain:
        raise ConfigError(
            "A model for `insula run` says classes, valence and arousal: --out takes --target class alone."
        )
    words = f"{data.n_recordings} labelled recordings of {len(data.people)} people ({data.title})"
    return fit_all(made.recipe, made.run.folder, out, words, STEP_S, data.recordings, report)
