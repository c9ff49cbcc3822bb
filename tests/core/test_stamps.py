"""Stamps that tell no time, or another than they mean."""

import math

import numpy as np
import pytest

from core.stamps import StampMender, are_times, seconds_per_unit

TIMES = 5000.0 + np.arange(2500) / 250.0
RNG = np.random.default_rng(4)


def test_what_is_no_number_or_three_centuries_off_is_no_time():
    stamps = np.array([0.0, -1e9, 1.7e9, math.nan, math.inf, -math.inf, 1.7e15, 1e300])
    assert are_times(stamps).tolist() == [True, True, True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("stamps", "sfreq", "unit"),
    [
        (TIMES, 250.0, 1.0),
        (TIMES, 0.0, 1.0),
        (TIMES * 1e3, 250.0, 1e-3),
        (1.7e15 + (TIMES - TIMES[0]) * 1e6, 250.0, 1e-6),
        (TIMES * 1e9, 250.0, 1e-9),
        (TIMES * 1e3, 0.0, 1e-3),
        (np.round(TIMES * 1e3), 250.0, 1e-3),
        (np.repeat(TIMES[::12], 12), 250.0, 1.0),  # packets of twelve, as Muse sends them
        (TIMES + 600.0 * (np.arange(2500) > 2000), 250.0, 1.0),  # a gap
        (np.where(RNG.random(2500) < 0.05, 0.0, TIMES), 250.0, 1.0),  # strays
        (np.where(RNG.random(2500) < 0.05, math.nan, TIMES * 1e6), 250.0, 1e-6),
        (TIMES, 128.0, 1.0),  # declares another rate than it has
    ],
)
def test_the_unit_of_stamps_is_known_by_the_declared_rate(stamps: np.ndarray, sfreq: float, unit: float):
    assert seconds_per_unit(stamps, sfreq) == unit


@pytest.mark.parametrize("sfreq", [250.0, 0.0])
@pytest.mark.parametrize(
    "stamps",
    [np.zeros(2500), np.full(2500, 1234.5), np.full(2500, math.nan), -TIMES, np.arange(2500) * 1e30, np.empty(0)],
    ids=["zero", "constant", "no numbers", "backwards", "absurd", "none"],
)
def test_stamps_that_tell_no_time_are_known(stamps: np.ndarray, sfreq: float):
    assert math.isnan(seconds_per_unit(stamps, sfreq))


def test_a_sample_counter_is_no_time_unless_it_counts_milliseconds():
    assert math.isnan(seconds_per_unit(np.arange(2500.0), 250.0))
    assert seconds_per_unit(np.arange(2500.0), 1000.0) == 1e-3


@pytest.mark.parametrize("size", [1, 3, 250, 2500])
@pytest.mark.parametrize(
    ("where", "value"),
    [
        ([100], math.nan),
        ([100, 101, 102], math.inf),
        ([100], 1e6 + 5000.4),
        ([100, 101, 102, 103], 0.0),
        ([100], -3.0),
        ([100, 900, 1700], 1e300),
    ],
)
def test_a_stamp_that_strays_gets_the_place_between_its_neighbours(where: list[int], value: float, size: int):
    stamps, rows = TIMES.copy(), np.arange(2500.0)[:, None]
    stamps[where] = value
    mender = StampMender(250.0, 0.15)
    pieces = [mender.push(stamps[k : k + size], rows[k : k + size]) for k in range(0, 2500, size)]
    times, data = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    np.testing.assert_allclose(times, TIMES, atol=1e-9)
    np.testing.assert_array_equal(data, rows)
    assert mender.n_mended == len(where)
    assert mender.first_mended == pytest.approx(TIMES[where[0]])


@pytest.mark.parametrize("step", [3.0, -3.0, 0.2, 90_000.0])
def test_a_break_stays_a_break_and_is_settled_five_samples_on(step: float):
    stamps = TIMES[:200] + step * (np.arange(200) >= 100)
    rows = np.arange(200.0)[:, None]
    mender = StampMender(250.0, 0.15)
    times, _ = mender.push(stamps[:104], rows[:104])
    assert len(times) == 100
    more, _ = mender.push(stamps[104:], rows[104:])
    np.testing.assert_array_equal(np.concatenate([times, more]), stamps)
    assert mender.n_mended == 0
    assert len(mender.flush(rows)[0]) == 0


def test_what_waits_at_the_end_comes_with_flush():
    mender = StampMender(250.0, 0.15)
    mender.push(TIMES[:100], TIMES[:100, None])
    held, _ = mender.push(TIMES[100:102] + 9.0, TIMES[100:102, None])
    assert not len(held)
    times, data = mender.flush(TIMES[:0, None])
    np.testing.assert_array_equal(times, TIMES[100:102] + 9.0)
    np.testing.assert_array_equal(data[:, 0], TIMES[100:102])


def test_samples_before_the_first_time_are_left_out():
    mender = StampMender(250.0, 0.15)
    stamps = np.array([math.nan, math.inf, 5.0, 5.004])
    times, data = mender.push(stamps, np.arange(4.0)[:, None])
    assert times.tolist() == [5.0, 5.004]
    assert data[:, 0].tolist() == [2.0, 3.0]
    assert mender.n_mended == 2
