"""EEG files of other programs: the right values at the right times, and nothing left out without a word."""

import os
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pytest
from scipy.io import savemat

from acquisition.eeg_file import EegFile
from acquisition.source import items
from core.config import EegConfig
from core.data import Array, Channel, Chunk, Notice
from core.errors import FileFormatError, InsulaError
from tests.acquisition.edf_files import SFREQ, Signal, as_read, eeg, sine, write_edf
from tests.acquisition.gdf_files import as_written, write_gdf

LABELS = "Fp1 Fp2 C3 C4"


def read(path: Path, **config: Any) -> tuple[tuple[Channel, ...], Array, Array, list[str]]:
    """Return the channels, the stamps, the EEG channels in µV and what is said, in order."""
    with EegFile(path, "P", EegConfig(**config)) as source:
        info, given = source.infos[0], list(items(source))
    chunks = [item for item in given if isinstance(item, Chunk)]
    said = [item.text for item in given if isinstance(item, Notice)]
    chunks, notes = ([c for c in chunks if (c.data.dtype == object) == are_notes] for are_notes in (False, True))
    said += [f"{c.times[0]:g} {c.data[0, 0]}" for c in notes]
    data = np.concatenate([chunk.data for chunk in chunks])
    scale = [info.channels[k].scale_uv for k in info.picks]
    return info.channels, np.concatenate([c.times for c in chunks]), data[:, info.picks] * scale, said


def truth(signals: Sequence[Signal], width: int = 2) -> Array:
    return np.stack([as_read(signal, width) for signal in signals], axis=1)


def by_mne(path: Path, names: Sequence[str] | None = None) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = mne.io.read_raw(path, preload=True, verbose="error")
    return np.asarray(raw.get_data(picks=names).T * 1e6)


@pytest.mark.parametrize("suffix", ["edf", "bdf"])
@pytest.mark.parametrize("record_s", [1.0, 0.125, 10.0])
def test_a_plain_file_is_read_as_mne_reads_it(tmp_path: Path, suffix: str, record_s: float):
    path = write_edf(tmp_path / f"a.{suffix}", signals := eeg(20.0), record_s)
    _, times, data, said = read(path)
    assert said == []
    np.testing.assert_array_equal(times, np.arange(len(data)) / SFREQ)
    np.testing.assert_allclose(data, truth(signals, 3 if suffix == "bdf" else 2), rtol=0, atol=1e-9)
    np.testing.assert_allclose(data, by_mne(path), rtol=0, atol=1e-9)


@pytest.mark.parametrize("beside", [512.0, 64.0, 1.0, 200.0])
@pytest.mark.parametrize("record_s", [1.0, 5.0])
def test_the_eeg_has_its_own_rate_whatever_is_beside_it(tmp_path: Path, beside: float, record_s: float):
    signals = eeg(10.0)
    extra = Signal("ECG", sine(1.0, 10.0, beside, 500.0), beside)
    path = write_edf(tmp_path / "a.edf", [*signals[:2], extra, *signals[2:]], record_s)
    channels, times, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals), rtol=0, atol=1e-9)
    assert len(times) == 1280
    assert times[-1] == pytest.approx(1279 / 128)
    assert [channel.label for channel in channels] == LABELS.split()
    assert said == [f"a.edf: left out is what has another rate than the EEG's 128 Hz: ECG ({beside:g} Hz)."]


def test_eeg_of_two_rates_is_told(tmp_path: Path):
    signals = [*eeg(10.0), *eeg(10.0, "O1 O2", 256.0)]
    _, _, data, said = read(write_edf(tmp_path / "a.edf", signals))
    np.testing.assert_allclose(data, truth(signals[:4]), rtol=0, atol=1e-9)
    assert "O1 (256 Hz), O2 (256 Hz)" in said[0]


