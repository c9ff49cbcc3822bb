"""What the window over a recording is told of it beforehand."""

from pathlib import Path

from acquisition.replay import Paced, open_recording
from app.commands.replay_window import _ReadBy, _recorded_events
from app.session.recording_files import RecordingFiles
from core.config import Config, RecordConfig
from core.data import ModelChange, Notice, StreamInfo
from core.models.model_file import CLASSES
from core.recording.session import Session
from tests.app.staged import Stage


def test_a_loss_of_markers_is_no_gap_in_the_session(tmp_path: Path):
    stage = Stage(4)
    keys = StreamInfo("lab/Keys", "markers", "", "Keys", "Markers", dtype="string")
    session = Session.create(RecordConfig(study=str(tmp_path)))
    files = RecordingFiles(session, [stage.eeg, keys], ["P001"], CLASSES, "2026-11-21T10:00:00+00:00", video=False)
    files.write(stage.eeg_chunk(512), derived=False)
    for stream in (stage.eeg.key, keys.key, "markers/joined late"):
        files.write(Notice(stream, stage.time, "lost", "lost"), derived=False)
    files.close()
    session.describe({"participants": ["P001"]})
    with Paced(open_recording(session.xdf, Config()), 0.0) as source:
        assert [
            event.stream for event in _recorded_events(session.xdf, source, _ReadBy("")) if isinstance(event, Notice)
        ] == [stage.eeg.key]


def test_which_model_read_when_is_known_as_far_as_the_recording_began_with_this_one():
    forth, back = ModelChange(10.0, "b", "a"), ModelChange(20.0, "a", "b")
    read_by, another = _ReadBy("a"), _ReadBy("z")
    for change in (forth, back):
        read_by.know(change)
        another.know(change)
    assert [read_by.at(time) for time in (9.0, 10.0, 19.0, 25.0)] == [None, forth, forth, back]
    assert read_by.models == ["a", "b", "a"]
    assert another.at(25.0) is None
    assert another.models == ["z"]
