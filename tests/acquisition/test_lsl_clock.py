"""Stamps on this machine's LSL clock: liblsl's correction where it holds, the quickest sample where it does not."""

import numpy as np
import pytest

from acquisition.lsl_clock import StreamClock

SFREQ = 250.0


def _chunks(n_chunks, start, size=10):
    stamps = start + np.arange(n_chunks * size) / SFREQ
    return np.split(stamps, n_chunks)


def test_lsl_clock_takes_the_correction_and_follows_it():
    clock = StreamClock(5000.0, 105000.01, 100000.0)
    assert (clock.mode, clock.offset) == ("lsl", 100000.0)
    assert not clock.due(105004.0)
    assert clock.due(105005.1)
    clock.refresh(105005.1, 100000.002)
    assert clock.offset == 100000.002
    clock.refresh(105010.2, None)
    assert clock.offset == 100000.002


@pytest.mark.parametrize("correction", [0.0, None])
def test_foreign_clock_is_placed_by_the_quickest_sample(correction):
    rng = np.random.default_rng(0)
    clock = StreamClock(1.7e9, 1000.3, correction)
    assert clock.mode == "rebased"
    for chunk in _chunks(250, 1.7e9):
        assert clock.take(chunk, chunk[-1] - 1.7e9 + 1000.0 + 0.02 + rng.exponential(0.05)) == 0.0
    clock.refresh(1011.0, correction)
    assert 1000.02 - 1.7e9 <= clock.offset < 1000.03 - 1.7e9


def test_foreign_clock_that_drifts_is_followed():
    clock = StreamClock(1.7e9, 0.0, 0.0)
    for chunk in _chunks(250 * 60 // 10 * 4, 1.7e9):
        clock.take(chunk, (chunk[-1] - 1.7e9) * 1.0005)
    clock.refresh(240.0, 0.0)
    assert clock.offset + 1.7e9 == pytest.approx(240.0 * 0.0005, abs=30.0 * 0.0005 + 1e-4)


def test_missing_samples_are_no_jump():
    clock = StreamClock(100.0, 100.01, 0.0)
    first, *_, last = _chunks(300, 100.0)
    assert clock.take(first, first[-1] + 0.01) == 0.0
    assert clock.take(last, last[-1] + 0.03) == 0.0
    assert clock.mode == "lsl"


def test_stalled_network_is_no_jump():
    clock = StreamClock(100.0, 100.01, 0.0)
    first, *rest = _chunks(100, 100.0)
    clock.take(first, first[-1] + 0.01)
    assert all(clock.take(chunk, 104.1) == 0.0 for chunk in rest)


@pytest.mark.parametrize("jump", [-3.0, 10.0, 200_000.0])
def test_jump_is_told_and_undone(jump):
    clock = StreamClock(100.0, 100.01, 0.0)
    for chunk in _chunks(50, 100.0):
        clock.take(chunk, chunk[-1] + 0.01)
    (after,) = _chunks(1, 102.0 + jump)
    assert clock.take(after, 102.0 + 9 / SFREQ + 0.01) == pytest.approx(jump + 1 / SFREQ)
    assert clock.mode == "rebased"
    assert after[-1] + clock.offset == pytest.approx(102.0 + 9 / SFREQ + 0.01)
    # The clock then goes on from there without another word.
    (then,) = _chunks(1, 102.04 + jump)
    assert clock.take(then, 102.04 + 9 / SFREQ + 0.01) == 0.0
