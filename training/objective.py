"""What a batch costs: the losses of `training.losses` on one network, weighed together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from core.models.fusion import DfumHead, Fused, UdmlFusion
from core.models.fusion.udml import dependency
from core.models.fusion.weighting import mean_variance
from core.models.heads import MAX_EXPONENT, Gaussian, concentration, expected_probabilities
from core.models.network import Batch, Network
from training.examples import TrainingBatch
from training.face_teacher import FaceTeacher, divergence
from training.fusion_losses import LossHistory, contrastive_loss, evidential_loss, gaussian_prior, rank_loss
from training.losses import (
    Injection,
    Layer,
    Weights,
    affect_loss,
    distillation,
    each_cross_entropy,
    info_nce,
    masked_mean,
    noise_loss,
    prior_loss,
    reliability,
    sureness_weights,
    uncertainty_loss,
)
from training.modulation import Dam
from training.teacher import NOBODY, TaskHead

_STEP_AT = (0, 1, 3)
"""The step of `_teacher_head` that follows so many layers: each enters before what its own layer ends with."""


class _Features(NamedTuple):
    """The modalities of a batch on their way through the network, in its order."""

    features: tuple[Tensor, ...]
    gaussians: tuple[Gaussian, ...]
    samples: tuple[Tensor, ...]


class _Said(NamedTuple):
    """What one modality says alone."""

    similarity: Tensor
    probability: Tensor

    @classmethod
    def of(cls, network: Network, sample: Tensor) -> Self:
        similarity = network.prototypes(sample)
        return cls(similarity, _expected(network, similarity))


class Objective(nn.Module):
    """The total loss of a batch. Holds what only training needs: the adaptor of the injected distillation.

    Parameters
    ----------
    network : Network
        Tells the sizes; it is not kept.
    weights : Weights
    n_windows : int
        Of the examples; QMF remembers how each has been told.
    teacher : FaceTeacher, optional
        What teaches in the place of the network's own face branch: neither kept with the state nor moved.
    """

    def __init__(
        self, network: Network, weights: Weights, n_windows: int = 0, teacher: FaceTeacher | None = None
    ) -> None:
        super().__init__()
        self.weights = weights
        self.teacher = teacher
        a = network.architecture
        if teacher is None:
            n_inside = (network.face_head.mean.in_features, a.n_shared, len(a.classes))[weights.injection]
            self.injection = Injection(a.n_eeg_features, n_inside, _STEP_AT[weights.injection])
        else:
            n_inside = teacher.teachers.sizes[weights.injection]
            self.injection = Injection(a.n_eeg_features, n_inside, TaskHead.step_at(weights.injection))
        if weights.rank:
            self.history = LossHistory(n_windows, len(a.modalities))
        if weights.dam:
            self.dam = Dam()

    def forward(self, network: Network, batch: TrainingBatch, noisy: bool, done: float = 1.0) -> Tensor:
        """Return the loss.

        Parameters
        ----------
        network : Network
        batch : TrainingBatch
        noisy : bool
            False for UDML's first stage: all modalities count the same, clean data. True for its second: the
            weights act, noise estimators and prior are taught. Weights that do not rest on those act in both.
        done : float
            Share of the training that is done with this epoch, 0 to 1.
        """
        w, there = self.weights, batch.inputs.use
        features = _features(network, batch.inputs)
        weigh = noisy or not isinstance(network.fusion, UdmlFusion)
        fused = network.fuse(features.gaussians, there, features.samples, weigh=weigh)
        said = [_Said.of(network, sample) for sample in features.samples]
        loss = w.task * self._task(network, batch, features, fused, done)
        for k, one in enumerate(said):
            loss = loss + self._alone(network, batch, one, k, done)
        for place, known in ((fused.feature, there.any(dim=1)), (features.samples[0], there[:, 0])):
            truth = batch.affect.masked_fill(~known.unsqueeze(1), float("nan"))
            mean, log_variance = network.affect(place)
            loss = loss + w.affect * affect_loss(mean, log_variance, truth)
        loss = loss + self._thesis(network, batch, features)
        both = there.all(dim=1)
        if w.contrastive and int(both.sum()) >= 2:
            loss = loss + w.contrastive * contrastive_loss([sample[both] for sample in features.samples])
        for part in self._variances(network, batch, features, noisy):
            loss = loss + part
        _follow_dependency(network, batch, features)
        return loss

    def _task(self, network: Network, batch: TrainingBatch, features: _Features, fused: Fused, done: float) -> Tensor:
        """Return the loss of what is said of the fused feature: cross entropy, TMC's, or DUAL's modulated one."""
        probability, known = _expected(network, network.decide(fused)), batch.label >= 0
        each = each_cross_entropy(probability, batch.label)
        if known.any():
            told = (probability.argmax(dim=1) == batch.label)[known].float().mean()
            for head in _dfum_heads(network):
                head.state.follow(done, float(each[known].detach().mean()), float(told))
        if self.weights.evidential and fused.evidence is not None:
            return _evidential(fused.evidence, batch.label, known, done)
        if self.weights.dam and known.any():
            there = batch.inputs.use
            unsure = (mean_variance(features.gaussians) * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
            modulated: Tensor = self.dam.modulate(each[known], unsure[known], done).mean()
            return modulated + self.weights.align * self.dam.align(fused.feature[known])
        return masked_mean(each, known)

    def _alone(self, network: Network, batch: TrainingBatch, said: _Said, k: int, done: float) -> Tensor:
        """Return what is lost by one modality alone: UDML's L_uni, or TMC's, and QMF's rank loss."""
        w = self.weights
        known = (batch.label >= 0) & batch.inputs.use[:, k]
        if w.evidential:
            evidence = (said.similarity / network.prototypes.beta()).clamp(max=MAX_EXPONENT).exp()
            return w.unimodal * _evidential(evidence, batch.label, known, done)
        each = each_cross_entropy(said.probability, batch.label)
        if w.reweigh_task and k == 0:
            alpha = concentration(said.similarity, network.prototypes.beta())
            each = each * sureness_weights(alpha.shape[-1] / alpha.sum(dim=-1), known)
        loss = w.unimodal * masked_mean(each, known)
        if w.rank and int(known.sum()) >= 2:
            history = self.history.follow(batch.window[known], k, each[known])
            energy = (said.similarity[known] / network.prototypes.beta()).logsumexp(dim=-1)
            loss = loss + w.rank * rank_loss(energy, history)
        return loss

    def _variances(self, network: Network, batch: TrainingBatch, features: _Features, noisy: bool) -> Iterator[Tensor]:
        """Give L_est, and what ties the variances to a prior: the noise level, or 1 for DUAL's uncertain part."""
        w, there = self.weights, batch.inputs.use
        for k, head in enumerate(_dfum_heads(network)):
            _, uncertain = head.parts(features.features[k][there[:, k]])
            if len(uncertain.mean):
                yield w.prior * gaussian_prior(uncertain, torch.ones_like(uncertain.mean[:, 0]))
        if not noisy:
            return
        yield w.noise * noise_loss(network.fusion.noise(_still(network, features)), batch.level, there)
        if not network.architecture.dfum:
            for k, gaussian in enumerate(features.gaussians):
                yield w.prior * prior_loss(gaussian, batch.level[:, k], there[:, k])

    def _thesis(self, network: Network, batch: TrainingBatch, features: _Features) -> Tensor:
        """Return what the face teaches the EEG student, over windows that have both; others teach and learn nothing."""
        w = self.weights
        both = batch.inputs.use[:, :2].all(dim=1)
        eeg, face = features.features[:2]
        if int(both.sum()) < 2:
            return eeg.sum() * 0.0
        student, teacher = (one.mean[both] for one in features.gaussians[:2])
        teacher = teacher.detach()
        alpha = concentration(network.prototypes(student), network.prototypes.beta())
        vacuity = alpha.shape[-1] / alpha.sum(dim=-1)
        loss = w.similarity * info_nce(student, teacher, batch.group[both], w.temperature)
        loss = loss + w.uncertainty * uncertainty_loss(vacuity, reliability(student, teacher, 1.0 - vacuity, w.target))
        teacher_probability = _probabilities(network, teacher)
        if w.imitation:
            loss = loss + w.imitation * distillation(expected_probabilities(alpha), teacher_probability)
        if w.distillation:
            student_feature = eeg[both, : network.architecture.n_eeg_features]
            sure = sureness_weights(vacuity) if w.reweigh else None
            if self.teacher is not None:
                weight = torch.ones_like(vacuity) if sure is None else sure
                return loss + w.distillation * self._taught_before(student_feature, batch.window[both], weight)
            steps = _teacher_head(network)
            inside = face[both, : network.face_head.mean.in_features]
            for step in steps[: self.injection.layer]:
                inside = step(inside)
            injected = self.injection(student_feature, inside, steps)
            loss = loss + w.distillation * distillation(injected, teacher_probability, sure)
        return loss

    def _taught_before(self, student: Tensor, index: Tensor, weight: Tensor) -> Tensor:
        """Return L_kd by teachers that are held still, each for the windows that it has not seen."""
        assert self.teacher is not None
        fold, feature = self.teacher.fold[index], self.teacher.feature[index]
        loss, count = student.sum() * 0.0, int((fold != NOBODY).sum())
        for rows, head in self.teacher.teachers.each(fold, len(index)):
            with torch.no_grad():
                inside, taught = head.before(feature[rows], self.injection.layer), head(feature[rows])
            said = self.injection(student[rows], inside, head.steps())
            part = divergence(said, taught, self.weights.softening, self.teacher.rated, weight[rows])
            loss = loss + part * (len(rows) / count)
        return loss


