"""A session of the face alone, and names that are no XML."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acquisition.source import items
from acquisition.xdf_file import XdfFile
from app.session.recording_files import RecordingFiles
from core.config import EegConfig, RecordConfig
from core.data import Array, Channel, Chunk, Notice, StreamInfo
from core.recording import xdf_reader
from core.recording.session import Session
from core.recording.stream_header import video_file
from core.recording.video import VideoCoder

VIDEO = StreamInfo(
    "here/camera", "video", "P001", "camera", "videostream", 10.0, dtype="int8", source_id="camera", width_px=64,
    height_px=48,
)  # fmt: skip
NAMES = ["A & B.mp4", "<b>.mp4", "a]]>.mp4", "\"'.mp4", "</file>.mp4", "ä\x01.mp4", "plain.mp4"]


def recorded(folder: Path, name: str) -> tuple[Session, list[Array]]:
    """Record two seconds of the face alone; return the session and its pictures."""
    info = replace(VIDEO, name=name, source_id=name, key=f"here/{name}")
    made = Session.create(RecordConfig(study=str(folder), task="film"))
    files = RecordingFiles(made, [info], ["P001"], ("happy", "sad"), "2026-11-21T10:00:00+00:00", True)
    coder, seen = VideoCoder(64, 48, 10.0), []
    for k in range(20):
        packet, picture = coder.code(np.full((48, 64, 3), 10 * k, np.uint8), 100.0 + k / 10)
        seen.append(picture)
        chunk = Chunk(info.key, np.array([100.0 + k / 10]), picture[None], packets=(packet,), frame_index=k)
        files.write(chunk, False)
    files.close()
    made.describe({})
    return made, seen


@pytest.mark.parametrize("name", NAMES)
def test_a_session_of_the_face_alone_is_replayed_whatever_its_camera_is_called(tmp_path: Path, name: str):
    session, seen = recorded(tmp_path, name)
    with XdfFile(session.xdf, EegConfig(), "P009") as source:
        (info,) = source.infos
        assert (info.kind, info.participant) == ("video", "P001")
        given = list(items(source))
        assert source.span == pytest.approx((100.0, 101.9))
    chunks = [item for item in given if isinstance(item, Chunk)]
    np.testing.assert_array_equal(np.concatenate([chunk.data for chunk in chunks]), np.stack(seen))
    np.testing.assert_allclose([chunk.times[0] for chunk in chunks], 100.0 + np.arange(20) / 10)


@pytest.mark.parametrize("offset", [0.0, -4900.0])
def test_a_recording_ends_with_its_last_signal_and_is_gone_to_behind_the_headset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offset: float
):
    monkeypatch.setattr(xdf_reader, "_NEAR", 256)  # search in it as in a file of hours
    made = Session.create(RecordConfig(study=str(tmp_path), task="film"))
    eeg = StreamInfo("here/eeg", "eeg", "P001", "head", "EEG", 100.0, (Channel("Cz", "Cz"),), source_id="head")
    files = RecordingFiles(made, [eeg, VIDEO], ["P001"], ("happy", "sad"), "2026-11-21T10:00:00+00:00", True)
    coder = VideoCoder(64, 48, 10.0)
    for k in range(600):
        if k < 100:
            files.write(Chunk(eeg.key, 100.0 + (10 * k + np.arange(10)) / 100, np.zeros((10, 1), np.float32)), False)
        packet, picture = coder.code(np.full((48, 64, 3), k % 250, np.uint8), 100.0 + k / 10)
        stamps = np.array([100.0 + k / 10 - offset])
        chunk = Chunk(VIDEO.key, stamps, picture[None], offset, packets=(packet,), frame_index=k)
        files.write(chunk, False)
        files.flush()
    files.close()
    made.describe({})
    with XdfFile(made.xdf, EegConfig(), "P009") as source:
        assert source.span == pytest.approx((100.0, 159.9))
        for moment in (105.0, 109.95, 112.0, 145.0, 159.9):
            source.seek(moment)
            first = next(item for item in items(source) if isinstance(item, Chunk))
            assert moment - 4.0 < first.times[0] <= moment


def test_a_video_whose_name_an_older_insula_lost_is_found_by_its_place(tmp_path: Path):
    session, seen = recorded(tmp_path, "plain.mp4")
    whole = session.xdf.read_bytes()
    before = f"<file>{session.video.name}</file>".encode()
    session.xdf.write_bytes(whole.replace(before, b" " * len(before)))
    with XdfFile(session.xdf, EegConfig(), "P009") as source:
        assert len([item for item in items(source) if isinstance(item, Chunk)]) == len(seen)


def test_a_name_that_was_put_in_as_it_was_is_read():
    assert video_file(replace(VIDEO, desc="<desc><video><file>A & B.mkv</file></video></desc>")) == "A & B.mkv"
    assert video_file(replace(VIDEO, desc="<desc><video><file>A &amp; B.mkv</file></video></desc>")) == "A & B.mkv"


def test_a_damaged_tag_costs_the_tag_and_a_damaged_video_the_face(tmp_path: Path):
    session, seen = recorded(tmp_path, "plain.mp4")
    whole = session.video.read_bytes()
    assert whole.count(b"Lavf") >= 1
    session.video.write_bytes(whole.replace(b"Lavf", b"L\xff\xfef"))
    with XdfFile(session.xdf, EegConfig(), "P") as source:
        assert len([item for item in items(source) if isinstance(item, Chunk)]) == len(seen)
    session.video.write_bytes(b"no video" * 100)
    with pytest.raises(Exception, match="cannot be read as a video"), XdfFile(session.xdf, EegConfig(), "P"):
        pass


def test_a_frame_without_a_time_is_given_with_the_others(tmp_path: Path):
    session, seen = recorded(tmp_path, "plain.mp4")
    whole = bytearray(session.xdf.read_bytes())
    for k in (5, 6):
        row = np.array([k, 100.0 + k / 10, 0.0]).tobytes()
        at = whole.index(row)
        whole[at - 8 : at + 8] = np.array([np.nan, np.inf]).tobytes()
    session.xdf.write_bytes(whole)
    with XdfFile(session.xdf, EegConfig(), "P") as source:
        given = list(items(source))
    assert len([item for item in given if isinstance(item, Chunk)]) == len(seen)
    assert not [item for item in given if isinstance(item, Notice) and item.kind == "lost"]
