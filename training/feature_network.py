"""A small network over feature views, round any fusion of the registry: what the benchmarks compare fusions in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.fusion import Dfum, Fused, Fusion, UdmlForm, UdmlFusion, build_fusion
from core.models.fusion.dual import LearningState
from core.models.heads import LOG_VARIANCE_RANGE, Gaussian
from core.models.signal_power import SignalPower


@dataclass(frozen=True, slots=True)
class Shape:
    """What is needed to build the network."""

    views: tuple[int, ...]
    n_classes: int
    fusion: str
    form: UdmlForm | None = None
    """UDML's switches; the registered ones if None."""
    n_hidden: int = 128
    n_shared: int = 64
    dropout: float = 0.3
    dfum: bool = False
    """DUAL's feature uncertainty in place of UDML's variance heads."""
    signal: bool = False
    """The variance heads read the power of the signal too, beside the feature that the classes are told from."""
    picture: int = 0
    """Side of the square pictures that the views are, rows laid end to end, which are read by convolutions; 0 where
    they are none."""


class Reading(NamedTuple):
    """The modalities of a batch in the shared space."""

    hidden: list[Tensor]
    variance_inputs: list[Tensor]
    """What the variance heads read."""
    gaussians: list[Gaussian]
    uncertain: list[Tensor]
    """With DFUM, the mean of each modality's uncertain part; else empty."""


class FeatureNetwork(nn.Module):
    """Per modality an encoder and a Gaussian head, then a fusion, then one classifier for it and for each alone.

    The classifier f is shared, as in UDML's L_uni = sum CE(f(z_m)); with the mean as mixing it makes late fusion.
    With a single view there is no fusion (DUAL-S, and each modality alone).
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        n = shape.n_shared
        self.encoders = nn.ModuleList(_encoder(size, shape) for size in shape.views)
        self.means = nn.ModuleList(nn.Sequential(nn.Linear(n, n), nn.BatchNorm1d(n)) for _ in shape.views)
        self.powers = nn.ModuleList(SignalPower(size) for size in shape.views) if shape.signal else None
        extra = [SignalPower(size).n_bands if shape.signal else 0 for size in shape.views]
        self.log_variances = nn.ModuleList(nn.Linear(n + more, n) for more in extra)
        for layer in self.log_variances:
            assert isinstance(layer, nn.Linear)
            nn.init.constant_(layer.bias, -3.0)
        self.dfums = nn.ModuleList(Dfum(n) for _ in shape.views) if shape.dfum else None
        self.state = LearningState()
        self.fusion = _fusion(shape)
        self.classifier = nn.Linear(n, shape.n_classes)

    def fit_signal_power(self, views: Sequence[Tensor]) -> None:
        """Take from clean training views what a signal usually is."""
        if self.powers is not None:
            for power, view in zip(self.powers, views, strict=True):
                assert isinstance(power, SignalPower)
                power.fit(view)

    def read(self, views: Sequence[Tensor]) -> Reading:
        """Return where each modality, (batch, n_features), lies in the shared space."""
        hidden = [encoder(view) for encoder, view in zip(self.encoders, views, strict=True)]
        variance_inputs = hidden
        if self.powers is not None:
            variance_inputs = [
                torch.cat([h, power(v)], dim=-1) for h, power, v in zip(hidden, self.powers, views, strict=True)
            ]
        if self.dfums is None:
            gaussians = [
                Gaussian(mean(h), self.log_variance(m, variance_inputs[m]))
                for m, (mean, h) in enumerate(zip(self.means, hidden, strict=True))
            ]
            return Reading(hidden, variance_inputs, gaussians, [])
        state = self.state()
        both = [dfum(mean(one), state) for dfum, mean, one in zip(self.dfums, self.means, hidden, strict=True)]
        return Reading(hidden, variance_inputs, [one for one, _ in both], [mean for _, mean in both])

    def log_variance(self, m: int, variance_inputs: Tensor) -> Tensor:
        """Return modality m's log variance, (batch, n_shared), from what its variance head reads."""
        value: Tensor = self.log_variances[m](variance_inputs)
        return value.clamp(*LOG_VARIANCE_RANGE)

    def fuse(
        self, reading: Reading, mask: Tensor, samples: Sequence[Tensor] | None = None, weigh: bool = True
    ) -> tuple[Fused, Tensor]:
        """Return the fused feature and the logits, (batch, n_classes)."""
        places = list(samples) if samples is not None else [one.mean for one in reading.gaussians]
        if self.fusion is None:
            ones = mask.to(places[0].dtype)
            return Fused(places[0], ones, ones), self.classifier(places[0])
        each = self.classifier(torch.stack(places, dim=1))
        how = self.fusion if weigh else self.fusion.equal
        fused: Fused = how(reading.gaussians, mask, samples, each)
        logits = self.classifier(fused.feature) if fused.evidence is None else (1.0 + fused.evidence).log()
        return fused, logits

    def forward(self, views: Sequence[Tensor], mask: Tensor) -> tuple[Fused, Tensor]:
        """Return the fused feature and the logits of views, using the modalities that the mask (batch, M) allows."""
        return self.fuse(self.read(views), mask)


def _encoder(size: int, shape: Shape) -> nn.Sequential:
    if shape.picture:
        return _picture_encoder(shape)
    return nn.Sequential(
        nn.Linear(size, shape.n_hidden),
        nn.ReLU(),
        nn.Dropout(shape.dropout),
        nn.Linear(shape.n_hidden, shape.n_shared),
        nn.ReLU(),
    )


def _picture_encoder(shape: Shape) -> nn.Sequential:
    quarter = shape.picture // 4
    return nn.Sequential(
        nn.Unflatten(1, (1, shape.picture, shape.picture)),
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(shape.dropout),
        nn.Linear(16 * quarter * quarter, shape.n_shared),
        nn.ReLU(),
    )


def _fusion(shape: Shape) -> Fusion | None:
    if len(shape.views) < 2:
        return None
    if shape.form is None:
        return build_fusion(shape.fusion, len(shape.views), shape.n_shared)
    mixing = shape.fusion.partition("+")[2] or "mean"
    return UdmlFusion(len(shape.views), shape.n_shared, mixing, shape.form)
