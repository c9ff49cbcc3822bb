"""The live network, fitted to labelled people; settings are chosen on people, or trials, that are held out meanwhile.

Leave-one-subject-out, nested: each person is tested by a network that never saw them, and settings, temperature and
prediction sets come from the other people alone, held out in turn (Varoquaux et al. 2017). Inside people the same is
done with whole trials.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.calibration import probabilities
from core.models.face import FaceReader
from core.models.model_file import CLASSES, Architecture, Calibration
from core.models.network import Network
from core.predictor import choose_device
from training import metrics
from training.baselines import fit_population
from training.evaluation import CONDITIONS, Floats, WindowOutputs, calibrate_predicted, predict, together
from training.examples import Examples, Ints
from training.loop import Report, fit, silent
from training.losses import Weights
from training.objective import Objective
from training.run import Draws, Run, Stateful
from training.splits import clear_of, deal_trials

Sensors = Literal["both", "eeg", "face"]
SplitBy = Literal["subject", "trials"]


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
    split_by: SplitBy = "subject"
    """What is never learnt from and tested on alike: whole people, or whole trials of people who are known."""
    weights: Weights = field(default_factory=Weights)
    settings: tuple[Setting, ...] = (Setting(4), Setting(10), Setting(10, 3e-4))
    n_inner: int = 3
    """Groups in which the people, or trials, that are learnt from are held out in turn."""
    batch: int = 128
    per_epoch: int = 2048
    """Windows drawn in an epoch, of each class as many."""
    weight_decay: float = 1e-2
    shrink: float = 1e-2
    """Pull of the student's weights towards 0: its inputs are many and people are few."""
    corrupted: float = 0.5
    """Share of windows with corrupted EEG in the second half of the epochs, where there is a face that may help out."""
    coverage: float = 0.9
    """That prediction sets promise."""
    seed: int = 0
    device: str = "auto"
    """``auto``, ``cpu`` or ``cuda``, where the network is taught."""
    windows: str = ""
    """The sha256 of the examples."""


class Chosen(NamedTuple):
    """What held-out people, or trials, decided."""

    setting: Setting
    calibration: Calibration
    losses: tuple[float, ...]
    """Log loss of each setting on what was held out, nats, mean over people."""
    eeg: WindowOutputs
    """What the EEG alone says of what was held out, under that setting, by networks whose beta is 1."""


def choose(examples: Examples, index: Ints, recipe: PeopleRecipe, run: Run | None, report: Report = silent) -> Chosen:
    """Return the setting under which held-out labels are most likely, and the calibration on them.

    Every person, or trial, of the windows at `index` is held out once, in groups.
    """
    group = _groups(examples, index, recipe)
    heard, losses = [], []
    for k, setting in enumerate(recipe.settings):
        parts: dict[str, list[WindowOutputs]] = {condition: [] for condition in CONDITIONS}
        for number in np.unique(group):
            held = index[group == number]
            name = f"setting {k + 1} of {len(recipe.settings)}, group {number + 1}"
            train = clear_of(examples, index[group != number], held)
            network = fit_network(examples, train, recipe, setting, name, run, report)
            for condition in CONDITIONS:
                parts[condition].append(in_units_of_beta(network, predict(network, examples, held, condition)))
        heard.append({condition: together(predicted) for condition, predicted in parts.items()})
        losses.append(_log_loss(heard[-1], examples))
    best = int(np.argmin(losses))
    return Chosen(
        recipe.settings[best], calibrate_predicted(heard[best], examples, 1.0), tuple(losses), heard[best]["eeg"]
    )


def _groups(examples: Examples, index: Ints, recipe: PeopleRecipe) -> Ints:
    """Return the group in which each window at `index` is held out."""
    if recipe.split_by == "trials":
        return deal_trials(examples, index, recipe.n_inner, recipe.seed)
    names, person = np.unique(examples.participants[index], return_inverse=True)
    order = np.random.default_rng(recipe.seed).permutation(len(names))
    group = np.zeros(len(names), np.int64)
    for number, some in enumerate(np.array_split(order, min(recipe.n_inner, len(names)))):
        group[some] = number
    return np.asarray(group[person])


def fit_network(
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
    fit_population(network, examples, train)
    device = choose_device(recipe.device)
    objective = Objective(network.to(device), recipe.weights).to(device)
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
            yield objective(network, batch.to(device), noisy) + recipe.shrink * torch.stack(list(weights)).sum()

    keep: dict[str, Stateful] = {"objective": objective, "draws": Draws(rng)}
    fit(network, optimiser, setting.epochs, losses, report=report, name=name, run=run, keep=keep)
    return network.cpu()


def in_units_of_beta(network: Network, predicted: WindowOutputs) -> WindowOutputs:
    """Return what was said with similarities in units of the network's own beta, so that networks may be compared."""
    return dataclasses.replace(predicted, similarity=predicted.similarity / float(network.prototypes.beta().detach()))


def _log_loss(predicted: dict[str, WindowOutputs], examples: Examples) -> float:
    """Return the log loss with all that each window has, by one temperature a condition, mean over people."""
    calibration = calibrate_predicted(predicted, examples, 1.0)
    has_both = examples.has_eeg & examples.has_face
    rows: list[tuple[Floats, Ints]] = []
    for condition, one in predicted.items():
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
