"""The face teaches the EEG: a student taught on the user's own recordings, without anyone's labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.calibration import probabilities
from core.config import DistilConfig
from core.data import Label, Window
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import Calibration, Header
from core.models.network import Network
from training import metrics
from training.baselines import fit_population
from training.evaluation import Floats, calibrate, predict
from training.examples import UNKNOWN, Examples, Ints, batches
from training.loop import Report, fit, silent
from training.losses import Weights
from training.objective import Objective
from training.own_recordings import hold_out, updated_taught_on, with_truth

MIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class DistilRecipe:
    """How the student is taught."""

    weights: Weights = field(default_factory=lambda: weights_of(DistilConfig()))
    epochs: int = 20
    batch: int = 64
    learning_rate: float = 3e-4
    weight_decay: float = 1e-2
    patience: int = 5
    corrupted: float = 0.3
    seed: int = 7


def weights_of(config: DistilConfig) -> Weights:
    """Return the weights of the losses as they are configured.

    Raises
    ------
    ConfigError
        One is negative, or the temperature is not above 0.
    """
    chosen = dataclasses.asdict(config)
    if min(chosen.values()) < 0.0 or config.temperature <= 0.0:
        raise ConfigError("[distil] takes weights of at least 0 and a temperature above 0.")
    return Weights(**chosen)


def distil(
    sessions: Sequence[Sequence[Window]],
    labels: Sequence[Label],
    base: Path,
    out: Path,
    recipe: DistilRecipe | None = None,
    report: Report = silent,
) -> Header:
    """Teach the EEG student of `base` from the face on own recordings, write `out` and return its header.

    Parameters
    ----------
    sessions : sequence of sequences of Window
        Each session's windows, in order.
    labels : sequence of Label
        Labels given on these sessions, used where there are any.
    base, out : Path
        Checkpoints to start from and to write.
    recipe : DistilRecipe, optional
    report : callable
        Gets one line of progress at a time.

    Raises
    ------
    ConfigError
        There is too little time with EEG and face together.
    """
    recipe = recipe or DistilRecipe()
    torch.manual_seed(recipe.seed)
    checkpoint = load(base)
    network, header = checkpoint.network, checkpoint.header
    a = header.architecture
    pairs = [pair for k, windows in enumerate(sessions) for pair in with_truth(windows, labels, a.classes, k)]
    examples = Examples(pairs, a.n_embedding, a.n_times)
    both = np.flatnonzero(examples.has_eeg & examples.has_face)
    seconds = examples.seconds(both)
    if seconds < MIN_SECONDS:
        raise ConfigError(
            f"Distilling needs at least {MIN_SECONDS:.0f} s with usable EEG and face together; these recordings have "
            f"{seconds:.0f} s. Record more, or see the session's report for why the signals were not usable."
        )
    rest, test = hold_out(examples, both)
    train, validation = hold_out(examples, rest)
    fit_population(network, examples, train)
    before = agreement(network, examples, train, test)
    _fit(network, examples, train, validation, recipe, report)
    after = agreement(network, examples, train, test)
    earned = after["divergence"] < after["divergence_of_constant"]
    calibration = _recalibrated(network, examples, validation, header.calibration)
    figures = {
        "before": before,
        "after": after,
        "earned": earned,
        "seconds": round(seconds, 1),
        "base": checkpoint.sha256,
    }
    header = dataclasses.replace(
        header,
        taught_on=updated_taught_on(header.taught_on, examples, earned),
        training_data=f"{header.training_data}; then {seconds:.0f} s of own recordings, taught by the face",
        calibration=calibration,
        metrics={**header.metrics, "distil": figures},
        config={**header.config, "distil": dataclasses.asdict(recipe)},
    )
    save(out, network, header)
    return header


def agreement(network: Network, examples: Examples, train: Ints, test: Ints) -> dict[str, Any]:
    """Return how the EEG alone agrees with the face on held-out windows, beside the best constant answer.

    Divergence is KL(face || EEG), nats. The constant answer is the face's mean distribution over the training windows:
    a student that does no better has learnt nothing of this person.
    """
    beta = float(network.prototypes.beta().detach())
    student, teacher = (_predicted(network, examples, test, condition, beta) for condition in ("eeg", "face"))
    constant = _predicted(network, examples, train, "face", beta).mean(axis=0)
    majority = int(constant.argmax())
    return {
        "windows": len(test),
        "agreement": round(metrics.accuracy(teacher.argmax(axis=1), student.argmax(axis=1)), 4),
        "agreement_of_constant": round(float(np.mean(teacher.argmax(axis=1) == majority)), 4),
        "divergence": round(_divergence(teacher, student), 4),
        "divergence_of_constant": round(_divergence(teacher, np.broadcast_to(constant, teacher.shape)), 4),
    }


def _predicted(network: Network, examples: Examples, index: Ints, condition: str, beta: float) -> Floats:
    return probabilities(predict(network, examples, index, condition).similarity, beta, 1.0)


def _divergence(p: Floats, q: Floats) -> float:
    return float((p * np.log(p / q)).sum(axis=1).mean())


def _fit(
    network: Network, examples: Examples, train: Ints, validation: Ints, recipe: DistilRecipe, report: Report
) -> None:
    objective = Objective(network, recipe.weights)
    student = [network.eeg.reader, network.eeg.absolute, network.eeg_head]
    parameters = [parameter for part in student for parameter in part.parameters()]
    optimiser = torch.optim.AdamW(
        [*parameters, *objective.parameters()], lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    rng = np.random.default_rng(recipe.seed)

    def losses(epoch: int) -> Iterator[Tensor]:
        for some in batches(train, recipe.batch, rng):
            yield objective(network, examples.batch(some, rng, recipe.corrupted), noisy=True)

    def score() -> float:
        return -float(agreement(network, examples, train, validation)["divergence"])

    # A person's dependency on each modality is not to be learnt from what one of them teaches the other.
    kappa = {name: value.clone() for name, value in network.fusion.state_dict().items() if name == "kappa"}
    fit(network, optimiser, recipe.epochs, losses, score, recipe.patience, report, "distilling")
    network.fusion.load_state_dict(kappa, strict=False)


def _recalibrated(network: Network, examples: Examples, index: Ints, old: Calibration) -> Calibration:
    """Return the calibration, fitted anew where there are labels enough to do so."""
    labelled = index[examples.label[index] != UNKNOWN]
    return calibrate(network, examples, labelled) if len(labelled) >= 100 else old
