"""Each window's baseline, as a live session would have had it at that moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.baseline import Baseline
from core.models.network import Network
from training.examples import Examples

FAMILIAR = 0.995
"""Share of the training windows whose evidence counts in full."""


def follow_baselines(network: Network, examples: Examples, fresh: Sequence[tuple[int, float]] = ()) -> None:
    """Fill `examples.baseline` from the windows of each participant, on each side, in their order of time.

    `fresh` says where they begin anew within a recording: its number, and a time in it.
    """
    power = mean_power(network, examples)
    population = network.eeg.population.numpy()
    examples.baseline = np.tile(population, (len(examples), 2, 1)).astype(np.float32)
    side = np.zeros(len(examples), np.int64) if examples.side is None else examples.side
    session = list(zip(examples.participants.tolist(), examples.recording.tolist(), side.tolist(), strict=True))
    for one in sorted(set(session)):
        if one[2] < 0:
            continue
        index = np.array([k for k, other in enumerate(session) if other == one])
        baseline = Baseline(population)
        cuts = sorted(time for number, time in fresh if number == one[1])
        for k in index[np.argsort(examples.start[index], kind="stable")]:
            if cuts and examples.start[k] >= cuts[0]:
                baseline = Baseline(population)
                del cuts[0]
            if examples.has_eeg[k]:
                examples.baseline[k] = baseline.before(float(examples.start[k]))
                baseline.follow(float(examples.start[k]), power[k])


def fit_population(network: Network, examples: Examples, train: NDArray[np.int64]) -> None:
    """Set what the network knows of log power in the population from the training windows; follow all baselines."""
    train = train[examples.has_eeg[train]]
    if not len(train):
        follow_baselines(network, examples)
        return
    power = mean_power(network, examples)[train]
    network.eeg.population.copy_(torch.from_numpy(power.mean(axis=0)))
    follow_baselines(network, examples)
    past, recent = examples.baseline[train].swapaxes(0, 1)
    change = np.stack([power - past, recent - past])
    network.eeg.spread.copy_(torch.from_numpy(np.sqrt(np.mean(change**2, axis=1)) + 1e-3))
    network.eeg.furthest.copy_(network.eeg.distance(torch.from_numpy(power)).quantile(FAMILIAR))


@torch.inference_mode()
def mean_power(network: Network, examples: Examples) -> NDArray[np.float32]:
    """Return the mean log power of each window, shape (n_windows, n_power)."""
    if examples.power is not None:
        return examples.power
    examples.baseline = np.zeros((len(examples), 2, network.eeg.n_power), np.float32)
    out = np.zeros((len(examples), network.eeg.n_power), np.float32)
    for start in range(0, len(examples), 256):
        index = np.arange(start, min(start + 256, len(examples)))
        inputs = examples.corrupted(index, np.zeros(len(index), np.int64), None).inputs
        reading = network.read_eeg(inputs)
        if reading is not None:
            out[index] = reading.power.numpy()
    return out


def hold_front_end(network: Network, examples: Examples) -> None:
    """Read the EEG once for all trainings that leave the front end as it is, which is the same in every new network."""
    examples.power = None
    examples.power = mean_power(network, examples)
