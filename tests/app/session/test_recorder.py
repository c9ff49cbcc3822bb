import os
import queue
import stat
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pytest
import pyxdf

from acquisition.replay import open_recording, recorded_predictions
from app.log import Log, logged
from app.session.recorder import Recorder
from app.session.recording_files import RecordingFiles
from app.study.sessions import session_row
from core.config import Config, RecordConfig
from core.data import Channel, Chunk, Fault, Item, Label, Notice, RecordingHealth, Segment, StreamInfo
from core.errors import EndOfStream, RecordingError
from core.recording.labels import LabelStore
from core.recording.video import VideoCoder
from core.recording.xdf_reader import Offset, read_xdf
from tests.core.active.test_query import SURE
from tests.core.recording.test_video import SIZE, picture

WAIT = 120.0
EEG = StreamInfo(
    "host/amp/EEG/1", "eeg", "P001", "amp", sfreq=100.0, simulated=True, hostname="host",
    channels=(Channel("Fp1", "EEG Fp1-REF", unit="microvolts", position=(0.0, 0.1, 0.0)), Channel("TRG", "TRG")),
)  # fmt: skip
CAMERA = StreamInfo("host/cam", "video", "P001", "cam", "videostream", 30.0, width_px=SIZE[0], height_px=SIZE[1])
TRUTH = StreamInfo("host/truth", "truth", "P001", "truth", "Truth", 8.0, (Channel("valence", "valence", "misc"),))
LABEL = Label(
    "u1", "s1", "P001", 10.0, 14.0, 15.0, label="a", valence=0.3, arousal=0.1, confidence=4.0, response_time=2.5
)


def config(tmp_path: Path, **changes: Any) -> Config:
    return Config(record=RecordConfig(study=str(tmp_path), flush=0.05, **changes))