def test_any_moment_gone_to_has_its_own_samples(tmp_path: Path):
    signals = [*eeg(30.0), Signal("ECG", sine(1.0, 30.0, 512.0), 512.0)]
    path = write_edf(tmp_path / "a.edf", signals, 2.0)
    whole = truth(signals[:4])
    with EegFile(path, "P") as source:
        for moment in (17.13, 3.0, 29.9):
            source.seek(moment)
            chunk = next(item for item in items(source) if isinstance(item, Chunk))
            at = round(chunk.times[0] * SFREQ)
            assert abs(chunk.times[0] - moment) < 1 / SFREQ
            np.testing.assert_allclose(chunk.data[:, :4], whole[at : at + len(chunk.data)], rtol=0, atol=1e-9)


@pytest.mark.parametrize("suffix", ["edf", "bdf"])
@pytest.mark.parametrize("zero", [0.0, 0.25])
def test_the_breaks_of_a_broken_file_are_gaps_and_its_annotations_keep_their_time(
    tmp_path: Path, suffix: str, zero: float
):
    starts = [zero + (k if k < 20 else k + 60.0) for k in range(40)]
    notes = [(zero + 5.0, 1.0, "film A"), (zero + 90.0, 2.0, "film B"), (zero + 200.0, 0.0, "after")]
    path = write_edf(tmp_path / f"a.{suffix}", signals := eeg(40.0), starts=starts, notes=notes)
    _, times, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals, 3 if suffix == "bdf" else 2), rtol=0, atol=1e-9)
    np.testing.assert_allclose(times[: 20 * 128], np.arange(20 * 128) / SFREQ)
    np.testing.assert_allclose(times[20 * 128 :], 80.0 + np.arange(20 * 128) / SFREQ)
    assert said == ["5 film A", "90 film B", "200 after"]
    with EegFile(path, "P") as source:
        assert source.span == (0.0, pytest.approx(100.0))
        assert [(note.onset, note.duration) for note in source.notes] == [(5.0, 1.0), (90.0, 2.0), (200.0, 0.0)]
        assert source.began == datetime(2026, 3, 1, 10, 0, 0, round(zero * 1e6), UTC)
        for moment, first in ((10.0, 10.0), (50.0, 80.0), (85.0, 85.0)):
            source.seek(moment)
            chunk = next(item for item in items(source) if isinstance(item, Chunk))
            assert chunk.times[0] <= first < chunk.times[-1] + 0.25


def test_breaks_in_a_file_that_says_it_has_none_are_kept_and_told(tmp_path: Path):
    starts = [float(k if k < 5 else k + 3) for k in range(10)]
    _, times, _, said = read(write_edf(tmp_path / "a.edf", eeg(10.0), starts=starts, reserved="EDF+C"))
    assert times[5 * 128] == 8.0
    assert "1 breaks" in said[0]


def test_times_that_run_back_are_not_believed(tmp_path: Path):
    starts = [float(k if k < 5 else k - 4) for k in range(10)]
    path = write_edf(tmp_path / "a.edf", eeg(10.0), starts=starts, reserved="EDF+D")
    _, times, _, said = read(path)
    np.testing.assert_allclose(np.diff(times), 1 / SFREQ)
    assert "run back or overlap" in said[0]


@pytest.mark.parametrize(
    ("unit", "factor", "stated"),
    [
        ("uV", 1.0, True), ("\u00b5V", 1.0, True), ("mV", 1e3, True), ("V", 1e6, True), ("nV", 1e-3, True),
        ("", 1.0, False), (".V", 1.0, False), ("?V", 1.0, False), ("counts", 1.0, False),
    ],
)  # fmt: skip
def test_any_physical_dimension(tmp_path: Path, unit: str, factor: float, stated: bool):
    signals = [
        Signal(s.label, s.data / factor, SFREQ, unit, (f"{-3000 / factor:g}", f"{3000 / factor:g}")) for s in eeg(20.0)
    ]
    path = write_edf(tmp_path / "a.edf", signals)
    _, _, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals) * factor, rtol=1e-9, atol=1e-9)
    assert 15.0 < data.std() < 25.0
    assert bool(said) is not stated
    assert stated or "eeg.unit" in said[0]


def test_the_unit_that_is_configured_holds_for_files(tmp_path: Path):
    signals = eeg(20.0, unit="")
    path = write_edf(tmp_path / "a.edf", signals)
    _, _, data, said = read(path, unit="uV")
    np.testing.assert_allclose(data, truth(signals), atol=1e-9)
    assert said == []
    np.testing.assert_allclose(read(path, unit="mV")[2], truth(signals) * 1e3, atol=1e-6)


