"""The live network taught on labelled people, every choice made on people that it does not learn from meanwhile.

Leave-one-subject-out, nested: each person is tested by a network that never saw them, and settings, temperature and
prediction sets come from the other people alone, held out in turn (Varoquaux et al. 2017).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.calibration import AdaptiveSets, probabilities
from core.errors import ConfigError
from core.models.checkpoint import Calibration, Header, TaughtOn, save
from core.models.face import FaceReader
from core.models.network import CLASSES, Architecture, Network
from core.uncertainty import concentration, disagreement, take_apart
from training import metrics
from training.baselines import hold_front_end, learn_population
from training.evaluation import CONDITIONS, Floats, Said, ask, calibrate_told, together
from training.examples import UNKNOWN, Examples, Ints
from training.kept_examples import kept
from training.loop import Report, fit, silent
from training.losses import Weights
from training.objective import Objective
from training.run import Draws, Run, Stateful

WINDOWS = "windows.npz"
"""The examples, in the folder that holds the folds."""
ANSWERS = "answers.npz"
Sensors = Literal["both", "eeg", "face"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is chosen between on held-out people."""

    epochs: int = 10
    learning_rate: float = 1e-3


@dataclass(frozen=True, slots=True)
class PeopleRecipe:
    """How the network is taught and what is chosen; all that decides what comes out but the windows."""

    architecture: Architecture
    sensors: Sensors = "both"
    weights: Weights = field(default_factory=Weights)
    settings: tuple[Setting, ...] = (Setting(4), Setting(10), Setting(10, 3e-4))
    n_inner: int = 3
    """Groups in which the people that are learnt from are held out in turn."""
    batch: int = 128
    per_epoch: int = 2048
    """Windows drawn in an epoch, of each class as many."""
    weight_decay: float = 1e-2
    shrink: float = 1e-2
    """Pull of the student's weights towards 0: its inputs are many and people are few."""
    corrupted: float = 0.5
    """Share of windows with spoilt EEG in the second half of the epochs, where there is a face that may help out."""
    coverage: float = 0.9
    """That prediction sets promise."""
    seed: int = 0
    windows: str = ""
    """The sha256 of the examples."""


class Chosen(NamedTuple):
    """What held-out people decided."""

    setting: Setting
    calibration: Calibration
    losses: tuple[float, ...]
    """Log loss of each setting on held-out people, nats, mean over people."""


def leave_out(recipe: PeopleRecipe, name: str, run: Run) -> dict[str, Any]:
    """Teach on everyone but one person, keep the answers about that person, return the fold's figures."""
    examples = windows_of(run.folder.parent / WINDOWS, recipe.sensors)
    hold_front_end(Network(recipe.architecture), examples)
    labelled = np.flatnonzero(examples.label != UNKNOWN)
    test = examples.participants[labelled] == name
    chosen = choose(examples, labelled[~test], recipe, run)
    network = learn(examples, labelled[~test], recipe, chosen.setting, "all", run)
    answers = told(network, chosen.calibration, examples, labelled[test], recipe.coverage)
    np.savez(run.folder / ANSWERS, **answers)  # type: ignore[arg-type]
    if not answers:
        raise ConfigError(f"None of the labelled windows of {name} has a usable signal. Take {name} out of the data.")
    guess, mine = answers["probability"].argmax(axis=1), examples.trial[labelled[test]]
    return {
        "person": name,
        "windows": len(guess),
        "unread": int(test.sum()) - len(guess),
        "silent_trials": len(np.setdiff1d(mine, answers["trial"])),
        "accuracy": metrics.accuracy(answers["truth"], guess),
        "majority": metrics.majority(answers["truth"]),
        "setting": dataclasses.asdict(chosen.setting),
        "held_out_log_loss": [round(one, 4) for one in chosen.losses],
        "temperature": chosen.calibration.temperature,
    }


