"""The EEG student: any montage in, one feature out.

Channels are mixed to virtual channels by attention over the electrodes' 3-D positions (Défossez et al. 2023, eq. 3,
with 3-D positions in place of 2-D), so a 4-channel headband and a 64-channel cap feed the same weights. Affect shows
in EEG as band power and its asymmetry: the virtual channels are filtered, squared, averaged and logged, as in
ShallowConvNet (Schirrmeister et al. 2017). A line and a small network beside it read how the log powers, now and in
the last seconds, differ from the person's own past.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.own_encoders import EegNumbers

HEAD_CENTRE_M = (0.0, 0.01, 0.045)
HEAD_RADIUS_M = 0.095
LENGTH_SCALE_M = 0.05
FILTER_HZ = (2.5, 5.0, 7.5, 10.0, 12.5, 18.0, 26.0, 37.0)
POWER_FLOOR = 1e-4
MAX_CHANGE = 5.0


class SpatialAttention(nn.Module):
    """Mixes the good channels of any montage to a fixed number of virtual channels.

    Parameters
    ----------
    n_virtual : int
        Virtual channels.
    n_frequencies : int
        Random Fourier frequencies that describe a position.
    """

    frequencies: Tensor

    def __init__(self, n_virtual: int, n_frequencies: int = 64) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.register_buffer("frequencies", torch.randn(3, n_frequencies, generator=generator) / LENGTH_SCALE_M)
        self._length = math.sqrt(n_frequencies)
        # phi(p).phi(a) is close to a Gaussian of the distance |p - a|: each virtual channel starts as a place.
        anchors = self._describe(sphere_points(n_virtual))
        self.query = nn.Parameter(6.0 * anchors)

    def _describe(self, positions: Tensor) -> Tensor:
        angles = positions @ self.frequencies
        return torch.cat([angles.cos(), angles.sin()], dim=-1) / self._length

    def weights(self, positions: Tensor, mask: Tensor) -> Tensor:
        """Return the mixing weights, shape (batch, n_virtual, n_chans); masked channels get exactly 0."""
        logits = self.query @ self._describe(positions).transpose(-1, -2)
        return logits.masked_fill(~mask.unsqueeze(1), -1e4).softmax(dim=-1) * mask.unsqueeze(1)

    def forward(self, eeg: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return virtual channels, shape (batch, n_virtual, n_times)."""
        return self.weights(positions, mask) @ eeg


class EegReading(NamedTuple):
    """What the encoder makes of a window."""

    feature: Tensor
    """(batch, n_features + n_absolute): first what differs from the person's own past, then what it is at all."""
    power: Tensor
    """(batch, n_power): log power of the window, for the person's baseline to follow."""


