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
from numpy.typing import NDArray
from torch import Tensor

from core.calibration import probabilities
from core.conditions import conditions
from core.data import MODALITIES
from core.errors import ConfigError
from core.models.face import FaceReader
from core.models.model_file import CLASSES, Architecture, Calibration
from core.models.network import Network
from core.predictor import choose_device
from training import metrics
from training.baselines import fit_population
from training.evaluation import Floats, WindowOutputs, calibrate_predicted, conditions_of, predict, together
from training.examples import Bools, Examples, Ints, TrainingBatch
from training.face_noise import UsualFace
from training.face_teacher import fit_face_teacher
from training.loop import Report, fit, silent
from training.losses import Weights
from training.methods import DEFAULT
from training.noise_lesson import teach_face_noise
from training.objective import Objective
from training.own_side import take_sides
from training.run import Draws, Run, Stateful
from training.splits import GUARD_S, Sides, SplitBy, apart, deal_people, deal_stimuli, deal_trials
from training.targets import Target

Sensors = Literal["both", "eeg", "face"]
Noise = Literal["eeg", "both", "none"]


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
    """What is never learnt from and tested on alike: whole people, whole trials of people who are known, whole stimuli
    whoever saw them, or people and stimuli together."""
    weights: Weights = field(default_factory=Weights)
    settings: tuple[Setting, ...] = (Setting(4), Setting(10), Setting(10, 3e-4))
    n_inner: int = 3
    """Groups in which the people, trials or stimuli that are learnt from are held out in turn."""
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
    test_sensors: Sensors | None = None
    """What is read of what is held out; None: all that is learnt from."""
    modality_dropout: float = 0.0
    """How often one sensor of a window that has both is hidden, in turn either, while it is learnt from."""
    target: Target = field(default_factory=Target)
    method: str = DEFAULT
    """Of `training.methods`; its fusion, losses and dropout stand in the fields for these."""
    one_stage: bool = False
    """Noise and weights are there from the first epoch on, not from half of them."""
    teacher: Literal["", "cross-fitted"] = ""
    """What teaches the EEG: the network's own face branch, or `training.face_teacher`."""
    noise: Noise = "eeg"
    """What is corrupted at known levels: see `training.examples.Examples.batch`."""
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
    """Of each setting on what was held out: log loss, nats, mean over people; or 1 less the concordance of ratings,
    mean over the scales."""
    eeg: WindowOutputs
    """What the EEG alone says of what was held out, under that setting, by networks whose beta is 1."""


def choose(examples: Examples, sides: Sides, recipe: PeopleRecipe, run: Run | None, report: Report = silent) -> Chosen:
    """Return the setting under which held-out labels, or ratings, are told best, and the calibration on them.

    Every person, trial or stimulus of the side that is learnt from is held out once, in groups. Where people and
    stimuli are left out together, each group is some people with some of the stimuli, and only that is asked about.
    """
    several = [split for split in _inner_splits(examples, sides, recipe) if _has_classes(examples, split[0].train)]
    if not several:
        raise ConfigError(
            f"With some held out to choose settings by, and {GUARD_S:.0f} s on either side of it, there are not two "
            "classes to learn. Trials must last longer, or there must be more of each class."
        )
    heard, losses = [], []
    for k, setting in enumerate(recipe.settings):
        parts: dict[str, list[WindowOutputs]] = {}
        for number, (parted, held) in enumerate(several, start=1):
            name = f"setting {k + 1} of {len(recipe.settings)}, group {number}"
            network = fit_network(examples, parted, recipe, setting, name, run, report)
            for condition in conditions_of(network):
                predicted = predict(network, examples, held, condition)
                parts.setdefault(condition, []).append(in_units_of_beta(network, predicted))
        heard.append({condition: together(several) for condition, several in parts.items()})
        losses.append(_loss(heard[-1], examples, recipe))
    best = int(np.argmin(losses))
    return Chosen(
        recipe.settings[best], calibrate_predicted(heard[best], examples, 1.0), tuple(losses), heard[best]["eeg"]
    )


def _has_classes(examples: Examples, train: Ints) -> bool:
    return len(np.unique(examples.label[train])) > 1