def items() -> list[Item]:
    """What a short session gives, in an order of arrival that no sorting would bring back."""
    coder = VideoCoder(*SIZE)
    out: list[Item] = []
    rng = np.random.default_rng(0)
    for k in range(30):
        stamps = 1e9 + 0.1 * k + np.arange(10) / 100
        data = rng.standard_normal((10, 2)).astype(np.float32)
        out.append(Chunk(EEG.key, stamps, data, clock_offset=-1e9 + 0.001 * (k // 10)))
        if k % 3 == 0:
            packet, decoded = coder.code(picture(k), 0.1 * k)
            out.append(Chunk(CAMERA.key, np.array([0.1 * k - 0.35]), decoded[None], packets=(packet,), frame_index=k))
        if k == 12:
            out.append(Notice(EEG.key, 1.25, "lost", "gone"))
            out.append(LABEL)
        if k % 8 == 0:
            out.append(Chunk(TRUTH.key, np.array([0.1 * k]), np.array([[0.5]], np.float32)))
    return out


def recorded(tmp_path: Path, **changes: Any) -> tuple[Recorder, list[Any]]:
    recorder = Recorder(config(tmp_path, **changes), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG, CAMERA, TRUTH], told.put)
    for k, item in enumerate(items()):
        recorder.put(item)
        if k % 10 == 9:
            recorder.follow(SURE)
    recorder.follow(Segment("s1", "P001", 10.0, 14.0, 0.8, "why", SURE))
    recorder.follow(Notice("x", 1.0, "gap", "derived from the data"))
    recorder.stop()
    return recorder, [told.get_nowait() for _ in range(told.qsize())]


def replayed(path: Path) -> list[Item]:
    out: list[Item] = []
    with open_recording(path, Config()) as source:
        while True:
            try:
                out.append(source.read(1.0))  # type: ignore[arg-type]
            except EndOfStream:
                return out


def test_a_replay_gives_again_what_came_in_in_the_same_order(tmp_path: Path):
    recorder, _ = recorded(tmp_path)
    assert recorder.path is not None
    given, (told, *again) = items(), replayed(recorder.path)
    assert isinstance(told, Notice)
    assert "read from the pictures again" in told.text  # nobody looked at the face when it was recorded
    assert len(given) == len(again)
    for ours, theirs in zip(given, again, strict=True):
        if isinstance(ours, Chunk):
            assert isinstance(theirs, Chunk)
            assert (theirs.stream, theirs.clock_offset, theirs.frame_index) == (
                ours.stream, ours.clock_offset, ours.frame_index,
            )  # fmt: skip
            np.testing.assert_array_equal(ours.timestamps, theirs.timestamps)
            np.testing.assert_array_equal(ours.data, theirs.data)
            assert ours.data.dtype == theirs.data.dtype
        else:
            assert ours == theirs


def test_how_long_it_was_is_told_from_the_first_sample_to_the_last(tmp_path: Path):
    recorder, _ = recorded(tmp_path)
    assert recorder.session is not None
    # The first picture lies before the EEG, whose clock offset grows by 2 ms.
    assert recorder.session.about()["seconds"] == pytest.approx(0.35 + 2.99 + 0.002, abs=1e-3)
    assert session_row(recorder.session).seconds == recorder.session.about()["seconds"]


def test_the_streams_come_back_as_they_were(tmp_path: Path):
    recorder, _ = recorded(tmp_path)
    assert recorder.path is not None
    with open_recording(recorder.path, Config()) as source:
        by_key = {info.key: info for info in source.infos}
    assert set(by_key) == {EEG.key, CAMERA.key, TRUTH.key}
    again = by_key[EEG.key]
    assert again.channels == EEG.channels
    assert again.simulated
    assert by_key[CAMERA.key].kind == "video"


def test_predictions_come_back_exactly_and_labels_are_in_the_file(tmp_path: Path):
    recorder, told = recorded(tmp_path)
    assert recorder.path is not None
    assert recorder.session is not None
    again = recorded_predictions(recorder.path)
    assert len(again) == len(items()) // 10
    assert again[0] == SURE
    with LabelStore(recorder.session.labels) as store:
        assert store.all() == [LABEL]
    assert [message for message in told if isinstance(message, Label)] == [LABEL]


def test_pyxdf_reads_rates_units_labels_and_counts(tmp_path: Path):
    recorder, _ = recorded(tmp_path)
    streams, _ = pyxdf.load_xdf(recorder.path, dejitter_timestamps=False)
    eeg = next(s for s in streams if s["info"]["type"] == ["EEG"])
    channels = eeg["info"]["desc"][0]["channels"][0]["channel"]
    assert [c["label"][0] for c in channels] == ["EEG Fp1-REF", "TRG"]
    assert channels[0]["unit"] == ["microvolts"]
    assert eeg["info"]["nominal_srate"] == ["100.0"]
    assert len(eeg["time_series"]) == 300
    assert 0 < eeg["time_stamps"][0] + 1 < 2  # moved onto the clock of this machine
    frames = next(s for s in streams if s["info"]["type"] == ["videostream"])
    assert len(frames["time_series"]) == 10
    assert frames["time_series"][1][2] == 2  # two frames lost before it


def test_what_is_recorded_is_for_its_owner_alone(tmp_path: Path):
    before = os.umask(0)
    try:
        recorded(tmp_path / "study")
    finally:
        os.umask(before)
    made = list((tmp_path / "study").rglob("*"))
    assert {path.suffix for path in made if path.is_file()} >= {".xdf", ".mkv", ".sqlite", ".json"}
    for path in (tmp_path / "study", *made):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_health_tells_bytes_samples_and_what_is_silent(tmp_path: Path):
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), Ahead())
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG, CAMERA], told.put)
    recorder.put(items()[0])
    while not (health := told.get(timeout=WAIT)).recording or not health.problem:
        assert isinstance(health, RecordingHealth)
    recorder.stop()
    assert health.bytes_written > 500
    assert dict(health.samples) == {EEG.key: 10, CAMERA.key: 0}
    assert "Nothing has come from cam" in health.problem


class Ahead:
    """A clock that goes a hundred times as fast."""

    def __init__(self) -> None:
        self._zero = pylsl.local_clock()

    def __call__(self) -> float:
        return self._zero + 100 * (pylsl.local_clock() - self._zero)


def test_a_header_alone_is_no_recording(tmp_path: Path):
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), Ahead())
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG], told.put)
    seen = [told.get(timeout=WAIT) for _ in range(4)]
    recorder.stop()
    assert not any(health.recording for health in seen)
    assert "Nothing has come from amp" in seen[-1].problem


