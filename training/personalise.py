"""What a person's own labels change: heads and prototypes, fitted for a few epochs with the encoders held still."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.calibration import probabilities
from core.data import Label, Window
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.heads import concentration, expected_probabilities
from core.models.model_file import Header
from core.models.network import Network, Output
from training import metrics
from training.baselines import follow_baselines
from training.evaluation import CONDITIONS, predict
from training.examples import UNKNOWN, Examples, Ints, TrainingBatch, batches
from training.loop import Report, fit, silent
from training.losses import affect_loss, cross_entropy
from training.own_recordings import standing, updated_taught_on, with_truth

MIN_LABELS = 8
MIN_CLASSES = 2
MIN_TO_HOLD_OUT = 16
"""Labels from which on a quarter is held out for comparison."""


@dataclass(frozen=True, slots=True)
class PersonalRecipe:
    """How the labels are learnt from."""

    epochs: int = 30
    batch: int = 32
    learning_rate: float = 1e-3
    anchor: float = 30.0
    """Pull back to the weights it started from; few labels may move them a little only."""
    seed: int = 7


def personalise(
    windows: Sequence[Window],
    labels: Sequence[Label],
    base: Path,
    out: Path,
    recipe: PersonalRecipe | None = None,
    report: Report = silent,
) -> Header:
    """Learn from labels given on screen, write `out` and return its header.

    With enough labels a quarter of them is held out first, for the figures before and after; what is written has then
    learnt from the rest alone, so that its figures are its own.

    Parameters
    ----------
    windows : sequence of Window
        Of the labelled sessions, in order.
    labels : sequence of Label
    base, out : Path
        Checkpoints to start from and to write.
    recipe : PersonalRecipe, optional
    report : callable
        Gets one line of progress at a time.

    Raises
    ------
    ConfigError
        There are too few labels, or all of one class.
    """
    recipe = recipe or PersonalRecipe()
    torch.manual_seed(recipe.seed)
    checkpoint = load(base)
    network, header = checkpoint.network, checkpoint.header
    a = header.architecture
    answers = training_labels(labels, a.classes)
    held = answers[3::4] if len(answers) >= MIN_TO_HOLD_OUT else []
    kept = [one for one in answers if one not in held]
    examples = Examples(with_truth(windows, answers, a.classes), a.n_embedding, a.n_times)
    follow_baselines(network, examples)
    train, test = _covered(examples, kept, held), _covered(examples, held, [])
    if not len(train):
        raise ConfigError("None of the labels lies on a window of these sessions. Give the sessions they belong to.")
    before = _figures(network, examples, test)
    _fit(network, examples, train, recipe, report)
    after = _figures(network, examples, test)
    prior = np.bincount(examples.label[train], minlength=len(a.classes)) + 1.0
    guess = metrics.log_loss(np.tile(prior / prior.sum(), (len(test), 1)), examples.label[test])
    earned = bool(after.get("eeg", {}).get("log_loss", np.inf) < guess)
    figures: dict[str, Any] = {
        "labels": len(answers), "held_out": len(held), "before": before, "after": after,
        "log_loss_of_prior": round(guess, 4) if len(test) else None, "earned": earned, "base": checkpoint.sha256,
    }  # fmt: skip
    header = dataclasses.replace(
        header,
        taught_on=updated_taught_on(header.taught_on, examples, earned),
        training_data=f"{header.training_data}; then {len(kept)} labels given on screen",
        metrics={**header.metrics, "personalise": figures},
        config={**header.config, "personalise": dataclasses.asdict(recipe)},
    )
    save(out, network, header)
    return header


def training_labels(labels: Sequence[Label], known: Sequence[str]) -> list[Label]:
    """Return the answers that stand and name a class that a model knows.

    Raises
    ------
    ConfigError
        There are too few, or all of one class.
    """
    answers = [one for one in standing(labels) if one.label in known]
    classes = {one.label for one in answers}
    if len(answers) < MIN_LABELS or len(classes) < MIN_CLASSES:
        raise ConfigError(
            f"Personalising needs at least {MIN_LABELS} labels of at least {MIN_CLASSES} classes; there are "
            f"{len(answers)} of {len(classes)}. Label more segments with `insula label`."
        )
    return answers


def _covered(examples: Examples, labels: Sequence[Label], but: Sequence[Label]) -> Ints:
    """Return the windows whose class is known and whose middle lies in one of `labels`, none that touches `but`."""
    middle = examples.start + examples.length_s / 2
    chosen, touched = np.zeros(len(examples), bool), np.zeros(len(examples), bool)
    for one in labels:
        chosen |= (examples.participants == one.participant) & (middle >= one.start) & (middle <= one.stop)
    for one in but:
        reaches = (examples.start < one.stop) & (examples.start + examples.length_s > one.start)
        touched |= (examples.participants == one.participant) & reaches
    return np.flatnonzero(chosen & ~touched & (examples.label != UNKNOWN))


def _figures(network: Network, examples: Examples, index: Ints) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    beta = float(network.prototypes.beta().detach())
    for condition in CONDITIONS:
        predicted = predict(network, examples, index, condition)
        if len(predicted.index):
            p, truth = probabilities(predicted.similarity, beta, 1.0), examples.label[predicted.index]
            accuracy, loss = metrics.accuracy(truth, p.argmax(axis=1)), metrics.log_loss(p, truth)
            out[condition] = {"windows": len(truth), "accuracy": round(accuracy, 4), "log_loss": round(loss, 4)}
    return out


def _fit(network: Network, examples: Examples, train: Ints, recipe: PersonalRecipe, report: Report) -> None:
    parts: list[nn.Module] = [network.eeg_head.mean, network.face.classifier, network.prototypes, network.affect]
    parameters = [parameter for part in parts for parameter in part.parameters()]
    start = [parameter.detach().clone() for parameter in parameters]
    optimiser = torch.optim.Adam(parameters, lr=recipe.learning_rate)
    rng = np.random.default_rng(recipe.seed)

    def losses(epoch: int) -> Iterator[Tensor]:
        network.eval()  # dropout would only add noise where nothing but linear layers is fitted
        for some in batches(train, recipe.batch, rng):
            batch = examples.batch(some)
            output: Output = network(batch.inputs)
            loss = _class_loss(network, output, batch)
            loss = loss + 0.5 * affect_loss(output.affect, output.affect_log_variance, batch.affect)
            pull = sum(((p - p0).square().sum() for p, p0 in zip(parameters, start, strict=True)), torch.zeros(()))
            yield loss + recipe.anchor / len(train) * pull

    fit(network, optimiser, recipe.epochs, losses, report=report, name="personalising")


def _class_loss(network: Network, output: Output, batch: TrainingBatch) -> Tensor:
    beta = network.prototypes.beta()
    loss = cross_entropy(expected_probabilities(concentration(output.similarity, beta)), batch.label)
    for k in range(2):
        known = batch.label.where(batch.inputs.use[:, k], UNKNOWN)
        loss = loss + cross_entropy(expected_probabilities(concentration(output.each[:, k], beta)), known)
    return loss
