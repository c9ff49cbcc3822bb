"""A recording from Python: the same values and times as MNE, pyxdf and Insula's own readers have."""

from datetime import UTC, datetime
from pathlib import Path

import mne
import mne_bids
import numpy as np
import pytest
import pyxdf

import insula
from acquisition.replay import recorded_predictions
from app.session.recording_files import RecordingFiles
from core.blendshapes import BLENDSHAPES
from core.config import RecordConfig
from core.data import Channel, Chunk, FaceObservation, Rating, StreamInfo
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.acquisition.edf_files import eeg, write_edf
from tests.acquisition.test_recorded_faces import CAMERA, EEG, given
from tests.app.study.test_export import ANSWER, CHANNELS, SECONDS, SFREQ, T0, session
from tests.core.active.test_query import SURE


def test_an_own_session_is_what_pyxdf_reads(recording: Path):
    streams, _ = pyxdf.load_xdf(next(recording.rglob("*.xdf")), synchronize_clocks=False, dejitter_timestamps=False)
    theirs = next(stream for stream in streams if stream["info"]["type"] == ["EEG"])
    s = insula.load(recording)
    assert s.participants == ("P001",)
    assert s.start == theirs["time_stamps"][0]
    np.testing.assert_allclose(s.raw.get_data("eeg"), theirs["time_series"].T * 1e-6, rtol=1e-6, atol=1e-12)
    assert s.raw.info["sfreq"] == 128.0
    (answer,) = s.raw.annotations
    assert (answer["description"], answer["onset"], answer["duration"]) == ("affect/happy", 6.0, 2.0)
    assert answer["extras"]["annotator"] == "anna"
    assert s.duration == pytest.approx(theirs["time_stamps"][-1] - theirs["time_stamps"][0])


def test_tables_are_what_was_recorded_on_the_time_of_the_signal(recording: Path):
    s = insula.load(recording)
    then = recorded_predictions(s.path)
    assert len(s.predictions) == len(then) == 40
    assert s.predictions["stop"].tolist() == [p.stop - s.start for p in then]
    assert s.predictions.valence.tolist() == [p.valence for p in then]
    assert s.predictions["p_happy"].tolist() == [p.probabilities[1] for p in then]
    assert s.predictions["label"].tolist() == [p.label for p in then]
    assert s.predictions["weight_face"].tolist() == [p.weights[1] for p in then]
    assert s.labels[["start", "stop", "label", "annotator"]].tolist() == [(6.0, 8.0, "happy", "anna")]
    assert len(s.ratings) == len(s.markers) == len(s.face) == 0
    assert s.ratings.dtype.names[:2] == ("participant", "annotator")


def test_faces_markers_and_ratings_are_tables_too(tmp_path: Path):
    made = Session.create(RecordConfig(study=str(tmp_path)))
    psychopy = StreamInfo(
        "psy", "markers", "", "PsychoPy", "Markers", channels=(Channel("m", "m", "misc"),), dtype="string"
    )
    files = RecordingFiles(made, [EEG, CAMERA, psychopy], ["P001"], ("a", "b"), "2026-11-29T10:00:00+00:00", True)
    begin = float(next(item.times[0] for item in given() if isinstance(item, Chunk) and item.stream == EEG.key))
    for item in (*given(), Chunk("psy", np.array([begin + 1.5]), np.array([["film begins"]]))):
        files.write(item, False)
    files.close()
    with LabelStore(made.labels) as store:
        store.add(Rating("r", "P001", "valence", (begin + 2.0, begin + 2.04), (0.25, 0.5), 9.0, annotator="anna"))
    made.describe({})
    s = insula.load(made.folder)
    seen = [item for item in given() if isinstance(item, FaceObservation)]
    assert s.face["time"].tolist() == [face.time - begin for face in seen]
    assert s.face["quality"].tolist() == [np.float32(face.quality) for face in seen]
    assert s.face["mouth_y"].tolist() == [face.landmarks[3, 1] for face in seen]
    assert s.face["mouthSmileLeft"].tolist() == [face.blendshapes[BLENDSHAPES.index("mouthSmileLeft")] for face in seen]
    assert "embedding_000" not in s.face.dtype.names
    assert s.markers[["time", "stream", "text"]].tolist() == [(begin + 1.5, "PsychoPy", "film begins")]
    assert np.isnan(s.markers["duration"]).all(), "of a moment"
    assert s.ratings[["time", "value", "scale", "annotator"]].tolist() == [
        (2.0, 0.25, "valence", "anna"),
        (pytest.approx(2.04), 0.5, "valence", "anna"),
    ]


