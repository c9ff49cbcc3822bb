"""Brain or muscle: what of a student's reading is left without what muscles of the face could tell it.

A face that teaches the EEG moves muscles which the electrodes hear too: above 20 Hz, at the forehead and the temples
(Goncharova et al. 2003, Clin. Neurophysiol. 114, 1580). So the student is taught again without those bands, without
those electrodes, without both, and from those bands alone, on the same windows, and asked on the same held-out time.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.eeg import FILTER_HZ, HEAD_CENTRE_M
from core.models.network import Network
from training.examples import Examples
from training.gate import Tells, Verdict

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
HIGHEST_HZ = 16.0
"""Middle of the highest band that is left: its filter ends 4 Hz above."""
MIN_ELECTRODES = 2
LEFT = 0.5
"""A reading is mostly muscle where less than this share of its gain is left,"""
CERTAIN = 1.64
"""by so many standard errors."""


class Source(StrEnum):
    """Where what the EEG tells comes from."""

    MUSCLE = "mostly muscle"
    BRAIN = "not only muscle"
    UNKNOWN = "cannot tell"


def low_bands(n_virtual: int) -> Bools:
    """Return which log powers, (n_power,), lie below 20 Hz."""
    return np.tile(np.array(FILTER_HZ) <= HIGHEST_HZ, n_virtual)


def over_muscle(positions: Floats) -> Bools:
    """Return which electrodes stand over the forehead or the temples, by their places (n_chans, 3), m."""
    centred = positions - np.array(HEAD_CENTRE_M)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return np.asarray((unit[:, 1] > 0.55) | ((np.abs(unit[:, 0]) > 0.8) & (unit[:, 1] > -0.55)))


@torch.inference_mode()
def power_elsewhere(network: Network, examples: Examples) -> Floats | None:
    """Return log power, (n_windows, n_power), without electrodes over muscles; None where too few are left."""
    out = np.zeros((len(examples), network.eeg.n_power), np.float32)
    there = np.flatnonzero(examples.has_eeg)
    few = 0
    for begin in range(0, len(there), 256):
        rows = there[begin : begin + 256]
        eeg, places, mask = examples.read_eeg(rows)
        kept = torch.from_numpy(np.stack([~over_muscle(one) for one in places.numpy()])) & mask
        few += int((kept.sum(dim=1) < MIN_ELECTRODES).sum())
        out[rows] = network.eeg.log_power(eeg * kept.unsqueeze(-1), places, kept).numpy()
    return None if 2 * few >= len(there) else out


def source(whole: Verdict, without: Verdict | None, alone: Verdict | None) -> Source:
    """Return where what the EEG tells comes from.

    Parameters
    ----------
    whole : Verdict
        On all of the EEG.
    without : Verdict, optional
        On what is no muscle's: below 20 Hz and away from forehead and temples.
    alone : Verdict, optional
        On what is above 20 Hz alone. That the rest tells little is no sign of muscle unless this tells.
    """
    if whole.tells != Tells.YES or without is None or alone is None:
        return Source.UNKNOWN
    if without.tells == Tells.YES:
        return Source.BRAIN
    at_most = without.gain + CERTAIN * without.gain_error
    heard = alone.tells == Tells.YES and at_most < LEFT * whole.gain
    return Source.MUSCLE if heard else Source.UNKNOWN
