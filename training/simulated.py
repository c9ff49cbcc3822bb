"""The shipped model: the EEG student taught on simulated participants, the face read as its pretrained network does.

What comes out knows simulated brains. It says so in its header, and no real person's EEG is given weight by it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.calibration import WITHOUT_NEUTRAL, probabilities
from core.models.checkpoint import save
from core.models.heads import GaussianHead
from core.models.model_file import Architecture, Calibration, Header, TaughtOn
from core.models.network import Network
from core.models.reading_file import fitted
from core.predictor import choose_device
from training import metrics
from training.baselines import fit_population
from training.evaluation import calibrate, judge, predict
from training.examples import Examples, batches, split_participants
from training.loop import Report, fit, silent
from training.losses import Weights
from training.objective import Objective
from training.run import Draws, Run, Stateful

Floats = NDArray[np.floating[Any]]
NOISE_COUNTS = 0.3
"""How much the error of the noise level counts when the best epoch is chosen."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SimulatedRecipe:
    """How the shipped model is trained. UDML's two stages: the first on clean windows, the second on mixed ones."""

    architecture: Architecture = field(default_factory=Architecture)
    weights: Weights = field(default_factory=Weights)
    clean_epochs: int = 12
    mixed_epochs: int = 16
    batch: int = 64
    learning_rate: float = 5e-4
    noise_rate: float = 3e-3
    """Learning rate of variance heads and noise estimators, which start late and have one number to learn."""
    weight_decay: float = 1e-2
    patience: int = 6
    seed: int = 7
    shares: tuple[float, float, float, float] = (0.64, 0.1, 0.12, 0.14)
    """Of participants for training, early stopping, calibration and test."""
    corrupted: float = 0.5
    """Share of windows whose EEG is corrupted in the second stage."""
    step: float = 0.25


def train_simulated(
    examples: Examples,
    face_weights: tuple[Floats, Floats],
    out: Path,
    recipe: SimulatedRecipe | None = None,
    training_data: str = "simulated participants",
    report: Report = silent,
    run: Run | None = None,
) -> Header:
    """Train on simulated participants, write the checkpoint and return its header, with figures on unseen ones.

    Parameters
    ----------
    examples : Examples
        Windows of at least four simulated participants, with their truth.
    face_weights : tuple of array
        Weight (n_classes, n_embedding) and bias (n_classes,) of the pretrained expression network's last layer.
    out : Path
        Where the checkpoint goes.
    recipe : SimulatedRecipe, optional
    training_data : str
        For the header: what the examples are, in words.
    report : callable
        Gets one line of progress at a time.
    run : Run, optional
        Where the training stands; it goes on from there.
    """
    recipe = recipe or SimulatedRecipe()
    torch.manual_seed(recipe.seed)
    network = Network(recipe.architecture)
    network.face.load_classifier(*(torch.from_numpy(np.asarray(part, np.float32)) for part in face_weights))
    names = split_participants(examples.participants.tolist(), recipe.shares, recipe.seed)
    parts = [examples.of(part) for part in names]
    fit_population(network, examples, parts[0])
    fit_network(network, examples, parts[0], parts[1], recipe, report, run)
    # Early stopping looked at the student's cross entropy alone, and faces are few: both held-out parts calibrate.
    doubt = with_real_faces(network, Calibration()) if recipe.architecture.compares_faces else None
    calibration = calibrate(network, examples, np.concatenate(parts[1:3]), doubt)
    if recipe.architecture.compares_faces:
        calibration = with_real_faces(network, calibration)
    figures = judge(network, examples, parts[3], calibration)
    figures["participants"] = dict(zip(("train", "validation", "calibration", "test"), map(len, names), strict=True))
    figures["data"] = "simulated"
    header = Header(
        recipe.architecture,
        TaughtOn(simulated=True),
        training_data,
        step=recipe.step,
        calibration=calibration,
        metrics=figures,
        config=json.loads(json.dumps(dataclasses.asdict(recipe))),
    )
    save(out, network, header)
    if run is not None:
        run.finish(figures)
    return header