def test_of_several_people_one_is_meant(tmp_path: Path):
    made = session(tmp_path, ("P001", "P002"), labels=(ANSWER,))
    first, second = insula.load(made.folder), insula.load(made.json, participant="P002")
    assert first.participants == second.participants == ("P001", "P002")
    hertz = [np.argmax(np.abs(np.fft.rfft(s.raw.get_data("eeg")[0]))) / SECONDS for s in (first, second)]
    assert hertz == [7.0, 11.0]
    assert (first.start, first.raw.ch_names) == (T0, [channel.name for channel in CHANNELS])
    assert first.predictions["start"].tolist() == [0.0]
    assert first.predictions["prediction_set"].tolist() == [" ".join(SURE.prediction_set)]
    with pytest.raises(insula.FileFormatError, match="no EEG of P003"):
        insula.load(made.folder, participant="P003")


def test_an_edf_is_what_mne_reads(tmp_path: Path):
    path = write_edf(tmp_path / "a.edf", eeg(20.0), notes=[(5.0, 1.0, "film A"), (9.0, 0.0, "film B")])
    theirs = mne.io.read_raw_edf(path, preload=True, verbose="error")
    s = insula.load(str(path))
    assert (s.start, s.duration) == (0.0, 20.0)
    np.testing.assert_allclose(s.raw.get_data(), theirs.get_data(), rtol=0, atol=1e-11)
    np.testing.assert_array_equal(s.raw.times, theirs.times)
    for ours, other in zip(s.raw.annotations, theirs.annotations, strict=True):
        assert [ours[k] for k in ("onset", "duration", "description")] == [
            other[k] for k in ("onset", "duration", "description")
        ]
    assert s.raw.info["meas_date"] == theirs.info["meas_date"]
    assert s.markers[["time", "text", "duration"]].tolist() == [(5.0, "film A", 1.0), (9.0, "film B", 0.0)]
    assert len(s.predictions) == len(s.face) == len(s.labels) == 0


@pytest.fixture
def data_set(tmp_path: Path) -> mne_bids.BIDSPath:
    info = mne.create_info(["Fp1", "Fp2", "T3"], SFREQ, "eeg")
    raw = mne.io.RawArray(2e-5 * np.random.default_rng(3).standard_normal((3, 2560)), info, verbose="error")
    raw.set_meas_date(datetime(2026, 1, 1, tzinfo=UTC))
    raw.info["bads"], raw.info["line_freq"] = ["T3"], 50
    raw.set_annotations(mne.Annotations([2.0, 7.0], [0.5, 0.0], ["rest", "go"]))
    place = mne_bids.BIDSPath(subject="01", task="film", datatype="eeg", root=tmp_path / "bids")
    mne_bids.write_raw_bids(raw, place, format="BrainVision", allow_preload=True, verbose="error")
    return place


@pytest.mark.parametrize("how", ["BIDSPath", "file", "folder"])
def test_a_bids_recording_has_its_events_and_bad_channels(data_set: mne_bids.BIDSPath, how: str):
    theirs = mne_bids.read_raw_bids(data_set, verbose="error").load_data()
    s = insula.load({"BIDSPath": data_set, "file": data_set.fpath, "folder": data_set.root / "sub-01"}[how])
    assert s.raw.ch_names == ["Fp1", "Fp2", "T7"]
    assert s.raw.info["bads"] == ["T7"]
    np.testing.assert_allclose(s.raw.get_data(), theirs.get_data(), rtol=1e-6, atol=1e-11)
    for raw in (s.raw, theirs):
        events, _ = mne.events_from_annotations(raw, {"rest": 1, "go": 2}, verbose="error")
        assert events[:, [0, 2]].tolist() == [[256, 1], [896, 2]]


def test_what_cannot_be_read_is_told_with_what_to_do(tmp_path: Path):
    with pytest.raises(insula.ConfigError, match="does not exist"):
        insula.load(tmp_path / "nowhere")
    with pytest.raises(insula.FileFormatError, match="must hold one recording, but has none"):
        insula.load(tmp_path)
    for name in ("a.edf", "b.edf"):
        write_edf(tmp_path / name, eeg(4.0))
    with pytest.raises(insula.FileFormatError, match=r"has a\.edf, b\.edf"):
        insula.load(tmp_path)
    (tmp_path / "c.txt").write_text("no EEG", encoding="utf-8")
    with pytest.raises(insula.FileFormatError, match="cannot be replayed"):
        insula.load(tmp_path / "c.txt")
