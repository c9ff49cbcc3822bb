"""What can go wrong with EEG after the filters, at known levels, for the noise estimator to learn from.

Levels 0 to 5 are relative to each channel's own spread. A mixture of kinds and not white noise alone: an estimator
taught on Gaussian noise does not notice channels that drop out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.batch import MAX_SCALED

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
STRENGTH = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Noise to signal, as a ratio of standard deviations, by level."""
LOST = (0.0, 0.1, 0.2, 0.4, 0.6, 0.9)
"""Share of channels that drop out, by level."""
N_LEVELS = len(STRENGTH)
SFREQ = 128.0


class Channels(NamedTuple):
    """The channels of some windows, those of a window one behind the other: what noise is drawn for at once."""

    window: Ints
    """(n,), ascending: whose each channel is, from 0 to `n_windows` - 1."""
    positions: Floats
    """(n, 3), m."""
    n_windows: int
    n_times: int

    def of(self, chosen: Bools) -> tuple[Self, Ints]:
        """Return those of some windows, (n_windows,), and which of all they are."""
        rows, number = np.flatnonzero(chosen[self.window]), np.cumsum(chosen)
        window = number.take(self.window.take(rows)) - 1
        return self._replace(window=window, positions=self.positions.take(rows, axis=0), n_windows=number[-1]), rows

    @property
    def n_channels(self) -> Ints:
        """How many each window has, (n_windows,)."""
        return np.bincount(self.window, minlength=self.n_windows)

    @property
    def times(self) -> Floats:
        """Seconds from the beginning of a window, (n_times,)."""
        return np.arange(self.n_times, dtype=np.float32) / np.float32(SFREQ)


