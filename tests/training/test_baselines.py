"""The baselines of all windows, followed at once, are those that a live session has one window at a time."""

import numpy as np

from core.models.baseline import Baseline
from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, N_EMBEDDING
from training.baselines import follow_baselines
from training.examples import Examples

NAMES = np.repeat(["A", "B", "C"], [40, 25, 5])
RECORDING = np.where(np.arange(70) < 20, 0, 1)


def examples(rng: np.random.Generator) -> tuple[Network, Examples]:
    """Return windows of three people out of order, some without EEG, whose power is known."""
    network, made = Network(ARCHITECTURE), Examples((), N_EMBEDDING, 256)
    network.eeg.population.normal_()
    made.participants, made.recording = NAMES, RECORDING
    made.start = np.concatenate([rng.permutation(n) for n in (20, 20, 25, 5)]).astype(float)
    made.start[[3, 45]] = made.start[[4, 46]]  # begins when another does: a recording anew
    made.start += rng.uniform(0.0, 0.2)
    made.has_eeg = rng.random(70) < 0.9
    made.power = rng.standard_normal((70, network.eeg.n_power)).astype(np.float32)
    made.eeg = [None] * 70
    return network, made


def one_by_one(network: Network, made: Examples, pieces: list[np.ndarray]) -> np.ndarray:
    """Return the baselines of the windows, each piece of them with a baseline of its own."""
    population = network.eeg.population.numpy()
    found = np.tile(population, (len(made), 2, 1))
    assert made.power is not None
    for piece in pieces:
        baseline = Baseline(population)
        for k in piece[np.argsort(made.start[piece], kind="stable")]:
            if made.has_eeg[k]:
                found[k] = baseline.before(made.start[k])
                baseline.follow(made.start[k], made.power[k])
    return found


def test_each_recording_of_each_person_has_one():
    network, made = examples(np.random.default_rng(0))
    follow_baselines(network, made)
    pieces = [np.arange(20), np.arange(20, 40), np.arange(40, 65), np.arange(65, 70)]
    np.testing.assert_array_equal(made.baseline, one_by_one(network, made, pieces))


def test_each_side_has_one_and_what_is_on_none_has_the_populations():
    network, made = examples(np.random.default_rng(1))
    made.side = np.where(np.arange(70) < 66, (np.arange(70) // 8) % 2, -1)
    follow_baselines(network, made)
    pieces = [
        np.flatnonzero((made.participants == name) & (made.recording == recording) & (made.side == side))
        for name in "ABC"
        for recording in (0, 1)
        for side in (0, 1)
    ]
    np.testing.assert_array_equal(made.baseline, one_by_one(network, made, pieces))


def test_it_begins_anew_once_where_it_is_told_to_however_often_that_is_between_two_windows():
    network, made = examples(np.random.default_rng(2))
    follow_baselines(network, made, [(1, 7.0), (1, 12.3), (1, 12.4), (0, 30.0)])
    of = made.participants
    later = [
        np.flatnonzero((of == name) & (made.recording == 1) & (made.start >= low) & (made.start < high))
        for name in "ABC"
        for low, high in ((-1.0, 7.0), (7.0, 12.4), (12.4, 99.0))
    ]
    np.testing.assert_array_equal(made.baseline, one_by_one(network, made, [np.arange(20), *later]))
