"""Streams beside the EEG in other tools' formats: every value at its time, and what is not as it was is said."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import mne
import mne_bids
import numpy as np
import pytest

from app.cli import main
from app.session.recording_files import RecordingFiles
from core.config import RecordConfig
from core.data import Array, Channel, Chunk, Label, StreamInfo
from core.recording.labels import LabelStore
from core.recording.session import Session
from core.recording.xdf_reader import Header, read_xdf
from tests.core.active.test_query import SURE

T0, SFREQ, SECONDS = 500.0, 128.0, 6
RNG = np.random.default_rng(5)


def misc(*names: str, unit: str = "") -> tuple[Channel, ...]:
    return tuple(Channel(name, name, "misc", unit, float("nan")) for name in names)


AMP = StreamInfo(
    "amp", "eeg", "P001", "Amp", "EEG", sfreq=SFREQ, channels=tuple(Channel(n, n, unit="uV") for n in ("Fp1", "O1"))
)
PPG = StreamInfo("ppg", "other", "", "Muse", "PPG", 64.0, misc("IR", "Red", unit="a.u."), "int32")
ACC = StreamInfo("acc", "other", "P001", "Muse", "ACC", 52.0, misc("X", "Y", "Z", unit="g"))
GAZE = StreamInfo("gaze", "other", "P001", "Tobii", "Gaze", 0.0, misc("left_x", "left_y", "left_pupil"), "double64")
THEIRS = StreamInfo("eda", "other", "P002", "Shimmer", "EDA", 4.0, misc("EDA", unit="microsiemens"))

PPG_AT = T0 - 0.5 + np.arange(7 * 64) / 64
PPG_DATA = RNG.integers(-(2**31), 2**31, (len(PPG_AT), 2)).astype(np.int32)
ACC_AT = np.concatenate([T0 + 1 + np.arange(52) / 52, T0 + 3 + np.arange(52) / 52])
ACC_DATA = RNG.normal(0, 1, (104, 3)).astype(np.float32)
GAZE_AT = T0 + np.sort(RNG.uniform(0.5, 4.0, 200))
GAZE_DATA = RNG.uniform(0, 1, (200, 3))
GAZE_DATA[7, 2] = np.nan


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Session:
    study = tmp_path_factory.mktemp("beside") / "study"
    session = Session.create(RecordConfig(study=str(study), task="film"))
    session.describe({"participants": ["P001"], "start": "2026-11-21T10:00:00+00:00", "start_lsl": T0 - 2.0})
    files = RecordingFiles(session, [AMP, PPG, THEIRS], ["P001"], SURE.classes, "2026-11-21T10:00:00+00:00", False)
    stamps = T0 + np.arange(round(SECONDS * SFREQ)) / SFREQ
    eeg = np.sin(2 * np.pi * 7 * stamps)[:, None] * np.array([20.0, 30.0])
    files.write(Chunk("amp", stamps, eeg.astype(np.float32)), False)
    for info, at, data in ((PPG, PPG_AT, PPG_DATA), (ACC, ACC_AT, ACC_DATA), (GAZE, GAZE_AT, GAZE_DATA)):
        files.write(info, False)  # two of them come late
        for some in np.array_split(np.arange(len(at)), 5):
            files.write(Chunk(info.key, at[some] - 0.25, data[some], 0.25), False)
    files.write(Chunk("eda", stamps[::32], np.ones((24, 1), np.float32)), False)
    files.close()
    return session


def export(made: Session, to: str, folder: Path) -> None:
    assert main(["export", str(made.xdf), "--to", to, "--out", str(folder)]) == 0


def table(file: Path) -> Array:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as rows:
        return np.array([[float(c) if c != "n/a" else np.nan for c in row.rstrip("\n").split("\t")] for row in rows])


def test_bids_has_a_table_and_its_time_base_for_each(made: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    export(made, "bids", tmp_path)
    said = capsys.readouterr().err
    assert "Shimmer (P002)" in said
    assert "Tobii (Gaze) is irregular" in said
    stem = tmp_path / "sub-P001" / "ses-01" / "eeg" / "sub-P001_ses-01_task-film_run-001"
    about = json.loads(Path(f"{stem}_recording-MusePPG_physio.json").read_text())
    assert about["SamplingFrequency"] == pytest.approx(64.0, rel=1e-9)
    assert about["StartTime"] == pytest.approx(-0.5)
    assert (about["Columns"], about["IR"]["Units"]) == (["IR", "Red"], "a.u.")
    np.testing.assert_array_equal(table(Path(f"{stem}_recording-MusePPG_physio.tsv.gz")), PPG_DATA)
    about = json.loads(Path(f"{stem}_recording-eye1_physio.json").read_text())
    assert about["Columns"] == ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"]
    assert (about["PhysioType"], about["RecordedEye"]) == ("eyetrack", "left")
    gaze = table(Path(f"{stem}_recording-eye1_physio.tsv.gz"))
    np.testing.assert_allclose(gaze[:, 0], GAZE_AT - T0, atol=1e-9)
    np.testing.assert_array_equal(gaze[:, 1:], GAZE_DATA)
    assert about["StartTime"] == pytest.approx(gaze[0, 0])
    sidecar = json.loads(Path(f"{stem}_eeg.json").read_text())
    assert any("Tobii (Gaze) is irregular" in each for each in sidecar["LeftOut"])


def test_bids_motion_has_each_sample_where_it_was_and_nothing_in_a_gap(made: Session, tmp_path: Path):
    export(made, "bids", tmp_path)
    found = (
        tmp_path / "sub-P001" / "ses-01" / "motion" / "sub-P001_ses-01_task-film_tracksys-MuseACC_run-001_motion.tsv"
    )
    rows = table(found)
    missing = np.isnan(rows[:, 1])
    np.testing.assert_array_equal(rows[~missing, 1:].astype(np.float32), ACC_DATA)
    np.testing.assert_allclose(rows[~missing, 0], ACC_AT - T0, atol=1e-6)
    assert np.isnan(rows[missing, 1:]).all()
    assert missing.sum() == 52
    channels = found.with_name(found.name.replace("_motion", "_channels")).read_text().splitlines()
    assert channels[0].split("\t")[:5] == ["name", "component", "type", "tracked_point", "units"]
    assert channels[2].split("\t")[:3] == ["X", "x", "ACCEL"]
    raw = mne_bids.read_raw_bids(
        mne_bids.BIDSPath("P001", "01", "film", run="001", datatype="eeg", suffix="eeg", root=tmp_path), verbose="error"
    )
    assert raw.ch_names == ["Fp1", "O1"]


@pytest.mark.parametrize("labels", [True, False])
def test_the_bids_validator_finds_no_error(made: Session, tmp_path: Path, labels: bool):
    if labels:
        with LabelStore(made.labels) as store:
            store.add(Label("u0", "", "P001", T0 + 1, T0 + 3, T0 + 4, label="happy", valence=0.5, annotator="anna"))
    for beside in ("models/P001.safetensors", "runs/r1/data.json", "trials.tsv"):
        (tmp_path / beside).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / beside).write_text("a study's own", encoding="utf-8")
    export(made, "bids", tmp_path)
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.exists():
        pytest.skip("bids-validator-deno is not installed: pip install insula[dev]")
    words = [str(program), str(tmp_path), "--format", "json", "--max-rows", "-1"]
    found = json.loads(subprocess.run(words, capture_output=True, check=False).stdout)["issues"]["issues"]
    assert [one for one in found if one["severity"] == "error"] == []
    # What may be told and nobody here knows, such as the maker of the cap, is recommended.
    known = {"JSON_KEY_RECOMMENDED", "SIDECAR_KEY_RECOMMENDED", "EVENTS_TSV_MISSING", "UNKNOWN_PUPIL_SIZE"}
    assert {one["code"] for one in found} <= known


def test_the_eeg_that_is_read_is_the_first_of_its_type_in_the_file(tmp_path: Path):
    session = Session.create(RecordConfig(study=str(tmp_path)))
    second = replace(AMP, key="second", kind="other", name="Second")
    RecordingFiles(session, [PPG, second, AMP], ["P001"], SURE.classes, "", False).close()
    headers = [part for part in read_xdf(session.xdf) if isinstance(part, Header)]
    # EEGLAB's eeg_load_xdf takes the first stream of type EEG.
    assert next(header.name for header in headers if header.type == "EEG") == "Amp"


def test_fif_has_them_as_channels_that_hold_the_newest_sample(
    made: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    export(made, "fif", tmp_path)
    assert "Muse (PPG, 64 Hz) is in it as misc channels in its own unit (a.u.)" in capsys.readouterr().err
    (file,) = tmp_path.glob("*_raw.fif")
    raw = mne.io.read_raw_fif(file, preload=True, verbose="error")
    assert raw.ch_names[:2] == ["Fp1", "O1"]
    assert raw.get_channel_types(["Muse PPG IR", "Muse ACC Z", "Tobii Gaze left_pupil"]) == ["misc"] * 3
    eeg = raw.get_data("Fp1")[0]
    np.testing.assert_allclose(eeg, 20e-6 * np.sin(2 * np.pi * 7 * (T0 + raw.times)), atol=1e-11)
    at = T0 + raw.times
    newest = np.array([PPG_DATA[time + 1e-6 >= PPG_AT, 0][-1] for time in at])
    np.testing.assert_allclose(raw.get_data("Muse PPG IR")[0], newest.astype(np.float32), rtol=1e-6)
    z = raw.get_data("Muse ACC Z")[0]
    assert np.isnan(z[(at < T0 + 1) | ((at > T0 + 2.2) & (at < T0 + 3))]).all()
    assert not np.isnan(z[(at > T0 + 1.01) & (at < T0 + 1.9)]).any()


def test_tables_read_back_to_the_same_bits_whoever_wears_them(made: Session, tmp_path: Path):
    export(made, "tsv", tmp_path)
    assert sorted(file.name for file in tmp_path.glob("stream_*")) == [
        "stream_MuseACC.tsv", "stream_MusePPG.tsv", "stream_ShimmerEDA.tsv", "stream_TobiiGaze.tsv",
    ]  # fmt: skip
    lines = (tmp_path / "stream_TobiiGaze.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["time", "in_session", "left_x", "left_y", "left_pupil"]
    rows = np.array([[float(cell) if cell != "n/a" else np.nan for cell in line.split("\t")] for line in lines[1:]])
    np.testing.assert_array_equal(rows[:, 2:], GAZE_DATA)
    np.testing.assert_array_equal(rows[:, 0], GAZE_AT - 0.25 + 0.25)
    acc = (tmp_path / "stream_MuseACC.tsv").read_text(encoding="utf-8").splitlines()
    assert acc[0].split("\t")[2] == "X [g]"
    values = np.array([line.split("\t")[2:] for line in acc[1:]], np.float32)
    assert values.tobytes() == ACC_DATA.tobytes()