def _features(network: Network, inputs: Batch) -> _Features:
    eeg = network.read_eeg(inputs)
    read = (None if eeg is None else eeg.feature, network.read_face(inputs), *network.read_further(inputs))
    features = tuple(feature for feature in read if feature is not None)
    if len(features) < len(read):
        raise ValueError("a training batch has all that the network reads, if only zeros")
    gaussians = tuple(head(feature) for head, feature in zip(network.heads, features, strict=True))
    samples = tuple(g.mean + (0.5 * g.log_variance).exp() * torch.randn_like(g.mean) for g in gaussians)
    return _Features(features, gaussians, samples)


def _dfum_heads(network: Network) -> list[DfumHead]:
    return [head for head in network.heads if isinstance(head, DfumHead)]


def _evidential(evidence: Tensor, label: Tensor, known: Tensor, done: float) -> Tensor:
    return evidential_loss(evidence[known], label[known], done) if known.any() else evidence.sum() * 0.0


def _still(network: Network, features: _Features) -> tuple[Gaussian, ...]:
    """Return the Gaussians again, so that a loss on them moves the variance heads and not the encoders.

    UDML stops the gradient at the variance; the heads then know of the noise only what the task and the prior tell
    them, and the estimate followed the level half as well.
    """
    return tuple(head(feature.detach()) for head, feature in zip(network.heads, features.features, strict=True))


