from pathlib import Path

import pytest

from core.config import RecordConfig
from core.errors import ConfigError, FileFormatError, RecordingError
from core.recording.session import Session


def record(tmp_path: Path, **changes: str) -> RecordConfig:
    return RecordConfig(**{"study": str(tmp_path / "study"), "task": "film", **changes})  # type: ignore[arg-type]


def test_files_lie_where_labrecorder_and_bids_put_them(tmp_path: Path):
    session = Session.create(record(tmp_path))
    base = tmp_path / "study" / "sourcedata" / "sub-P001" / "ses-01"
    assert session.xdf == base / "eeg" / "sub-P001_ses-01_task-film_run-001_eeg.xdf"
    assert session.video == base / "beh" / "sub-P001_ses-01_task-film_run-001_recording-face_video.mkv"
    assert session.xdf.parent.is_dir()
    assert Session.create(record(tmp_path, acquisition="cap")).xdf.name == (
        "sub-P001_ses-01_task-film_acq-cap_run-001_eeg.xdf"
    )


def test_a_run_is_never_taken_twice(tmp_path: Path):
    runs = {Session.create(record(tmp_path)).stem for _ in range(5)}
    assert len(runs) == 5
    first = Session.create(record(tmp_path))
    for file in first.folder.glob(f"{first.stem}_*"):
        file.unlink()
    first.xdf.write_bytes(b"precious")
    assert Session.create(record(tmp_path)).xdf != first.xdf


def test_killed_at_once_it_leaves_no_file_that_says_nothing_and_its_run_is_not_taken_again(tmp_path: Path):
    killed = Session.create(record(tmp_path))
    assert not killed.json.exists()
    assert Session.create(record(tmp_path)).stem != killed.stem
    killed.describe({"task": "film"})
    assert killed.about() == {"task": "film"}
    assert [file.name for file in killed.folder.glob("*.claim")] == ["sub-P001_ses-01_task-film_run-002_session.claim"]


def test_a_run_that_another_program_takes_in_between_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It looks whether a run is free, another one takes it and describes it, and only then it takes the draft."""
    looked: list[Session] = []

    def is_taken(self: Session) -> bool:
        if not looked:
            looked.append(self)
            (self.folder / f"{self.stem}_session.json").write_text("{}")
            return False
        return any(self.folder.glob(f"{self.stem}_*"))

    monkeypatch.setattr(Session, "_is_taken", is_taken)
    session = Session.create(record(tmp_path))
    assert session.stem.endswith("run-002")
    assert looked[0].json.read_text() == "{}"
    assert not list(session.folder.glob("*run-001*.claim"))


@pytest.mark.parametrize("name", ["", "P 1", "../x", "sub-1", "ä"])
def test_names_that_bids_forbids_are_told(tmp_path: Path, name: str):
    with pytest.raises(ConfigError, match="letters and digits"):
        Session.create(record(tmp_path, participant=name))


def test_a_session_is_found_from_any_of_its_files(tmp_path: Path):
    session = Session.create(record(tmp_path))
    session.describe({"participants": ["P001"]})
    session.xdf.write_bytes(b"")
    for path in (session.xdf, session.json, session.folder, tmp_path / "study"):
        assert Session.open(path) == session
    assert session.about() == {"participants": ["P001"]}


def test_what_is_no_session_or_two_is_told(tmp_path: Path):
    with pytest.raises(FileFormatError, match="must hold one"):
        Session.open(tmp_path)
    Session.create(record(tmp_path)).describe({})
    Session.create(record(tmp_path)).describe({})
    with pytest.raises(FileFormatError, match="run-002"):
        Session.open(tmp_path)
    other = tmp_path / "foreign.xdf"
    other.write_bytes(b"XDF:")
    with pytest.raises(FileFormatError, match="not part of a session"):
        Session.open(other)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "study").write_text("a file, no folder")
    with pytest.raises(RecordingError, match="Choose another --study"):
        Session.create(record(tmp_path))


def test_a_run_that_was_killed_at_once_has_an_empty_description(tmp_path: Path):
    assert Session.create(record(tmp_path)).about() == {}
