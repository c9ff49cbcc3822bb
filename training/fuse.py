"""Trains a network over feature views with any fusion, by one schedule for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.models.fusion import Ucrl, UdmlForm, UdmlFusion, places_of
from core.models.fusion.udml import dependency
from training.examples import batches
from training.feature_network import FeatureNetwork, Reading, Shape
from training.fusion_losses import (
    LossHistory,
    contrastive_loss,
    evidential_loss,
    gaussian_prior,
    rank_loss,
    variance_prior,
)
from training.loop import Report, fit, silent
from training.modulation import Dam
from training.view_noise import Levels, at_levels, draw_levels
from training.views import Ints, Part, Task

FOLLOWED = 4
"""Batches between two looks at the dependency, which cost a forward of the fusion for each modality."""
Corruption = Callable[[Part, Levels, np.random.Generator], list[np.ndarray]]
"""Gives the views of a part, each sample at its levels; see `training.view_noise.at_levels`."""


@dataclass(frozen=True, slots=True)
class FuseRecipe:
    """How a network over views is trained: which fusion, and which losses come with it."""

    fusion: str = "udml+concat"
    form: UdmlForm | None = None
    noisy: bool = True
    """Learn from noise as well, in the second half of the epochs."""
    progressive: bool = True
    """UDML's two stages; if not, noise and weights are there from the first epoch."""
    redraw: bool = True
    """Draw the noise levels afresh each epoch; the released code draws them once."""
    sampled: bool = False
    """Fuse draws from the Gaussians while training."""
    unimodal: float = 1.0
    """gamma: weight of the classification losses of each modality alone (L_uni)."""
    noise: float = 0.0
    """Weight of the noise level's error (L_est)."""
    signal: bool = False
    """The variance heads read the signal's power too; see `core.models.signal_power`."""
    noise_rate: float = 1.0
    """Learning rate of variance heads and estimators, which start late, as a multiple of the others'."""
    blocked: bool = False
    """L_est stops at the variance, as in the paper; else it teaches the variance heads too, never the encoders."""
    prior: float = 0.0
    """Weight of KL to a Gaussian whose variance is the noise level."""
    drop: bool = False
    """Modality dropout: one of the non-empty subsets, uniformly, for each sample."""
    rank: float = 0.0
    """QMF."""
    evidential: bool = False
    """TMC."""
    contrastive: float = 0.0
    """EAU."""
    dfum: bool = False
    dam: bool = False
    """DUAL."""
    align: float = 0.1
    """Weight of DUAL's MMD."""
    relation_prior: float = 0.0
    """Weight of KL of UCRL's Sigma to unit variance; without it the task alone moves Sigma."""
    picture: int = 0
    """Side of the square pictures that the views are, whose encoder is then convolutional; 0 where they are none."""
    dropout: float = 0.3
    epochs: int = 30
    batch: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    patience: int = 10


def fit_fusion(
    task: Task, recipe: FuseRecipe, seed: int, report: Report = silent, corruption: Corruption | None = None
) -> FeatureNetwork:
    """Return a network trained on the task, stopped early on its validation samples; see `fit_with_scores`."""
    return fit_with_scores(task, recipe, seed, report, corruption)[0]


def fit_with_scores(
    task: Task, recipe: FuseRecipe, seed: int, report: Report = silent, corruption: Corruption | None = None
) -> tuple[FeatureNetwork, list[float]]:
    """Return a network trained on the task, and its validation score after each epoch.

    Parameters
    ----------
    task : Task
        With one view or more.
    recipe : FuseRecipe
    seed : int
    report : callable
        Gets one line per epoch.
    corruption : callable, optional
        What noise at a level is; Gaussian noise by default.
    """
    torch.manual_seed(seed)
    sizes = tuple(view.shape[1] for view in task.train.views)
    shape = Shape(
        sizes,
        task.n_classes,
        recipe.fusion,
        recipe.form,
        dropout=recipe.dropout,
        dfum=recipe.dfum,
        signal=recipe.signal,
        picture=recipe.picture,
    )
    network = FeatureNetwork(shape)
    network.fit_signal_power([torch.from_numpy(view) for view in task.train.views])
    lesson = Lesson(network, task, recipe, seed, corruption or _gaussian)
    groups = _groups(network, recipe)
    optimiser = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, fused=True)
    half = recipe.epochs // 2
    stages = [(half, False), (recipe.epochs - half, True)] if recipe.progressive else [(recipe.epochs, True)]
    scores: list[float] = []
    for epochs, second in stages:
        for group, start in zip(optimiser.param_groups, groups, strict=True):
            group["lr"] = start["lr"]
        noisy = recipe.noisy and second
        losses, score = lesson.losses(second, noisy), lesson.score(noisy)
        scores += fit(network, optimiser, epochs, losses, score, recipe.patience, report).scores
    return network, scores


