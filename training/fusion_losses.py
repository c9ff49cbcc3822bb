"""The losses that the fusions we compare with were published with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.heads import Gaussian
from training.losses import info_nce


def gaussian_prior(gaussian: Gaussian, variance: Tensor) -> Tensor:
    """Return KL( N(mean, var) || N(0, variance) ), summed over dimensions, mean over the batch; variance is (batch,).

    UDML's code takes the noise level for the prior's variance; EAU takes 1.
    """
    prior = variance.unsqueeze(-1)
    ratio = gaussian.log_variance.exp() / prior
    return 0.5 * (ratio + gaussian.mean.square() / prior - 1.0 - ratio.log()).sum(dim=-1).mean()


def variance_prior(log_variance: Tensor) -> Tensor:
    """Return KL( N(m, var) || N(m, 1) ), summed over the last dimension, mean over all others: var alone is pulled."""
    return 0.5 * (log_variance.exp() - log_variance - 1.0).sum(dim=-1).mean()


class LossHistory(nn.Module):
    """How badly each modality has told each sample so far: the mean loss over all times that it was drawn (QMF).

    Parameters
    ----------
    n_samples, n_modalities : int
    """

    total: Tensor
    times: Tensor

    def __init__(self, n_samples: int, n_modalities: int) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(n_samples, n_modalities))
        self.register_buffer("times", torch.zeros(n_samples, n_modalities))

    def follow(self, index: Tensor, modality: int, loss: Tensor) -> Tensor:
        """Take in the losses, (n,), of the samples at `index`; return their history, 0 to 1 over these samples."""
        self.total[:, modality].index_add_(0, index, loss.detach().to(self.total.dtype))
        self.times[:, modality].index_add_(0, index, torch.ones_like(loss, dtype=self.times.dtype))
        mean = self.total[index, modality] / self.times[index, modality]
        return (mean - mean.min()) / (mean.max() - mean.min()).clamp(min=1e-8)


def rank_loss(confidence: Tensor, history: Tensor) -> Tensor:
    """Return QMF's rank loss: of two neighbours the one with the smaller loss so far is to be the surer.

    Parameters
    ----------
    confidence, history : Tensor
        (batch,): energy of a modality, and its loss per sample so far, scaled to 0 to 1; see `LossHistory`.
    """
    other, before = confidence.roll(-1), history.roll(-1)
    margin = (history - before).abs()
    sign = torch.sign(before - history)
    return torch.relu(margin - sign * (confidence - other)).mean()


def evidential_loss(evidence: Tensor, label: Tensor, anneal: float) -> Tensor:
    """Return TMC's loss of a Dirichlet: expected cross entropy, plus KL of the wrong evidence to none (eq. 8 to 10).

    Parameters
    ----------
    evidence : Tensor
        (batch, n_classes), not negative.
    label : Tensor
        (batch,), int64.
    anneal : float
        Weight of the KL, rising from 0 to 1.
    """
    alpha = 1.0 + evidence
    truth = torch.nn.functional.one_hot(label, alpha.shape[-1]).to(alpha.dtype)
    expected = (truth * (alpha.sum(-1, keepdim=True).digamma() - alpha.digamma())).sum(-1)
    wrong = 1.0 + evidence * (1.0 - truth)
    return (expected + anneal * _to_uniform(wrong)).mean()


def _to_uniform(alpha: Tensor) -> Tensor:
    total = alpha.sum(-1, keepdim=True)
    n_classes = torch.tensor(float(alpha.shape[-1]))
    norm = total.squeeze(-1).lgamma() - n_classes.lgamma() - alpha.lgamma().sum(-1)
    return norm + ((alpha - 1.0) * (alpha.digamma() - total.digamma())).sum(-1)


def contrastive_loss(places: Sequence[Tensor], temperature: float = 0.5) -> Tensor:
    """Return the mean InfoNCE over pairs of modalities, (batch, n_shared) each (EAU)."""
    unit = [torch.nn.functional.normalize(place, dim=-1) for place in places]
    apart = torch.arange(len(unit[0]))
    pairs = [info_nce(unit[m], unit[n], apart, temperature) for m in range(len(unit)) for n in range(m)]
    return torch.stack(pairs).mean()
