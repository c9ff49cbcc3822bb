"""What gave the answers that are evaluated, in words for the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.study.evaluation.cross_validation import EvaluatedRun
from core.models.model_file import Header
from training.cross_validation import N_PARTS
from training.people import SplitBy

SENSORS = {"both": "EEG and face", "eeg": "EEG alone", "face": "face alone"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What gave the answers: a model, or the networks of a run that left people or trials out."""

    name: str
    data: str
    """What it was asked about."""
    coverage: float
    """That its prediction sets promise."""
    about: tuple[tuple[str, str, bool], ...]
    """Rows on split, model and training: name, text, and whether it is set as code."""
    taught: tuple[str, ...] = ()
    """People that it has learnt from."""
    missing: str = ""
    """What is still to be left out."""
    split_by: SplitBy = "subject"
    """What a run kept apart."""
    swapped: bool = False
    """Whether each person's files were read in the opposite order."""


def of_model(name: str, sha256: str, header: Header, data: str, coverage: float, swapped: bool = False) -> Origin:
    """Return what a finished model is."""
    taught = header.taught_on
    who = [*(["simulated participants"] if taught.simulated else []), *taught.participants]
    split = (
        "None: a finished model is tested on all of the data. By its header its EEG student has learnt from "
        f"{', '.join(who) or 'nobody'}{', and is held to be fit for anyone' if taught.population else ''}."
    )
    about = (
        ("split", split, False),
        ("model", sha256, True),
        ("taught on", header.training_data, False),
        ("training seed", str(header.config.get("seed", "not told")), False),
    )
    return Origin(name, data, coverage, about, taught.participants, swapped=swapped)


def of_run(name: str, run: EvaluatedRun) -> Origin:
    """Return what a run that left people or trials out is; see `app.study.evaluation.cross_validation.judge_run`."""
    recipe, folds = run.recipe, list(run.folds.values())
    by_trials = recipe["split_by"] == "trials"
    split = (
        f"Each of {len(run.data.people)} people is tested by a network that has learnt from the others alone. "
        "Settings, temperature and prediction sets were chosen on those others, held out in "
        f"{recipe['n_inner']} groups."
    )
    if by_trials:
        split = (
            f"Each of {N_PARTS} parts of everyone's trials is tested by a network that has learnt from the other parts "
            "alone, without windows that share a sample with a tested one. Settings, temperature and prediction sets "
            f"were chosen on those other parts, whole trials held out in {recipe['n_inner']} groups."
        )
    chosen = Counter(f"{one['setting']['epochs']} epochs at {one['setting']['learning_rate']:g}" for one in folds)
    unit = "parts" if by_trials else "people"
    settings = ", ".join(f"{text} ({count} {unit})" for text, count in chosen.most_common())
    about = (
        ("split", split, False),
        ("sensors", SENSORS[recipe["sensors"]], False),
        ("settings chosen", settings, False),
        ("training seed", str(recipe["seed"]), False),
        ("windows", recipe["windows"], True),
        ("trained with", ", ".join(f"{key} {value}" for key, value in run.versions.items()), False),
    )
    missing = f"{run.missing} {unit}" if run.missing else ""
    return Origin(name, run.data.title, recipe["coverage"], about, (), missing, recipe["split_by"])