def teach_all(
    recipe: PeopleRecipe, folder: Path, out: Path, training_data: str, step: float, report: Report = silent
) -> Header:
    """Teach on everyone, write the checkpoint and return its header; settings and calibration as in the folds."""
    run = Run(folder / "all", {"recipe": dataclasses.asdict(recipe)})
    examples = windows_of(folder / WINDOWS, recipe.sensors)
    hold_front_end(Network(recipe.architecture), examples)
    labelled = np.flatnonzero(examples.label != UNKNOWN)
    chosen = choose(examples, labelled, recipe, run, report)
    network = learn(examples, labelled, recipe, chosen.setting, "all", run, report)
    people = tuple(str(name) for name in np.unique(examples.participants[labelled[~examples.simulated[labelled]]]))
    losses = [round(one, 4) for one in chosen.losses]
    header = Header(
        recipe.architecture,
        TaughtOn(bool(examples.simulated[labelled].any()), False, people),
        training_data,
        step=step,
        calibration=chosen.calibration,
        metrics={"held_out_log_loss": losses, "setting": dataclasses.asdict(chosen.setting)},
        config=dataclasses.asdict(recipe),
    )
    save(out, network, header)
    run.finish(header.metrics)
    return header


@cache
def windows_of(path: Path, sensors: Sensors) -> Examples:
    """Return the examples of a run with nothing but these sensors, the same object each time."""
    examples = kept(path)
    if sensors == "eeg":
        examples.faces[:] = False
    if sensors == "face":
        examples.eeg = [None] * len(examples)
    examples.settle()
    return examples


def choose(examples: Examples, index: Ints, recipe: PeopleRecipe, run: Run | None, report: Report = silent) -> Chosen:
    """Return the setting under which held-out people's labels are most likely, and the calibration on them.

    Every person of the windows at `index` is held out once, in groups.
    """
    names = np.unique(examples.participants[index])
    order = np.random.default_rng(recipe.seed).permutation(names)
    groups = np.array_split(order, min(recipe.n_inner, len(names)))
    heard, losses = [], []
    for k, setting in enumerate(recipe.settings):
        parts: dict[str, list[Said]] = {condition: [] for condition in CONDITIONS}
        for number, group in enumerate(groups):
            held = np.isin(examples.participants[index], group)
            name = f"setting {k + 1}, group {number + 1}"
            network = learn(examples, index[~held], recipe, setting, name, run, report)
            for condition in CONDITIONS:
                parts[condition].append(_plain(network, ask(network, examples, index[held], condition)))
        heard.append({condition: together(said) for condition, said in parts.items()})
        losses.append(_log_loss(heard[-1], examples))
    best = int(np.argmin(losses))
    return Chosen(recipe.settings[best], calibrate_told(heard[best], examples, 1.0), tuple(losses))