def _probabilities(network: Network, place: Tensor) -> Tensor:
    return _expected(network, network.prototypes(place))


def _logits(network: Network, place: Tensor) -> Tensor:
    logits: Tensor = network.prototypes(place) / network.prototypes.beta()
    return logits


def _expected(network: Network, similarity: Tensor) -> Tensor:
    return expected_probabilities(concentration(similarity, network.prototypes.beta()))


def _teacher_head(network: Network) -> tuple[Layer, ...]:
    """Return the face's way from feature to class probabilities step by step, with its weights held still."""
    mean, prototypes = network.face_head.mean, network.prototypes
    weight, bias = mean.weight.detach(), mean.bias.detach()
    unit, beta = prototypes.unit().detach(), prototypes.beta().detach()
    return (
        lambda feature: nn.functional.linear(feature, weight, bias),
        lambda place: nn.functional.normalize(place, dim=-1),
        lambda place: place @ unit.T,
        lambda similarity: expected_probabilities(concentration(similarity, beta)),
    )


@torch.no_grad()
def _follow_dependency(network: Network, batch: TrainingBatch, features: _Features) -> None:
    """Let kappa follow how much the output changes without each modality, over clean windows that have all."""
    clean = batch.inputs.use.all(dim=1) & (batch.level == 1.0).all(dim=1)
    if not isinstance(network.fusion, UdmlFusion) or not bool(clean.any()):
        return
    means = [one.mean[clean] for one in features.gaussians]
    others = [[one for one in means if one is not left_out] for left_out in means]
    says = _logits if network.fusion.form.of_logits else _probabilities
    together = says(network, reduce(torch.add, means))
    without = [says(network, reduce(torch.add, some)) for some in others]
    network.fusion.follow_dependency(dependency(together, without))
