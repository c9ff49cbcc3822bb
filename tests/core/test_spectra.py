"""Size, spectrum and covariance of windows: those of NumPy and SciPy, and the same to the bit however they are read."""

import numpy as np
import pytest
from scipy import signal

from core.pieces import Pieces
from core.spectra import filtered_figures, raw_figures

SFREQ = 250.0
BANDS_HZ = ((1, 4), (4, 8), (8, 13), (13, 20), (20, 30), (30, 45))


def windows(n_chans: int, n_raw: int = 500, n_times: int = 256) -> Pieces:
    """Ten windows a quarter of a second apart, as near as samples allow, with offsets of some mV and slopes."""
    rng = np.random.default_rng(n_chans)
    n = 4 * n_raw
    raw = 10 * rng.standard_normal((n_chans, n)).cumsum(axis=1) + 3e3 * rng.standard_normal((n_chans, 1))
    raw += 4 * rng.standard_normal((n_chans, n))
    filtered = 12 * rng.standard_normal((n_chans, 4 * n_times)) + rng.standard_normal((n_chans, 1))
    raw_at, filtered_at = ([round(3 + k * size / 8) for k in range(10)] for size in (n_raw, n_times))
    return Pieces(raw, filtered, raw_at, filtered_at, n_raw, n_times)


def power(x: np.ndarray, low: float, high: float, sfreq: float, without: float = 0.0) -> np.ndarray:
    """The power of all frequencies from `low` to `high`, Hz, without those near `without` and twice that."""
    freqs = np.fft.rfftfreq(x.shape[1], 1 / sfreq)
    inside = (freqs >= low) & (freqs <= high)
    if without:
        inside &= (np.abs(freqs - without) > 1.5) & (np.abs(freqs - 2 * without) > 1.5)
    return np.asarray((np.abs(np.fft.rfft(x * np.hanning(x.shape[1]))) ** 2)[:, inside].sum(axis=1))


def test_raw_figures_are_those_of_scipy():
    pieces = windows(6)
    found = raw_figures(pieces, SFREQ, 50.0)
    for k in range(10):
        raw = pieces.raw_of(k)
        x = signal.detrend(raw, axis=1)
        brain, line = power(x, 1, 45, SFREQ), power(x, 48.5, 51.5, SFREQ) + power(x, 98.5, 101.5, SFREQ)
        muscle = power(x, 52.01, 112.49, SFREQ, without=50.0)
        np.testing.assert_allclose(found.level[k], raw.mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(found.spread[k], x.std(axis=1), rtol=1e-9)
        np.testing.assert_allclose(found.line[k], line / brain, rtol=1e-9)
        np.testing.assert_allclose(found.muscle[k], muscle / brain, rtol=1e-9)
        rms = np.sqrt(2 * muscle / 500 / (np.hanning(500) ** 2).sum())
        np.testing.assert_allclose(found.muscle_uv[k], rms, rtol=1e-9)


def test_a_known_signal_has_the_figures_that_it_was_made_of():
    t = np.arange(500) / SFREQ
    x = 12.0 + 20 * np.sin(2 * np.pi * 10 * t) + 10 * np.sin(2 * np.pi * 50 * t) + 4 * np.sin(2 * np.pi * 80 * t)
    found = raw_figures(Pieces(x[None], x[None], [0], [0], 500, 256), SFREQ, 50.0)
    assert found.level[0, 0] == pytest.approx(12.0)
    assert found.spread[0, 0] == pytest.approx(np.sqrt((20**2 + 10**2 + 4**2) / 2), rel=1e-2)
    assert found.line[0, 0] == pytest.approx(10**2 / 20**2, rel=1e-3)
    assert found.muscle[0, 0] == pytest.approx(4**2 / 20**2, rel=1e-3)
    assert found.muscle_uv[0, 0] == pytest.approx(4 / np.sqrt(2), rel=1e-2)


def test_a_slow_amplifier_shows_muscle_at_the_top_of_its_band_and_no_line_is_none():
    pieces = windows(3, n_raw=200)
    found = raw_figures(pieces, 100.0, 0.0)
    x = signal.detrend(pieces.raw_of(4), axis=1)
    np.testing.assert_allclose(found.muscle[4], power(x, 30.01, 45, 100.0) / power(x, 1, 45, 100.0), rtol=1e-9)
    assert not found.line.any()


def test_filtered_figures_are_those_of_numpy():
    pieces = windows(5)
    found = filtered_figures(pieces, 2.0)
    for k in range(10):
        x = pieces.filtered_of(k)
        np.testing.assert_allclose(found.covariance[k], np.cov(x), rtol=1e-12, atol=1e-12)
        centred = x - x.mean(axis=1, keepdims=True)
        # Frequencies lie half a hertz apart.
        mean = np.stack(
            [power(centred, low, high - 0.25, 128.0) / (2 * (high - low)) for low, high in BANDS_HZ], axis=1
        )
        np.testing.assert_allclose(found.bands[k], 0.5 * np.log(mean), rtol=1e-9)


@pytest.mark.parametrize(("n_chans", "n_raw"), [(1, 500), (4, 512), (19, 1000), (28, 500), (32, 500), (64, 320)])
def test_windows_have_the_same_bits_together_as_alone(n_chans: int, n_raw: int):
    pieces = windows(n_chans, n_raw)
    together, behind = raw_figures(pieces, n_raw / 2, 50.0), filtered_figures(pieces, 2.0)
    for k in range(10):
        # In memory of its own: neither where a window lies there nor how far apart its rows are may show.
        one = Pieces(pieces.raw_of(k).copy(), pieces.filtered_of(k).copy(), [0], [0], n_raw, 256)
        alone, behind_alone = raw_figures(one, n_raw / 2, 50.0), filtered_figures(one, 2.0)
        for name in ("level", "spread", "line", "muscle", "muscle_uv"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[k], err_msg=name)
        np.testing.assert_array_equal(behind_alone.covariance[0], behind.covariance[k])
        np.testing.assert_array_equal(behind_alone.bands[0], behind.bands[k])
