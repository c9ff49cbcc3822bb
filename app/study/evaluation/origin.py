"""What gave the answers that are evaluated, in words for the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from app.study.evaluation.cross_validation import EvaluatedRun
from app.study.run_data import RunData
from core.models.model_file import Header
from training.cross_validation import N_PARTS
from training.methods import DEFAULT
from training.splits import GUARD_S, SplitBy

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
    by_ccc: bool = False
    """Whether settings were chosen by the concordance of ratings, and not by the log loss of classes."""
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
        ("method", str(header.config.get("method", "not told")), False),
        ("training seed", str(header.config.get("seed", "not told")), False),
    )
    return Origin(name, data, coverage, about, taught.participants, swapped=swapped)


def of_run(name: str, run: EvaluatedRun) -> Origin:
    """Return what a run that left people or trials out is; see `app.study.evaluation.cross_validation.judge_run`."""
    recipe, folds = run.recipe, list(run.folds.values())
    unit = _UNITS[recipe["split_by"]]
    split = _split_in_words(recipe["split_by"], recipe["n_inner"], run.data)
    chosen = Counter(f"{one['setting']['epochs']} epochs at {one['setting']['learning_rate']:g}" for one in folds)
    settings = ", ".join(f"{text} ({count} {unit})" for text, count in chosen.most_common())
    about = (
        ("split", split, False),
        ("sensors", _sensors_in_words(recipe), False),
        ("method", recipe.get("method", DEFAULT), False),
        ("learnt", _target_in_words(run.data), False),
        ("settings chosen", settings, False),
        ("training seed", str(recipe["seed"]), False),
        ("windows", recipe["windows"], True),
        ("trained with", ", ".join(f"{key} {value}" for key, value in run.versions.items()), False),
    )
    missing = f"{run.missing} {unit}" if run.missing else ""
    return Origin(name, run.data.title, recipe["coverage"], about, (), missing, recipe["split_by"], run.data.by_ccc)


_UNITS = {"subject": "people", "trials": "parts", "stimulus": "parts", "subject,stimulus": "people with some clips"}


def _split_in_words(split_by: SplitBy, n_inner: int, data: RunData) -> str:
    rest = f"Settings, temperature and prediction sets were chosen on those others, held out in {n_inner} groups"
    guard = (
        f"without windows nearer than {GUARD_S:.0f} s to a tested one, and with the person's past (running scale, "
        "baselines, running neutral face) followed on each side alone"
    )
    if split_by == "subject":
        return (
            f"Each of {len(data.people)} people is tested by a network that has learnt from the others alone. {rest}."
        )
    if split_by == "trials":
        return (
            f"Each of {N_PARTS} parts of everyone's trials is tested by a network that has learnt from the other parts "
            f"alone, {guard}. {rest}, whole trials held out."
        )
    if split_by == "stimulus":
        return (
            f"Each of {len(data.folds)} parts of the {data.n_stimuli} stimuli is tested by a network that has learnt "
            f"from the other parts alone, {guard}. {rest}, whole stimuli held out."
        )
    return (
        f"Each of {len(data.people)} people is tested on each part of the {data.n_stimuli} stimuli by a network that "
        f"has learnt from other people with other stimuli alone. {rest}, people and stimuli held out together."
    )


def _sensors_in_words(recipe: dict[str, Any]) -> str:
    taught, tested = recipe["sensors"], recipe.get("test_sensors") or recipe["sensors"]
    if taught == tested:
        return SENSORS[taught]
    return f"taught by {SENSORS[taught]}, tested by {SENSORS[tested]}"


def _target_in_words(data: RunData) -> str:
    ratings = " and ".join(data.scales)
    if not data.thresholds:
        return f"classes as they were named, and {ratings} where they were rated"
    parts = [
        f"{scale} {'from' if inclusive else 'above'} {'the median of those learnt from' if at is None else f'{at:g}'}"
        for scale, at, inclusive in data.thresholds
    ]
    made = f"classes made of ratings, -1 to 1: high is {', '.join(parts)}"
    return f"{ratings}, chosen by concordance; {made}" if data.by_ccc else f"{made}; and {ratings} as numbers"