class Dice:
    """Where noise comes from: what there is much of from torch, which takes half as long for it as numpy.

    Parameters
    ----------
    rng : Generator
        What torch draws follows from it as well.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._torch = torch.Generator().manual_seed(int(rng.integers(2**63)))

    def normal(self, *shape: int) -> Floats:
        """Return standard normal numbers."""
        drawn: Floats = torch.randn(shape, generator=self._torch).numpy()
        return drawn

    def coloured(self, channels: Channels, weight: Floats) -> Floats:
        """Return noise, (n, n_times), whose spectrum has these amplitudes, (n_times // 2 + 1,), each channel its own.

        It is drawn as a spectrum, and nothing below the first that is not 0.
        """
        first, weight = int(np.flatnonzero(weight)[0]), weight.copy()
        # What has no imaginary part has all its power in the real one.
        weight[[0, -1] if channels.n_times % 2 == 0 else [0]] *= np.sqrt(2.0)
        parts = np.zeros((len(channels.window), 2 * len(weight)), np.float32)
        drawn = self.normal(len(channels.window), 2 * (len(weight) - first))
        np.multiply(drawn, np.repeat(weight[first:], 2), out=parts[:, 2 * first :])
        return np.asarray(np.fft.irfft(parts.view(np.complex64), channels.n_times, axis=1), np.float32)


Noise = Callable[[Channels, Dice], Floats]


def corrupt(
    eeg: Floats,
    positions: Floats,
    mask: Bools,
    level: Ints,
    rng: np.random.Generator,
    kinds: Sequence[int] | None = None,
) -> Floats:
    """Return a corrupted copy of some windows, see `corrupt_in_place`."""
    out = eeg.astype(np.float32)
    corrupt_in_place(out, positions, mask, level, rng, kinds)
    return out


def corrupt_in_place(
    eeg: Floats,
    positions: Floats,
    mask: Bools,
    level: Ints,
    rng: np.random.Generator,
    kinds: Sequence[int] | None = None,
) -> None:
    """Corrupt some windows.

    Parameters
    ----------
    eeg : array of shape (n_windows, n_chans, n_times), float32, in units of the running scale
    positions : array of shape (n_windows, n_chans, 3), float32, m
    mask : array of shape (n_windows, n_chans), bool
        Channels that are masked stay as they are, and no noise is drawn for them.
    level : array of shape (n_windows,), int64
        0 clean to 5.
    rng : Generator
    kinds : sequence of int, optional
        Indices into `NAMES`: what all windows get, in this order. By default each gets one or two of its own.
    """
    noisy = np.flatnonzero((level > 0) & mask.any(axis=1))
    window, channel = np.nonzero(mask[noisy])
    row = (noisy[window], channel)
    channels = Channels(window, positions[row], len(noisy), eeg.shape[2])
    given = _some_kinds(len(noisy), rng) if kinds is None else np.tile(kinds, (len(noisy), 1))
    eeg[row] = _with_noise(eeg[row], channels, level[noisy], given, Dice(rng))


def _some_kinds(n_windows: int, rng: np.random.Generator) -> Ints:
    """Return one or two kinds for each of some windows, (n_windows, 2), in the order in which they come; -1 is none."""
    kinds = rng.permuted(np.tile(np.arange(len(NAMES)), (n_windows, 1)), axis=1)[:, :2]
    kinds[rng.random(n_windows) < 0.5, 1] = -1
    return kinds


def _with_noise(data: Floats, channels: Channels, level: Ints, kinds: Ints, dice: Dice) -> Floats:
    """Return channels, (n, n_times), with the noise that their windows get, changed in place."""
    spread = np.sqrt(np.maximum(_power(data) - np.square(data.mean(axis=1)), 0.0))
    # Two kinds together carry no more than one alone, or the level would not say how bad it is.
    strength = np.take(STRENGTH, level) / np.sqrt((kinds >= 0).sum(axis=1))
    lost = np.take(LOST, level)

    def lose(chosen: Bools) -> None:
        data[dice.rng.random(len(data)) < (lost * chosen)[channels.window]] *= 0.02

    lose(kinds[:, 0] == len(KINDS))
    for kind, draw in enumerate(KINDS):
        chosen = (kinds == kind).any(axis=1)
        if chosen.any():
            some, rows = channels.of(chosen)
            noise = draw(some, dice)
            power = np.bincount(some.window, _power(noise)) / some.n_channels
            factor = (strength[chosen] / (np.sqrt(power) + 1e-9))[some.window] * spread[rows]
            noise *= factor[:, None].astype(np.float32)
            noise += data.take(rows, axis=0)
            data[rows] = noise
    lose((kinds[:, 1:] == len(KINDS)).any(axis=1))
    return np.clip(data, -MAX_SCALED, MAX_SCALED, out=data)


def _power(data: Floats) -> Floats:
    """Return the mean square of each channel, in one pass over the samples."""
    power: Floats = np.einsum("ij,ij->i", data, data) / data.shape[1]
    return power


def white(channels: Channels, dice: Dice) -> Floats:
    """Return noise of an amplifier or of bad contacts."""
    return dice.normal(len(channels.window), channels.n_times)


def pink(channels: Channels, dice: Dice) -> Floats:
    """Return 1/f noise, each channel its own."""
    bins = np.maximum(np.arange(channels.n_times // 2 + 1), 1)
    return dice.coloured(channels, (1.0 / np.sqrt(bins)).astype(np.float32))


def line(channels: Channels, dice: Dice) -> Floats:
    """Return mains hum and the beats that a notch leaves of it, stronger in some channels."""
    n, rng = channels.n_windows, dice.rng
    cycles = rng.choice([50.0, 60.0], (n, 1)) * channels.times + rng.random((n, 1))
    size = rng.lognormal(0.0, 0.7, (len(channels.window), 1))
    noise = np.sin(2 * np.pi * cycles).astype(np.float32).take(channels.window, axis=0)
    noise *= size.astype(np.float32)
    return noise


def muscle(channels: Channels, dice: Dice) -> Floats:
    """Return a burst of 20 to 60 Hz, strongest low at the sides."""
    freqs = np.fft.rfftfreq(channels.n_times, 1 / SFREQ)
    noise = dice.coloured(channels, (freqs >= 20.0).astype(np.float32))
    noise *= 0.3 + np.abs(channels.positions[:, :1]) / 0.08 * (channels.positions[:, 2:] < 0.06)
    # A Hann window over .3 to all of the time, anywhere.
    length = np.floor(channels.n_times * dice.rng.uniform(0.3, 1.0, (channels.n_windows, 1)))
    inside = np.arange(channels.n_times) - dice.rng.integers(0, channels.n_times - length.astype(np.int64) + 1)
    envelope = np.sin(np.pi * np.clip(inside / (length - 1), 0.0, 1.0)) ** 2
    noise *= envelope.astype(np.float32).take(channels.window, axis=0)
    return noise


def blink(channels: Channels, dice: Dice) -> Floats:
    """Return blinks and slow drift, strongest in front."""
    n, rng, times = channels.n_windows, dice.rng, channels.times
    there = np.arange(3) < rng.integers(1, 4, (n, 1))
    since = times - rng.uniform(0, 2, (n, 3, 1)).astype(np.float32)
    waves = (there[..., None] * np.exp(-((since / np.float32(0.12)) ** 2))).sum(axis=1, dtype=np.float32)
    cycles = rng.uniform(0.2, 0.8, (n, 1)) * times + rng.random((n, 1))
    drift = np.sin(2 * np.pi * cycles).astype(np.float32)
    front = np.exp(np.clip(channels.positions[:, 1:2], -0.12, 0.12) / np.float32(0.03))
    drifting = 0.5 * rng.standard_normal((len(channels.window), 1), np.float32)
    noise: Floats = waves.take(channels.window, axis=0)
    noise *= front
    noise += drifting * drift.take(channels.window, axis=0)
    return noise


def pop(channels: Channels, dice: Dice) -> Floats:
    """Return jumps of single electrodes that decay."""
    rng, count = dice.rng, channels.n_channels
    out = dice.normal(len(channels.window), channels.n_times)
    out *= 0.01
    # The first few of each window's channels in an order of their own.
    order = np.lexsort((rng.random(len(channels.window)), channels.window))
    place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    jump = order[place < rng.integers(1, np.maximum(2, count // 3 + 1))[channels.window]]
    since = channels.times - rng.uniform(0.0, 1.5, (len(jump), 1)).astype(np.float32)
    decay = np.where(since > 0, np.exp(-np.maximum(since, 0) / np.float32(0.3)), np.float32(0.0))
    out[jump] += rng.choice(np.array([-1.0, 1.0], np.float32), (len(jump), 1)) * decay
    return out


KINDS: tuple[Noise, ...] = (white, pink, line, muscle, blink, pop)
NAMES = (*(kind.__name__ for kind in KINDS), "drop-out")
