import numpy as np

from app.timeline.trace_bins import RATE_HZ, TraceBins
from app.timeline.trace_ring import TraceRing
from tests.app.staged import Stage, eeg_info


def _noise(n_times: int, n_chans: int = 3) -> tuple[np.ndarray, np.ndarray]:
    times = 5000.0 + np.arange(n_times) / 256
    return times, np.random.default_rng(3).standard_normal((n_times, n_chans)).astype(np.float32)


def test_each_stretch_keeps_its_extremes_however_the_samples_came() -> None:
    times, samples = _noise(2560)
    bins = TraceBins(3, 20.0)
    for k in range(0, 2560, 37):
        bins.push(times[k : k + 37], samples[k : k + 37])
    middles, low, high = bins.between(5000.0, 5010.0)
    assert len(middles) == 10 * RATE_HZ
    for k in (0, 100, 319):
        inside = samples[np.floor(times * RATE_HZ) == np.floor(middles[k] * RATE_HZ)]
        np.testing.assert_array_equal(low[k], inside.min(axis=0))
        np.testing.assert_array_equal(high[k], inside.max(axis=0))


def test_it_forgets_what_is_too_old_and_shows_no_samples_where_there_were_none() -> None:
    times, samples = _noise(2560)
    bins = TraceBins(3, 4.0)
    bins.push(times, samples)
    bins.push(times + 11.0, samples)
    middles, _, _ = bins.between(5000.0, 5021.0)
    assert middles[0] > 5017.0 - 0.1
    bins.clear()
    assert not len(bins.between(5000.0, 5021.0)[0])


def test_minutes_are_drawn_with_every_peak() -> None:
    stage, ring = Stage(2), TraceRing(eeg_info(2), 4.0, 60.0)
    peaks = []
    for _ in range(200):
        ring.push(stage.eeg_chunk(64))
        peaks.append(ring.between(stage.time - 0.25, stage.time)[1].max())
    x, low, high = ring.extremes(stage.time - 50.0, stage.time, 0.5)
    assert len(x) == 100
    assert low is not high
    np.testing.assert_allclose(high.max(axis=1), np.array(peaks).reshape(100, 2).max(axis=1), rtol=1e-5)