def test_each_channel_has_its_own_unit(tmp_path: Path):
    one, two = eeg(20.0, "Fp1 Fp2"), eeg(20.0, "O1 O2", unit="mV", physical=("-3", "3"))
    for signal in two:
        signal.data = signal.data / 1e3
    _, _, data, said = read(write_edf(tmp_path / "a.edf", [*one, *two]))
    np.testing.assert_allclose(data, np.hstack([truth(one), truth(two) * 1e3]), atol=1e-9)
    assert said == []


@pytest.mark.parametrize(
    ("labels", "electrodes"),
    [
        ("C3-M2|C4-M1|AIRFLOW|THOR EFFORT|SpO2|Pulse|Snore|NASAL PRES", ["C3", "C4"]),
        ("AF3|F7|COUNTER|INTERPOLATED|GYROX|MARKER|SYNC|TIME_STAMP_s|CQ_AF3", ["AF3", "F7"]),
        ("EEG Fpz-Cz|EEG Pz-Oz|EOG horizontal|Resp oro-nasal|EMG submental", ["EEG Fpz-Cz", "EEG Pz-Oz"]),
        ("EEG 1|EEG 2|DC 1", ["EEG 1", "EEG 2"]),
    ],
)
def test_only_what_is_eeg_counts_as_eeg(tmp_path: Path, labels: str, electrodes: list[str]):
    signals = [Signal(label, sine(2.0 + k, 10.0)) for k, label in enumerate(labels.split("|"))]
    channels, _, _, _ = read(write_edf(tmp_path / "a.edf", signals))
    assert [channel.name for channel in channels if channel.kind == "eeg"] == electrodes


@pytest.mark.parametrize(
    ("signals", "notes", "words"),
    [
        ([], [(0.0, 30.0, "Sleep stage W")], "has no signals. It has 1 annotations alone"),
        ([Signal(name, sine(1.0, 5.0)) for name in ("AIRFLOW", "SpO2")], [], "no EEG among its signals: AIRFLOW, SpO2"),
    ],
)  # fmt: skip
def test_a_file_without_eeg_says_so(tmp_path: Path, signals: list[Signal], notes: Any, words: str):
    record_s, starts = (1.0, None) if signals else (0.0, [0.0])
    path = write_edf(tmp_path / "a.edf", signals, record_s, starts, notes)
    with pytest.raises(FileFormatError, match=words):
        read(path)


def test_a_signal_without_a_scale_is_told_and_costs_only_itself(tmp_path: Path):
    flat = Signal("O1", sine(8.0, 10.0, amplitude=3000.0), physical=(0, 0))
    signals = eeg(10.0)
    _, _, data, said = read(write_edf(tmp_path / "a.edf", [*signals, flat]))
    np.testing.assert_allclose(data[:, :4], truth(signals), atol=1e-9)
    assert "the signal O1 has no scale (physical 0 to 0" in said[0]


@pytest.mark.parametrize("told", [-1, 99, 3])
def test_how_many_records_there_are_is_counted(tmp_path: Path, told: int):
    path = write_edf(tmp_path / "a.edf", signals := eeg(10.0), n_records=told)
    with path.open("ab") as file:
        file.write(b"half a record")
    _, _, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals), atol=1e-9)
    assert "10 whole ones are in it" in said[0]


def test_biosemis_status_is_a_trigger_of_seventeen_bits(tmp_path: Path):
    codes = np.zeros(1280, np.int64)
    codes[200:210], codes[600:610] = 7, 65535
    status = Signal("Status", (codes | (1 << 20)) - (1 << 23), unit="Boolean", physical=(-8388608, 8388607))
    path = write_edf(tmp_path / "a.bdf", [*eeg(10.0), status])
    with EegFile(path, "P") as source:
        info, given = source.infos[0], [item for item in items(source) if isinstance(item, Chunk)]
    assert info.channels[4].kind == "trigger"
    np.testing.assert_array_equal(np.concatenate([chunk.data for chunk in given])[:, 4], codes)
    raw = mne.io.read_raw(path, preload=True, verbose="error")
    np.testing.assert_array_equal(raw.get_data(picks="Status")[0], codes)


