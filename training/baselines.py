"""Each window's baseline, as a live session would have had it at that moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.baseline import Means
from core.models.network import Network
from training.examples import Examples, Ints

FAMILIAR = 0.995
"""Share of the training windows whose evidence counts in full."""


def follow_baselines(network: Network, examples: Examples, fresh: Sequence[tuple[int, float]] = ()) -> None:
    """Fill `examples.baseline` from the windows of each participant, on each side, in their order of time.

    `fresh` says where they begin anew within a recording: its number, and a time in it.
    """
    power = mean_power(network, examples)
    population = network.eeg.population.numpy()
    examples.baseline = np.tile(population, (len(examples), 2, 1)).astype(np.float32)
    order, passed = _in_order(examples, fresh)
    first = np.flatnonzero(np.isinf(passed))
    length = np.diff(first, append=len(order))
    longest = np.argsort(-length, kind="stable")
    first, length = first[longest], length[longest]
    means = Means.of(population, len(first))
    # All baselines at once: the first window of each, the second of each that has one, and so on.
    for step in range(length.max(initial=0)):
        rows = first[length > step] + step
        means = Means(means.power[: len(rows)], means.seconds[: len(rows)])
        examples.baseline[order[rows]] = means.power
        means = means.after(passed[rows], power[order[rows]])


def _in_order(examples: Examples, fresh: Sequence[tuple[int, float]]) -> tuple[Ints, NDArray[np.float64]]:
    """Return the windows that baselines follow, baseline by baseline, and how much later than the last each begins.

    With the first of each a baseline begins: it is infinitely much later.
    """
    side = np.zeros(len(examples), np.int64) if examples.side is None else examples.side
    cuts = np.zeros(len(examples), np.int64)
    for number, time in fresh:
        cuts += (examples.recording == number) & (examples.start >= time)
    _, person = np.unique(examples.participants, return_inverse=True)
    order = np.lexsort((examples.start, cuts, side, examples.recording, person))
    order = order[(examples.has_eeg & (side >= 0))[order]]
    whose = np.stack([person, examples.recording, side, cuts])[:, order]
    passed = np.diff(examples.start[order], prepend=-np.inf)
    passed[1:][(np.diff(whose) != 0).any(axis=0)] = np.inf
    return order, np.where(passed > 0, passed, np.inf)


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
