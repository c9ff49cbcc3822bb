"""Heads: Gaussians in the shared space, noise estimators, class prototypes with evidence, valence and arousal."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

MAX_EXPONENT = 10.0
LOG_VARIANCE_RANGE = (-8.0, 4.0)
BETA_RANGE = (0.05, 1.0)
CIRCUMPLEX = {
    "neutral": (0.0, 0.0),
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "surprise": (0.40, 0.67),
    "fear": (-0.64, 0.60),
    "disgust": (-0.60, 0.35),
    "anger": (-0.51, 0.59),
}
"""Valence and arousal of each class (Russell & Mehrabian 1977)."""


class Gaussian(NamedTuple):
    """One modality's place in the shared space and how sure it is of it."""

    mean: Tensor
    """(batch, n_shared), unit length."""
    log_variance: Tensor
    """(batch, n_shared)."""


class GaussianHead(nn.Module):
    """Mean and log variance of a modality in the shared space (UDML: z ~ N(mu, Sigma)).

    Parameters
    ----------
    n_features : int
        Size of the feature, all of which the variance reads.
    n_shared : int
        Size of the shared space.
    n_mean : int, optional
        How many of the features the mean reads; all by default.
    """

    def __init__(self, n_features: int, n_shared: int, n_mean: int | None = None) -> None:
        super().__init__()
        self.mean = nn.Linear(n_mean or n_features, n_shared)
        self.log_variance = nn.Linear(n_features, n_shared)
        nn.init.constant_(self.log_variance.bias, -5.0)

    def forward(self, feature: Tensor) -> Gaussian:
        """Return the Gaussian of a feature, shape (batch, n_features)."""
        mean = nn.functional.normalize(self.mean(feature[:, : self.mean.in_features]), dim=-1)
        return Gaussian(mean, self.log_variance(feature).clamp(*LOG_VARIANCE_RANGE))


class NoiseEstimator(nn.Module):
    """Noise level of a modality from its log variance: 1 is clean (UDML's E_m; methods: p = exp(out / 2))."""

    def __init__(self, n_shared: int, n_hidden: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_shared, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))

    def forward(self, log_variance: Tensor) -> Tensor:
        """Return the level, shape (batch,)."""
        level: Tensor = self.layers(log_variance).squeeze(-1)
        return (0.5 * level).clamp(max=3.0).exp()


class Prototypes(nn.Module):
    """Class prototypes in the shared space and the evidence that a feature gives for each class.

    A fused feature is a weighted mean of unit vectors, and its dot product with a unit prototype is taken without
    normalising it again: two modalities that contradict each other make a short vector, hence little evidence.
    """

    def __init__(self, n_classes: int, n_shared: int, beta: float = 0.2) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(2)
        basis, _ = torch.linalg.qr(torch.randn(n_shared, n_shared, generator=generator))
        self.directions = nn.Parameter(basis[:n_classes].contiguous().clone())
        self.log_beta = nn.Parameter(torch.tensor(beta).log())

    def unit(self) -> Tensor:
        """Return the prototypes, shape (n_classes, n_shared), unit length."""
        return nn.functional.normalize(self.directions, dim=-1)

    def beta(self) -> Tensor:
        """Return the width of the evidence in units of cosine."""
        return self.log_beta.exp().clamp(*BETA_RANGE)

    def forward(self, feature: Tensor) -> Tensor:
        """Return the similarity to each prototype, shape (..., n_classes), -1 to 1."""
        return feature @ self.unit().T


class AffectHead(nn.Module):
    """Valence and arousal as a Gaussian each. Starts as the prototypes' places on the circumplex."""

    def __init__(self, prototypes: Tensor, anchors: Tensor) -> None:
        super().__init__()
        n_shared = prototypes.shape[1]
        self.mean = nn.Linear(n_shared, 2)
        self.log_variance = nn.Linear(n_shared, 2)
        with torch.no_grad():
            self.mean.weight.copy_(torch.atanh(anchors).T @ prototypes)
            self.mean.bias.zero_()
            self.log_variance.weight.zero_()
            self.log_variance.bias.fill_(-1.5)

    def forward(self, feature: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean (batch, 2), -1 to 1, and log variance (batch, 2)."""
        return torch.tanh(self.mean(feature)), self.log_variance(feature).clamp(-6.0, 1.0)


def concentration(similarity: Tensor, beta: Tensor | float) -> Tensor:
    """Return the Dirichlet's concentration, 1 + exp(similarity / beta), shape as `similarity` (methods, eq. 5)."""
    return 1.0 + (similarity / beta).clamp(max=MAX_EXPONENT).exp()


def expected_probabilities(alpha: Tensor) -> Tensor:
    """Return the class probabilities that a Dirichlet expects, shape as `alpha`."""
    return alpha / alpha.sum(dim=-1, keepdim=True)
