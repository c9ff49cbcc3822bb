"""What a stream's unit string means in µV, and which unit a signal without one must have."""

from __future__ import annotations

import numpy as np

from core.data import Array

_PREFIXES = {"": 1e6, "m": 1e3, "milli": 1e3, "u": 1.0, "micro": 1.0, "n": 1e-3, "nano": 1e-3}
_LETTER, _WORDS = "v", ("volt", "volts")
_FACTORS = {prefix + _LETTER: factor for prefix, factor in _PREFIXES.items()} | {
    prefix + word: factor for prefix, factor in _PREFIXES.items() for word in _WORDS
}
_BOUNDS = (("V", 7e-4), ("mV", 0.7), ("uV", 1500.0), ("nV", np.inf))
"""Unit and the typical amplitude, in that unit, above which the next smaller unit is likelier: EEG has 1 to 500 µV."""


def scale_to_uv(unit: str) -> float | None:
    """Return the factor from `unit` to µV, None if `unit` is empty or no voltage.

    Both code points of the micro sign are understood, and what is left of it after a wrong decoding.
    """
    plain = unit.strip().replace("Â", "")
    for micro in ("\u00b5", "\u03bc", "\ufffd"):
        plain = plain.replace(micro, "u")
    return _FACTORS.get(plain.lower().replace(" ", "").replace("_", ""))


def guess_unit(samples: Array, n_blocks: int = 16) -> tuple[str, float]:
    """Return the unit that makes `samples` look like EEG, and their typical amplitude in that unit.

    The level is taken out of each of `n_blocks` stretches, so that neither an offset (Emotiv: 4200 µV) nor slow drift
    counts as signal; the typical amplitude is the median over channels of the robust standard deviation that is left.

    Parameters
    ----------
    samples
        Array of shape (n_times, n_chans), in the unknown unit; a few seconds of the EEG channels.
    n_blocks
        How many stretches the level is taken out of.

    Returns
    -------
    unit, amplitude
        ``V``, ``mV``, ``uV`` or ``nV``; ``("", 0.0)`` where nothing moves and nothing can be said.
    """
    spreads = spreads_of(samples, n_blocks)
    moving = spreads[spreads > 0]
    if not moving.size:
        return "", 0.0
    amplitude = float(np.median(moving))
    return next(unit for unit, bound in _BOUNDS if amplitude < bound), amplitude


def spreads_of(samples: Array, n_blocks: int = 16) -> Array:
    """Return each channel's robust standard deviation without its level, array of shape (n_chans,), as `guess_unit`."""
    return np.array([_robust_sd(channel, n_blocks) for channel in np.asarray(samples, dtype=np.float64).T])


def _robust_sd(channel: Array, n_blocks: int) -> float:
    finite = channel[np.isfinite(channel)]
    blocks = np.array_split(finite, max(1, min(n_blocks, finite.size // 2)))
    deviations = np.concatenate([np.abs(block - np.median(block)) for block in blocks if block.size] or [np.zeros(1)])
    return 1.4826 * float(np.median(deviations))