def test_a_disk_that_is_full_is_told_and_what_waits_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), Ahead())
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG], told.put)
    full = threading.Event()
    flush = recorder._files.flush

    def stubborn() -> None:
        if full.is_set():
            raise RecordingError("x cannot be written: No space left on device. Free the disk.")
        flush()

    monkeypatch.setattr(recorder._files, "flush", stubborn)
    chunks = [item for item in items() if isinstance(item, Chunk) and item.stream == EEG.key]
    recorder.put(chunks[0])
    while not told.get(timeout=WAIT).recording:
        pass
    full.set()
    recorder.put(chunks[1])
    while "No space left" not in (health := told.get(timeout=WAIT)).problem:
        pass
    assert not health.recording
    full.clear()
    recorder.put(chunks[2])
    while not (health := told.get(timeout=WAIT)).recording:
        pass
    recorder.stop()
    assert recorder.path is not None
    assert sum(isinstance(item, Chunk) for item in replayed(recorder.path)) == 3


def test_a_fault_in_the_thread_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG], told.put)

    def broken(*_: object) -> None:
        raise ValueError("planted")

    monkeypatch.setattr(recorder._files, "write", broken)
    recorder.put(items()[0])
    while not isinstance(message := told.get(timeout=WAIT), Fault):
        pass
    recorder.stop()
    assert "planted" in message.text


