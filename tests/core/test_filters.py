import numpy as np
import pytest
from scipy import signal

from core.filters import Cascade, Resampler, design, find_line


def tone(freq: float, sfreq: float, seconds: float = 20.0) -> np.ndarray:
    return np.sin(2 * np.pi * freq * np.arange(round(seconds * sfreq)) / sfreq)[:, None]


@pytest.mark.parametrize(
    ("freq", "passes"), [(0.05, False), (2, True), (10, True), (30, True), (50, False), (100, False)]
)
def test_the_band_is_kept_and_the_rest_is_not(freq: float, passes: bool):
    y = Cascade(design(500.0, 0.5, 45.0, 50.0)).push(tone(freq, 500.0))
    size = np.abs(y[-2500:]).max()
    assert (size > 0.8) if passes else (size < 0.15)


def test_a_constant_offset_makes_no_step():
    y = Cascade(design(250.0, 0.5, 45.0, 0.0)).push(np.full((100, 2), 4200.0))
    assert np.abs(y).max() < 1e-6


@pytest.mark.parametrize(
    "sfreq", [125.0, 160.0, 200.0, 220.3, 250.0, 256.0, 300.0, 500.0, 512.0, 1000.0, 1024.0, 2048.0]
)
def test_resampling_is_the_same_in_any_chunks_and_as_scipy_does_it(sfreq: float):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3000, 2))
    whole, places = Resampler(sfreq, 128.0, 2).push(x)
    parts = Resampler(sfreq, 128.0, 2)
    pieces = [parts.push(piece) for piece in np.array_split(x, np.sort(rng.integers(0, 3000, 60)))]
    np.testing.assert_array_equal(np.concatenate([y for y, _ in pieces]), whole)
    np.testing.assert_array_equal(np.concatenate([p for _, p in pieces]), places)
    step = np.diff(places)
    np.testing.assert_allclose(step, sfreq / 128.0, rtol=2e-3)


def test_resampled_samples_lie_where_their_places_say():
    sfreq = 512.0
    x = tone(7.0, sfreq, 10.0)
    y, places = Resampler(sfreq, 128.0, 1).push(x)
    inside = (places > 100) & (places < len(x) - 100)
    np.testing.assert_allclose(y[inside, 0], np.sin(2 * np.pi * 7.0 * places[inside] / sfreq), atol=2e-3)


@pytest.mark.parametrize("line", [0.0, 50.0, 60.0])
def test_the_line_is_found(line: float):
    rng = np.random.default_rng(1)
    noise = signal.lfilter([1.0], [1.0, -0.95], rng.standard_normal((1000, 8)), axis=0) * 3
    if line:
        noise += 3 * tone(line, 250.0, 4.0)
    assert find_line(noise, 250.0) == line


def test_a_slow_amplifier_has_no_line_to_find():
    assert find_line(np.random.default_rng(0).standard_normal((400, 4)), 100.0) == 0.0
