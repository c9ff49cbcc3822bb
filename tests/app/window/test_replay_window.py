"""What the window over a recording is told of it beforehand."""

from pathlib import Path

from acquisition.replay import Paced, open_recording
from app.commands.replay_window import _recorded_events
from app.session.recording_files import RecordingFiles
from core.config import Config, RecordConfig
from core.data import Notice, StreamInfo
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
        assert [event.stream for event in _recorded_events(session.xdf, source) if isinstance(event, Notice)] == [
            stage.eeg.key
        ]
