import numpy as np
import pytest
from scipy import signal

from core.filters import Cascade, Resampler, design, find_line


def tone(freq: float, sfreq: float, seconds: float = 20.0) -> np.ndarray:
    return np.sin(2 * np.pi * freq * np.arange(round(seconds * sfreq)) / sfreq)[None]


@pytest.mark.parametrize(
    ("freq", "passes"), [(0.05, False), (2, True), (10, True), (30, True), (50, False), (100, False)]
)
def test_the_band_is_kept_and_the_rest_is_not(freq: float, passes: bool):
    y = Cascade(design(500.0, 0.5, 45.0, 50.0)).push(tone(freq, 500.0))
    size = np.abs(y[:, -2500:]).max()
    assert (size > 0.8) if passes else (size < 0.15)


def test_a_constant_offset_makes_no_step():
    y = Cascade(design(250.0, 0.5, 45.0, 0.0)).push(np.full((2, 100), 4200.0))
    assert np.abs(y).max() < 1e-6


RATES = [125.0, 128.0, 160.0, 200.0, 220.3, 250.0, 256.0, 300.0, 500.0, 512.0, 1000.0, 1024.0, 2048.0]


@pytest.mark.parametrize("sfreq", RATES)
@pytest.mark.parametrize("seed", range(3))
def test_other_chunks_give_the_same_bits(sfreq: float, seed: int):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 3000)) + 4200
    edges = np.sort(rng.integers(0, 3000, [2, 60, 900][seed]))
    sos = design(sfreq, 0.5, 45.0, 50.0)
    whole = Cascade(sos).push(x)
    cascade = Cascade(sos)
    np.testing.assert_array_equal(np.concatenate([cascade.push(p) for p in np.split(x, edges, axis=1)], axis=1), whole)
    whole, places = Resampler(sfreq, 128.0).push(x)
    resampler = Resampler(sfreq, 128.0)
    parts = [resampler.push(p) for p in np.split(x, edges, axis=1)]
    np.testing.assert_array_equal(np.concatenate([y for y, _ in parts], axis=1), whole)
    np.testing.assert_array_equal(np.concatenate([p for _, p in parts]), places)
    np.testing.assert_allclose(np.diff(places), sfreq / 128.0, rtol=2e-3)


@pytest.mark.parametrize("sfreq", RATES)
def test_resampled_samples_lie_where_their_places_say(sfreq: float):
    x = 4200 + tone(7.0, sfreq, 10.0) + 0.5 * tone(31.0, sfreq, 10.0)
    y, places = Resampler(sfreq, 128.0).push(x)
    inside = (places > 100) & (places < x.shape[1] - 100)
    seconds = places[inside] / sfreq
    expected = 4200 + np.sin(2 * np.pi * 7.0 * seconds) + 0.5 * np.sin(2 * np.pi * 31.0 * seconds)
    np.testing.assert_allclose(y[0, inside], expected, atol=0.02)


@pytest.mark.parametrize(("freq", "sfreq"), [(100.0, 512.0), (150.0, 1000.0), (90.0, 250.0), (230.0, 2048.0)])
def test_what_would_fold_into_the_band_is_gone_before(freq: float, sfreq: float):
    y, _ = Resampler(sfreq, 128.0).push(Cascade(design(sfreq, 0.5, 45.0, 0.0)).push(tone(freq, sfreq)))
    assert np.abs(y[:, 500:]).max() < 10 ** (-55 / 20)


@pytest.mark.parametrize("sfreq", [r for r in RATES if r != 128.0])
def test_the_resampler_looks_ahead_no_more_than_it_says(sfreq: float):
    resampler = Resampler(sfreq, 128.0)
    assert resampler.lag / sfreq < 0.033
    _, places = resampler.push(np.zeros((1, 1000)))
    assert places[-1] > 999 - resampler.lag - sfreq / 128.0 - 1e-9


@pytest.mark.parametrize("line", [0.0, 50.0, 60.0])
def test_the_line_is_found(line: float):
    rng = np.random.default_rng(1)
    noise = signal.lfilter([1.0], [1.0, -0.95], rng.standard_normal((8, 1000)), axis=1) * 3
    if line:
        noise += 3 * tone(line, 250.0, 4.0)
    assert find_line(noise, 250.0) == line


def test_a_slow_amplifier_has_no_line_to_find():
    assert find_line(np.random.default_rng(0).standard_normal((4, 400)), 100.0) == 0.0