def test_what_goes_wrong_is_written_beside_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(self: object, *_: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("app.session.recording_files.RecordingFiles.write", broken)
    told: queue.Queue[Any] = queue.Queue()
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
    with Log("run"):
        recorder.start([EEG], lambda message: told.put(logged(message)))
        recorder.put(items()[0])
        fault = next(message for message in iter(lambda: told.get(timeout=WAIT), None) if isinstance(message, Fault))
        recorder.stop()
    assert recorder.session is not None
    assert fault.log == str(recorder.session.log)
    log = recorder.session.log.read_text(encoding="utf-8")
    assert "insula.fault: recorder: Recording stopped: no such thing" in log
    assert "    ValueError: no such thing\n        app/session/recorder.py:" in log


def test_a_video_that_ends_early_is_told_once_and_the_rest_goes_on(tmp_path: Path):
    recorder, _ = recorded(tmp_path)
    assert recorder.session is not None
    video = recorder.session.video
    video.write_bytes(video.read_bytes()[: video.stat().st_size * 6 // 10])
    again = replayed(recorder.session.xdf)
    assert sum(isinstance(item, Notice) and "video ends" in item.text for item in again) == 1
    assert 0 < sum(isinstance(item, Chunk) and item.stream == CAMERA.key for item in again) < 10
    assert sum(isinstance(item, Chunk) and item.stream == EEG.key for item in again) == 30


def test_without_video_no_picture_is_kept(tmp_path: Path):
    recorder, _ = recorded(tmp_path, video=False)
    assert recorder.session is not None
    assert not recorder.session.video.exists()
    again = replayed(recorder.session.xdf)
    assert any(isinstance(item, Notice) and "video" in item.text for item in again)
    assert not any(isinstance(item, Chunk) and item.stream == CAMERA.key for item in again)


def test_markers_that_have_not_come_are_nothing_to_complain_of(tmp_path: Path):
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), Ahead())
    told: queue.Queue[Any] = queue.Queue()
    recorder.start([EEG, StreamInfo("keys", "markers", "", "Keys", "Markers", dtype="string")], told.put)
    recorder.put(items()[0])
    while not dict(told.get(timeout=WAIT).samples)[EEG.key]:
        pass
    since = [told.get(timeout=WAIT) for _ in range(12)]
    recorder.stop()
    assert {health.problem for health in since} == {""}


def test_markers_come_back_to_the_bit_and_their_offsets_lie_where_the_signals_are(tmp_path: Path):
    keys = StreamInfo("lab/keys", "markers", "", "Keys", "Markers", channels=(Channel("1", ""),), dtype="string")
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
    recorder.start([EEG, keys], lambda _: None)
    texts = ["größer", "", "with\ttab\x00", "Ã¼"]
    recorder.put(items()[0])
    for k, text in enumerate(texts):
        stamps = np.array([1e6 * k])
        recorder.put(Chunk(keys.key, stamps, np.array([[text]], dtype=object), clock_offset=0.001 * k))
    recorder.stop()
    assert recorder.path is not None
    back = [item for item in replayed(recorder.path) if isinstance(item, Chunk) and item.stream == keys.key]
    assert [str(chunk.data[0, 0]) for chunk in back] == texts
    assert [(float(c.timestamps[0]), c.clock_offset) for c in back] == [(1e6 * k, 0.001 * k) for k in range(4)]
    offsets = [part for part in read_xdf(recorder.path) if isinstance(part, Offset) and part.value > 0]
    assert max(abs(part.stamp + part.value - 0.09) for part in offsets) < 1e-6


def test_a_disk_that_takes_seconds_to_keep_what_was_written_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    go, begun = threading.Event(), threading.Event()

    def slow(self: RecordingFiles) -> None:
        begun.set()
        go.wait(WAIT)

    monkeypatch.setattr(RecordingFiles, "sync", slow)
    recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
    recorder.start([EEG], lambda _: None)
    first, second = (item for item in items()[:4] if isinstance(item, Chunk) and item.stream == EEG.key)
    recorder.put(first)
    assert begun.wait(WAIT)
    recorder.put(second)
    end = pylsl.local_clock() + WAIT
    while recorder._files.n_samples(EEG.key) < 20 and pylsl.local_clock() < end:
        threading.Event().wait(0.01)
    written = recorder.path.read_bytes()  # type: ignore[union-attr]
    go.set()
    recorder.stop()
    assert second.data.tobytes()[:8] in written


def test_an_answer_and_the_signal_wait_for_nothing_of_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    go, begun = threading.Event(), threading.Event()
    add, write = LabelStore.add, RecordingFiles.write

    def slowly(self: Any, *given: Any) -> None:
        begun.set()
        go.wait(WAIT)
        (add if isinstance(self, LabelStore) else write)(self, *given)

    chunk = items()[0]
    for slow, name in ((LabelStore, "add"), (RecordingFiles, "write")):
        with monkeypatch.context() as patch:
            patch.setattr(slow, name, slowly)
            recorder = Recorder(config(tmp_path), ("P001",), "sha", ("a", "b"), pylsl.local_clock)
            told: queue.Queue[Any] = queue.Queue()
            recorder.start([EEG], told.put)
            for first, second in [(LABEL, chunk)] if slow is LabelStore else [(chunk, LABEL)]:
                recorder.put(first)
                assert begun.wait(WAIT)
                recorder.put(second)
            kept = False
            while not kept:
                message = told.get(timeout=WAIT)
                kept = message == LABEL if second is LABEL else dict(getattr(message, "samples", ())).get(EEG.key) == 10
            assert not go.is_set()
            go.set()
            recorder.stop()
            go.clear()
            begun.clear()
        assert recorder.session is not None
        with LabelStore(recorder.session.labels) as store:
            assert store.all() == [LABEL]
        assert sum(isinstance(item, Chunk) for item in replayed(recorder.session.xdf)) == 1


def test_many_things_are_taken_before_the_next_flush(tmp_path, monkeypatch):
    taken = threading.Semaphore(0)
    write = RecordingFiles.write
    monkeypatch.setattr(RecordingFiles, "write", lambda *args: (write(*args), taken.release()))
    monkeypatch.setattr("app.session.recorder._HEALTH", 1e6)
    never = Config(record=RecordConfig(study=str(tmp_path), flush=1e6))
    recorder = Recorder(never, ("P001",), "sha", ("a", "b"), lambda: 0.0)
    recorder.start([EEG], lambda _: None)
    for k in range(600):
        recorder.put(Chunk(EEG.key, np.array([k / 100]), np.zeros((1, 2), np.float32)))
    for _ in range(300):
        assert taken.acquire(timeout=WAIT)
    recorder.stop()
    assert recorder.path is not None
    (stream,) = [one for one in pyxdf.load_xdf(recorder.path)[0] if one["info"]["type"] == ["EEG"]]
    assert len(stream["time_stamps"]) == 600
