"""EEGNet (Lawhern et al. 2018, version 4), with braindecode's sizes: what the EEG student is measured against.

It knows one montage: its spatial filters have a weight for each electrode.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn


class _MaxNorm(nn.Module):
    """Keeps the norm of each output's weights under a bound (EEGNet, section 2.2.1)."""

    def __init__(self, bound: float) -> None:
        super().__init__()
        self.bound = bound

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight, its rows shortened to the bound."""
        return torch.renorm(weight, 2, 0, self.bound)


class EegNet(nn.Module):
    """Class scores of one EEG window.

    Parameters
    ----------
    n_chans, n_times, n_outputs : int
    n_filters : int
        Temporal filters (F1).
    depth : int
        Spatial filters for each of them (D).
    n_taps : int
        Length of a temporal filter: half a second at 128 Hz.
    dropout : float
        0.25 across subjects, 0.5 within one, as its authors advise.
    """

    def __init__(
        self,
        n_chans: int,
        n_times: int,
        n_outputs: int,
        n_filters: int = 8,
        depth: int = 2,
        n_taps: int = 64,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        width = n_filters * depth
        self.temporal = nn.Conv2d(1, n_filters, (1, n_taps), padding=(0, n_taps // 2), bias=False)
        self.norm = _batch_norm(n_filters)
        self.spatial = nn.Conv2d(n_filters, width, (n_chans, 1), groups=n_filters, bias=False)
        nn.utils.parametrize.register_parametrization(self.spatial, "weight", _MaxNorm(1.0))
        self.first = nn.Sequential(_batch_norm(width), nn.ELU(), nn.AvgPool2d((1, 4)), nn.Dropout(dropout))
        self.separable = nn.Sequential(
            nn.Conv2d(width, width, (1, 16), padding=(0, 8), groups=width, bias=False),
            nn.Conv2d(width, width, 1, bias=False),
        )
        self.second = nn.Sequential(_batch_norm(width), nn.ELU(), nn.AvgPool2d((1, 8)), nn.Dropout(dropout))
        with torch.no_grad():
            n_features = self.eval().features(torch.zeros(1, n_chans, n_times)).shape[1]
        self.train()
        self.out = nn.Linear(n_features, n_outputs)
        nn.utils.parametrize.register_parametrization(self.out, "weight", _MaxNorm(0.25))

    def features(self, eeg: Tensor) -> Tensor:
        """Return the features of EEG, shape (batch, n_chans, n_times), before the last layer."""
        filtered = self.spatial(self.norm(self.temporal(eeg.unsqueeze(1))))
        return cast(Tensor, self.second(self.separable(self.first(filtered))).flatten(1))

    def forward(self, eeg: Tensor) -> Tensor:
        """Return class scores, shape (batch, n_outputs), of EEG, shape (batch, n_chans, n_times)."""
        return cast(Tensor, self.out(self.features(eeg)))


def _batch_norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3)
