import numpy as np
import pytest
from scipy import signal

from core.filters import Cascade, design
from core.montage import positions
from core.quality import ChannelJudge
from core.splines import unit_sphere
from tests.montages import TEN_TWENTY

SFREQ = 250.0


def eeg(seed: int = 0, names: tuple[str, ...] = TEN_TWENTY, n_times: int = 500) -> np.ndarray:
    """Some 15 µV of slow noise from twelve places in the head, so that neighbours share most of it."""
    rng = np.random.default_rng(seed)
    sources = rng.standard_normal((12, 3))
    sources /= np.linalg.norm(sources, axis=1, keepdims=True)
    distance = np.linalg.norm(unit_sphere(positions(names))[:, None] - sources, axis=2)
    drive = np.exp(-(distance**2)) @ rng.standard_normal((12, n_times)) + 0.1 * rng.standard_normal(
        (len(names), n_times)
    )
    return 4 * signal.lfilter([1.0], [1.0, -0.95], drive, axis=1)


def judge(x: np.ndarray, line: float = 50.0, sfreq: float = SFREQ) -> dict[str, str]:
    names = TEN_TWENTY[: len(x)]
    filtered = Cascade(design(sfreq, 0.5, 45.0, line)).push(np.nan_to_num(x))
    reasons = ChannelJudge(positions(names), names).judge(x, filtered, sfreq, line)
    return {name: reason for name, reason in zip(names, reasons, strict=True) if reason}


@pytest.mark.parametrize("seed", range(5))
def test_clean_channels_are_trusted(seed: int):
    assert judge(eeg(seed)) == {}


def corrupt(kind: str, x: np.ndarray, row: int = 4) -> np.ndarray:
    n = x.shape[1]
    t = np.arange(n) / SFREQ
    rng = np.random.default_rng(2)
    planted = {
        "flat": np.full(n, 12.0),
        "invalid samples": np.where(t > 1.9, np.nan, x[row]),
        "clipping": np.clip(x[row] * 4, -20, 20),
        "too large": x[row] + 600 * np.sin(2 * np.pi * 3 * t),
        "pops": x[row] + 450.0 * ((t > 1.0) & (t < 1.06)),
        "line noise": x[row] + 120 * np.sin(2 * np.pi * 50 * t),
        "muscle": x[row] + 40 * rng.standard_normal(n),
        "unlike its neighbours": 5 * signal.lfilter([1.0], [1.0, -0.95], rng.standard_normal(n)),
    }
    x = x.copy()
    x[row] = planted[kind]
    return x


@pytest.mark.parametrize(
    "kind",
    ["flat", "invalid samples", "clipping", "too large", "pops", "line noise", "muscle", "unlike its neighbours"],
)
def test_each_fault_is_named(kind: str):
    assert judge(corrupt(kind, eeg())) == {"Fz": kind}


def test_a_frozen_channel_is_flat_whatever_it_froze_at():
    x = eeg()
    x[4, 200:] = x[4, :200].mean()
    assert judge(x) == {"Fz": "flat"}


def test_several_strangers_are_found_and_their_neighbours_spared():
    x = eeg()
    for row, seed in ((4, 10), (12, 11)):
        x[row] = 5 * signal.lfilter([1.0], [1.0, -0.95], np.random.default_rng(seed).standard_normal(500))
    assert judge(x) == {"Fz": "unlike its neighbours", "P7": "unlike its neighbours"}


def test_a_headset_of_four_has_no_neighbours_to_be_unlike():
    assert judge(corrupt("unlike its neighbours", eeg(), row=2)[:4]) == {}


def test_channels_without_a_place_are_judged_but_by_their_neighbours():
    x = corrupt("line noise", eeg())
    reasons = ChannelJudge(np.full((len(x), 3), np.nan)).judge(x, x, SFREQ, 50.0)
    assert [reason for reason in reasons if reason] == ["line noise"]


def test_a_blink_costs_no_channel():
    x = eeg()
    x[:2] += 180 * np.exp(-0.5 * ((np.arange(500) - 250) / 20) ** 2)
    assert judge(x) == {}


@pytest.mark.parametrize("kind", ["flat", "clipping", "line noise"])
def test_a_fast_amplifier_shows_the_same_faults(kind: str):
    fast = np.repeat(corrupt(kind, eeg()), 8, axis=1)
    assert judge(fast, sfreq=8 * SFREQ) == {"Fz": kind}


def test_what_a_person_sees_goes_with_what_is_decided():
    x = eeg(3)
    t = np.arange(x.shape[1]) / SFREQ
    x[4] += 120 * np.sin(2 * np.pi * 50 * t)
    x[5] += 6 * np.sin(2 * np.pi * 50 * t)
    x[6] += 40 * np.random.default_rng(1).standard_normal(x.shape[1])
    x[7] = 3.0
    filtered = Cascade(design(SFREQ, 0.5, 45.0, 50.0)).push(x)
    reasons, quality = ChannelJudge(positions(TEN_TWENTY)).look(x, filtered, SFREQ, 50.0)
    assert [reasons[k] for k in (4, 5, 6, 7)] == ["line noise", "", "muscle", "flat"]
    assert [float(quality.score[k]) for k in (4, 6, 7)] == [0, 0, 0]
    assert 0.2 < quality.score[5] < quality.score[10]
    assert quality.line[4] == 1.0 > quality.line[5] > quality.line[10]
    assert quality.muscle[6] == 1.0
    assert quality.muscle[10] < 0.5
    assert quality.score.min() >= 0 <= 1 >= quality.score.max()


def test_what_was_judged_before_changes_nothing_but_drift():
    """What is remembered of masks is what would be found anew."""
    spoilt = [corrupt("flat", eeg(), row=row) for row in (2, 5, 2, 9)] + [eeg(), corrupt("muscle", eeg(), row=5)]
    filtered = [Cascade(design(SFREQ, 0.5, 40.0, 50.0)).push(x) for x in spoilt]
    one = ChannelJudge(positions(TEN_TWENTY), TEN_TWENTY)
    for x, y in zip(spoilt, filtered, strict=True):
        fresh = ChannelJudge(positions(TEN_TWENTY), TEN_TWENTY)
        found, expected = one.look(x, y, SFREQ, 50.0), fresh.look(x, y, SFREQ, 50.0)
        assert found[0] == expected[0]
        for part in ("score", "line", "muscle"):
            np.testing.assert_array_equal(getattr(found[1], part), getattr(expected[1], part))
