import numpy as np
import pytest

from acquisition.health import StreamMeter
from core.data import Chunk, Notice, StreamInfo

EEG = StreamInfo("eeg", "eeg", "P001", "Muse", sfreq=250.0)
MARKERS = StreamInfo("psychopy", "markers", "", "PsychoPyMarkers", sfreq=0.0)
VIDEO = StreamInfo("cam", "video", "P001", "Camera", sfreq=30.0)


def _eeg(start, n=25, offset=0.0):
    return Chunk("eeg", start + np.arange(n) / 250.0, np.zeros((n, 4), np.float32), offset)


def test_regular_stream():
    meter = StreamMeter(EEG)
    for k in range(100):
        meter.take(_eeg(10.0 + 0.1 * k, offset=5.0), 15.1 + 0.1 * k)
    health = meter.health(26.0)
    assert health.effective_sfreq == pytest.approx(250.0)
    assert health.last_sample_age == pytest.approx(26.0 - (15.0 + 9.9 + 24 / 250.0))
    assert (health.n_samples, health.n_gaps, health.n_dropped, health.connected) == (2500, 0, 0, True)
    assert (health.nominal_sfreq, health.clock_offset, health.stream, health.time) == (250.0, 5.0, "eeg", 26.0)


def test_gaps_between_and_within_chunks():
    meter = StreamMeter(EEG)
    meter.take(_eeg(0.0), 0.1)
    meter.take(_eeg(1.0), 1.1)
    meter.take(Chunk("eeg", np.array([1.2, 1.9]), np.zeros((2, 4))), 2.0)
    assert meter.health(2.0).n_gaps == 2
    np.testing.assert_allclose(meter.gaps, [(24 / 250, 1.0), (1.2, 1.9)])
    meter.take(_eeg(0.5), 2.1)
    assert meter.gaps[2] == (0.5, 0.5)


def test_lost_and_back():
    meter = StreamMeter(EEG)
    for kind, connected in (("lost", False), ("lost", False), ("jump", False), ("back", True), ("unit", True)):
        meter.take(Notice("eeg", 0.0, kind, ""), 0.0)
        assert meter.health(0.0).connected is connected


def test_lost_frames_are_counted():
    meter = StreamMeter(VIDEO)
    for index in (0, 1, 2, 5, 6):
        meter.take(Chunk("cam", np.array([index / 30.0]), np.zeros((1, 2, 2, 3), np.uint8), frame_index=index), 0.0)
    health = meter.health(1.0)
    assert (health.n_samples, health.n_dropped) == (5, 2)


def test_stamps_of_another_time_count_from_arrival():
    meter = StreamMeter(EEG)
    meter.take(_eeg(50_000.0), 7.0)
    assert meter.health(8.0).last_sample_age == pytest.approx(1.0)


def test_markers_count_from_arrival_and_have_no_rate():
    meter = StreamMeter(MARKERS)
    for time, now in ((10.0, 7.0), (11.0, 9.0), (12.0, 11.0)):
        meter.take(Chunk("psychopy", np.array([time]), np.array([["film"]], dtype=object)), now)
    health = meter.health(14.0)
    assert health.last_sample_age == pytest.approx(3.0)
    assert (health.n_samples, health.effective_sfreq, health.n_gaps, health.n_dropped) == (3, 0.0, 0, 0)


def test_nothing_yet():
    health = StreamMeter(EEG).health(1.0)
    assert (health.n_samples, health.effective_sfreq) == (0, 0.0)
    assert np.isnan(health.last_sample_age)


def test_stamps_that_go_back_do_not_change_the_rate():
    meter = StreamMeter(EEG)
    for k in range(20):
        meter.take(_eeg(100.0 + 0.1 * k), 0.0)
    for k in range(20):
        meter.take(_eeg(10.0 + 0.1 * k), 0.0)
    assert meter.health(12.0).effective_sfreq == pytest.approx(250.0)


def test_what_the_gaps_lack_is_counted():
    meter = StreamMeter(EEG)
    meter.take(_eeg(0.0), 0.1)
    meter.take(_eeg(0.6), 0.7)
    health = meter.health(0.7)
    assert (health.n_gaps, health.n_dropped) == (1, 125)
    assert health.missing == pytest.approx(0.5)


def test_jitter_is_of_the_stamps_and_not_of_the_gaps():
    rng = np.random.default_rng(1)
    meter = StreamMeter(EEG)
    even = np.arange(25 * 200).reshape(200, 25) / 250.0
    for k, stamps in enumerate(even + 0.002 * rng.uniform(-0.5, 0.5, even.shape)):
        meter.take(Chunk("eeg", stamps + 3.0 * (k > 150), np.zeros((25, 4))), 0.0)
    # Steps between stamps that are each off by a uniform ±1 ms.
    assert meter.health(0.0).jitter == pytest.approx(0.002 / np.sqrt(6), rel=0.1)
    assert meter.health(0.0).n_gaps == 1


def test_even_stamps_have_no_jitter_and_irregular_ones_none_to_tell():
    meter = StreamMeter(EEG)
    for k in range(20):
        meter.take(_eeg(0.1 * k), 0.0)
    assert meter.health(0.0).jitter == pytest.approx(0.0, abs=1e-9)
    markers = StreamMeter(StreamInfo("m", "markers", "P001", "Markers"))
    markers.take(Chunk("m", np.array([1.0, 5.0]), np.zeros((2, 1))), 0.0)
    assert np.isnan(markers.health(0.0).jitter)


def test_samples_that_are_missing_one_by_one_are_counted_where_stamps_are_even():
    rng = np.random.default_rng(0)
    stamps = np.arange(5000) / 250.0
    kept = rng.random(5000) < 0.9
    kept[[0, -1]] = True
    meter, late = StreamMeter(EEG), StreamMeter(EEG)
    for some in np.array_split(stamps[kept], 50):
        meter.take(Chunk("eeg", some, np.zeros((len(some), 4))), 0.0)
    late.take(Chunk("eeg", stamps - 20.0, np.zeros((5000, 4))), 0.0)
    for some in np.split(np.sort(stamps + rng.normal(0.0, 0.002, 5000)), 1000):
        late.take(Chunk("eeg", some, np.zeros((len(some), 4))), 0.0)
    assert meter.health(0.0).n_dropped == np.sum(~kept)
    assert meter.health(0.0).effective_sfreq == pytest.approx(225.0, rel=0.02)
    assert late.health(0.0).n_dropped < 5


def test_the_rate_after_a_gap_is_that_of_the_samples():
    meter = StreamMeter(EEG)
    for k in range(40):
        meter.take(_eeg(0.1 * k + 4.0 * (k > 20)), 0.0)
    health = meter.health(0.0)
    assert health.effective_sfreq == pytest.approx(250.0, rel=0.01)
    assert (health.n_gaps, health.n_dropped) == (1, 1000)
    assert health.missing == pytest.approx(4.0)
