"""How a network reads EEG and face of some windows, each on its own, ready for a personal change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.model_file import Calibration
from core.models.network import Network
from training.baselines import follow_baselines
from training.examples import Examples, Ints
from training.personal_change import Reading, linear_head, read

Power = NDArray[np.float32]
Bands = NDArray[np.bool_]
Fresh = Sequence[tuple[int, float]]


@torch.inference_mode()
def read_face(network: Network, calibration: Calibration, examples: Examples, index: Ints) -> Reading:
    """Return the faces of the windows at `index` as the network reads them."""
    parts = []
    for begin in range(0, len(index), 256):
        rows = index[begin : begin + 256]
        feature = network.read_face(examples.corrupted(rows, np.zeros(len(rows), np.int64), None).inputs)
        if feature is not None:
            parts.append(feature)
    features = torch.cat(parts) if parts else torch.zeros(0, network.face.n_features)
    return read(features, linear_head(network.face_head), network.prototypes, _width(network, calibration, "face"))


@torch.inference_mode()
def read_eeg(
    network: Network,
    calibration: Calibration,
    examples: Examples,
    index: Ints,
    fresh: Fresh,
    bands: Bands | None = None,
) -> Reading:
    """Return the EEG of the windows at `index` as the network reads it; `examples.power` is known.

    Parameters
    ----------
    network, calibration, examples, index
        As everywhere.
    fresh : sequence of (int, float)
        Where baselines begin anew; see `training.held_out`.
    bands : array of shape (n_power,), bool, optional
        Which log powers are read; of the others it is as if nothing had changed.
    """
    if examples.power is None:
        raise ValueError("the EEG has not been read: see training.baselines.hold_front_end")
    follow_baselines(network, examples, fresh)
    now, before = torch.from_numpy(examples.power[index]), torch.from_numpy(examples.baseline[index])
    if bands is not None:
        read_bands, past = torch.from_numpy(bands), before[:, 0]
        now = torch.where(read_bands, now, past)
        before = torch.stack([past, torch.where(read_bands, before[:, 1], past)], dim=1)
    feature = network.eeg.read(now, before).feature
    return read(feature, linear_head(network.eeg_head), network.prototypes, _width(network, calibration, "eeg"))


def _width(network: Network, calibration: Calibration, condition: str) -> float:
    return float(network.prototypes.beta().detach()) * calibration.temperature[condition]
