"""The losses of the thesis (arXiv 2511.15741) and of UDML (arXiv 2603.19681), each on its own and weighed together.

Where the thesis leaves a choice open, the switch names it: see `Weights` and `reliability`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core.models.heads import Gaussian

Target = Literal["margin", "literal"]
Layer = Callable[[Tensor], Tensor]
LOG_FLOOR = 1e-8


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts; 0 leaves it out."""

    task: float = 1.0
    """Class cross entropy of the fused feature."""
    unimodal: float = 1.0
    """Class cross entropy of each modality alone (UDML's L_uni; gamma)."""
    affect: float = 0.5
    """Valence and arousal."""
    similarity: float = 0.1
    """L_sim: low, because at 1 it cost accuracy in trials on synthetic pairs."""
    uncertainty: float = 0.1
    """L_unc."""
    distillation: float = 0.5
    """L_kd."""
    imitation: float = 0.0
    """KL of the student's own class probabilities to the face's. The thesis keeps the student's head for ground truth
    alone; on own recordings there is none, and nothing else would tell the head what the classes are."""
    noise: float = 0.1
    """L_est of UDML, in its second stage."""
    prior: float = 1e-3
    """KL of the variances to the noise level, in UDML's second stage (in the authors' code, not in their paper)."""
    temperature: float = 0.1
    """tau of InfoNCE."""
    target: Target = "margin"
    """What vacuity is taught to follow; see `reliability`."""
    injection: int = 0
    """Layers of the teacher's head that the injected feature skips: 0, 1 (it is a place in the shared space) or 2 (it
    is the similarities to the prototypes)."""
    reweigh: bool = True
    """Weigh each window's distillation by how sure the student is."""
    reweigh_task: bool = False
    """Weigh what the EEG alone is taught of each label in the same way."""
    softening: float = 1.0
    """T of the distillation by a teacher that was taught before (`training.face_teacher`)."""
    rank: float = 0.0
    """QMF: of two windows the one that a modality has got less wrong so far is to be the surer."""
    evidential: bool = False
    """TMC: what all and what each modality says is taught as a Dirichlet, in place of the cross entropies."""
    contrastive: float = 0.0
    """EAU: InfoNCE between the modalities' draws, gradient in both."""
    dam: bool = False
    """DUAL: the task's loss is modulated window by window (`training.modulation.Dam`), and features kept where they
    were a moment ago."""
    align: float = 0.1
    """Weight of that, an MMD."""


def cross_entropy(probability: Tensor, label: Tensor) -> Tensor:
    """Return the mean of -log p(label) over windows whose label is known, 0 without any."""
    return masked_mean(each_cross_entropy(probability, label), label >= 0)


def each_cross_entropy(probability: Tensor, label: Tensor) -> Tensor:
    """Return -log p(label), shape (batch,), of no meaning where the label is not known."""
    chosen = probability.gather(1, label.clamp(min=0).unsqueeze(1)).squeeze(1)
    return -(chosen + LOG_FLOOR).log()


def info_nce(student: Tensor, teacher: Tensor, group: Tensor, temperature: float) -> Tensor:
    """Return the symmetric InfoNCE of matched pairs, both (batch, n_shared), unit length.

    Other windows of the same trial look alike and are no negatives: they are left out.
    """
    logits = student @ teacher.T / temperature
    same = (group.unsqueeze(0) == group.unsqueeze(1)) & ~torch.eye(len(group), dtype=torch.bool, device=group.device)
    logits = logits.masked_fill(same, -1e4)
    index = torch.arange(len(group), device=group.device)
    both = nn.functional.cross_entropy(logits, index) + nn.functional.cross_entropy(logits.T, index)
    return 0.5 * both


def prototype_loss(places: Sequence[Tensor], prototypes: Tensor, label: Tensor, temperature: float) -> Tensor:
    """Return the mean cross entropy of each modality's prototype cosines; `places` are (batch, n_shared) each."""
    losses = [cross_entropy((place @ prototypes.T / temperature).softmax(-1), label) for place in places]
    return torch.stack(losses).mean()


def reliability(student: Tensor, teacher: Tensor, sure: Tensor, target: Target = "margin") -> Tensor:
    """Return how reliable each pair is, shape (batch,), without gradient.

    Parameters
    ----------
    student, teacher : Tensor
        (batch, n_shared), unit length.
    sure : Tensor
        (batch,): one minus vacuity, for the scale of the literal target.
    target : str
        ``literal`` is the mean similarity to the pairs that do NOT match, scaled to the mean of `sure`, as the
        thesis words it. ``margin`` is the matched minus that, standardised over the batch: in trials the literal
        target taught vacuity to be lowest where the signal was worst.
    """
    similarity = (student @ teacher.T).detach()
    matched = similarity.diagonal()
    others = (similarity.sum(dim=1) - matched) / max(len(similarity) - 1, 1)
    if target == "literal":
        scale = sure.detach().mean() / others.mean()
        return others * scale
    margin = matched - others
    return torch.sigmoid((margin - margin.mean()) / (margin.std(correction=0) + 1e-6))