def raw_of(seconds: float = 20.0, names: Sequence[str] = tuple(LABELS.split()), first_samp: int = 0) -> mne.io.RawArray:
    volts = 2e-5 * np.random.default_rng(1).standard_normal((len(names), round(seconds * SFREQ)))
    return mne.io.RawArray(volts, mne.create_info(list(names), SFREQ, "eeg"), first_samp, verbose="error")


def saved(raw: mne.io.RawArray, path: Path) -> Path:
    raw.save(path, verbose="error")
    return path


@pytest.mark.parametrize(("in_file", "power"), [(1e6, 0), (1e6, -6), (1e3, -3), (1.0, 0)])
def test_a_fif_of_microvolts_is_not_taken_for_volts(tmp_path: Path, in_file: float, power: int):
    raw = raw_of()
    volts = raw.get_data()
    raw._data *= in_file
    for channel in raw.info["chs"]:
        channel["unit_mul"] = power
    _, _, data, said = read(saved(raw, tmp_path / "a_raw.fif"))
    np.testing.assert_allclose(data, volts.T * 1e6, rtol=1e-6, atol=1e-6)
    assert bool(said) is (in_file == 1e6 and power == 0), "only what contradicts itself is told"


@pytest.mark.parametrize("power", [0, -6])
def test_one_channel_of_a_fif_in_microvolts_is_not_exported_a_million_times_too_large(tmp_path: Path, power: int):
    raw = raw_of()
    volts = raw.get_data()
    raw._data[2] *= 1e6
    raw.info["chs"][2]["unit_mul"] = power
    _, _, data, said = read(saved(raw, tmp_path / "a_raw.fif"))
    np.testing.assert_allclose(data, volts.T * 1e6, rtol=1e-6, atol=1e-6)
    assert len(said) == (power == 0), "what the file says of each channel holds without a word"
    assert all("C3 (2.03e+07 µV) is far off" in text for text in said)


def test_measured_positions_and_bads_are_kept(tmp_path: Path):
    raw = raw_of(names=[f"EEG {k:03d}" for k in range(4)])
    places = {name: np.array([0.02 * k - 0.03, 0.05, 0.06]) for k, name in enumerate(raw.ch_names)}
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    raw.info["bads"] = ["EEG 002"]
    channels, _, _, said = read(saved(raw, tmp_path / "a_raw.fif"))
    for channel in channels:
        np.testing.assert_allclose(channel.position, places[channel.label], atol=1e-6)
    assert [channel.bad for channel in channels] == [False, False, True, False]
    assert said == []


@pytest.mark.parametrize("date", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_onsets_count_from_the_first_sample(tmp_path: Path, date: datetime | None):
    raw = raw_of(first_samp=1280)
    raw.set_meas_date(date)
    raw.set_annotations(mne.Annotations([2.0, 5.0], [0.5, 0.0], ["film", "answer"]))
    path = saved(raw, tmp_path / "a_raw.fif")
    with EegFile(path, "P") as source:
        assert [(note.onset, note.duration, note.text) for note in source.notes] == [
            (pytest.approx(2.0), 0.5, "film"), (pytest.approx(5.0), 0.0, "answer"),
        ]  # fmt: skip
        assert source.began == (datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC) if date else None)


def test_where_a_recording_was_paused_there_are_no_samples(tmp_path: Path):
    raw = raw_of()
    raw.set_annotations(mne.Annotations([5.0, 12.0], [3.0, 0.0], ["BAD_ACQ_SKIP", "boundary"]))
    _, times, data, _ = read(saved(raw, tmp_path / "a_raw.fif"))
    there: Any = np.isfinite(data).all(axis=1)
    assert not there[(times > 5.001) & (times < 7.99)].any()
    cut = (times >= 12.0) & (times < 12.2)
    np.testing.assert_array_equal(~there, ((times >= 5.0) & (times < 8.0)) | cut)
    np.testing.assert_allclose(data[there], raw.get_data().T[there] * 1e6, rtol=1e-5, atol=1e-5)


