"""How weighted places become one feature: the fusion families that a weighting can be put round."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.errors import ConfigError

N_HEADS = 4
FAR = -1e4


class MeanMixing(nn.Module):
    """The mean. With a linear classifier behind it this is late fusion: the mean of what each modality says."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, (batch, n_shared), of weighted places (batch, M, n_shared); mask is (batch, M)."""
        return places.mean(dim=1)


class ConcatMixing(nn.Module):
    """Concatenation and two layers; what is missing enters as zeros."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_modalities * n_shared, n_shared), nn.ReLU(), nn.Linear(n_shared, n_shared)
        )

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_shared)."""
        feature: Tensor = self.layers(places.flatten(1))
        return feature


class AttentionMixing(nn.Module):
    """Additive attention over the modalities that are there."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        self.key = nn.Linear(n_shared, n_shared)
        self.score = nn.Linear(n_shared, 1, bias=False)
        self.out = nn.Linear(n_shared, n_shared)

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_shared)."""
        score = self.score(torch.tanh(self.key(places))).squeeze(-1).masked_fill(~mask, FAR)
        share = score.softmax(dim=-1) * mask
        feature: Tensor = self.out((share.unsqueeze(1) @ places).squeeze(1))
        return feature


class GatingMixing(nn.Module):
    """Gated multimodal unit: each modality's gate, element by element, sees all of them (Arevalo et al. 2017)."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        self.gate = nn.Linear(n_modalities * n_shared, n_modalities * n_shared)
        self.value = nn.ModuleList(nn.Linear(n_shared, n_shared) for _ in range(n_modalities))

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_shared)."""
        gate = torch.sigmoid(self.gate(places.flatten(1))).view_as(places)
        value = torch.stack([torch.tanh(layer(places[:, m])) for m, layer in enumerate(self.value)], dim=1)
        return (gate * value * mask.unsqueeze(-1)).sum(dim=1)


class MmtmMixing(nn.Module):
    """Squeeze and excitation across modalities, then concatenation (MMTM, Joze et al. 2020, on pooled features)."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        n_joint = max(n_modalities * n_shared // 4, 8)
        self.squeeze = nn.Linear(n_modalities * n_shared, n_joint)
        self.excite = nn.ModuleList(nn.Linear(n_joint, n_shared) for _ in range(n_modalities))
        self.concat = ConcatMixing(n_modalities, n_shared)

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_shared)."""
        joint = torch.relu(self.squeeze(places.flatten(1)))
        excited = torch.stack([2.0 * torch.sigmoid(layer(joint)) for layer in self.excite], dim=1)
        feature: Tensor = self.concat(excited * places, mask)
        return feature


class TransformerMixing(nn.Module):
    """One transformer layer over the modalities as tokens, and their mean (after mmFormer, Zhang et al. 2022)."""

    def __init__(self, n_modalities: int, n_shared: int) -> None:
        super().__init__()
        heads = N_HEADS if n_shared % N_HEADS == 0 else 1
        self.token = nn.Parameter(0.02 * torch.randn(n_modalities, n_shared))
        # Without the fast path, training and inference run the same kernels, with and without a mask.
        self.norm = nn.ModuleList([nn.LayerNorm(n_shared), nn.LayerNorm(n_shared)])
        self.attend = nn.MultiheadAttention(n_shared, heads, batch_first=True)
        self.forward_layers = nn.Sequential(
            nn.Linear(n_shared, 2 * n_shared), nn.ReLU(), nn.Linear(2 * n_shared, n_shared)
        )

    def forward(self, places: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_shared)."""
        nobody = ~mask.any(dim=1, keepdim=True)
        tokens = places + self.token
        attended, _ = self.attend(tokens, tokens, tokens, key_padding_mask=~(mask | nobody), need_weights=False)
        tokens = self.norm[0](tokens + attended)
        tokens = self.norm[1](tokens + self.forward_layers(tokens))
        share = mask.to(places.dtype)
        share = share / share.sum(dim=1, keepdim=True).clamp(min=1.0)
        feature: Tensor = (share.unsqueeze(1) @ tokens).squeeze(1)
        return feature


MIXINGS: dict[str, Callable[[int, int], nn.Module]] = {
    "mean": MeanMixing,
    "concat": ConcatMixing,
    "attention": AttentionMixing,
    "gating": GatingMixing,
    "mmtm": MmtmMixing,
    "transformer": TransformerMixing,
}


def build_mixing(name: str, n_modalities: int, n_shared: int) -> nn.Module:
    """Return a new mixing of the given name."""
    if name not in MIXINGS:
        raise ConfigError(f"No mixing is called {name!r}. Known: {', '.join(sorted(MIXINGS))}.")
    return MIXINGS[name](n_modalities, n_shared)
