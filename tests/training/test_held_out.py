from collections.abc import Sequence

import numpy as np

from core.models.model_file import Architecture, Header, HeldOut, TaughtOn
from tests.training.conftest import make_world
from training.examples import Examples, Truth
from training.held_out import GUARD_S, SHARE, split


def examples(seconds: Sequence[int], trial_s: int = 10) -> Examples:
    pairs = []
    for number, length in enumerate(seconds):
        for window, _ in make_world("P001", length):
            pairs.append((window, Truth(0, trial=1000 * number + int(window.start) // trial_s, recording=number)))
    return Examples(pairs, 8, 256)


def header(held_out: tuple[HeldOut, ...] = (), learnt_from: tuple[str, ...] = ()) -> Header:
    return Header(Architecture(), TaughtOn(), "", held_out=held_out, learnt_from=learnt_from)


def test_the_end_of_one_recording_is_held_out_behind_a_guard_of_three_memories():
    some = examples([600])
    parts = split(some, np.arange(600), ["a"])
    (held,) = parts.held_out
    assert held.start == 420.0
    assert np.array_equal(parts.test, np.arange(420, 600))
    assert some.start[parts.train].max() + some.length_s <= held.start - GUARD_S
    assert GUARD_S == 90.0
    assert parts.fresh == ((0, 330.0),)


def test_no_trial_lies_on_both_sides():
    some = examples([600], trial_s=150)
    parts = split(some, np.arange(600), ["a"])
    assert not set(some.group[parts.train]) & set(some.group[parts.test])
    assert parts.held_out[0].start == 300.0, "the trial in which the share begins is held out whole"


def test_of_several_recordings_whole_ones_are_held_out():
    some = examples([300, 300, 200])
    parts = split(some, np.arange(800), ["a", "b", "c"])
    assert [one.recording for one in parts.held_out] == ["c"]
    assert set(some.recording[parts.train]) == {0, 1}
    assert len(parts.train) == 600, "whole recordings need no guard"


def test_a_last_recording_that_is_most_of_all_is_cut():
    some = examples([100, 700])
    parts = split(some, np.arange(800), ["a", "b"])
    assert [(one.recording, one.start) for one in parts.held_out] == [("b", 100 * 7 - SHARE * 800)]


def test_what_was_held_out_stays_so_and_what_was_learnt_from_is_not_held_out_later():
    some = examples([300, 300])
    old = HeldOut("a", "P001", 200.0, 302.0)
    other = HeldOut("elsewhere", "P001", 0.0, 50.0)
    parts = split(some, np.arange(600), ["a", "b"], header((old, other), ("a", "b")))
    assert parts.held_out == (other, old)
    assert some.start[parts.test].min() == 200.0
    learnt = split(some, np.arange(600), ["a", "b"], header((), ("a", "b")))
    assert not len(learnt.test)
    assert not split(some, np.arange(600), ["a", "b"], header(), more=False).held_out
