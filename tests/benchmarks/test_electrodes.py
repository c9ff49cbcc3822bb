"""The electrodes' benchmark puts in what it says, and counts it right."""

import numpy as np
import pytest

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import CAP_32, EegGenerator
from acquisition.simulator.trajectory import Trajectory
from benchmarks.electrodes import FAULTS, Spoilt, Taken, _count, live

SFREQ = 250.0


@pytest.fixture(scope="module")
def taken() -> Taken:
    generator = EegGenerator(5, CAP_32, SFREQ, Trajectory(5), EegKnobs.clean())
    return Taken(generator.block(0, round(12 * SFREQ)).T.astype(float), SFREQ, CAP_32, 50.0)


@pytest.mark.parametrize(
    ("fault", "before", "now"),
    [("amplitude x 5", 0.1, 0.95), ("amplitude x 0.1", 0.1, 0.95), ("bridged", 0.1, 0.95), ("pops", 0.9, 0.95)],
)
def test_a_fault_is_seen_now_that_was_not_seen_before(taken: Taken, fault: str, before: float, now: float):
    spoilt = FAULTS[fault](taken, 9, np.random.default_rng(0))
    seen = {rules: _count(*live(taken, spoilt.samples, rules), spoilt) for rules in (1, 2)}
    hits = {rules: counts[0] / counts[1] for rules, counts in seen.items()}
    assert hits[1] <= before
    assert hits[2] >= now
    assert seen[2][2] / seen[2][3] <= 0.01, "of good electrodes nothing is said"


def test_a_pop_counts_where_a_window_holds_it():
    bad = np.array([[True, False], [False, False], [False, True]])
    counts = _count(np.array([0.0, 1.0, 2.0]), bad, Spoilt(np.zeros((2, 0)), (0,), np.array([1.5])))
    assert counts.tolist() == [1, 2, 1, 3, 1, 3]