def uncertainty_loss(vacuity: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of one minus vacuity from its target (L_unc; PAU, NeurIPS 2023)."""
    return ((1.0 - vacuity) - target).square().mean()


class Injection(nn.Module):
    """Runs the student's feature through the rest of the teacher's head (after CrossKD, Wang et al. 2024).

    Parameters
    ----------
    n_student, n_teacher : int
        Sizes of the student's feature and of the teacher's feature at the same layer.
    layer : int
        How many steps of the teacher's head are skipped.
    """

    def __init__(self, n_student: int, n_teacher: int, layer: int = 0) -> None:
        super().__init__()
        self.layer = layer
        self.adapt = nn.Linear(n_student, n_teacher)

    def forward(self, student: Tensor, teacher: Tensor, head: Sequence[Layer]) -> Tensor:
        """Return what the teacher's head makes of the student's feature.

        Parameters
        ----------
        student : Tensor
            (batch, n_student).
        teacher : Tensor
            (batch, n_teacher): the teacher's own feature at `layer`, whose mean and spread the student's takes on.
        head : sequence of callable
            The teacher's head, step by step; its weights are not moved. Where the step at `layer` is a rectifier, both
            features are those before it.
        """
        adapted = self.adapt(student)
        spread = adapted.std(dim=0, correction=0) + 1e-5
        target = teacher.detach()
        out: Tensor = (adapted - adapted.mean(dim=0)) / spread * target.std(dim=0, correction=0) + target.mean(dim=0)
        for step in head[self.layer :]:
            out = step(out)
        return out


def distillation(student: Tensor, teacher: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return KL(teacher || student) of class probabilities, both (batch, n_classes), mean over windows."""
    target = teacher.detach()
    divergence = (target * ((target + LOG_FLOOR).log() - (student + LOG_FLOOR).log())).sum(dim=-1)
    return (divergence if weight is None else divergence * weight).mean()


def softened_divergence(student: Tensor, teacher: Tensor, temperature: float, weight: Tensor) -> Tensor:
    """Return T^2 KL(softmax(teacher / T) || softmax(student / T)) of logits, weighed, mean over windows.

    Methods, eq. 8; the square keeps the gradient's size whatever the temperature (Hinton et al. 2015).
    """
    target = (teacher.detach() / temperature).log_softmax(dim=-1)
    predicted = (student / temperature).log_softmax(dim=-1)
    return temperature**2 * (weight * (target.exp() * (target - predicted)).sum(dim=-1)).mean()


def sureness_weights(vacuity: Tensor, there: Tensor | None = None) -> Tensor:
    """Return a weight per window, (1 - u) over its mean where `there`, 0.2 to 5, without gradient (methods, eq. 10)."""
    sure = 1.0 - vacuity.detach()
    mean = sure.mean() if there is None else masked_mean(sure, there)
    return (sure / mean.clamp(min=1e-6)).clamp(0.2, 5.0)


def concordance(predicted: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return Lin's concordance of each column over the weighed windows, shape (n_outputs,); all moments with 1/N."""
    share = torch.ones_like(predicted[:, 0]) if weight is None else weight
    share = (share / share.sum()).unsqueeze(1)
    mean_predicted, mean_truth = (share * predicted).sum(dim=0), (share * truth).sum(dim=0)
    covariance = (share * (predicted - mean_predicted) * (truth - mean_truth)).sum(dim=0)
    spread = (share * ((predicted - mean_predicted).square() + (truth - mean_truth).square())).sum(dim=0)
    return 2.0 * covariance / (spread + (mean_predicted - mean_truth).square() + 1e-6)


def affect_loss(mean: Tensor, log_variance: Tensor, truth: Tensor) -> Tensor:
    """Return Gaussian negative log likelihood plus one minus concordance, mean over the scales, each (batch, n_scales).

    Where the truth is NaN it counts for nothing, of each scale by itself: one may be rated and another not.
    """
    known = truth.isfinite()
    scales = [k for k in range(truth.shape[-1]) if int(known[:, k].sum()) > 1]
    if not scales:
        return mean.sum() * 0.0
    rows = known[:, scales[0]]
    if bool((known[:, scales] == rows.unsqueeze(1)).all()):
        return _of_known(*(part[rows][:, scales] for part in (mean, log_variance, truth)))
    each = [_of_known(*(part[known[:, k], k : k + 1] for part in (mean, log_variance, truth))) for k in scales]
    return torch.stack(each).mean()


def _of_known(mean: Tensor, log_variance: Tensor, truth: Tensor) -> Tensor:
    likelihood = 0.5 * (log_variance + (truth - mean).square() / log_variance.exp()).mean()
    return likelihood + (1.0 - concordance(mean, truth)).mean()


def noise_loss(noise: Tensor, level: Tensor, there: Tensor) -> Tensor:
    """Return the squared error of the estimated noise levels, all (batch, M), over modalities that are there."""
    return masked_mean((noise - level).square(), there)


def prior_loss(gaussian: Gaussian, level: Tensor, there: Tensor) -> Tensor:
    """Return KL( N(mean, variance) || N(0, level / n_shared) ), summed over dimensions, mean over windows.

    The mean has unit length, hence 1 / n_shared a dimension: the prior of a clean window is as wide as the signal.
    """
    prior = (level / gaussian.mean.shape[-1]).unsqueeze(-1)
    ratio = gaussian.log_variance.exp() / prior
    divergence = 0.5 * (ratio + gaussian.mean.square() / prior - 1.0 - ratio.log()).sum(dim=-1)
    return masked_mean(divergence, there)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of `values` where `mask` is True, 0 where nothing is."""
    share = mask.to(values.dtype)
    return (values * share).sum() / share.sum().clamp(min=1.0)
