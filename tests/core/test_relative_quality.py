import numpy as np
import pytest

from core.montage import positions
from core.relative_quality import Beside, Others, _nan_median, median
from tests.core.test_quality import SFREQ, eeg, judge
from tests.montages import TEN_TWENTY

FZ, P7 = TEN_TWENTY.index("Fz"), TEN_TWENTY.index("P7")
FOUR = TEN_TWENTY[:4]


def scaled(x: np.ndarray, row: int, factor: float) -> np.ndarray:
    x = x.copy()
    x[row] *= factor
    return x


def bridged(x: np.ndarray, one: int, other: int, noise_uv: float = 0.5) -> np.ndarray:
    x = x.copy()
    rng = np.random.default_rng(3)
    x[[one, other]] = x[[one, other]].mean(axis=0) + noise_uv * rng.standard_normal((2, x.shape[1]))
    return x


def popping(x: np.ndarray, row: int, size_uv: float) -> np.ndarray:
    x = x.copy()
    since = np.arange(x.shape[1]) / SFREQ - 1.0
    x[row] += np.where(since >= 0, size_uv * np.exp(-np.maximum(since, 0) / 0.1), 0.0)
    return x


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("factor", "reason"), [(5.0, "louder than its neighbours"), (0.1, "quieter than its neighbours")]
)
def test_a_gain_that_is_off_is_named_and_costs_no_neighbour(seed: int, factor: float, reason: str):
    assert judge(scaled(eeg(seed), FZ, factor)) == {"Fz": reason}


def test_two_loud_neighbours_are_both_found():
    beside = TEN_TWENTY.index("F3")
    found = judge(scaled(scaled(eeg(), FZ, 5.0), beside, 5.0))
    assert found == {"Fz": "louder than its neighbours", "F3": "louder than its neighbours"}


def test_what_all_electrodes_share_is_no_gain():
    x = eeg()
    assert judge(x + 60 * np.sin(2 * np.pi * 1.3 * np.arange(x.shape[1]) / SFREQ)) == {}
    assert judge(3.0 * x) == {}


def test_one_rhythm_that_is_large_at_one_place_is_no_gain():
    x = eeg()
    x[FZ] += 60 * np.sin(2 * np.pi * 10 * np.arange(x.shape[1]) / SFREQ)
    assert "louder than its neighbours" not in judge(x).values()


def test_a_bridge_names_the_other_electrode():
    assert judge(bridged(eeg(), FZ, P7)) == {"Fz": "bridged with P7", "P7": "bridged with Fz"}


def test_a_small_step_is_a_pop_where_only_one_electrode_has_it():
    assert judge(popping(eeg(), FZ, 150.0)) == {"Fz": "pops"}
    assert judge(eeg() + (popping(eeg(), FZ, 150.0) - eeg())[FZ]) == {}


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        (scaled(eeg()[:4], 1, 5.0), {FOUR[1]: "louder than the others"}),
        (scaled(eeg()[:4], 1, 0.1), {FOUR[1]: "quieter than the others"}),
        (bridged(eeg()[:4], 0, 3), {FOUR[0]: f"bridged with {FOUR[3]}", FOUR[3]: f"bridged with {FOUR[0]}"}),
        (popping(eeg()[:4], 2, 200.0), {FOUR[2]: "pops"}),
        (eeg()[:4], {}),
    ],
)
def test_a_headset_of_four_is_compared_with_the_three_others(spoilt: np.ndarray, found: dict[str, str]):
    assert judge(spoilt) == found


@pytest.mark.parametrize(("n", "found"), [(7, {1: "louder than the others"}), (8, {})])
def test_beside_few_others_a_smaller_ratio_is_far_off(n: int, found: dict[int, str]):
    levels = np.zeros((1, n, 6))
    levels[0, 1] = 0.9
    names = TEN_TWENTY[:n]
    assert Beside(positions(names), names)._far_off(levels, np.ones(n, bool)) == [found]


