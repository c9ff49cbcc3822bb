"""What a batch costs: the losses of `training.losses` on one network, weighed together."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.fusion import UdmlFusion
from core.models.fusion.udml import dependency
from core.models.heads import Gaussian, concentration, expected_probabilities
from core.models.network import Batch, Network
from training.examples import TrainingBatch
from training.losses import (
    Injection,
    Layer,
    Weights,
    affect_loss,
    cross_entropy,
    distillation,
    info_nce,
    noise_loss,
    prior_loss,
    reliability,
    sureness_weights,
    uncertainty_loss,
)


class _Features(NamedTuple):
    """Both modalities of a batch on their way through the network."""

    eeg: Tensor
    face: Tensor
    gaussians: tuple[Gaussian, Gaussian]
    samples: tuple[Tensor, Tensor]


class Objective(nn.Module):
    """The total loss of a batch. Holds what only training needs: the adaptor of the injected distillation.

    Parameters
    ----------
    network : Network
        Tells the sizes; it is not kept.
    weights : Weights
    """

    def __init__(self, network: Network, weights: Weights) -> None:
        super().__init__()
        self.weights = weights
        a = network.architecture
        sizes = (network.face.n_features, a.n_shared, len(a.classes))
        self.injection = Injection(a.n_eeg_features, sizes[weights.injection], weights.injection)

    def forward(self, network: Network, batch: TrainingBatch, noisy: bool) -> Tensor:
        """Return the loss.

        Parameters
        ----------
        network : Network
        batch : TrainingBatch
        noisy : bool
            False for UDML's first stage: all modalities count the same, clean data. True for its second: the
            weights act, noise estimators and prior are taught. Weights that do not rest on those act in both.
        """
        w, there = self.weights, batch.inputs.use
        features = _features(network, batch.inputs)
        weigh = noisy or not isinstance(network.fusion, UdmlFusion)
        fused = network.fuse(features.gaussians, there, features.samples, weigh=weigh)
        each = [_probabilities(network, sample) for sample in features.samples]
        loss = w.task * cross_entropy(_expected(network, network.decide(fused)), batch.label)
        for k, probability in enumerate(each):
            loss = loss + w.unimodal * cross_entropy(probability, batch.label.where(there[:, k], -1))
        for place, known in ((fused.feature, there.any(dim=1)), (features.samples[0], there[:, 0])):
            truth = batch.affect.masked_fill(~known.unsqueeze(1), float("nan"))
            mean, log_variance = network.affect(place)
            loss = loss + w.affect * affect_loss(mean, log_variance, truth)
        loss = loss + self._thesis(network, batch, features)
        if noisy:
            noise = network.fusion.noise(_still(network, features))
            loss = loss + w.noise * noise_loss(noise, batch.level, there)
            for k, gaussian in enumerate(features.gaussians):
                loss = loss + w.prior * prior_loss(gaussian, batch.level[:, k], there[:, k])
        _follow_dependency(network, batch, features)
        return loss

    def _thesis(self, network: Network, batch: TrainingBatch, features: _Features) -> Tensor:
        """Return what the face teaches the EEG student, over windows that have both."""
        w = self.weights
        both = batch.inputs.use.all(dim=1)
        if int(both.sum()) < 2:
            return features.eeg.sum() * 0.0
        student, teacher = (one.mean[both] for one in features.gaussians)
        teacher = teacher.detach()
        alpha = concentration(network.prototypes(student), network.prototypes.beta())
        vacuity = alpha.shape[-1] / alpha.sum(dim=-1)
        loss = w.similarity * info_nce(student, teacher, batch.group[both], w.temperature)
        loss = loss + w.uncertainty * uncertainty_loss(vacuity, reliability(student, teacher, 1.0 - vacuity, w.target))
        teacher_probability = _probabilities(network, teacher)
        if w.imitation:
            loss = loss + w.imitation * distillation(expected_probabilities(alpha), teacher_probability)
        if w.distillation:
            stages = (features.face[both], teacher, network.prototypes(teacher))
            student_feature = features.eeg[both, : network.architecture.n_eeg_features]
            injected = self.injection(student_feature, stages[w.injection], _teacher_head(network))
            sure = sureness_weights(vacuity) if w.reweigh else None
            loss = loss + w.distillation * distillation(injected, teacher_probability, sure)
        return loss


def _features(network: Network, inputs: Batch) -> _Features:
    eeg, face = network.read_eeg(inputs), network.read_face(inputs)
    if eeg is None or face is None:
        raise ValueError("a training batch has EEG and faces, if only zeros")
    gaussians = (network.eeg_head(eeg.feature), network.face_head(face))
    first, second = (g.mean + (0.5 * g.log_variance).exp() * torch.randn_like(g.mean) for g in gaussians)
    return _Features(eeg.feature, face, gaussians, (first, second))


def _still(network: Network, features: _Features) -> tuple[Gaussian, Gaussian]:
    """Return the Gaussians again, so that a loss on them moves the variance heads and not the encoders.

    UDML stops the gradient at the variance; the heads then know of the noise only what the task and the prior tell
    them, and the estimate followed the level half as well.
    """
    heads = ((network.eeg_head, features.eeg), (network.face_head, features.face))
    first, second = (head(feature.detach()) for head, feature in heads)
    return first, second


def _probabilities(network: Network, place: Tensor) -> Tensor:
    return _expected(network, network.prototypes(place))


def _expected(network: Network, similarity: Tensor) -> Tensor:
    return expected_probabilities(concentration(similarity, network.prototypes.beta()))


def _teacher_head(network: Network) -> tuple[Layer, Layer, Layer]:
    """Return the face's way from feature to class probabilities in three layers, with its weights held still."""
    mean, prototypes = network.face_head.mean, network.prototypes
    weight, bias = mean.weight.detach(), mean.bias.detach()
    unit, beta = prototypes.unit().detach(), prototypes.beta().detach()
    return (
        lambda feature: nn.functional.normalize(nn.functional.linear(feature, weight, bias), dim=-1),
        lambda place: place @ unit.T,
        lambda similarity: expected_probabilities(concentration(similarity, beta)),
    )


@torch.no_grad()
def _follow_dependency(network: Network, batch: TrainingBatch, features: _Features) -> None:
    """Let kappa follow how much the output changes without each modality, over clean windows that have both."""
    clean = batch.inputs.use.all(dim=1) & (batch.level == 1.0).all(dim=1)
    if not isinstance(network.fusion, UdmlFusion) or not bool(clean.any()):
        return
    means = [one.mean[clean] for one in features.gaussians]
    together = _probabilities(network, means[0] + means[1])
    without = [_probabilities(network, means[1]), _probabilities(network, means[0])]
    network.fusion.follow_dependency(dependency(together, without))
