"""Which channels of a window may be trusted, and why the others may not: judged on the raw signal, before filters."""

from __future__ import annotations

import numpy as np

from core.data import Array

_FLAT_UV = 0.3
_LARGE_UV = 200.0
_POP_UV = 300.0
_CLIPPED = 0.05
_LINE = 2.0
_MUSCLE = 0.5
_ALIKE = 0.2
_NEIGHBOURS = 4
_ENOUGH_NEIGHBOURS = 16


def judge_channels(samples: Array, sfreq: float, line: float, positions: Array) -> tuple[str, ...]:
    """Return for each channel why it cannot be trusted, ``""`` if it can.

    Parameters
    ----------
    samples : array of shape (n_times, n_chans), µV
        The raw window.
    sfreq : float
    line : float
        Line frequency, 0 if there is none to be seen.
    positions : array of shape (n_chans, 3), m
        NaN where unknown.
    """
    n_times, n_chans = samples.shape
    finite: Array = np.isfinite(samples).all(axis=0)
    x = np.where(finite, samples, 0.0)
    ramp = np.linspace(-1, 1, n_times)[:, None]
    x = x - x.mean(axis=0)
    x = x - ramp * ((ramp * x).sum(axis=0) / (ramp**2).sum())
    spread = x.std(axis=0)
    noise_at_line, muscle = _shares(x, sfreq, line)
    # The order is that of the remedy: what is dead first, then what is loud, then what is dirty.
    found = [
        ("invalid samples", ~finite),
        ("flat", spread < _FLAT_UV),
        ("clipping", _clipped(samples, finite, spread)),
        ("too large", spread > _LARGE_UV),
        ("pops", np.abs(np.diff(x, axis=0)).max(axis=0, initial=0.0) > _POP_UV),
        ("line noise", noise_at_line > _LINE),
        ("muscle", muscle > _MUSCLE),
    ]
    reasons = [next((reason for reason, bad in found if bad[k]), "") for k in range(n_chans)]
    for k in _strangers(x, [not reason for reason in reasons], positions):
        reasons[k] = "unlike its neighbours"
    return tuple(reasons)


def _shares(x: Array, sfreq: float, line: float) -> tuple[Array, Array]:
    """Return the power at the line and that of muscle, each over the power from 1 to 45 Hz, arrays of (n_chans,)."""
    freqs = np.fft.rfftfreq(len(x), 1 / sfreq)
    power = np.abs(np.fft.rfft(x.astype(np.float32) * np.hanning(len(x))[:, None].astype(np.float32), axis=0)) ** 2
    brain = power[(freqs >= 1) & (freqs <= 45)].sum(axis=0) + 1e-9
    at_line = (
        np.abs(freqs[:, None] - np.array([line, 2 * line])).min(axis=1) <= 1.5 if line else np.zeros(len(freqs), bool)
    )
    high = (freqs > 52) & (freqs < min(120.0, 0.45 * sfreq)) & ~at_line
    if not high.any():  # a slow amplifier shows muscle only at the top of its band
        high = (freqs > 30) & (freqs <= 45) & ~at_line
    line_share: Array = power[at_line & (freqs < 0.48 * sfreq)].sum(axis=0) / brain
    muscle_share: Array = power[high].sum(axis=0) / brain
    return line_share, muscle_share


def _clipped(samples: Array, finite: Array, spread: Array) -> Array:
    top = (samples == samples.max(axis=0)).mean(axis=0)
    bottom = (samples == samples.min(axis=0)).mean(axis=0)
    clipped: Array = finite & (np.maximum(top, bottom) > _CLIPPED) & (spread > 5.0)
    return clipped


def _strangers(x: Array, good: list[bool], positions: Array) -> list[int]:
    """Return the channels that no near neighbour resembles; none where a cap is too sparse to tell."""
    known = [k for k, ok in enumerate(good) if ok and np.isfinite(positions[k]).all()]
    if len(known) < _ENOUGH_NEIGHBOURS:
        return []
    alike = np.abs(np.corrcoef(x[:, known].T))
    far = np.linalg.norm(positions[known][:, None] - positions[known][None], axis=2)
    np.fill_diagonal(far, np.inf)
    nearest = np.argsort(far, axis=1)[:, :_NEIGHBOURS]
    best = np.take_along_axis(alike, nearest, axis=1).max(axis=1)
    return [known[row] for row in np.flatnonzero(best < _ALIKE)]