def test_what_mne_warns_of_is_said_once(tmp_path: Path):
    pybv = pytest.importorskip("pybv")
    raw = raw_of()
    pybv.write_brainvision(
        data=raw.get_data(), sfreq=SFREQ, ch_names=raw.ch_names, fname_base="b", folder_out=tmp_path, unit="\u00b5V"
    )
    (tmp_path / "b.vmrk").unlink()
    _, _, data, said = read(tmp_path / "b.vhdr")
    np.testing.assert_allclose(data, raw.get_data().T * 1e6, atol=0.1)
    assert said == ["b.vhdr: MarkerFile 'b.vmrk' not found; no annotations."]


@pytest.mark.parametrize("unit", ["V", "mV", "\u00b5V", "nV"])
def test_brainvision_in_any_unit(tmp_path: Path, unit: str):
    pybv = pytest.importorskip("pybv")
    raw = raw_of()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pybv.write_brainvision(
            data=raw.get_data(), sfreq=SFREQ, ch_names=raw.ch_names, fname_base="b", folder_out=tmp_path, unit=unit,
            resolution=1e-9 / {"V": 1, "mV": 1e-3, "\u00b5V": 1e-6, "nV": 1e-9}[unit] * (unit != "nV") or 1.0,
        )  # fmt: skip
    for config in ({}, {"unit": unit.replace("\u00b5", "u")}):
        channels, _, data, said = read(tmp_path / "b.vhdr", **config)
        assert said == []
        np.testing.assert_allclose(data, raw.get_data().T * 1e6, rtol=1e-3, atol=0.1)
        assert {channel.unit for channel in channels} == {unit}


@pytest.mark.parametrize("date", ["31.02.26|10.00.00", "01.13.26|10.00.00", "01.03.26|25.00.00", "|"])
def test_an_impossible_date_is_told(tmp_path: Path, date: str):
    path = write_edf(tmp_path / "a.edf", signals := eeg(10.0), start=date)
    _, _, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals), atol=1e-9)
    words = date.replace("|", " ").strip()
    assert said == ([f"a.edf: its date, {words!r}, is none, and is left out."] if words else [])


def test_an_edf_cut_short_says_how_much_is_missing(tmp_path: Path):
    path = write_edf(tmp_path / "a.edf", signals := eeg(20.0))
    path.write_bytes(path.read_bytes()[:-3000])
    _, _, data, said = read(path)
    np.testing.assert_allclose(data, truth(signals)[: 17 * 128], atol=1e-9)
    assert said[0].endswith("17 whole ones are in it, and these are read. 3 s are missing at its end.")


@pytest.mark.parametrize("by", ["points", "marker"])
def test_brainvision_cut_short_says_how_much_is_missing(tmp_path: Path, by: str):
    pybv = pytest.importorskip("pybv")
    raw = raw_of()
    events = [{"onset": 2559, "duration": 1, "description": 1, "type": "Stimulus"}] if by == "marker" else None
    pybv.write_brainvision(
        data=raw.get_data(), sfreq=SFREQ, ch_names=raw.ch_names, fname_base="b", folder_out=tmp_path, events=events
    )
    header, samples = tmp_path / "b.vhdr", tmp_path / "b.eeg"
    if by == "points":
        text = header.read_text(encoding="utf-8")
        header.write_text(text.replace("NumberOfChannels", "DataPoints=2560\nNumberOfChannels"), encoding="utf-8")
    assert "cut short" not in "".join(read(header)[3])
    samples.write_bytes(samples.read_bytes()[: 4 * 4 * 1280 + 5])
    _, times, data, said = read(header)
    assert len(times) == 1280
    np.testing.assert_allclose(data, raw.get_data().T[:1280] * 1e6, atol=0.1)
    assert "b.eeg is cut short: of 2560 samples that its header promises 1280, 10.0 s, are missing." in " ".join(said)


