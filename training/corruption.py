"""What can go wrong with EEG after the filters, at known levels, for the noise estimator to learn from.

Levels 0 to 5 are relative to each channel's own spread. A mixture of kinds and not white noise alone: an estimator
taught on Gaussian noise does not notice channels that drop out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.models.batch import MAX_SCALED

Floats = NDArray[np.float32]
Noise = Callable[[tuple[int, int], Floats, np.random.Generator], NDArray[np.floating]]
STRENGTH = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Noise to signal, as a ratio of standard deviations, by level."""
LOST = (0.0, 0.1, 0.2, 0.4, 0.6, 0.9)
"""Share of channels that drop out, by level."""
N_LEVELS = len(STRENGTH)
SFREQ = 128.0


def corrupt(data: Floats, positions: Floats, mask: NDArray[np.bool_], level: int, rng: np.random.Generator) -> Floats:
    """Return a corrupted copy of one window.

    Parameters
    ----------
    data : array of shape (n_chans, n_times), float32, in units of the running scale
    positions : array of shape (n_chans, 3), float32, m
    mask : array of shape (n_chans,), bool
        Channels that are masked stay as they are.
    level : int
        0 clean to 5.
    rng : Generator
    """
    if level == 0:
        return data
    return corrupt_by(data, positions, mask, level, rng.choice(len(NAMES), size=rng.integers(1, 3), replace=False), rng)


def corrupt_by(
    data: Floats,
    positions: Floats,
    mask: NDArray[np.bool_],
    level: int,
    kinds: Sequence[int] | NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """Return a copy of one window with noise of these kinds, indices into `NAMES`; the rest as for `corrupt`."""
    out = data.astype(np.float32)
    spread = data.std(axis=1, keepdims=True)
    for kind in kinds:
        if NAMES[kind] == "drop-out":
            out[rng.random(len(out)) < LOST[level]] *= 0.02
            continue
        noise = KINDS[kind](data.shape, positions, rng)
        size = np.sqrt(np.mean(noise**2)) + 1e-9
        # Two kinds together carry no more than one alone, or the level would not say how bad it is.
        out += STRENGTH[level] / np.sqrt(len(kinds)) * spread * (noise / size)
    out[~mask] = data[~mask]
    return np.clip(out, -MAX_SCALED, MAX_SCALED)


def white(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return noise of an amplifier or of bad contacts."""
    return rng.standard_normal(shape)


def pink(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return 1/f noise, each channel its own."""
    spectrum = np.fft.rfft(rng.standard_normal(shape), axis=1)
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 1.0))
    return np.asarray(np.fft.irfft(spectrum, shape[1], axis=1))


def line(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return mains hum and the beats that a notch leaves of it, stronger in some channels."""
    times = np.arange(shape[1]) / SFREQ
    wave = np.sin(2 * np.pi * (rng.choice([50.0, 60.0]) * times + rng.random()))
    return np.asarray(rng.lognormal(0.0, 0.7, (shape[0], 1)) * wave)


def muscle(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return a burst of 20 to 60 Hz, strongest low at the sides."""
    spectrum = np.fft.rfft(rng.standard_normal(shape), axis=1)
    freqs = np.fft.rfftfreq(shape[1], 1 / SFREQ)
    spectrum[:, : np.searchsorted(freqs, 20.0)] = 0.0
    near = 0.3 + np.abs(positions[:, :1]) / 0.08 * (positions[:, 2:] < 0.06)
    return near * np.fft.irfft(spectrum, shape[1], axis=1) * _burst(shape[1], 0.3, rng)


def blink(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return blinks and slow drift, strongest in front."""
    times = np.arange(shape[1]) / SFREQ
    front = np.exp(np.clip(positions[:, 1:2], -0.12, 0.12) / 0.03)
    waves = sum(np.exp(-(((times - rng.uniform(0, 2)) / 0.12) ** 2)) for _ in range(rng.integers(1, 4)))
    drift = np.sin(2 * np.pi * (rng.uniform(0.2, 0.8) * times + rng.random()))
    return np.asarray(front * waves + 0.5 * rng.standard_normal((shape[0], 1)) * drift)


def pop(shape: tuple[int, int], positions: Floats, rng: np.random.Generator) -> NDArray[np.floating]:
    """Return jumps of single electrodes that decay."""
    out = 0.01 * rng.standard_normal(shape)
    channels = rng.choice(shape[0], size=rng.integers(1, max(2, shape[0] // 3 + 1)), replace=False)
    drawn = np.array([(rng.uniform(0.0, 1.5), 2 * rng.integers(2) - 1) for _ in channels])
    since = np.arange(shape[1]) / SFREQ - drawn[:, :1]
    out[channels] += drawn[:, 1:] * np.where(since > 0, np.exp(-np.maximum(since, 0) / 0.3), 0.0)
    return out


def _burst(n_times: int, shortest: float, rng: np.random.Generator) -> NDArray[np.floating]:
    length = int(n_times * rng.uniform(shortest, 1.0))
    start = rng.integers(0, n_times - length + 1)
    envelope = np.zeros(n_times)
    envelope[start : start + length] = np.hanning(length)
    return envelope


KINDS: tuple[Noise, ...] = (white, pink, line, muscle, blink, pop)
NAMES = (*(kind.__name__ for kind in KINDS), "drop-out")