class EegEncoder(nn.Module):
    """Feature of one EEG window of any montage.

    People differ far more in log power than one person does between two states, so the feature for affect comes from
    the difference to the person's own causal baseline (`core.models.baseline`): of this window, and of the last
    seconds, since two seconds of log power are noisy and moods last longer. How much power there is at all tells
    noise, not affect: it goes by another way, to the variance head alone.

    Parameters
    ----------
    sfreq : float
        Rate of the input, Hz.
    n_features : int
        Size of the feature for affect.
    n_absolute : int
        Size of what is appended for the variance head.
    n_virtual : int
        Virtual channels.
    width : int
        Hidden units of the network beside the line.
    dropout : float
        Share of inputs and hidden units dropped in training.
    own : EegNumbers, optional
        Another's encoder, whose numbers stand in the place of log power.
    """

    population: Tensor
    spread: Tensor
    """(2, n_power): root mean square of both changes over the training."""
    furthest: Tensor
    """How far from the population nearly all windows of the training lay; see `distance`."""

    def __init__(
        self,
        sfreq: float = 128.0,
        n_features: int = 128,
        n_absolute: int = 32,
        n_virtual: int = 20,
        width: int = 48,
        dropout: float = 0.5,
        own: EegNumbers | None = None,
    ) -> None:
        super().__init__()
        self.n_features = n_features
        self.own = own
        if own is None:
            self.attention = SpatialAttention(n_virtual)
            bank = gabor_bank(sfreq)
            self.filters = nn.Parameter(bank)
        # Power is averaged after the square, so a stride of two loses samples of the average and no band.
        self.stride = 2
        self.n_power = n_virtual * bank.shape[0] if own is None else own.n_numbers
        self.register_buffer("population", torch.zeros(self.n_power))
        self.register_buffer("spread", torch.ones(2, self.n_power))
        self.register_buffer("furthest", torch.tensor(float("inf")))
        self.reader = ChangeReader(2 * self.n_power, n_features, width, dropout)
        self.absolute = nn.Linear(self.n_power, n_absolute)

    def log_power(self, eeg: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return the log of the window's mean power, or what another encoder gives, shape (batch, n_power)."""
        if self.own is not None:
            numbers: Tensor = self.own(eeg, positions, mask)
            return numbers
        return self.mixed_power(self.attention.weights(positions, mask), eeg)

    def mixed_power(self, weights: Tensor, eeg: Tensor) -> Tensor:
        """Return the log power of EEG mixed with `SpatialAttention.weights`, shape (batch, n_power)."""
        virtual = weights @ eeg
        batch, _, n_times = virtual.shape
        filtered = nn.functional.conv1d(virtual.reshape(-1, 1, n_times), self.filters, stride=self.stride)
        return (filtered.square().mean(dim=-1) + POWER_FLOOR).log().reshape(batch, self.n_power)

    def front_end(self) -> tuple[nn.Parameter, ...]:
        """Return what is the same in every network, whatever is learnt."""
        return (self.attention.query, self.filters) if self.own is None else tuple(self.own.parameters())

    def distance(self, power: Tensor) -> Tensor:
        """Return how far the log power, (batch, n_power), lies from the population's, shape (batch,)."""
        return ((power - self.population) / self.spread[0]).square().mean(dim=-1)

    def familiarity(self, power: Tensor) -> Tensor:
        """Return 1 for log power like that of the training, falling towards 0 with the distance beyond it."""
        return (self.furthest / self.distance(power).clamp(min=1e-6)).clamp(max=1.0).square()

    def forward(self, eeg: Tensor, positions: Tensor, mask: Tensor, baseline: Tensor) -> EegReading:
        """Return the feature and the log power.

        Parameters
        ----------
        eeg : Tensor
            (batch, n_chans, n_times), in units of the participant's running scale.
        positions : Tensor
            (batch, n_chans, 3), metres, head coordinates; any finite value where the mask is False.
        mask : Tensor
            (batch, n_chans), bool: True where the channel may be trusted.
        baseline : Tensor
            (batch, 2, n_power): the person's log power so far, and in the last seconds.
        """
        return self.read(self.log_power(eeg, positions, mask), baseline)

    def read(self, power: Tensor, baseline: Tensor) -> EegReading:
        """Return the feature of log power, (batch, n_power), against the baseline, (batch, 2, n_power)."""
        past, recent = baseline[:, 0], baseline[:, 1]
        change = torch.stack([power - past, recent - past], dim=1) / self.spread
        feature = self.reader(change.clamp(-MAX_CHANGE, MAX_CHANGE).flatten(1))
        absolute = torch.relu(self.absolute(((power - self.population) / self.spread[0]).clamp(-10.0, 10.0)))
        return EegReading(torch.cat([feature, absolute], dim=-1), power)


class ChangeReader(nn.Module):
    """A line and, beside it, one hidden layer that begins by adding nothing.

    With few people the line alone generalises best and is found first; what the hidden layer adds, it adds to it.
    """

    def __init__(self, n_in: int, n_features: int, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.line = nn.Linear(n_in, n_features)
        self.hidden = nn.Linear(n_in, width)
        self.out = nn.Linear(width, n_features)
        nn.init.normal_(self.line.weight, std=0.003)
        nn.init.zeros_(self.line.bias)
        nn.init.zeros_(self.out.weight)

    def forward(self, change: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_features), of change, shape (batch, n_in)."""
        change = self.dropout(change)
        feature: Tensor = self.line(change) + self.out(self.dropout(torch.relu(self.hidden(change))))
        return feature


def sphere_points(count: int) -> Tensor:
    """Return `count` points spread evenly over the scalp, shape (count, 3), metres, head coordinates."""
    index = torch.arange(count, dtype=torch.float32) + 0.5
    height = 1.0 - 1.25 * index / count
    radius = (1.0 - height.square()).sqrt()
    angle = index * math.pi * (3.0 - math.sqrt(5.0))
    unit = torch.stack([radius * angle.cos(), radius * angle.sin(), height], dim=-1)
    return torch.tensor(HEAD_CENTRE_M) + HEAD_RADIUS_M * unit


def gabor_bank(sfreq: float, middles_hz: tuple[float, ...] = FILTER_HZ) -> Tensor:
    """Return half-second band filters to start from, shape (n_filters, 1, n_taps), unit gain in their band."""
    n_taps = int(sfreq / 2) | 1
    times = (torch.arange(n_taps) - n_taps // 2) / sfreq
    window = torch.hann_window(n_taps, periodic=False)
    bank = torch.stack([window * torch.cos(2 * math.pi * hz * times) for hz in middles_hz])
    bank = bank - bank.mean(dim=1, keepdim=True) * window / window.mean()
    return (2.0 * bank / window.sum()).unsqueeze(1)
