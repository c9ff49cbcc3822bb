"""Weightings to compare with: equal, by what was learnt, by variance, by energy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.fusion.interface import Fusion, register
from core.models.heads import Gaussian

MIN_ENERGY = 1e-3


@register("static")
class StaticFusion(Fusion):
    """Every modality that is there counts the same."""


@register("learned")
class LearnedFusion(Fusion):
    """One weight per modality, learnt with the task and the same for every window."""

    def __init__(self, n_modalities: int, n_shared: int, mixing: str = "mean") -> None:
        super().__init__(n_modalities, n_shared, mixing)
        self.log_competence = nn.Parameter(torch.zeros(n_modalities))

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return the learnt weights, shape (batch, M)."""
        return self.log_competence.exp().expand_as(noise)


@register("pe")
class VarianceFusion(Fusion):
    """Probabilistic embeddings: the inverse of the mean variance."""

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return 1 / mean variance, shape (batch, M)."""
        return 1.0 / mean_variance(gaussians)


@register("eau")
class SwappedVarianceFusion(Fusion):
    """After EAU (Gao et al., CVPR 2024): softmax over the variances, each modality getting the others' share.

    For two modalities the swapped softmax is the softmax of the negated variances, which is what is taken for more.
    """

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return the softmax of minus the mean variance, shape (batch, M)."""
        return (-mean_variance(gaussians)).softmax(dim=-1)


@register("eau-unit")
class UnitSwappedVarianceFusion(SwappedVarianceFusion):
    """EAU for features of unit length: variances count in units of the features' mean square, 1 / n_shared.

    EAU's features are about 1 in each dimension. Those of unit length have variances below 1 / n_shared, between which
    a softmax makes no difference to speak of. In these units they are .2 to .4 and its weights near a half still: .51
    and .49 on simulated people, where noise of the EEG moved them by .01 at most.
    """

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return the softmax of minus n_shared times the mean variance, shape (batch, M)."""
        return (-self.n_shared * mean_variance(gaussians)).softmax(dim=-1)


@register("qmf")
class EnergyFusion(Fusion):
    """QMF (Zhang et al., ICML 2023): weights are the energies, log sum exp of the logits over 10, without gradient.

    Its rank loss on the losses so far is `training.fusion_losses.rank_loss`. Needs the logits of each modality.
    """

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return the energies, shape (batch, M); equal weights where no logits are given."""
        if logits is None:
            return torch.ones_like(noise)
        return (logits.logsumexp(dim=-1) / 10.0).clamp(min=MIN_ENERGY).detach()


def mean_variance(gaussians: Sequence[Gaussian]) -> Tensor:
    """Return each modality's variance, mean over dimensions, shape (batch, M)."""
    return torch.stack([one.log_variance.exp().mean(dim=-1) for one in gaussians], dim=-1)
