"""Heart, skin, breath and gaze beside NeuroKit2 and beside known signals; whatever the chunks, from the past alone."""

import importlib.util
import math
import warnings

import numpy as np
import pytest

from core.data import Array, Channel, StreamInfo
from core.sensors.beats import ECG, PPG, HeartReader, Pulse, find_beats
from core.sensors.breath import BreathReader, find_breaths
from core.sensors.gaze import GazeReader, find_blinks, share_at_rest
from core.sensors.reader_of import reader_of
from core.sensors.reading import Reader, Reading
from core.sensors.skin import SkinReader, find_responses, scale_to_us

T0 = 7000.0


@pytest.fixture(scope="module")
def nk():
    if importlib.util.find_spec("neurokit2") is None:
        pytest.skip("neurokit2 is not installed: pip install insula[dev]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        yield neurokit2


def steps(beats: Array, sfreq: float) -> Array:
    return np.diff(beats) / sfreq


@pytest.mark.parametrize("rate", [55, 72, 150])
def test_beats_of_an_ecg_are_those_that_neurokit_finds(nk, rate: int):
    ecg = nk.ecg_simulate(duration=40, sampling_rate=250, heart_rate=rate, heart_rate_std=3, noise=0.1, random_state=1)
    wanted = nk.ecg_peaks(nk.ecg_clean(ecg, 250), 250)[1]["ECG_R_Peaks"]
    found = find_beats(ecg, 250.0, ECG)
    wanted, found = (each[(each > 100) & (each < len(ecg) - 100)] for each in (wanted, found))
    assert len(found) == len(wanted)
    assert np.abs(wanted - found).max() / 250 < 0.012
    rmssd = [1e3 * math.sqrt(np.mean(np.diff(steps(each, 250)) ** 2)) for each in (found, wanted)]
    assert rmssd[0] == pytest.approx(rmssd[1], abs=2.5)


@pytest.mark.parametrize("rate", [55, 110])
def test_beats_of_a_ppg_are_those_that_neurokit_finds(nk, rate: int):
    ppg = nk.ppg_simulate(duration=40, sampling_rate=64, heart_rate=rate, random_state=2, motion_amplitude=0)
    wanted = nk.ppg_findpeaks(nk.ppg_clean(ppg, 64), 64)["PPG_Peaks"]
    found = find_beats(ppg, 64.0, PPG)
    inside = wanted[(wanted > 32) & (wanted < len(ppg) - 32)]
    assert np.abs(inside[:, None] - found[None]).min(axis=1).max() / 64 < 0.05
    assert 60 / np.median(steps(found, 64)) == pytest.approx(60 / np.median(steps(wanted, 64)), abs=1.0)


@pytest.mark.parametrize("n", [5, 9])
def test_responses_of_the_skin_are_those_that_neurokit_finds(nk, n: int):
    eda = nk.eda_simulate(duration=60, sampling_rate=10, scr_number=n, noise=0.0, random_state=3)
    quick = nk.eda_phasic(nk.eda_clean(eda, 10), 10, method="highpass")["EDA_Phasic"]
    wanted = nk.eda_peaks(quick, 10, amplitude_min=0.05)[1]["SCR_Peaks"]
    found = find_responses(eda, 10.0)
    assert len(found) == len(wanted) == n
    assert np.abs(found - wanted).max() <= 5


@pytest.mark.parametrize("rate", [8, 15, 24])
def test_breaths_are_those_that_neurokit_finds(nk, rate: int):
    belt = nk.rsp_simulate(duration=60, sampling_rate=10, respiratory_rate=rate, random_state=4)
    wanted = nk.rsp_findpeaks(nk.rsp_clean(belt, 10), 10)["RSP_Peaks"]
    found = find_breaths(belt, 10.0)
    assert 60 / np.median(steps(found, 10)) == pytest.approx(60 / np.median(steps(wanted, 10)), abs=0.5)


def heart(seconds: float, sfreq: float, every: float) -> Array:
    """A spike every so many seconds, 60 ms wide."""
    times = np.arange(round(seconds * sfreq)) / sfreq
    return np.exp(-((((times - every / 2) % every) - every / 2) ** 2) / (2 * 0.02**2))


def read(reader: Reader, times: Array, data: Array, n: int) -> list[Reading]:
    given = (reader.push(times[k : k + n], data[k : k + n]) for k in range(0, len(times), n))
    return [reading for reading in given if reading is not None]


@pytest.mark.parametrize(("pulse", "name", "sfreq"), [(ECG, "heart rate", 256.0), (PPG, "pulse rate", 64.0)])
def test_a_heart_of_known_rate_is_read_and_one_that_is_not_there_is_not(pulse: Pulse, name: str, sfreq: float):
    times = T0 + np.arange(round(40 * sfreq)) / sfreq
    last = read(HeartReader(pulse, sfreq, 1, 2), times, np.column_stack([times * 0, heart(40, sfreq, 0.8)]), 16)[-1]
    rate, varies = last.measures
    assert (rate.name, rate.unit) == (name, "/min")
    assert rate.value == pytest.approx(75.0, abs=0.2)
    assert varies.value == pytest.approx(0.0, abs=3.0)
    assert last.quality > 0.9
    assert last.problem == ""
    noise = np.random.default_rng(1).normal(0, 1, (len(times), 2))
    assert read(HeartReader(pulse, sfreq, 1, 2), times, noise, 16)[-1].quality < last.quality


def test_a_reading_hangs_on_the_past_alone_and_not_on_chunks():
    times, signal = T0 + np.arange(64 * 20) / 64, heart(20, 64, 0.9)[:, None]
    whole = read(HeartReader(PPG, 64, 0, 1), times, signal, 64)
    begun = read(HeartReader(PPG, 64, 0, 1), times[: 64 * 15], signal[: 64 * 15], 64)
    assert [r.measures[0].value for r in begun] == pytest.approx(
        [r.measures[0].value for r in whole[: len(begun)]], nan_ok=True
    )
    fine = read(HeartReader(PPG, 64, 0, 1), times, signal, 1)
    assert {r.time: r.measures[0].value for r in fine if r.time == fine[-1].time}.popitem()[1] == pytest.approx(
        whole[-1].measures[0].value, abs=0.2
    )


def test_stamps_and_samples_that_are_none_break_nothing():
    times, signal = T0 + np.arange(64 * 30) / 64, heart(30, 64, 0.8)[:, None]
    times, signal = times.copy(), signal.copy()
    times[100], times[200], signal[300:320] = np.nan, 1e300, np.nan
    last = read(HeartReader(PPG, 64, 0, 1), times, signal, 16)[-1]
    assert last.measures[0].value == pytest.approx(75.0, abs=1.0)


def test_skin_is_read_in_microsiemens():
    times = T0 + np.arange(32 * 40) / 32
    rise = 0.4 * np.exp(-np.clip(times - T0 - 30, 0, None) / 3) * (times > T0 + 30)
    level, quick, rate = read(SkinReader(1e6, 0, 1), times, (4e-6 + 1e-6 * rise)[:, None], 8)[-1].measures
    assert level.value == pytest.approx(4.0, abs=0.1)
    assert rate.value == pytest.approx(1.5, abs=0.1)
    assert (level.unit, quick.unit) == ("µS", "µS")
    off = read(SkinReader(1.0, 0, 1), times, np.zeros((len(times), 1)), 8)[-1]
    assert (off.quality, "check the electrodes" in off.problem) == (0.0, True)
    assert [scale_to_us(unit) for unit in ("", "µS", "microsiemens", "nS", "kOhm")] == [1.0, 1.0, 1.0, 1e-3, None]


def test_breath_of_known_rate():
    times = T0 + np.arange(25 * 40) / 25
    last = read(BreathReader(0, 1), times, np.sin(2 * np.pi * 0.25 * times)[:, None], 5)[-1]
    assert last.measures[0].value == pytest.approx(15.0, abs=0.1)
    assert last.quality > 0.9


def gaze() -> tuple[Array, Array]:
    """Half a minute at 120 Hz: 0.4 s at rest, 0.1 s on the way, a blink of 0.15 s every five seconds."""
    times = T0 + np.arange(120 * 30) / 120
    place, phase = np.floor((times - T0) / 0.5), (times - T0) % 0.5
    x = 0.1 * (place % 7) + np.where(phase > 0.4, phase - 0.4, 0.0)
    data = np.column_stack([x, x * 0 + 0.5, np.full(len(x), 3.5)])
    data[((times - T0) % 5.0 > 2.0) & ((times - T0) % 5.0 < 2.15), 2] = 0.0
    return times, data


def test_gaze_of_known_blinks_rests_and_pupil():
    times, data = gaze()
    last = read(GazeReader(0, 1, 2, 3, 0.02, "mm"), times, data, 12)[-1]
    blinks, rest, pupil = last.measures
    assert blinks.value == pytest.approx(12.0, abs=0.5)
    assert rest.value == pytest.approx(100 * (0.4 + 0.02) / 0.5 - 3.0, abs=4.0)
    assert (pupil.value, pupil.unit) == (3.5, "mm")
    shut = data * np.nan
    assert read(GazeReader(0, 1, 2, 3, 0.02), times, shut, 12)[-1].problem == "the eye is mostly not seen"


def test_what_is_too_long_or_too_short_is_no_blink():
    times = np.arange(1000) / 100
    is_open = np.ones(1000, bool)
    is_open[100:102] = is_open[300:400] = False
    assert len(find_blinks(times, is_open)) == 0
    is_open[600:615] = False
    assert find_blinks(times, is_open).tolist() == [6.0]
    assert share_at_rest(times, np.zeros((1000, 2)), 0.01) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("of_type", "name", "labels", "unit", "kind"),
    [
        ("PPG", "Muse", ("Ambient", "IR", "Red"), "", HeartReader),
        ("ECG", "Polar H10", ("ecg",), "uV", HeartReader),
        ("GSR", "Shimmer", ("GSR",), "kOhm", type(None)),
        ("ExG", "BITalino", ("EDA", "RESP"), "uS", SkinReader),
        ("Respiration", "Belt", ("Force",), "N", BreathReader),
        ("Gaze", "Tobii", ("x", "y", "left_pupil"), "", GazeReader),
        ("ACC", "Muse", ("X", "Y", "Z"), "g", type(None)),
        ("EEG", "Second", ("Fp1",), "uV", type(None)),
    ],
)
def test_what_reads_a_stream(of_type: str, name: str, labels: tuple[str, ...], unit: str, kind: type):
    channels = tuple(Channel(each, each, "misc", unit) for each in labels)
    reader = reader_of(StreamInfo("k", "other", "", name, of_type, 64.0, channels))
    assert isinstance(reader, kind)
    if of_type == "PPG":
        assert isinstance(reader, HeartReader)
        assert reader._channel == 1
