"""Trials are dealt whole, and no sample of a trial that is held is learnt from."""

import numpy as np
import pytest

from tests.training.conftest import ARCHITECTURE, make_world
from training.examples import Examples
from training.order import order_of
from training.splits import GUARD_S, LEAD_S, apart, bound_people, deal_people, deal_stimuli, deal_trials


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


def test_trials_are_dealt_in_runs_of_neighbours(examples: Examples):
    index = np.flatnonzero(examples.participants == "A")
    part = deal_trials(examples, index, 3)
    assert (np.diff(part) != 0).sum() <= 4, "the guard takes as much at each change of sides"


def test_what_is_bound_together_is_never_parted(examples: Examples):
    index = np.arange(len(examples))
    examples.together[:] = -1
    first, last = (np.flatnonzero((examples.participants == "A") & (examples.start // 8 == k)) for k in (0, 11))
    examples.together[[*first, *last]] = 4
    part = deal_trials(examples, index, 4)
    assert len(set(part[[*first, *last]])) == 1
    examples.together[:] = np.where(examples.start < 8, 7, -1)
    assert bound_people(examples, index) == {"A, B": ("A", "B")}
    assert set(deal_people(examples, index, 3)) == {0}
    examples.together[:] = -1
    assert bound_people(examples, index) == {"A": ("A",), "B": ("B",)}
    assert set(deal_people(examples, index, 3)) == {0, 1}


def test_a_stimulus_is_in_one_part_whoever_saw_it_and_parts_know_all_classes(examples: Examples):
    trial = (examples.start // 8).astype(np.int64)
    shown = np.where(examples.participants == "A", trial, trial[::-1])
    for stimulus in range(12):
        examples.label[shown == stimulus] = stimulus % 2
    examples.stimulus[:] = shown
    part = deal_stimuli(examples, np.arange(len(examples)), 3)
    for stimulus in range(12):
        assert len(set(part[shown == stimulus])) == 1
    for k in range(3):
        assert {*shown[part == k] % 2} == {0, 1}
    examples.stimulus[:] = -1


def test_a_guard_lies_round_what_is_held_out_of_a_person(examples: Examples):
    person, start = examples.participants, examples.start
    held = np.flatnonzero((person == "A") & (start >= 40) & (start < 48))
    train = np.setdiff1d(np.arange(len(examples)), held)
    left, side = apart(examples, train, held)
    lost = set(train) - set(left)
    assert GUARD_S == 30.0
    assert {int(start[k]) for k in lost} == {*range(9, 40), *range(48, 79)}, "windows of two seconds, one a second"
    assert all(person[k] == "A" for k in lost), "another person's windows share nothing"
    assert (side[held] == 1).all()
    assert (side[sorted(lost)] == -1).all()
    assert (side[left] == 0).all()


def test_what_is_not_labelled_before_a_held_out_trial_goes_with_it(examples: Examples):
    person, start, label, affect = examples.participants, examples.start, examples.label.copy(), examples.affect.copy()
    quiet = (person == "A") & (start >= 40) & (start < 80)
    examples.label[quiet], examples.affect[quiet] = -1, np.nan
    held = np.flatnonzero((person == "A") & (start >= 80) & (start < 88))
    side = apart(examples, np.flatnonzero((examples.label >= 0) & (start < 80)), held).side
    with_it = {int(start[k]) for k in np.flatnonzero(side == 1)}
    assert with_it == {*range(80 - int(LEAD_S), 88)}
    assert {int(start[k]) for k in np.flatnonzero((side == 0) & (person == "A"))} == set(range(19))
    examples.label[:], examples.affect[:] = label, affect


def test_another_recording_of_the_same_person_shares_nothing(examples: Examples):
    held = np.flatnonzero((examples.participants == "A") & (examples.start == 40))
    train = np.setdiff1d(np.arange(len(examples)), held)
    before = examples.recording.copy()
    examples.recording[held] = 1
    assert len(apart(examples, train, held).train) == len(train)
    examples.recording[:] = before


def test_whole_people_apart_keep_their_past_as_it_was_live(examples: Examples):
    held = np.flatnonzero(examples.participants == "A")
    train = np.flatnonzero(examples.participants == "B")
    left, side = apart(examples, train, held)
    assert side is None
    np.testing.assert_array_equal(left, train)


def test_an_inner_split_never_follows_what_the_outer_one_holds_out(examples: Examples):
    start, mine = examples.start, examples.participants == "A"
    held = np.flatnonzero(mine & (start < 8))
    outer = apart(examples, np.flatnonzero(mine & (start >= 8)), held)
    inner = apart(examples, outer.train[start[outer.train] < 60], outer.train[start[outer.train] >= 92], outer.side)
    assert outer.side is not None
    assert inner.side is not None
    assert (inner.side[outer.side != 0] == -1).all()


def test_classes_that_stand_in_one_stretch_each_are_told(examples: Examples):
    index = np.arange(len(examples))
    assert order_of(examples, index).in_blocks == ()
    first = np.flatnonzero((examples.participants == "B") & (examples.start < 16))
    some = np.concatenate([np.flatnonzero(examples.participants == "A"), first])
    assert order_of(examples, some).in_blocks == ("B",)
