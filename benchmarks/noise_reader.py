"""Reads a noise level off what a signal looks like: the larger of what is known and of how strange it is at all."""

from __future__ import annotations

import torch
from torch import Tensor, nn

N_HIDDEN = 64
FURTHEST = 30.0
AT = (0.5, 0.75, 0.9, 0.97, 1.0)
SHRINK = 0.3
"""Share of the identity in the correlation of clean signals, without which directions in which they never differ would
decide everything."""


class NoiseReader(nn.Module):
    """Noise level of a signal, 1 clean, from its statistics (`benchmarks.signal_statistics`).

    One half regresses the level on the statistics, and knows the kinds of noise it was taught. The other sees only
    how far they lie from those of clean signals, not in which direction: quantiles of the distances in spreads and in
    whitened spreads. So it follows kinds that it has never met. What a kind does not hide from one, it does not hide
    from both.

    Parameters
    ----------
    n_statistics : int
    """

    middle: Tensor
    spread: Tensor
    basis: Tensor
    taught_middle: Tensor
    taught_spread: Tensor

    def __init__(self, n_statistics: int) -> None:
        super().__init__()
        n = n_statistics + 2 * len(AT)
        self.n_statistics = n_statistics
        self.register_buffer("middle", torch.zeros(n_statistics))
        self.register_buffer("spread", torch.ones(n_statistics))
        self.register_buffer("basis", torch.eye(n_statistics))
        self.register_buffer("taught_middle", torch.zeros(n))
        self.register_buffer("taught_spread", torch.ones(n))
        self.known, self.strange = _layers(n_statistics), _layers(2 * len(AT))

    @torch.no_grad()
    def fit_usual(self, clean: Tensor) -> None:
        """Take from clean signals' statistics, shape (n, n_statistics), where they lie and how they vary together."""
        self.middle.copy_(clean.mean(0))
        self.spread.copy_(clean.std(0) + 1e-3)
        unit = (clean - self.middle) / self.spread
        correlation = (1.0 - SHRINK) * unit.T @ unit / len(unit) + SHRINK * torch.eye(self.n_statistics)
        values, vectors = torch.linalg.eigh(correlation)
        self.basis.copy_(vectors / values.sqrt())

    def strangeness(self, statistics: Tensor) -> Tensor:
        """Return how far statistics lie from clean ones: logs of quantiles, shape (n, 2 * len(AT))."""
        unit = ((statistics - self.middle) / self.spread).clamp(-FURTHEST, FURTHEST)
        at = torch.tensor(AT)
        both = [torch.quantile(some.abs(), at, dim=1).T for some in (unit @ self.basis, unit)]
        return (torch.cat(both, dim=1) + 0.1).log()

    @torch.no_grad()
    def see(self, statistics: Tensor) -> Tensor:
        """Return what both halves read, in spreads of the training samples, (n, n_statistics + 2 * len(AT))."""
        seen = torch.cat([statistics, self.strangeness(statistics)], dim=1)
        return ((seen - self.taught_middle) / self.taught_spread).clamp(-6.0, 6.0)

    def levels(self, seen: Tensor) -> Tensor:
        """Return both halves' levels, shape (n, 2), 0 clean, of what `see` gives."""
        first, second = seen[:, : self.n_statistics], seen[:, self.n_statistics :]
        return torch.cat([self.known(first), self.strange(second)], dim=1)

    def forward(self, statistics: Tensor) -> Tensor:
        """Return the noise level, shape (n,), 1 clean as UDML has it, of statistics (n, n_statistics)."""
        return 1.0 + self.levels(self.see(statistics)).amax(dim=1).clamp(min=0.0)


def fit_noise_reader(clean: Tensor, statistics: Tensor, level: Tensor, seed: int, epochs: int = 12) -> NoiseReader:
    """Return a reader taught on statistics, (n, n_statistics), of signals corrupted at known levels, (n,), 0 clean.

    Both halves learn alone: a half that had only to fill the other's gaps would not follow what neither has met.
    """
    torch.manual_seed(seed)
    reader = NoiseReader(clean.shape[1])
    reader.fit_usual(clean)
    seen = torch.cat([statistics, reader.strangeness(statistics)], dim=1)
    reader.taught_middle.copy_(seen.mean(0))
    reader.taught_spread.copy_(seen.std(0) + 1e-3)
    seen = reader.see(statistics)
    optimiser = torch.optim.AdamW(reader.parameters(), 2e-3, weight_decay=1e-2, fused=True)
    reader.train()
    for _ in range(epochs):
        for some in torch.split(torch.randperm(len(seen)), 256):
            loss = (reader.levels(seen[some]) - level[some].unsqueeze(1)).square().mean(0).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return reader.eval().requires_grad_(False)


def _layers(n_in: int) -> nn.Sequential:
    first = [nn.Linear(n_in, N_HIDDEN), nn.ReLU(), nn.Dropout(0.1)]
    return nn.Sequential(*first, nn.Linear(N_HIDDEN, N_HIDDEN), nn.ReLU(), nn.Linear(N_HIDDEN, 1))
