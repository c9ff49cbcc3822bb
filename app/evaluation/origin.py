"""What gave the answers that are evaluated, in words for the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from core.models.checkpoint import Header

SENSORS = {"both": "EEG and face", "eeg": "EEG alone", "face": "face alone"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What gave the answers: a model, or the networks of a run that left each person out."""

    name: str
    data: str
    """What it was asked about."""
    coverage: float
    """That its prediction sets promise."""
    about: tuple[tuple[str, str, bool], ...]
    """Rows on split, model and training: name, text, and whether it is set as code."""
    taught: tuple[str, ...] = ()
    """People that it has learnt from."""
    missing: int = 0
    """People that are still to be left out."""


def of_model(name: str, sha256: str, header: Header, data: str, coverage: float) -> Origin:
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
    return Origin(name, data, coverage, about, taught.participants)


def of_run(name: str, run: dict[str, Any]) -> Origin:
    """Return what a run that left each person out is; see `app.evaluation.left_out.judge_run`."""
    recipe, folds = run["recipe"], list(run["folds"].values())
    split = (
        f"Each of {len(run['people'])} people is tested by a network that has learnt from the others alone. "
        "Settings, temperature and prediction sets were chosen on those others, held out in "
        f"{recipe['n_inner']} groups."
    )
    chosen = Counter(f"{one['setting']['epochs']} epochs at {one['setting']['learning_rate']:g}" for one in folds)
    settings = ", ".join(f"{text} ({count} people)" for text, count in chosen.most_common())
    about = (
        ("split", split, False),
        ("sensors", SENSORS[recipe["sensors"]], False),
        ("settings chosen", settings, False),
        ("training seed", str(recipe["seed"]), False),
        ("windows", recipe["windows"], True),
        ("trained with", ", ".join(f"{key} {value}" for key, value in run["versions"].items()), False),
    )
    missing = len(run["people"]) - len(run["done"])
    return Origin(name, run["title"], recipe["coverage"], about, missing=missing)
