"""What every fusion is, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from core.errors import ConfigError
from core.models.fusion.mixing import build_mixing
from core.models.heads import Gaussian


class Fused(NamedTuple):
    """The fused feature and how it came about."""

    feature: Tensor
    """(batch, n_shared). With the mean as mixing, a weighted mean of the modalities' places."""
    weights: Tensor
    """(batch, M); sums to 1, or to 0 where no modality may be used."""
    noise: Tensor
    """(batch, M): estimated noise level, 1 is clean."""
    evidence: Tensor | None = None
    """(batch, n_classes): evidence for each class, from fusions that decide by themselves."""


class Fusion(nn.Module):
    """One way to fuse. Most subclasses say only how the modalities are weighted.

    Parameters
    ----------
    n_modalities : int
    n_shared : int
        Size of the shared space.
    mixing : str
        How the weighted places become one feature; see `core.models.fusion.mixing`.
    """

    staged = True
    """Whether `equal` differs: whether there is a first stage in which all modalities count the same."""

    def __init__(self, n_modalities: int, n_shared: int, mixing: str = "mean") -> None:
        super().__init__()
        if n_modalities < 2:
            raise ConfigError(f"Fusion needs at least 2 modalities, not {n_modalities}.")
        self.n_modalities = n_modalities
        self.n_shared = n_shared
        self.mixing = build_mixing(mixing, n_modalities, n_shared)
        self.bounded = mixing == "mean"
        """Whether the feature is no longer than the places it is made of."""

    def noise(self, gaussians: Sequence[Gaussian]) -> Tensor:
        """Return the estimated noise level of each modality, shape (batch, M); 1 where it is not estimated."""
        return torch.ones(gaussians[0].mean.shape[0], self.n_modalities, device=gaussians[0].mean.device)

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return positive weights, shape (batch, M), not yet normalised; equal ones unless a subclass says more."""
        return torch.ones_like(noise)

    def gain(self, weights: Tensor, mask: Tensor) -> Tensor:
        """Return the factor on each place, shape (batch, M): M w_m, hence 1 where all count the same (UDML, eq. 7)."""
        return self.n_modalities * weights

    def forward(
        self,
        gaussians: Sequence[Gaussian],
        mask: Tensor,
        samples: Sequence[Tensor] | None = None,
        logits: Tensor | None = None,
        trust: Tensor | None = None,
    ) -> Fused:
        """Fuse what the mask allows.

        Parameters
        ----------
        gaussians : sequence of Gaussian
            One per modality, in the order of `core.data.MODALITIES`.
        mask : Tensor
            (batch, M), bool: True where the modality is there and may be used.
        samples : sequence of Tensor, optional
            Draws from the Gaussians, fused in place of their means; for training.
        logits : Tensor, optional
            (batch, M, n_classes): what each modality says alone. Only fusions that decide need it.
        trust : Tensor, optional
            (batch, M): factor on the weight of each modality, 0 to 1.
        """
        noise = self.noise(gaussians)
        raw = self.raw_weights(noise, gaussians, logits)
        weights = normalised(raw if trust is None else raw * trust, mask)
        return Fused(self.mix(places_of(gaussians, samples), self.gain(weights, mask), mask), weights, noise)

    def strength(self, weights: Tensor) -> Tensor:
        """Return the factor on the evidence of the fused feature, shape (batch, 1)."""
        return relative_strength(weights)

    def equal(
        self,
        gaussians: Sequence[Gaussian],
        mask: Tensor,
        samples: Sequence[Tensor] | None = None,
        logits: Tensor | None = None,
    ) -> Fused:
        """Fuse with all that the mask allows counting the same, as in UDML's first stage; as ever if not staged."""
        if not self.staged:
            fused: Fused = self(gaussians, mask, samples, logits)
            return fused
        noise = torch.ones_like(mask, dtype=gaussians[0].mean.dtype)
        weights = normalised(noise, mask)
        feature = self.mix(places_of(gaussians, samples), self.n_modalities * weights, mask)
        return Fused(feature, weights, noise)

    def mix(self, places: Tensor, gain: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, (batch, n_shared), of places (batch, M, n_shared) with a gain (batch, M) on each."""
        feature: Tensor = self.mixing(gain.unsqueeze(-1) * places, mask)
        return feature


def places_of(gaussians: Sequence[Gaussian], samples: Sequence[Tensor] | None = None) -> Tensor:
    """Return the draws, or the means where there are none, shape (batch, M, n_shared)."""
    return torch.stack(list(samples) if samples is not None else [one.mean for one in gaussians], dim=1)


def normalised(raw: Tensor, mask: Tensor) -> Tensor:
    """Return positive `raw` weights, (batch, M), so that those which the mask allows sum to 1."""
    raw = raw * mask
    return raw / raw.sum(dim=-1, keepdim=True).clamp(min=1e-12)


def relative_strength(weights: Tensor) -> Tensor:
    """Return the factor on the evidence of a weighted mean, shape (batch, 1): 1 over the largest weight, 1 to M.

    The most trusted modality then counts once, and the others in proportion: evidence adds up where all are trusted
    and is never more than there is. UDML's own factor M would double the evidence of one modality that has all the
    weight.
    """
    return 1.0 / weights.amax(dim=-1, keepdim=True).clamp(min=1e-6)


def participation(weights: Tensor) -> Tensor:
    """Return the participation ratio of the weights, shape (batch, 1), 1 to M: how many modalities speak.

    Between its ends it counts the heavier modality more than once, which cost log likelihood; see
    `relative_strength`.
    """
    return 1.0 / weights.square().sum(dim=-1, keepdim=True).clamp(min=1e-6)


_REGISTRY: dict[str, Callable[[int, int, str], Fusion]] = {}
_F = TypeVar("_F", bound=Callable[[int, int, str], Fusion])


def register(name: str) -> Callable[[_F], _F]:
    """Return a decorator that makes a class, or a function that builds one, known as `name`."""

    def add(kind: _F) -> _F:
        _REGISTRY[name] = kind
        return kind

    return add


def known_fusions() -> list[str]:
    """Return the names of all weightings."""
    return sorted(_REGISTRY)


def build_fusion(name: str, n_modalities: int, n_shared: int) -> Fusion:
    """Return a new fusion of the given name: a weighting, or ``weighting+mixing``."""
    weighting, _, mixing = name.partition("+")
    if weighting not in _REGISTRY:
        raise ConfigError(f"No fusion is called {weighting!r}. Known: {', '.join(known_fusions())}.")
    return _REGISTRY[weighting](n_modalities, n_shared, mixing or "mean")
