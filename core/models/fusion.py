"""Fusion of M >= 2 modalities in the shared space, chosen by name.

A fusion is a module with ``forward(gaussians, mask) -> Fused``. To add one, write the class and register it::

    @register("mine")
    class Mine(Fusion): ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.models.heads import Gaussian, NoiseEstimator

KAPPA_RANGE = (0.8, 1.25)
"""Narrow on purpose: the correction favours the modality that the output leans on least. Where that one is merely
weak, as EEG beside a face, a wide range handed it most of the weight and cost seven points of fused accuracy."""


class Fused(NamedTuple):
    """The fused feature and how it came about."""

    feature: Tensor
    """(batch, n_shared); a weighted mean of the modalities' unit vectors, so its length is at most 1."""
    weights: Tensor
    """(batch, M); sums to 1, or to 0 where no modality may be used."""
    noise: Tensor
    """(batch, M): estimated noise level, 1 is clean."""


class Fusion(nn.Module):
    """One way to fuse. Subclasses say only how the modalities are weighted."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        if n_modalities < 2:
            raise ConfigError(f"Fusion needs at least 2 modalities, not {n_modalities}.")
        self.n_modalities = n_modalities
        self.n_shared = n_shared

    def noise(self, gaussians: Sequence[Gaussian]) -> Tensor:
        """Return the estimated noise level of each modality, shape (batch, M); 1 where it is not estimated."""
        return torch.ones(gaussians[0].mean.shape[0], self.n_modalities, device=gaussians[0].mean.device)

    def raw_weights(self, noise: Tensor) -> Tensor:
        """Return positive weights, shape (batch, M), not yet normalised."""
        return torch.ones_like(noise)

    def forward(self, gaussians: Sequence[Gaussian], mask: Tensor, samples: Sequence[Tensor] | None = None) -> Fused:
        """Fuse what the mask allows.

        Parameters
        ----------
        gaussians : sequence of Gaussian
            One per modality, in the order of `core.data.MODALITIES`.
        mask : Tensor
            (batch, M), bool: True where the modality is there and may be used.
        samples : sequence of Tensor, optional
            Draws from the Gaussians, fused in place of their means; for training.
        """
        noise = self.noise(gaussians)
        raw = self.raw_weights(noise).detach() * mask
        weights = raw / raw.sum(dim=-1, keepdim=True).clamp(min=1e-12)
        places = torch.stack(list(samples) if samples is not None else [one.mean for one in gaussians], dim=1)
        return Fused((weights.unsqueeze(1) @ places).squeeze(1), weights, noise)


def strength(weights: Tensor) -> Tensor:
    """Return how many modalities speak, shape (batch, 1): the participation ratio of the weights, 1 to M.

    A mean of two readings that agree is no surer than either of them, but their sum is. Scaling by M, as UDML does,
    would also double the evidence of one modality that has all the weight.
    """
    return 1.0 / weights.square().sum(dim=-1, keepdim=True).clamp(min=1e-6)


_REGISTRY: dict[str, type[Fusion]] = {}
_F = TypeVar("_F", bound=type[Fusion])


def register(name: str) -> Callable[[_F], _F]:
    """Return a decorator that makes a fusion known as `name`."""

    def add(kind: _F) -> _F:
        _REGISTRY[name] = kind
        return kind

    return add


def build_fusion(name: str, n_modalities: int, n_shared: int) -> Fusion:
    """Return a new fusion of the given name."""
    if name not in _REGISTRY:
        raise ConfigError(f"No fusion is called {name!r}. Known: {', '.join(sorted(_REGISTRY))}.")
    return _REGISTRY[name](n_modalities, n_shared)


@register("static")
class StaticFusion(Fusion):
    """Every modality that is there counts the same."""


@register("udml")
class UdmlFusion(Fusion):
    """Reliability weights of UDML (arXiv 2603.19681): w_m proportional to 1 / (p_m ** power * kappa_m).

    `power` 2 follows the authors' code, 1 their paper; with 1 a fully corrupted modality keeps over a quarter of the
    weight when the other one is depended on, which contradicts their Fig. 3. Dependency kappa is an exponential mean
    over clean training batches, kept as a buffer and never moved at inference.
    """

    power = 2.0
    kappa: Tensor

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__(n_modalities, n_shared)
        self.estimators = nn.ModuleList(NoiseEstimator(n_shared) for _ in range(n_modalities))
        self.register_buffer("kappa", torch.ones(n_modalities))

    def noise(self, gaussians: Sequence[Gaussian]) -> Tensor:
        """Return the estimated noise level of each modality, shape (batch, M)."""
        levels = [estimate(one.log_variance) for estimate, one in zip(self.estimators, gaussians, strict=True)]
        return torch.stack(levels, dim=-1)

    def raw_weights(self, noise: Tensor) -> Tensor:
        """Return 1 / (p ** power * kappa), shape (batch, M)."""
        return 1.0 / (noise.clamp(min=1.0) ** self.power * self.kappa.clamp(*KAPPA_RANGE))

    @torch.no_grad()
    def follow_dependency(self, change: Tensor, decay: float = 0.98) -> None:
        """Move kappa towards ``M d_m / sum d``, where `change` d, shape (M,), is how much the output leans on each."""
        kappa = self.n_modalities * change / change.sum().clamp(min=1e-9)
        self.kappa.mul_(decay).add_((1.0 - decay) * kappa)
