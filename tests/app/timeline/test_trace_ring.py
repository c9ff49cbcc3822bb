import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi

from app.timeline.trace_ring import HIGHPASS_HZ, TraceRing
from core.data import Chunk
from tests.app.staged import Stage, eeg_info


def test_chunk_size_does_not_change_what_is_drawn() -> None:
    whole, pieces = TraceRing(eeg_info(4), 8.0), TraceRing(eeg_info(4), 8.0)
    chunk = Stage(4).eeg_chunk(1500)
    whole.push(chunk)
    for k in range(0, 1500, 37):
        pieces.push(Chunk(chunk.stream, chunk.timestamps[k : k + 37], chunk.data[k : k + 37]))
    for a, b in zip(whole.between(-np.inf, np.inf), pieces.between(-np.inf, np.inf), strict=True):
        np.testing.assert_allclose(a[-1000:], b[-1000:], atol=1e-4)


def test_the_offset_of_the_device_is_gone_from_the_first_sample() -> None:
    ring = TraceRing(eeg_info(4), 8.0)
    chunk = Stage(4).eeg_chunk(512)
    ring.push(chunk)
    times, samples = ring.between(-np.inf, np.inf)
    sos = butter(2, HIGHPASS_HZ, "highpass", fs=256, output="sos")
    start = sosfilt_zi(sos)[:, :, None] * chunk.data[0]
    np.testing.assert_allclose(samples, sosfilt(sos, chunk.data, axis=0, zi=start)[0], atol=1e-2)
    assert abs(samples).max() < 400 < chunk.data.min()
    np.testing.assert_array_equal(times, chunk.timestamps)


def test_it_keeps_the_newest_and_forgets_the_rest() -> None:
    ring = TraceRing(eeg_info(2), 4.0)
    stage = Stage(2)
    for _ in range(60):
        ring.push(stage.eeg_chunk(64))
    times, samples = ring.between(stage.time - 4.0, stage.time)
    assert len(times) == len(samples) == 4 * 256
    assert np.diff(times).max() < 1.5 / 256


def test_a_clock_that_jumps_back_empties_the_ring() -> None:
    ring = TraceRing(eeg_info(2), 4.0)
    stage = Stage(2)
    first = stage.eeg_chunk(512)
    assert ring.push(first)
    assert not ring.push(Chunk(first.stream, first.timestamps[:64] - 100.0, first.data[:64]))
    times, _ = ring.between(-np.inf, np.inf)
    assert len(times) == 64


def test_lost_packets_given_as_nan_do_not_silence_a_channel() -> None:
    ring = TraceRing(eeg_info(2), 8.0)
    stage = Stage(2)
    broken = stage.eeg_chunk(256)
    data = broken.data.copy()
    data[100] = np.nan
    ring.push(Chunk(broken.stream, broken.timestamps, data))
    ring.push(stage.eeg_chunk(1024))
    assert np.isfinite(ring.between(-np.inf, np.inf)[1]).all()
