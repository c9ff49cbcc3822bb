import numpy as np
import pytest

from app.study.mne_raw import to_raw
from core.data import Channel, Chunk, Label, Notice, StreamInfo
from core.errors import FileFormatError

CHANNELS = (
    Channel("Fp1", "Fp1", position=(0.0, 0.1, 0.0)),
    Channel("TRG", "TRG", "trigger"),
    Channel("Oz", "Oz", scale_uv=1e6),
)
INFO = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=CHANNELS)


def chunk(start: float, n: int, sfreq: float = 100.0) -> Chunk:
    return Chunk("k", start + np.arange(n) / sfreq, np.tile(np.array([[10.0, 99.0, 1e-5]], np.float32), (n, 1)))


def test_a_gap_is_zero_under_an_annotation_and_later_samples_keep_their_time():
    items = [chunk(50.0, 200), Notice("k", 52.5, "lost", "gone"), chunk(53.0, 100)]
    label = Label("u", "", "P001", 53.2, 53.8, 60.0, label="happy")
    _, (first, _), raw = to_raw([INFO], items, [label], 0.15)
    assert first == 50.0
    assert raw.ch_names == ["Fp1", "Oz"]
    np.testing.assert_allclose(raw.get_data()[:, [0, 199, 301, 399]], 10e-6, rtol=1e-5)
    np.testing.assert_array_equal(raw.get_data()[:, 210:290], 0)
    notes = {a["description"]: (round(a["onset"], 2), round(a["duration"], 2)) for a in raw.annotations}
    assert notes == {"BAD_gap": (2.0, 1.0), "stream/lost": (2.5, 0.0), "affect/happy": (3.2, 0.6)}


def test_the_rate_is_the_measured_one():
    _, _, raw = to_raw([INFO], [chunk(0.0, 6000, 99.8)], [], 0.15)
    assert raw.info["sfreq"] == pytest.approx(99.8, rel=1e-5)


def test_channels_of_the_same_name_are_told_apart():
    twice = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=(Channel("1", "1"), Channel("1", "1")))
    data = Chunk("k", np.arange(50) / 100, np.zeros((50, 2), np.float32))
    assert to_raw([twice], [data], [], 0.15)[2].ch_names == ["1", "1-1"]


def test_a_recording_without_eeg_is_told():
    with pytest.raises(FileFormatError, match="no EEG"):
        to_raw([], [], [], 0.15)
    with pytest.raises(FileFormatError, match="empty"):
        to_raw([INFO], [], [], 0.15)