@pytest.mark.parametrize(("others", "found"), [([60, 0, -60], [0]), ([60, 60, 60, 0, -60, -60, -60], [])])
def test_beside_few_others_that_move_themselves_a_smaller_way_is_drift(others: list[float], found: list[int]):
    level = np.array([260.0, *others])
    beside = Beside(positions(TEN_TWENTY[: len(level)]))
    assert beside._drifts(np.zeros((1, len(level))), [2.0], 0.0) == [[]]
    assert beside._drifts(level[None], [3.0], 0.0) == [found], "3.8 times as far as the median"


def test_of_three_nobody_says_which_is_wrong():
    assert judge(scaled(eeg()[:3], 1, 5.0)) == {}


def drifts(levels: np.ndarray, step: float = 1.0, since: float = 0.0) -> list[dict[int, str]]:
    """Return what is said window by window of electrodes whose means are `levels`, (n_windows, n_chans)."""
    beside, x = Beside(positions(TEN_TWENTY), TEN_TWENTY), eeg()
    x = x - x.mean(axis=1, keepdims=True)
    good = np.ones(len(x), bool)
    return [beside.judge(x + level[:, None], SFREQ, x, good, 2.0 + k * step, since) for k, level in enumerate(levels)]


def test_an_electrode_that_moves_away_drifts_and_what_all_do_is_no_drift():
    levels = np.zeros((12, len(TEN_TWENTY)))
    levels[:, :] = 40.0 * np.arange(12)[:, None]
    assert not any(drifts(levels))
    levels[:, FZ] += 60.0 * np.arange(12)
    said = drifts(levels)
    assert [bool(one) for one in said] == [False] * 3 + [True] * 9, "150 µV away from the third step on"
    assert all(one in ({}, {FZ: "drifts"}) for one in said)


def test_an_offset_of_millivolts_is_no_drift_nor_is_one_long_ago():
    levels = np.zeros((20, len(TEN_TWENTY)))
    levels += 1e4 * np.arange(len(TEN_TWENTY))
    levels[:4, FZ] += 400.0
    said = drifts(levels)
    assert [FZ in one for one in said] == [False] * 4 + [True] * 8 + [False] * 8


def test_drift_is_not_seen_over_a_break():
    beside, x, good = Beside(positions(TEN_TWENTY)), eeg(), np.ones(len(TEN_TWENTY), bool)
    moved = x.copy()
    moved[FZ] += 1000.0
    assert beside.judge(x, SFREQ, x, good, 2.0, 0.0) == {}
    assert beside.judge(moved, SFREQ, x, good, 6.0, 4.0) == {}
    assert beside.judge(x, SFREQ, x, good, 7.0, 4.0) == {FZ: "drifts"}


def test_neighbours_are_the_nearest_good_ones():
    others = Others(positions(TEN_TWENTY))
    good = np.ones(len(TEN_TWENTY), bool)
    near = {TEN_TWENTY[k] for k in others.of(good)[FZ]}
    good[TEN_TWENTY.index("F3")] = False
    rows = np.flatnonzero(good).tolist()
    without = {TEN_TWENTY[k] for k in others.of(good)[rows.index(FZ)]}
    assert {"F3", "F4"} < near
    assert "F3" not in without
    assert len(without) == 4


def test_an_input_without_a_place_takes_no_part():
    x = np.concatenate([eeg(), 50 * eeg(1)[:1]])
    places = np.concatenate([positions(TEN_TWENTY), np.full((1, 3), np.nan)])
    good = np.ones(len(x), bool)
    assert Beside(places).judge(x, SFREQ, x, good, 2.0, 0.0) == {}


@pytest.mark.parametrize("n", [1, 2, 7, 8, 31, 32, 64])
def test_medians_are_those_of_numpy_to_the_bit(n: int):
    x = np.random.default_rng(n).standard_normal((n, 257)) * 10.0 ** np.arange(257)[None] ** 0.2
    for axis in (0, 1):
        np.testing.assert_array_equal(median(x, axis), np.median(x, axis=axis))
    there = np.asarray(np.random.default_rng(n).random(x.shape) < 0.7)
    there[:, 0] = True
    np.testing.assert_array_equal(
        _nan_median(np.where(there, x, np.nan), there), np.nanmedian(np.where(there, x, np.nan), axis=1)
    )
