"""Real recordings through the whole path: what is known of them can be seen in what comes out of the pipeline."""

from pathlib import Path

import numpy as np
import pytest

from core.config import Config
from core.data import Array, Chunk, Prediction, Window
from tests.flows.live import exact, replayed

OCCIPITAL = ("O1", "Oz", "O2", "PO7", "PO3", "POz", "PO4", "PO8")


def windows_of(path: Path) -> tuple[list[Window], list[Prediction]]:
    _, events = replayed(path, Config())
    windows = [event for event in events if isinstance(event, Window)]
    predictions = [event for event in events if isinstance(event, Prediction)]
    assert len(windows) == len(predictions)
    return [window for window in windows if window.eeg is not None], predictions


def band_power(window: Window, low: float, high: float, names: tuple[str, ...]) -> Array:
    """Power of the trusted channels of `names`, µV², array of shape (n_found,)."""
    assert window.eeg is not None
    assert window.eeg_mask is not None
    chosen = [k for k, name in enumerate(window.ch_names) if name in names and window.eeg_mask[k]]
    spectrum = np.abs(np.fft.rfft(window.eeg[chosen] * np.hanning(window.eeg.shape[1]))) ** 2
    freqs = np.fft.rfftfreq(window.eeg.shape[1], 1 / 128.0)
    return np.asarray(spectrum[:, (freqs >= low) & (freqs <= high)].mean(axis=1))


def alpha(path: Path, names: tuple[str, ...] = OCCIPITAL) -> float:
    windows, _ = windows_of(path)
    return float(np.median(np.concatenate([band_power(window, 8.0, 12.0, names) for window in windows])))


def test_closing_the_eyes_is_seen_at_the_back_of_the_head(shared_data: Path):
    folder = shared_data / "eegmmidb-S001"
    back = alpha(folder / "S001R02.edf") / alpha(folder / "S001R01.edf")
    assert back > 4.0
    front = ("Fp1", "Fpz", "Fp2", "AF7", "AF8")
    assert back > 2 * alpha(folder / "S001R02.edf", front) / alpha(folder / "S001R01.edf", front)


def test_sixty_four_channels_are_found_and_in_microvolts(shared_data: Path):
    windows, predictions = windows_of(shared_data / "eegmmidb-S001" / "S001R01.edf")
    assert len(windows) > 200
    assert {len(window.ch_names) for window in windows} == {64}
    assert np.isfinite(windows[0].positions).all()  # type: ignore[arg-type]
    assert 3.0 < float(np.median([np.std(window.eeg) for window in windows])) < 60.0  # type: ignore[arg-type]
    assert np.mean([window.eeg_mask.mean() for window in windows]) > 0.8  # type: ignore[union-attr]
    assert {prediction.weights[0] for prediction in predictions} == {0.0}
    assert "student not taught on this person" in predictions[-1].status + " ".join(predictions[-1].notes)


def test_nineteen_channels_at_500_hz(shared_data: Path):
    windows, _ = windows_of(shared_data / "eegmat" / "Subject00_2.edf")
    assert len(windows) > 200
    names = set(windows[0].ch_names)
    assert {"Fp1", "T7", "T8", "P7", "P8", "O2", "Cz"} <= names
    assert len(names) == 19  # neither ECG nor the channel between the ears
    assert all(window.eeg.shape == (19, 256) for window in windows)  # type: ignore[union-attr]


@pytest.mark.parametrize("person", ["P001", "P002", "P003"])
def test_a_muse_recorded_by_lab_recorder(shared_data: Path, person: str):
    path = shared_data / "xdf" / f"sub-{person}_ses-S001_task-Default_run-001_eeg.xdf"
    items, events = replayed(path, Config())
    n_samples = sum(len(item.timestamps) for item in items if isinstance(item, Chunk))
    windows = [event for event in events if isinstance(event, Window)]
    assert n_samples > 1000
    assert {tuple(window.ch_names[:4]) for window in windows} == {("TP9", "AF7", "AF8", "TP10")}
    assert sum(window.eeg is not None for window in windows) > 0
    again = [event for event in replayed(path, Config())[1] if isinstance(event, Prediction)]
    first = [event for event in events if isinstance(event, Prediction)]
    assert [exact(p) for p in again] == [exact(p) for p in first]
