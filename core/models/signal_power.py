"""Power of a signal along the principal components of clean ones: what noise changes, whatever the classes are."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

EDGES = (0, 2, 4, 8, 16, 32, 64, 128, 256, 1024)
RANGE = 8.0


class SignalPower(nn.Module):
    """Log power in bands of principal components, in units of its spread over clean signals.

    A network that is taught classes learns to overlook noise, and a variance that reads its feature alone then hardly
    tells the level. Noise that is added fills the components in which clean signals are weak; blur, cover and fading
    empty those in which they are strong.

    Parameters
    ----------
    n_features : int
        Size of the signal.
    """

    basis: Tensor
    mean: Tensor
    usual: Tensor
    spread: Tensor

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.sizes = [min(b, n_features) - a for a, b in pairwise(EDGES) if a < n_features]
        self.n_bands = len(self.sizes)
        self.register_buffer("basis", torch.eye(n_features))
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("usual", torch.zeros(self.n_bands))
        self.register_buffer("spread", torch.ones(self.n_bands))

    @torch.no_grad()
    def fit(self, signal: Tensor) -> None:
        """Take components and usual power from clean signals, shape (n_samples, n_features)."""
        self.mean.copy_(signal.mean(dim=0))
        centred = signal - self.mean
        _, vectors = torch.linalg.eigh(centred.T @ centred / len(signal))
        self.basis.copy_(vectors.flip(1))
        power = self._log_power(signal)
        self.usual.copy_(power.mean(dim=0))
        self.spread.copy_(power.std(dim=0).clamp(min=0.1))

    def _log_power(self, signal: Tensor) -> Tensor:
        square = ((signal - self.mean) @ self.basis).square()
        bands = [band.mean(dim=-1) for band in torch.split(square[..., : sum(self.sizes)], self.sizes, dim=-1)]
        return (torch.stack(bands, dim=-1) + 1e-3).log()

    def forward(self, signal: Tensor) -> Tensor:
        """Return the power of signals, (..., n_features), in each band, shape (..., n_bands)."""
        return ((self._log_power(signal) - self.usual) / self.spread).clamp(-RANGE, RANGE) / RANGE
