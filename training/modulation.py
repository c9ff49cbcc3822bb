"""DUAL's adaptive distribution-aware modulation (arXiv 2506.03158); called DAM here, for Adam is an optimiser.

The paper names the parts and gives no equations; these are one reading of them, see `Dam`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Dam(nn.Module):
    """Modulates the loss of each sample, and keeps features where they were a moment ago.

    Every `period` steps losses are clipped at m + alpha_t s, with alpha_t from 3 to 1.5 along a cosine; the gradient
    is scaled and not cut, so that no sample drops out. At other steps log(1 + beta_t l) / beta_t, with beta_t from
    0.1 to 1, damps large losses, and 1 / (1 + gamma u / mean u) those of uncertain samples.

    Parameters
    ----------
    period : int
    gamma : float
    kept : int
        Features of earlier steps that the alignment looks back on.
    """

    def __init__(self, period: int = 10, gamma: float = 0.5, kept: int = 256) -> None:
        super().__init__()
        self.period, self.gamma, self.kept = period, gamma, kept
        self.steps, self.mean, self.spread = 0, 0.0, 0.0
        self._earlier: list[Tensor] = []

    def get_extra_state(self) -> dict[str, Any]:
        """Return where it stands: no weights, but a run that goes on must go on with these."""
        told = {"steps": self.steps, "mean": self.mean, "spread": self.spread}
        return {**told, "earlier": list(self._earlier)}

    def set_extra_state(self, state: Any) -> None:
        """Go on from there."""
        self.steps, self.mean, self.spread = state["steps"], state["mean"], state["spread"]
        self._earlier = list(state["earlier"])

    def modulate(self, loss: Tensor, uncertainty: Tensor, share: float) -> Tensor:
        """Return the modulated loss of each sample, shape (batch,).

        Parameters
        ----------
        loss, uncertainty : Tensor
            (batch,).
        share : float
            Of the training that is done, 0 to 1.
        """
        self._follow(loss.detach())
        self.steps += 1
        if self.steps % self.period == 0:
            threshold = self.mean + (2.25 + 0.75 * math.cos(math.pi * share)) * self.spread
            return loss * (threshold / loss.detach().clamp(min=1e-8)).clamp(max=1.0)
        beta = 0.1 + 0.9 * share
        relative = uncertainty.detach() / uncertainty.detach().mean().clamp(min=1e-8)
        return torch.log1p(beta * loss) / beta / (1.0 + self.gamma * relative)

    def align(self, feature: Tensor) -> Tensor:
        """Return MMD^2 of the features, (batch, n_features), from those of earlier steps; 0 at first."""
        earlier = torch.cat(self._earlier).to(feature.device) if self._earlier else feature[:0]
        self._earlier.append(feature.detach())
        while len(self._earlier) > 1 and sum(map(len, self._earlier[1:])) >= self.kept:
            self._earlier.pop(0)
        return mmd(feature, earlier) if len(earlier) >= 2 else feature.sum() * 0.0

    def _follow(self, loss: Tensor, decay: float = 0.9) -> None:
        mean, spread = float(loss.mean()), float(loss.std(correction=0))
        if self.steps == 0:
            self.mean, self.spread = mean, spread
        self.mean = decay * self.mean + (1.0 - decay) * mean
        self.spread = decay * self.spread + (1.0 - decay) * spread


def mmd(first: Tensor, second: Tensor) -> Tensor:
    """Return the squared maximum mean discrepancy of two samples, (n, d) and (m, d), under five Gaussian kernels."""
    both = torch.cat([first, second])
    square = torch.cdist(both, both).square()
    width = (square.detach().sum() / (len(both) ** 2 - len(both))).clamp(min=1e-8)
    kernel = torch.stack([torch.exp(-square / (width * factor)) for factor in BANDWIDTHS]).mean(dim=0)
    n = len(first)
    return kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2.0 * kernel[:n, n:].mean()
