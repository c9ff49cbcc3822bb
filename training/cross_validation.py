"""Cross-validation: people, trials or stimuli left out in turn, and predicted by a network fitted to the others."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calibration import AdaptiveSets, probabilities
from core.errors import ConfigError
from core.models.checkpoint import save
from core.models.model_file import Architecture, Calibration, Header
from core.models.network import Network
from core.uncertainty import concentration, disagreement, take_apart
from training import metrics
from training.baselines import follow_baselines, hold_front_end
from training.evaluation import WindowOutputs, conditions_of, predict
from training.examples import UNKNOWN, Examples, Ints
from training.gate import MIN_EPISODES
from training.held_out import Split, split
from training.kept_examples import kept
from training.loop import Report, silent
from training.people import PeopleRecipe, Sensors, choose, fit_network, in_units_of_beta, tested_by
from training.people_gate import judge_people, people_figures, taught_by
from training.run import Run
from training.splits import (
    GUARD_S,
    Sides,
    SplitBy,
    apart,
    bound_people,
    deal_stimuli,
    deal_trials,
    n_stimuli,
)

WINDOWS = "windows.npz"
"""The examples, beside the folder that holds the folds."""
FOLDS = "folds"
"""Holds nothing else, so that people may have any name."""
N_PARTS = 5
"""In which trials are left out."""
ANSWERS = "answers.npz"


def fold_names(examples: Examples, labelled: Ints, tested: Ints, split_by: SplitBy, seed: int = 0) -> tuple[str, ...]:
    """Return who, or what part of the trials or stimuli, is left out in turn, as far as there is something to ask of.

    `labelled` are the windows that may be learnt from, `tested` those of them that can be asked about: of a person who
    has not seen a part of the stimuli there is no fold with these.
    """
    people = tuple(bound_people(examples, labelled))
    clips = part_names("clips", min(N_PARTS, n_stimuli(examples, labelled))) if "stimulus" in split_by else ()
    names = {"subject": people, "trials": part_names(), "stimulus": clips}.get(
        split_by, tuple(f"{who}; {part}" for who in people for part in clips)
    )
    return tuple(name for name in names if np.isin(tested, _left(examples, labelled, split_by, name, seed)[1]).any())


def part_names(what: str = "part", count: int = N_PARTS) -> tuple[str, ...]:
    """Return the names of the parts in which trials, or stimuli, are left out."""
    return tuple(f"{what} {k + 1} of {count}" for k in range(count))


def _left(examples: Examples, labelled: Ints, split_by: SplitBy, name: str, seed: int) -> tuple[Ints, Ints]:
    """Return what is learnt from and what is tested in the fold of this name; see `fold_names`."""
    if split_by == "trials":
        left = deal_trials(examples, labelled, N_PARTS, seed) == part_names().index(name)
        return labelled[~left], labelled[left]
    who, _, clips = name.rpartition("; ") if split_by == "subject,stimulus" else (name, "", name)
    mine = theirs = np.zeros(len(labelled), bool)
    if "subject" in split_by:
        mine = np.isin(examples.participants[labelled], bound_people(examples, labelled).get(who, (who,)))
    if "stimulus" in split_by:
        names = part_names("clips", min(N_PARTS, n_stimuli(examples, labelled)))
        theirs = deal_stimuli(examples, labelled, N_PARTS, seed) == names.index(clips)
    left = mine & theirs if split_by == "subject,stimulus" else mine | theirs
    return labelled[~(mine | theirs)], labelled[left]


def leave_out(recipe: PeopleRecipe, name: str, run: Run, report: Report) -> dict[str, Any]:
    """Fit to all but what is left out, keep the predictions of that; return the fold's figures."""
    examples = windows_of(run.folder.parents[1] / WINDOWS, recipe.sensors, recipe.architecture)
    recipe.target.relabel(examples, np.arange(len(examples)))
    labelled = np.flatnonzero(examples.label != UNKNOWN)
    train, test = _left(examples, labelled, recipe.split_by, name, recipe.seed)
    sides = apart(examples, train, test)
    thresholds = recipe.target.relabel(examples, sides.train)
    if thresholds and len(np.unique(examples.label[train])) < 2:
        where = ", ".join(f"{scale} at {at:g}" for scale, at in thresholds.items())
        raise ConfigError(
            f"With {name} left out, all that is learnt from lies on one side of the threshold ({where}, where "
            "ratings run from -1 to 1). Give --target another, or the median."
        )
    if len(np.unique(examples.label[sides.train])) < 2:
        raise ConfigError(
            f"With {name} left out, and {GUARD_S:.0f} s on either side of it, there are not two classes to learn. "
            "Trials must last longer, or there must be more of each class."
        )
    chosen = choose(examples, sides, recipe, run, report)
    network = fit_network(examples, sides, recipe, chosen.setting, "all", run, report)
    answers = prediction_columns(network, chosen.calibration, examples, test, recipe.coverage, recipe.test_sensors)
    if not answers:
        raise ConfigError(f"None of the labelled windows of {name} has a usable signal. Take that out of the data.")
    np.savez(run.folder / ANSWERS, **answers)  # type: ignore[arg-type]
    guess = answers["probability"].argmax(axis=1)
    return {
        "left_out": name,
        "windows": len(guess),
        "unread": len(test) - len(guess),
        "silent_trials": len(np.setdiff1d(examples.group[test], examples.group[answers["index"]])),
        "accuracy": metrics.accuracy(answers["truth"], guess),
        "majority": metrics.majority(answers["truth"]),
        "setting": dataclasses.asdict(chosen.setting),
        "held_out_log_loss": [round(one, 4) for one in chosen.losses],
        "temperature": chosen.calibration.temperature,
        **({"thresholds": thresholds} if thresholds else {}),
    }