def learn(
    examples: Examples,
    train: Ints,
    recipe: PeopleRecipe,
    setting: Setting,
    name: str,
    run: Run | None = None,
    report: Report = silent,
) -> Network:
    """Return a network taught on the windows at `train` for the epochs of the setting."""
    torch.manual_seed(recipe.seed)
    network = Network(recipe.architecture)
    if recipe.architecture.classes == CLASSES:
        network.face.load_classifier(*_expression())
    # What is computed before the student reads is fixed, as in the model that ships.
    for part in (network.eeg.attention.query, network.eeg.filters):
        part.requires_grad_(False)
    learn_population(network, examples, train)
    objective = Objective(network, recipe.weights)
    parameters = [p for p in (*network.parameters(), *objective.parameters()) if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=setting.learning_rate, weight_decay=recipe.weight_decay)
    rng = np.random.default_rng(recipe.seed)
    both = bool((examples.has_eeg & examples.has_face)[train].any())
    count = np.bincount(examples.label[train])
    share = 1.0 / count[examples.label[train]]
    reader = network.eeg.reader

    def losses(epoch: int) -> Iterator[Tensor]:
        noisy = both and epoch >= setting.epochs // 2
        for _ in range(max(recipe.per_epoch // recipe.batch, 1)):
            some = rng.choice(train, recipe.batch, p=share / share.sum())
            batch = examples.batch(some, rng if noisy else None, recipe.corrupted)
            weights = (one.weight.square().sum() for one in (reader.line, reader.hidden, reader.out))
            yield objective(network, batch, noisy) + recipe.shrink * torch.stack(list(weights)).sum()

    keep: dict[str, Stateful] = {"objective": objective, "draws": Draws(rng)}
    fit(network, optimiser, setting.epochs, losses, report=report, name=name, run=run, keep=keep)
    return network


def told(
    network: Network, calibration: Calibration, examples: Examples, index: Ints, coverage: float
) -> dict[str, NDArray[Any]]:
    """Return what the network says of the windows at `index` that have EEG or a face, as columns in their order.

    Each window is asked with all that it has. Sets are as calibrated, and learn nothing from the person.
    """
    rows: list[dict[str, Any]] = []
    has_eeg, has_face = examples.has_eeg[index], examples.has_face[index]
    sets = AdaptiveSets(coverage, calibration.scores)
    beta = float(network.prototypes.beta().detach())
    asked = {"both": has_eeg & has_face, "eeg": has_eeg & ~has_face, "face": has_face & ~has_eeg}
    for condition, chosen in asked.items():
        said = ask(network, examples, index[chosen], condition)
        alpha = concentration(said.similarity, beta * calibration.temperature[condition])
        alone = [ask(network, examples, said.index, one).similarity for one in ("eeg", "face")]
        for row, k in enumerate(said.index):
            p, parts = alpha[row] / alpha[row].sum(), take_apart(alpha[row])
            conflict = float("nan")
            if condition == "both":
                eeg, face = (
                    probabilities(one[row], beta, calibration.temperature[name])
                    for one, name in zip(alone, ("eeg", "face"), strict=True)
                )
                conflict = float(disagreement(eeg, face))
            rows.append({
                "index": int(k), "participant": str(examples.participants[k]), "trial": int(examples.trial[k]),
                "start": float(examples.start[k]), "truth": int(examples.label[k]), "rated": examples.affect[k],
                "probability": p, "affect": np.clip(calibration.affect_gain[condition] * said.affect[row], -1.0, 1.0),
                "set": np.isin(np.arange(len(p)), sets.sets(p, condition)), "condition": condition,
                "uncertainty": parts.total, "aleatoric": parts.aleatoric, "epistemic": parts.epistemic,
                "vacuity": parts.vacuity, "disagreement": conflict,
            })  # fmt: skip
    rows.sort(key=lambda row: int(row["index"]))
    return {name: np.asarray([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def _plain(network: Network, said: Said) -> Said:
    """Return what was said with similarities in units of the network's own beta, so that networks may be compared."""
    return dataclasses.replace(said, similarity=said.similarity / float(network.prototypes.beta().detach()))


def _log_loss(said: dict[str, Said], examples: Examples) -> float:
    """Return the log loss with all that each window has, by one temperature a condition, mean over people."""
    calibration = calibrate_told(said, examples, 1.0)
    has_both = examples.has_eeg & examples.has_face
    rows: list[tuple[Floats, Ints]] = []
    for condition, one in said.items():
        mine = has_both[one.index] if condition == "both" else ~has_both[one.index]
        p = probabilities(one.similarity[mine], 1.0, calibration.temperature[condition])
        rows.append((p, one.index[mine]))
    p, index = (np.concatenate(column) for column in zip(*rows, strict=True))
    by_person = [
        metrics.log_loss(p[mine], examples.label[index[mine]])
        for name in np.unique(examples.participants[index])
        if (mine := examples.participants[index] == name).any()
    ]
    return float(np.mean(by_person)) if by_person else float("nan")


@cache
def _expression() -> tuple[Tensor, Tensor]:
    reader = FaceReader()
    return torch.from_numpy(reader.classifier_weight.copy()), torch.from_numpy(reader.classifier_bias.copy())