def _inner_splits(examples: Examples, sides: Sides, recipe: PeopleRecipe) -> Iterator[tuple[Sides, Ints]]:
    """Give what is learnt from and what is held out, in turn; each whole as `recipe.split_by` says."""
    index, n, seed = sides.train, recipe.n_inner, recipe.seed
    if recipe.split_by == "subject,stimulus":
        person, clip = deal_people(examples, index, n, seed), deal_stimuli(examples, index, n, seed)
        for k in range(min(person.max(), clip.max()) + 1):
            held = index[(person == k) & (clip == k)]
            yield apart(examples, index[(person != k) & (clip != k)], held, sides.side), held
        return
    deal = {"subject": deal_people, "trials": deal_trials, "stimulus": deal_stimuli}[recipe.split_by]
    group = deal(examples, index, n, seed)
    for k in np.unique(group):
        held = index[group == k]
        yield apart(examples, index[group != k], held, sides.side), held


def fit_network(
    examples: Examples,
    sides: Sides,
    recipe: PeopleRecipe,
    setting: Setting,
    name: str,
    run: Run | None = None,
    report: Report = silent,
) -> Network:
    """Return a network taught on one of two sides for the epochs of the setting; inputs are then of these sides."""
    train = sides.train
    torch.manual_seed(recipe.seed)
    network = Network(recipe.architecture)
    if recipe.architecture.classes == CLASSES:
        network.face.load_classifier(*_expression())
    # What is computed before the student reads is fixed, as in the model that ships.
    for part in network.eeg.front_end():
        part.requires_grad_(False)
    take_sides(network, examples, sides.side)
    fit_population(network, examples, train)
    usual = _usual_faces(network, examples, train) if recipe.noise == "both" else None
    device = choose_device(recipe.device)
    teacher = None
    if recipe.teacher:
        teacher = fit_face_teacher(examples, train, len(recipe.architecture.classes), recipe.split_by, recipe.seed)
    if teacher is not None:
        teacher = teacher.to(device)
    objective = Objective(network.to(device), recipe.weights, len(examples), teacher).to(device)
    parameters = [p for p in (*network.parameters(), *objective.parameters()) if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=setting.learning_rate, weight_decay=recipe.weight_decay)
    share_noisy = 0.0 if recipe.noise == "none" else recipe.corrupted
    rng = np.random.default_rng(recipe.seed)
    has_noise = learns_noise(examples, train, recipe)
    up_to = _each_class_alike(examples.label[train])
    reader = network.eeg.reader

    def losses(epoch: int) -> Iterator[Tensor]:
        noisy = has_noise and (recipe.one_stage or epoch >= setting.epochs // 2)
        for _ in range(max(recipe.per_epoch // recipe.batch, 1)):
            some = train[up_to.searchsorted(rng.random(recipe.batch), side="right")]
            batch = examples.batch(some, rng if noisy else None, share_noisy, usual)
            weights = (one.weight.square().sum() for one in (reader.line, reader.hidden, reader.out))
            if recipe.modality_dropout:
                batch = _without_some(batch, recipe.modality_dropout, rng)
            yield (
                objective(network, batch.to(device), noisy, (epoch + 1) / setting.epochs)
                + recipe.shrink * torch.stack(list(weights)).sum()
            )

    keep: dict[str, Stateful] = {"objective": objective, "draws": Draws(rng)}
    fit(network, optimiser, setting.epochs, losses, report=report, name=name, run=run, keep=keep)
    network = network.cpu()
    if usual is not None and _have_several(examples, train):
        teach_face_noise(network, examples, train, usual, recipe.seed)
    return network


def _each_class_alike(label: Ints) -> NDArray[np.float64]:
    """Return for each window how often it or one before it is drawn, where all classes are drawn equally often."""
    share = 1.0 / np.bincount(label)[label]
    up_to: NDArray[np.float64] = (share / share.sum()).cumsum()
    up_to /= up_to[-1]
    return up_to


def learns_noise(examples: Examples, train: Ints, recipe: PeopleRecipe) -> bool:
    """Return whether noise levels and weights are taught in the second half of the epochs.

    Of EEG alone as well, which has nothing to be weighed against: noise then costs its answers little (docs/results.md,
    section 2).
    """
    return _have_several(examples, train) or (recipe.noise != "none" and bool(examples.has_eeg[train].any()))


def _have_several(examples: Examples, index: Ints) -> bool:
    """Return whether any window has more than one modality, so that there is something to weigh."""
    return bool((examples.has[index].sum(axis=1) > 1).any())


def _usual_faces(network: Network, examples: Examples, train: Ints) -> UsualFace:
    """Return what clean faces are that are learnt from, known to the face's variance head from here on."""
    seen = train[examples.has_face[train] & (examples.face_level[train] == 0)]
    if network.face.signal is not None:
        embeddings = torch.from_numpy(examples.embeddings[seen].astype(np.float32))
        network.face.signal.fit(embeddings, torch.from_numpy(examples.faces[seen]))
    return UsualFace.of(examples.embeddings[seen], examples.faces[seen])


def in_units_of_beta(network: Network, predicted: WindowOutputs) -> WindowOutputs:
    """Return what was said with similarities in units of the network's own beta, so that networks may be compared."""
    return dataclasses.replace(predicted, similarity=predicted.similarity / float(network.prototypes.beta().detach()))


def _without_some(batch: TrainingBatch, share: float, rng: np.random.Generator) -> TrainingBatch:
    """Return a batch in which one sensor of some windows that have all is hidden."""
    use = batch.inputs.use.numpy().copy()
    hidden = use.all(axis=1) & (rng.random(len(use)) < share)
    use[hidden, rng.integers(0, use.shape[1], int(hidden.sum()))] = False
    return batch._replace(inputs=batch.inputs._replace(use=torch.from_numpy(use)))


def tested_by(examples: Examples, index: Ints, sensors: Sensors | None) -> dict[str, Bools]:
    """Return by condition which of the windows at `index` are read under it when all that may be read is."""
    has, modalities = examples.has[index], (*MODALITIES, *examples.further_sizes)
    if sensors in MODALITIES:
        has = has & [name == sensors for name in modalities]
    return {name: (has == used).all(axis=1) for name, used in conditions(modalities).items()}


def _loss(predicted: dict[str, WindowOutputs], examples: Examples, recipe: PeopleRecipe) -> float:
    """Return how badly held-out windows are told, each with all that is tested by; see `Chosen.losses`."""
    if recipe.target.by_ccc:
        return _discordance(predicted, examples, recipe)
    calibration = calibrate_predicted(predicted, examples, 1.0)
    rows: list[tuple[Floats, Ints]] = []
    for condition, one in predicted.items():
        mine = tested_by(examples, one.index, recipe.test_sensors)[condition]
        p = probabilities(one.similarity[mine], 1.0, calibration.temperature[condition])
        rows.append((p, one.index[mine]))
    p, index = (np.concatenate(column) for column in zip(*rows, strict=True))
    by_person = [
        metrics.log_loss(p[mine], examples.label[index[mine]])
        for name in np.unique(examples.participants[index])
        if (mine := examples.participants[index] == name).any()
    ]
    return float(np.mean(by_person)) if by_person else float("nan")


def _discordance(predicted: dict[str, WindowOutputs], examples: Examples, recipe: PeopleRecipe) -> float:
    """Return 1 less the concordance over all held-out windows one behind the other, mean over the scales."""
    said, truth = [], []
    for condition, one in predicted.items():
        mine = tested_by(examples, one.index, recipe.test_sensors)[condition]
        said.append(one.affect[mine])
        truth.append(examples.affect[one.index[mine]])
    guess, rated = np.concatenate(said), np.concatenate(truth)
    found = []
    for k in range(len(recipe.target.scales)):
        known = np.isfinite(rated[:, k])
        found.append(1.0 - metrics.ccc(rated[known, k], guess[known, k]) if known.sum() > 1 else float("nan"))
    return float(np.mean(found))


@cache
def _expression() -> tuple[Tensor, Tensor]:
    reader = FaceReader()
    return torch.from_numpy(reader.classifier_weight.copy()), torch.from_numpy(reader.classifier_bias.copy())
