"""What EEG tells of itself: against SciPy, MNE, and signals whose power is known."""

import math
from typing import Any

import mne
import numpy as np
import pytest
import scipy.signal

from core.data import Window
from core.eeg_figures import BANDS, PAST_S, SPAN_S, EegFigures, band_power, periodogram

SFREQ, LENGTH = 128.0, 2.0
NAMES = ("F3", "F4", "O1")
N = round(SFREQ * LENGTH)


def windows(signal: Any, bad: str = "", step: float = 0.25, names: tuple[str, ...] = NAMES) -> list[Window]:
    """Cut a signal, (n_chans, n_times), as the live path does."""
    mask = np.array([name != bad for name in names])
    out = []
    for start in np.arange(0, signal.shape[1] - N + 1, round(step * SFREQ)):
        time = start / SFREQ
        out.append(
            Window(
                "P001", time, time + LENGTH, np.asarray(signal[:, start : start + N], np.float32), mask, names,
                np.zeros((len(names), 3), np.float32),
            )
        )  # fmt: skip
    return out


def noise(seconds: float, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(0, 10, (len(NAMES), round(seconds * SFREQ)))


def sine(hz: float, amplitude: float, seconds: float) -> Any:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * SFREQ)) / SFREQ)


def test_a_periodogram_is_scipy_s():
    samples = noise(LENGTH)
    freqs, density = periodogram(samples, SFREQ)
    theirs, power = scipy.signal.periodogram(samples, SFREQ, "hann", detrend="constant")
    np.testing.assert_allclose(freqs, theirs)
    np.testing.assert_allclose(density, power, rtol=1e-9, atol=1e-12)


def test_the_spectrum_of_the_last_seconds_is_welch_s_of_scipy_and_mne():
    signal = noise(SPAN_S + 1)  # as many windows of 2 s, half overlapping, as the span holds
    figures = EegFigures()
    for window in windows(signal):
        figures.push(window)
    told = signal[:, -round((SPAN_S + 1) * SFREQ) :]
    freqs, theirs = scipy.signal.welch(told, SFREQ, "hann", nperseg=N, noverlap=N // 2)
    np.testing.assert_allclose(figures.freqs, freqs)
    np.testing.assert_allclose(figures.density, theirs, rtol=1e-4)
    of_mne, _ = mne.time_frequency.psd_array_welch(
        told, SFREQ, n_fft=N, n_per_seg=N, n_overlap=N // 2, window="hann", verbose="error", fmax=SFREQ / 2
    )
    np.testing.assert_allclose(figures.density[:, 1:-1], of_mne[:, 1:-1], rtol=1e-4)


def test_a_known_sine_has_its_known_power_in_its_band_alone():
    signal = np.stack([sine(10.0, 20.0, 30), sine(6.0, 8.0, 30), sine(20.0, 4.0, 30)])
    figures = EegFigures()
    for window in windows(signal):
        figures.push(window)
    powers = dict(zip(BANDS, figures.powers, strict=True))
    assert powers["alpha"][0] == pytest.approx(20.0**2 / 2, rel=1e-3)
    assert powers["theta"][1] == pytest.approx(8.0**2 / 2, rel=1e-3)
    assert powers["beta"][2] == pytest.approx(4.0**2 / 2, rel=1e-3)
    assert powers["beta"][0] < 1e-3
    assert band_power(figures.freqs, figures.density, (1.0, 60.0))[0] == pytest.approx(200.0, rel=1e-3)


def test_asymmetry_is_the_log_of_right_over_left():
    signal = np.stack([sine(10.0, 10.0, 25), sine(10.0, 20.0, 25), sine(10.0, 1.0, 25)])
    figures = EegFigures()
    for window in windows(signal):
        figures.push(window)
    assert figures.pair == ("F4", "F3")
    assert figures.over_time.asymmetry[-1] == pytest.approx(math.log(4.0), abs=1e-3)


def test_a_pair_is_there_for_a_headset_of_few_electrodes_and_none_where_there_is_none():
    figures = EegFigures()
    figures.push(windows(noise(3)[:2], names=("AF7", "AF8"))[0])
    assert figures.pair == ("AF8", "AF7")
    figures.push(windows(noise(3)[:2], names=("C3", "O1"))[0])
    assert figures.pair is None
    assert math.isnan(figures.over_time.asymmetry[-1])


def test_a_bad_electrode_is_left_out():
    figures = EegFigures()
    for window in windows(noise(10), bad="F3"):
        figures.push(window)
    assert np.isnan(figures.density[0]).all()
    assert np.isfinite(figures.density[1:]).all()
    assert math.isnan(figures.over_time.asymmetry[-1])


def test_drift_is_against_the_own_past_and_nothing_is_said_before_there_is_one():
    quiet, loud = noise(60, 3), 2.0 * noise(SPAN_S + 2, 4)  # twice the amplitude is 6 dB
    figures = EegFigures()
    for window in windows(np.concatenate([quiet, loud], axis=1)):
        figures.push(window)
    told = figures.over_time
    early = [drift for time, drift in zip(told.times, told.drift, strict=True) if time < PAST_S + SPAN_S]
    assert np.isnan(early).all()
    before = [d[2] for t, d in zip(told.times, told.drift, strict=True) if PAST_S + SPAN_S + 3 < t < 59]
    assert np.abs(before).max() < 1.5
    assert told.drift[-1] == pytest.approx((20 * math.log10(2),) * len(BANDS), abs=1.5)


def test_nothing_that_comes_later_changes_what_was_said():
    signal = noise(80)
    whole, part = EegFigures(), EegFigures()
    for window in windows(signal):
        whole.push(window)
    for window in windows(signal[:, : round(62 * SFREQ)]):
        part.push(window)
    n = len(part.over_time.times)
    for name in ("times", "asymmetry", "usual", "spread", "drift"):
        np.testing.assert_array_equal(getattr(part.over_time, name), getattr(whole.over_time, name)[:n])


def test_what_is_missing_says_nothing_and_another_place_begins_anew():
    figures = EegFigures()
    assert not figures.push(Window("P001", 0.0, 2.0, eeg_problem="missing"))
    cut = windows(noise(90))
    assert figures.push(cut[-1])
    assert not figures.push(cut[-1])
    assert figures.push(cut[0])  # gone back by more than a minute
    assert figures.over_time.times == [2.0]