def fit_all(
    recipe: PeopleRecipe,
    folder: Path,
    out: Path,
    training_data: str,
    step: float,
    recordings: Sequence[str] = (),
    report: Report = silent,
) -> Header:
    """Fit to everyone, write the checkpoint and return its header; settings and calibration as in the folds.

    Whose EEG is read with it from then on is decided by `training.people_gate`: on people whom the networks asked had
    not seen or, where trials are left out, on the end of each person's own recordings, which is then never learnt from.
    `recordings` are the names of what the examples' `recording` counts.
    """
    run = Run(folder / "all", {"recipe": dataclasses.asdict(recipe)})
    examples = windows_of(folder / WINDOWS, recipe.sensors, recipe.architecture)
    labelled = np.flatnonzero(examples.label != UNKNOWN)
    names = list(recordings) or [f"recording {k}" for k in range(int(examples.recording.max(initial=0)) + 1)]
    parts = None
    if recipe.split_by in ("trials", "stimulus"):
        parts = split(examples, labelled, names)
        apart = len(np.unique(examples.label[parts.train])) == len(np.unique(examples.label[labelled]))
        if not apart or len(np.unique(examples.group[parts.test])) < MIN_EPISODES:
            parts = split(examples, labelled, names, more=False)  # too little to hold anything out, or to claim it
        labelled = parts.train
    sides = Sides(labelled, None)
    chosen = choose(examples, sides, recipe, run, report)
    network = fit_network(examples, sides, recipe, chosen.setting, "all", run, report)
    asked = chosen.eeg if parts is None else _of_own_beta(network, examples, parts)
    verdict = judge_people(asked, examples, chosen.calibration)
    losses = [round(one, 4) for one in chosen.losses]
    taught = taught_by(verdict, bool(examples.simulated[labelled].any()))
    if parts is not None:
        taught = dataclasses.replace(taught, population=False, n_people=0, weight=1.0)
    header = Header(
        recipe.architecture,
        taught,
        training_data,
        step=step,
        calibration=chosen.calibration,
        metrics={
            "held_out_log_loss": losses,
            "setting": dataclasses.asdict(chosen.setting),
            "gate": people_figures(verdict),
        },
        config=dataclasses.asdict(recipe),
        held_out=parts.held_out if parts is not None else (),
        learnt_from=tuple(sorted(names)),
    )
    save(out, network, header)
    run.finish(header.metrics)
    return header


def _of_own_beta(network: Network, examples: Examples, parts: Split) -> WindowOutputs:
    """Return what the EEG alone says of the end of each person's recordings, baselines begun anew before it."""
    follow_baselines(network, examples, parts.fresh)
    return in_units_of_beta(network, predict(network, examples, parts.test, "eeg"))


@cache
def windows_of(path: Path, sensors: Sensors, architecture: Architecture) -> Examples:
    """Return the examples of a run with nothing but these sensors, their EEG read once; the same object each time."""
    examples = kept(path)
    if sensors == "eeg":
        examples.faces[:] = False
    if sensors == "face":
        examples.eeg = [None] * len(examples)
    if sensors != "both":
        examples.has_further[:] = False
    examples.settle()
    hold_front_end(Network(architecture), examples)
    return examples


def prediction_columns(
    network: Network,
    calibration: Calibration,
    examples: Examples,
    index: Ints,
    coverage: float,
    sensors: Sensors | None = None,
) -> dict[str, NDArray[Any]]:
    """Return what the network predicts of the windows at `index` that have EEG or a face, as columns in their order.

    Each window is predicted from all of `sensors` that it has. Sets are as calibrated and do not adapt to the person.
    """
    rows: list[dict[str, Any]] = []
    sets = AdaptiveSets(coverage, calibration.scores)
    beta, temperature = float(network.prototypes.beta().detach()), calibration.temperature
    for condition, chosen in tested_by(examples, index, sensors).items():
        predicted = predict(network, examples, index[chosen], condition)
        alpha = concentration(predicted.similarity, beta * temperature[condition])
        conflict = np.full(len(predicted.index), np.nan)
        alone = [
            probabilities(predict(network, examples, predicted.index, one).similarity, beta, temperature[one])
            for one, used in zip(network.architecture.modalities, conditions_of(network)[condition], strict=True)
            if used
        ]
        if len(alone) > 1:
            conflict = np.max([disagreement(*pair) for pair in itertools.combinations(alone, 2)], axis=0)
        for row, k in enumerate(predicted.index):
            gain = calibration.affect_gain[condition]
            p, parts = alpha[row] / alpha[row].sum(), take_apart(alpha[row])
            rows.append({
                "index": int(k), "participant": str(examples.participants[k]), "trial": int(examples.trial[k]),
                "stimulus": int(examples.stimulus[k]),
                "start": float(examples.start[k]), "truth": int(examples.label[k]), "rated": examples.affect[k],
                "probability": p, "affect": np.clip(gain * predicted.affect[row], -1.0, 1.0),
                "set": np.isin(np.arange(len(p)), sets.sets(p, condition)), "condition": condition,
                "uncertainty": parts.total, "aleatoric": parts.aleatoric, "epistemic": parts.epistemic,
                "vacuity": parts.vacuity, "disagreement": conflict[row],
            })  # fmt: skip
    rows.sort(key=lambda row: int(row["index"]))
    return {name: np.asarray([row[name] for row in rows]) for name in (rows[0] if rows else ())}