def test_an_fdt_cut_short_says_how_much_is_missing(tmp_path: Path):
    raw = raw_of()
    names = np.array([(name,) for name in raw.ch_names], dtype=[("labels", "O")])
    empty = np.zeros(0)
    about = {
        "setname": "s", "nbchan": 4, "pnts": 2560, "trials": 1, "srate": SFREQ, "xmin": 0.0, "xmax": 20.0,
        "times": empty, "data": "s.fdt", "chanlocs": names, "event": empty, "epoch": empty, "icaact": empty,
        "ref": "common", "comments": "",
    }  # fmt: skip
    savemat(tmp_path / "s.set", {"EEG": about})
    (raw.get_data().T * 1e6).astype("<f4").tofile(tmp_path / "s.fdt")
    assert "cut short" not in "".join(read(tmp_path / "s.set")[3])
    whole = (tmp_path / "s.fdt").read_bytes()
    (tmp_path / "s.fdt").write_bytes(whole[: 4 * 4 * 1280 + 5])
    _, times, data, said = read(tmp_path / "s.set")
    assert len(times) == 1280
    np.testing.assert_allclose(data, raw.get_data().T[:1280] * 1e6, rtol=1e-6, atol=1e-5)
    assert "s.fdt is cut short: of 2560 samples that its header promises 1280, 10.0 s, are missing." in " ".join(said)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_gdf_of_several_rates_gives_the_eeg_as_it_was(tmp_path: Path, place: int):
    signals = eeg(10.0)
    slow = Signal("GSR", sine(1.0, 10.0, 32.0), 32.0)
    path = write_gdf(tmp_path / "a.gdf", [*signals[:place], slow, *signals[place:]], 10)
    channels, times, data, said = read(path)
    assert [(channel.label, channel.unit) for channel in channels] == [(name, "uV") for name in LABELS.split()]
    np.testing.assert_array_equal(times, np.arange(1280) / SFREQ)
    np.testing.assert_allclose(data, as_written(signals), rtol=0, atol=1e-9)
    assert said == ["a.gdf: left out is what has another rate than the EEG: GSR."]


def test_a_gdf_of_a_higher_rate_beside_the_eeg_is_read_or_refused(tmp_path: Path):
    signals, fast = eeg(10.0), Signal("ECG", sine(1.0, 10.0, 512.0), 512.0)
    _, _, data, _ = read(write_gdf(tmp_path / "a.gdf", [*signals, fast], 10))
    np.testing.assert_allclose(data, as_written(signals), rtol=0, atol=1e-9)
    with pytest.raises(FileFormatError, match=r"higher rate before or among its EEG \(ECG\).* as EDF or BDF"):
        read(write_gdf(tmp_path / "b.gdf", [fast, *signals], 10))


def test_a_gdf_in_millivolts_and_cut_short(tmp_path: Path):
    signals = eeg(10.0)
    small = [Signal(signal.label, signal.data / 1e3, unit="mV") for signal in signals]
    path = write_gdf(tmp_path / "a.gdf", small, 10)
    channels, _, data, said = read(path)
    assert ({channel.unit for channel in channels}, said) == ({"mV"}, [])
    np.testing.assert_allclose(data, as_written(signals), rtol=1e-6, atol=1e-5)
    path.write_bytes(path.read_bytes()[: 256 * 5 + 4 * 512 * 4 + 100])
    _, _, data, said = read(path)
    np.testing.assert_allclose(data, as_written(signals)[:512], rtol=1e-6, atol=1e-5)
    assert said[0].startswith("a.gdf is cut short: of 1280 samples that its header promises 768, 6.0 s, are missing.")


def test_sensors_inside_the_head_are_no_eeg(tmp_path: Path):
    raw = raw_of(names=["Fp1", "Fp2", "C3", "C4"])
    raw.set_channel_types({"C3": "seeg", "C4": "ecog"}, on_unit_change="ignore")
    channels, _, _, _ = read(saved(raw, tmp_path / "a_raw.fif"))
    assert [channel.kind for channel in channels] == ["eeg", "eeg", "misc", "misc"]


@pytest.mark.parametrize("name", ["a.edf", "a.bdf", "a_raw.fif"])
def test_a_pipe_is_no_file(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / name)
    with pytest.raises(InsulaError, match=name):
        read(tmp_path / name)