def with_real_faces(network: Network, calibration: Calibration) -> Calibration:
    """Return the calibration with what real faces say of the face alone in the place of what a simulated one says.

    ``assets/face/reading.json`` has the widths of its evidence, with an own neutral face, without one, and of classes
    that no real face showed, and the scores of people that were not fitted on. No class but those that they show has a
    score, so these are left out of a set only below half of an even share, and without the person's own neutral face
    not at all.
    """
    found, classes = fitted(), network.architecture.classes
    beta = float(network.prototypes.beta().detach())
    others = [name for name in classes if name not in found["shown"]]
    return dataclasses.replace(
        calibration,
        temperature={**calibration.temperature, "face": round(found["width"] / beta, 6)},
        untested_face=round(found["width_untested"] / found["width"], 6),
        without_neutral=round(found["width_without"] / found["width"], 6),
        scores={
            **calibration.scores,
            "face": tuple(found["scores"]["own"]),
            WITHOUT_NEUTRAL: tuple(found["scores"]["without"]),
        },
        untested={
            "face": dict.fromkeys(others, round(0.5 / len(classes), 4)),
            WITHOUT_NEUTRAL: dict.fromkeys(others, 0.0),
        },
    )


def fit_network(
    network: Network,
    examples: Examples,
    train: Ints,
    validation: Ints,
    recipe: SimulatedRecipe,
    report: Report = silent,
    run: Run | None = None,
) -> None:
    """Run both stages on the windows at `train`, stopped early on those at `validation`; on a GPU if there is one."""
    device = choose_device("auto")
    objective = Objective(network.to(device), recipe.weights).to(device)
    rng = np.random.default_rng(recipe.seed)
    keep: dict[str, Stateful] = {"objective": objective, "draws": Draws(rng)}
    clean = train[examples.face_level[train] == 0]
    still = validation[examples.face_level[validation] == 0]
    stages = (("clean windows", recipe.clean_epochs, clean, False), ("mixed windows", recipe.mixed_epochs, train, True))
    for name, epochs, index, noisy in stages:
        parameters = [*simulation_parameters(network), *objective.parameters()]
        rate = recipe.learning_rate * (0.5 if noisy else 1.0)
        optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=recipe.weight_decay)
        if noisy:
            optimiser.add_param_group({"params": noise_parameters(network), "lr": recipe.noise_rate})
        levels, checked = ((0, 3), validation) if noisy else ((0,), still)

        def losses(epoch: int, index: Ints = index, noisy: bool = noisy) -> Iterator[Tensor]:
            for some in batches(index, recipe.batch, rng):
                batch = examples.batch(some, rng if noisy else None, recipe.corrupted)
                yield objective(network, batch.to(device), noisy)

        def score(levels: Sequence[int] = levels, noisy: bool = noisy, checked: Ints = checked) -> float:
            return float(np.mean([_score(network, examples, checked, level, noisy) for level in levels]))

        fit(network, optimiser, epochs, losses, score, recipe.patience, report, name, run, keep)
    network.cpu()


def simulation_parameters(network: Network) -> list[torch.nn.Parameter]:
    """Return what simulation may teach: the student, noise and spread, never how a face is read.

    A simulated face is one face. What the expression network learnt from thousands, the prototypes it is tied to and
    their place on the circumplex stay as they are; the student has to find its way to them.
    """
    # The front end stays as it was designed, so that baselines taken with it hold throughout the training.
    learnt = [network.eeg.reader, network.eeg_head.mean, network.affect.log_variance]
    parameters = [parameter for part in learnt for parameter in part.parameters()]
    return [*parameters, network.prototypes.log_beta]


def noise_parameters(network: Network) -> list[torch.nn.Parameter]:
    """Return what tells noise: the variance heads, what they alone read, and the estimators."""
    heads = [head.log_variance for head in (network.eeg_head, network.face_head) if isinstance(head, GaussianHead)]
    return [parameter for part in (network.eeg.absolute, *heads, network.fusion) for parameter in part.parameters()]


def _score(network: Network, examples: Examples, index: Ints, level: int, noisy: bool) -> float:
    """Return minus the cross entropies of EEG alone and of both, and later minus the errors of the noise levels."""
    total = 0.0
    for condition in ("eeg", "both"):
        predicted = predict(network, examples, index, condition, level)
        if not len(predicted.index):
            continue
        probability = probabilities(predicted.similarity, float(network.prototypes.beta()), 1.0)
        total -= metrics.log_loss(probability, examples.label[predicted.index])
        if noisy:
            truth = 1.0 + (level if condition == "eeg" else examples.face_level[predicted.index])
            noise = predicted.noise[:, 0 if condition == "eeg" else 1]
            total -= NOISE_COUNTS * float(np.mean((noise - truth) ** 2))
    return total