def _groups(network: FeatureNetwork, recipe: FuseRecipe) -> list[dict[str, Any]]:
    tells = [*network.log_variances.parameters()]
    if isinstance(network.fusion, UdmlFusion):
        tells += network.fusion.estimators.parameters()
    known = {id(parameter) for parameter in tells}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in known]
    rate = recipe.learning_rate
    return [{"params": rest, "lr": rate}, {"params": tells, "lr": recipe.noise_rate * rate}]


class Lesson:
    """The losses and the validation score of one training run."""

    def __init__(
        self, network: FeatureNetwork, task: Task, recipe: FuseRecipe, seed: int, corruption: Corruption
    ) -> None:
        self.network, self.task, self.recipe, self.corruption = network, task, recipe, corruption
        self._rng = np.random.default_rng(seed)
        self._dam = Dam()
        self._history = LossHistory(len(task.train), len(task.train.views))
        self._fixed = draw_levels(len(task.train), len(task.train.views), self._rng)
        levels = draw_levels(len(task.validation), len(task.train.views), np.random.default_rng(1))
        self._corrupted = Part(
            tuple(corruption(task.validation, levels, np.random.default_rng(2))), task.validation.label
        )
        self._epoch = self._step = 0

    def losses(self, second: bool, noisy: bool) -> Callable[[int], Iterator[Tensor]]:
        """Return what gives the losses of an epoch; `second` is UDML's second stage."""

        def epoch(number: int) -> Iterator[Tensor]:
            train, self._epoch = self.task.train, self._epoch + 1
            levels = np.zeros_like(self._fixed)
            if noisy:
                levels = draw_levels(len(train), len(train.views), self._rng) if self.recipe.redraw else self._fixed
            views = [torch.from_numpy(view) for view in self.corruption(train, levels, self._rng)]
            label, level = torch.from_numpy(train.label), torch.from_numpy(1.0 + levels.astype(np.float32))
            for some in batches(np.arange(len(train)), self.recipe.batch, self._rng):
                yield self._loss(some, [view[some] for view in views], label[some], level[some], second)

        return epoch

    def score(self, noisy: bool) -> Callable[[], float]:
        """Return what gives the validation score: accuracy, its ties broken by likelihood; with noise on both."""
        parts = [self.task.validation, self._corrupted] if noisy else [self.task.validation]

        def value() -> float:
            total = 0.0
            for part in parts:
                logits = predict(self.network, part).logits
                label = torch.from_numpy(part.label)
                right = (logits.argmax(1) == label).float().mean()
                total += float(right - 0.01 * nn.functional.cross_entropy(logits, label).clamp(max=10.0))
            return total / len(parts)

        return value

    def _loss(self, index: Ints, views: list[Tensor], label: Tensor, level: Tensor, second: bool) -> Tensor:
        recipe, network = self.recipe, self.network
        reading = network.read(views)
        samples = [_draw(one) for one in reading.gaussians] if recipe.sampled or recipe.dfum else None
        mask = _drop(len(label), len(views)) if recipe.drop else torch.ones(len(label), len(views), dtype=torch.bool)
        fused, logits = network.fuse(reading, mask, samples, weigh=second or not _staged(network))
        share = self._epoch / recipe.epochs
        task = nn.functional.cross_entropy(logits, label, reduction="none")
        if recipe.dam:
            task = self._dam.modulate(task, _uncertainty(reading), share)
        loss = task.mean()
        if recipe.dam:
            loss = loss + recipe.align * self._dam.align(fused.feature)
        if fused.evidence is not None and recipe.evidential:
            loss = evidential_loss(fused.evidence, label, share)
        places = samples or [one.mean for one in reading.gaussians]
        loss = loss + self._unimodal(index, places, label, mask, share) + self._gaussian(reading, level, second)
        if recipe.contrastive:
            loss = loss + recipe.contrastive * contrastive_loss(places)
        if recipe.dfum:
            network.state.follow(share, float(task.detach().mean()), float((logits.argmax(1) == label).float().mean()))
        self._follow_dependency(reading, level)
        return loss

    def _unimodal(self, index: Ints, places: list[Tensor], label: Tensor, mask: Tensor, share: float) -> Tensor:
        """Return L_uni, or TMC's, and QMF's rank loss."""
        recipe, loss = self.recipe, torch.zeros(())
        if len(places) < 2:
            return loss
        for m, place in enumerate(places):
            logits = self.network.classifier(place)
            if recipe.evidential:
                loss = loss + recipe.unimodal * evidential_loss(logits.clamp(max=10.0).exp(), label, share)
                continue
            each = nn.functional.cross_entropy(logits, label, reduction="none")
            loss = loss + recipe.unimodal * (each * mask[:, m]).sum() / mask[:, m].sum().clamp(min=1)
            if recipe.rank:
                history = self._history.follow(torch.from_numpy(index), m, each)
                loss = loss + recipe.rank * rank_loss(logits.logsumexp(dim=-1), history)
        return loss

    def _gaussian(self, reading: Reading, level: Tensor, second: bool) -> Tensor:
        """Return L_est and the priors on the variances."""
        recipe, network, loss = self.recipe, self.network, torch.zeros(())
        if recipe.relation_prior and isinstance(network.fusion, Ucrl):
            log_variance = network.fusion.relation_log_variance(places_of(reading.gaussians))
            loss = loss + recipe.relation_prior * variance_prior(log_variance)
        for m, gaussian in enumerate(reading.gaussians):
            if recipe.prior:
                mean = reading.uncertain[m] if recipe.dfum else gaussian.mean
                variance = torch.ones_like(level[:, m]) if recipe.dfum else level[:, m]
                loss = loss + recipe.prior * gaussian_prior(gaussian._replace(mean=mean), variance)
        if recipe.noise and second and isinstance(network.fusion, UdmlFusion):
            still = [one._replace(log_variance=one.log_variance.detach()) for one in reading.gaussians]
            if not recipe.blocked:
                still = [
                    one._replace(log_variance=network.log_variance(m, reading.variance_inputs[m].detach()))
                    for m, one in enumerate(reading.gaussians)
                ]
            loss = loss + recipe.noise * (network.fusion.noise(still) - level).square().mean(dim=0).sum()
        return loss

    @torch.no_grad()
    def _follow_dependency(self, reading: Reading, level: Tensor) -> None:
        fusion = self.network.fusion
        self._step += 1
        if not isinstance(fusion, UdmlFusion) or self._step % FOLLOWED:
            return
        clean = (level == 1.0).all(dim=1)
        if int(clean.sum()) < 2:
            return
        places = torch.stack([one.mean[clean] for one in reading.gaussians], dim=1)
        outputs: list[Tensor] = []
        for without in [None, *range(places.shape[1])]:
            mask = torch.ones(places.shape[:2], dtype=torch.bool)
            if without is not None:
                mask[:, without] = False
            logits = self.network.classifier(fusion.mix(places, mask.to(places.dtype), mask))
            outputs.append(logits if fusion.form.of_logits else logits.softmax(dim=-1))
        fusion.follow_dependency(dependency(outputs[0], outputs[1:]), decay=0.98**FOLLOWED)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a network says of some samples."""

    logits: Tensor
    weights: Tensor
    noise: Tensor


@torch.inference_mode()
def predict(network: FeatureNetwork, part: Part, without: int | None = None) -> Outputs:
    """Return what a network says of a part, without one modality if told so."""
    network.eval()
    mask = torch.ones(len(part), len(part.views), dtype=torch.bool)
    if without is not None:
        mask[:, without] = False
    fused, logits = network([torch.from_numpy(view) for view in part.views], mask)
    return Outputs(logits, fused.weights, fused.noise)


def only(task: Task, modality: int) -> Task:
    """Return the task with one modality alone."""
    parts = [Part((part.views[modality],), part.label) for part in (task.train, task.validation, task.test)]
    return Task(task.name, (task.modalities[modality],), task.n_classes, *parts)


def _gaussian(part: Part, levels: Levels, rng: np.random.Generator) -> list[np.ndarray]:
    return list(at_levels(part.views, levels, rng))


def _draw(gaussian: tuple[Tensor, Tensor]) -> Tensor:
    mean, log_variance = gaussian
    return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


def _uncertainty(reading: Reading) -> Tensor:
    return torch.stack([one.log_variance.exp().mean(dim=-1) for one in reading.gaussians]).mean(dim=0)


def _staged(network: FeatureNetwork) -> bool:
    """Return whether the weights have to wait for the second stage, in which what they rest on is taught."""
    return isinstance(network.fusion, UdmlFusion)


def _drop(n_samples: int, n_modalities: int) -> Tensor:
    """Return a mask per sample, each non-empty subset of the modalities equally likely (mmFormer)."""
    code = torch.randint(1, 2**n_modalities, (n_samples, 1))
    return (code >> torch.arange(n_modalities)) % 2 == 1
