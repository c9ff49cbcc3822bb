import numpy as np
import pytest
from scipy import signal

from core.montage import positions
from core.quality import judge_channels

NAMES = (
    "Fp1",
    "Fp2",
    "F7",
    "F3",
    "Fz",
    "F4",
    "F8",
    "T7",
    "C3",
    "Cz",
    "C4",
    "T8",
    "P7",
    "P3",
    "Pz",
    "P4",
    "P8",
    "O1",
    "O2",
)
SFREQ = 250.0


def eeg(n_chans: int = len(NAMES)) -> np.ndarray:
    rng = np.random.default_rng(0)
    drive = rng.standard_normal((500, n_chans)) + 2 * rng.standard_normal((500, 1))
    return 2.5 * signal.lfilter([1.0], [1.0, -0.95], drive, axis=0)


def judge(x: np.ndarray, line: float = 50.0) -> dict[str, str]:
    reasons = judge_channels(x, SFREQ, line, positions(NAMES[: x.shape[1]]))
    return {name: reason for name, reason in zip(NAMES, reasons, strict=False) if reason}


def test_clean_channels_are_trusted():
    assert judge(eeg()) == {}


def spoil(kind: str, x: np.ndarray) -> np.ndarray:
    t = np.arange(len(x)) / SFREQ
    rng = np.random.default_rng(2)
    planted = {
        "flat": np.full(len(x), 12.0),
        "invalid samples": np.where(t > 1.9, np.nan, x[:, 4]),
        "clipping": np.clip(x[:, 4] * 4, -20, 20),
        "too large": x[:, 4] + 600 * np.sin(2 * np.pi * 3 * t),
        "pops": x[:, 4] + 450.0 * ((t > 1.0) & (t < 1.06)),
        "line noise": x[:, 4] + 80 * np.sin(2 * np.pi * 50 * t),
        "muscle": x[:, 4] + 40 * rng.standard_normal(len(x)),
        "unlike its neighbours": 12 * signal.lfilter([1.0], [1.0, -0.95], rng.standard_normal(len(x))),
    }
    x = x.copy()
    x[:, 4] = planted[kind]
    return x


@pytest.mark.parametrize(
    "kind",
    ["flat", "invalid samples", "clipping", "too large", "pops", "line noise", "muscle", "unlike its neighbours"],
)
def test_each_fault_is_named(kind: str):
    assert judge(spoil(kind, eeg())) == {"Fz": kind}


def test_a_headset_of_four_has_no_neighbours_to_be_unlike():
    assert judge(spoil("unlike its neighbours", eeg())[:, 3:7]) == {}


def test_a_blink_costs_no_channel():
    x = eeg()
    blink = 180 * np.exp(-0.5 * ((np.arange(500) - 250) / 20) ** 2)
    x[:, :2] += blink[:, None]
    assert judge(x) == {}
