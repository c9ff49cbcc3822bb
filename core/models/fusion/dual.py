"""DUAL (arXiv 2506.03158): feature uncertainty that follows the training (DFUM), and pairs of modalities (UCRL).

No code and no equations beyond its summary are published; each named part is one reading of it, told where it stands.
Its loss is in `training.modulation`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.fusion.interface import Fused, Fusion, places_of, register
from core.models.heads import LOG_VARIANCE_RANGE, Gaussian

N_WAVES = 8
N_STATE = 32
LOG_VARIANCE = (-8.0, 4.0)


class LearningState(nn.Module):
    """Where the training stands: its share done, the log of its loss and its accuracy, both exponential means.

    Frozen with the weights: after training the last state is part of the model.
    """

    now: Tensor
    waves: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("now", torch.zeros(3))
        self.register_buffer("waves", 2.0 ** torch.arange(N_WAVES) * torch.pi, persistent=False)
        self.layers = nn.Sequential(nn.Linear(3 * 2 * N_WAVES, N_STATE), nn.ReLU(), nn.Linear(N_STATE, N_STATE))

    @torch.no_grad()
    def follow(self, share: float, loss: float, accuracy: float, decay: float = 0.95) -> None:
        """Move to the share of the training that is done, and towards the loss and the accuracy of a batch."""
        seen = torch.tensor([share, float(torch.tensor(loss + 1e-4).log()) / 5.0, accuracy])
        mixed = decay * self.now + (1.0 - decay) * seen
        mixed[0] = share
        self.now.copy_(mixed)

    def forward(self) -> Tensor:
        """Return the state's code, shape (N_STATE,)."""
        angle = (self.now.unsqueeze(-1) * self.waves).flatten()
        code: Tensor = self.layers(torch.cat([angle.sin(), angle.cos()]))
        return code


class Dfum(nn.Module):
    """Adds to a feature the uncertain part that it lacks: x + x_u(t), x_u ~ N(mu, var) from x and the learning state.

    The feature is layer-normalised first, or a prior of unit variance would mean nothing.
    """

    def __init__(self, n_features: int, n_hidden: int = 128) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(n_features)
        self.layers = nn.Sequential(
            nn.Linear(n_features + N_STATE, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 2 * n_features)
        )
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            last.bias.zero_()[n_features:] = -3.0

    def forward(self, feature: Tensor, state: Tensor) -> tuple[Gaussian, Tensor]:
        """Return the complete feature as a Gaussian, and the mean of its uncertain part, (batch, n_features)."""
        observed = self.norm(feature)
        both = self.layers(torch.cat([observed, state.expand(len(feature), -1)], dim=-1))
        uncertain, log_variance = both.chunk(2, dim=-1)
        return Gaussian(observed + uncertain, log_variance.clamp(*LOG_VARIANCE)), uncertain


class DfumHead(nn.Module):
    """A modality's Gaussian in the shared space by DFUM, in the place of UDML's variance head.

    The complete feature is brought to unit length, as every place in the shared space is, and its variance with it.

    Parameters
    ----------
    n_features, n_shared : int
    n_mean : int, optional
        How many of the features are read; all by default.
    """

    def __init__(self, n_features: int, n_shared: int, n_mean: int | None = None) -> None:
        super().__init__()
        self.mean = nn.Linear(n_mean or n_features, n_shared)
        self.dfum = Dfum(n_shared)
        self.state = LearningState()

    def parts(self, feature: Tensor) -> tuple[Gaussian, Gaussian]:
        """Return the Gaussian of a feature, (batch, n_features), and that of its uncertain part by itself."""
        whole, uncertain = self.dfum(self.mean(feature[:, : self.mean.in_features]), self.state())
        length = whole.mean.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        log_variance = (whole.log_variance - 2.0 * length.log()).clamp(*LOG_VARIANCE_RANGE)
        return Gaussian(whole.mean / length, log_variance), Gaussian(uncertain, whole.log_variance)

    def forward(self, feature: Tensor) -> Gaussian:
        """Return the Gaussian of a feature, shape (batch, n_features)."""
        return self.parts(feature)[0]


@register("ucrl")
class Ucrl(Fusion):
    """Uncertainty-aware cross-modal relations: every ordered pair of modalities, and each with itself.

    R_mn = Phi_mn + noise of a variance that is modelled from all modalities; pairs are weighted by the inverse of
    their mean variance. The relations to oneself are needed: with two modalities and one pair the weight would be 1
    always. `Fused.weights` is each modality's share in the pairs.
    """

    staged = False
    first: Tensor
    second: Tensor

    def __init__(self, n_modalities: int, n_shared: int, mixing: str = "mean") -> None:
        super().__init__(n_modalities, n_shared, mixing)
        self.bounded = False
        n_pairs = n_modalities**2
        order = torch.arange(n_modalities)
        self.register_buffer("first", order.repeat_interleave(n_modalities), persistent=False)
        self.register_buffer("second", order.repeat(n_modalities), persistent=False)
        self.relation = nn.Sequential(nn.Linear(4 * n_shared, n_shared), nn.ReLU(), nn.Linear(n_shared, n_shared))
        self.pair = nn.Parameter(0.02 * torch.randn(n_pairs, 4 * n_shared))
        self.log_variance = nn.Linear(n_modalities * n_shared, n_pairs * n_shared)
        nn.init.constant_(self.log_variance.bias, -3.0)
        self.direct = nn.Linear(n_modalities * n_shared, n_shared)

    def forward(
        self,
        gaussians: Sequence[Gaussian],
        mask: Tensor,
        samples: Sequence[Tensor] | None = None,
        logits: Tensor | None = None,
        trust: Tensor | None = None,
    ) -> Fused:
        """Fuse what the mask allows: sum of weighted relations, plus a linear way past them; trust shortens places."""
        places = places_of(gaussians, samples) * (mask if trust is None else mask * trust).unsqueeze(-1)
        m, n = places[:, self.first], places[:, self.second]
        relation = self.relation(torch.cat([m, n, m * n, (m - n).abs()], dim=-1) + self.pair)
        log_variance = self.relation_log_variance(places)
        if self.training:
            relation = relation + (0.5 * log_variance).exp() * torch.randn_like(relation)
        there = mask[:, self.first] & mask[:, self.second]
        share = there / log_variance.exp().mean(dim=-1)
        share = share / share.sum(dim=-1, keepdim=True).clamp(min=1e-12)
        feature = (share.unsqueeze(1) @ relation).squeeze(1) + self.direct(places.flatten(1))
        square = share.view(-1, self.n_modalities, self.n_modalities)
        return Fused(feature, 0.5 * (square.sum(1) + square.sum(2)), self.noise(gaussians))

    def relation_log_variance(self, places: Tensor) -> Tensor:
        """Return log Sigma of each pair, (batch, M ** 2, n_shared), of places (batch, M, n_shared)."""
        value: Tensor = self.log_variance(places.flatten(1))
        return value.view(len(places), -1, self.n_shared).clamp(*LOG_VARIANCE)
