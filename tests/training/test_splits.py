"""Trials are dealt whole, and no sample of a trial that is held is learnt from."""

import numpy as np
import pytest

from tests.training.conftest import ARCHITECTURE, make_world
from training.examples import Examples
from training.order import order_of
from training.splits import clear_of, deal_trials


@pytest.fixture(scope="module")
def examples() -> Examples:
    pairs = [pair for k, name in enumerate(("A", "B")) for pair in make_world(name, 96, seed=k)]
    return Examples(pairs, ARCHITECTURE.n_embedding, 256)


def test_trials_are_dealt_whole_and_every_part_has_some_of_everyone(examples: Examples):
    index = np.arange(len(examples))
    part = deal_trials(examples, index, 4)
    assert set(part) == {0, 1, 2, 3}
    for trial in np.unique(examples.group):
        assert len(set(part[examples.group == trial])) == 1
    for k in range(4):
        assert set(examples.participants[part == k]) == {"A", "B"}
        assert set(examples.label[part == k]) == {0, 1, 2}


def test_the_seed_decides_and_what_is_not_asked_about_is_not_dealt(examples: Examples):
    index = np.flatnonzero(examples.label != 1)
    first, again, other = (deal_trials(examples, index, 3, seed) for seed in (1, 1, 2))
    assert len(first) == len(index)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_windows_that_share_samples_with_one_that_is_held_are_not_learnt_from(examples: Examples):
    person, start = examples.participants, examples.start
    held = np.flatnonzero((person == "A") & (start >= 40) & (start < 48))
    train = np.setdiff1d(np.arange(len(examples)), held)
    left = set(clear_of(examples, train, held))
    assert {int(start[k]) for k in set(train) - left} == {39, 48}, "windows of two seconds, one a second"
    assert all(person[k] == "A" for k in set(train) - left), "another person's windows share nothing"


def test_another_recording_of_the_same_person_shares_nothing(examples: Examples):
    held = np.flatnonzero((examples.participants == "A") & (examples.start == 40))
    train = np.setdiff1d(np.arange(len(examples)), held)
    before = examples.recording.copy()
    examples.recording[held] = 1
    assert len(clear_of(examples, train, held)) == len(train)
    examples.recording[:] = before


def test_classes_that_stand_in_one_stretch_each_are_told(examples: Examples):
    index = np.arange(len(examples))
    assert order_of(examples, index).in_blocks == ()
    first = np.flatnonzero((examples.participants == "B") & (examples.start < 16))
    some = np.concatenate([np.flatnonzero(examples.participants == "A"), first])
    assert order_of(examples, some).in_blocks == ("B",)
