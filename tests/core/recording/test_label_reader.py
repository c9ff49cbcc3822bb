"""Answers are read without a change to their file, and a damaged row costs itself."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.data import Label, Rating
from core.errors import RecordingError
from core.recording.label_reader import LabelReader
from core.recording.labels import LabelStore

LABELS = [Label(f"u{k}", "s", "P001", 10.0 + k, 14.0 + k, 99.5, label="sad", note=f"note {k} sûr") for k in range(6)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "l.sqlite"
    with LabelStore(path) as store:
        for label in LABELS:
            store.add(label)
        store.add(Rating("r", "P001", "valence", (1.0, 1.04), (0.1, 0.2), 2.0))
    return path


def read(path: Path) -> tuple[list[Label], list[str]]:
    told: list[str] = []
    with LabelReader(path, told.append) as reader:
        return reader.all(), told


def changed(path: Path, before: bytes, after: bytes) -> None:
    whole = path.read_bytes()
    assert whole.count(before) == 1
    path.write_bytes(whole.replace(before, after))


def test_reading_writes_nothing(path: Path):
    before = path.read_bytes()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        labels, told = read(path)
        assert [each.name for each in path.parent.iterdir()] == ["l.sqlite"]
    finally:
        path.parent.chmod(0o755)
    assert [label.uid for label in labels] == [label.uid for label in LABELS]
    assert told == []
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path):
    with pytest.raises(RecordingError, match="unable to open"):
        LabelReader(tmp_path / "none.sqlite")
    assert not list(tmp_path.iterdir())


def test_what_waits_in_the_log_of_a_killed_session_is_read(path: Path, tmp_path: Path):
    killed = tmp_path / "killed"
    killed.mkdir()
    with LabelStore(path) as store:
        store.add(Label("late", "s", "P001", 1.0, 2.0, 3.0, label="happy"))
        for each in path.parent.glob("l.sqlite*"):
            if not each.name.endswith("-shm"):
                shutil.copyfile(each, killed / each.name)
    assert (killed / "l.sqlite-wal").stat().st_size
    before = {each.name: each.read_bytes() for each in killed.iterdir()}
    labels, _ = read(killed / "l.sqlite")
    assert labels[-1].uid == "late"
    assert {name: (killed / name).read_bytes() for name in before} == before


def test_a_text_that_is_no_utf8_costs_its_row_which_is_named(path: Path):
    changed(path, "note 3 sûr".encode(), b"note 3 s\xff\xffr")
    labels, told = read(path)
    assert [label.uid for label in labels] == ["u0", "u1", "u2", "u4", "u5"]
    assert len(told) == 1
    assert told[0].startswith(f"Row 4 of the labels in {path} is damaged")


def test_what_keeps_rows_from_being_changed_may_be_damaged(path: Path):
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"BEFORE UPDATE ON labels", b"BEFORE UP\xff\xffTE ON labels"))
    labels, told = read(path)
    assert [label.note for label in labels] == [label.note for label in LABELS]
    assert told == [f"{path} is damaged; its rows are read as far as they can be."]
    with LabelReader(path) as reader:
        assert [row[8] for row in reader.ratings()] == [0.1, 0.2]


@pytest.mark.parametrize(
    ("column", "value"), [("start", None), ("start", "soon"), ("uid", None), ("valence", b"x"), ("n_plays", "two")]
)
def test_a_value_of_another_kind_costs_its_row(tmp_path: Path, column: str, value: object):
    path = tmp_path / "l.sqlite"
    with LabelStore(path) as store:
        for label in LABELS[:2]:
            store.add(label)
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER labels_are_kept_as_given")
    db.execute(f"UPDATE labels SET {column} = ? WHERE number = 1", (value,))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    labels, told = read(path)
    assert [label.uid for label in labels] == ["u1"]
    assert len(told) == 1


def test_a_table_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.recording.label_reader._PATIENCE", 2)
    path = tmp_path / "l.sqlite"
    db = sqlite3.connect(path)
    names = "number, uid, segment, participant, start, stop, time, annotator, role"
    endless = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT k, k, k, k, k, k, k, k, k FROM n"
    db.execute(f"CREATE VIEW labels({names}) AS {endless}")
    db.close()
    with pytest.raises(RecordingError, match="interrupted"):
        read(path)


def test_what_is_no_label_file_is_told_with_what_to_do(tmp_path: Path):
    path = tmp_path / "l.sqlite"
    path.write_bytes(b"SQLite format 2" + b"\x00" * 2000)
    with pytest.raises(RecordingError, match="move it away: the recording can be read without it"):
        read(path)
    db = sqlite3.connect(tmp_path / "other.sqlite")
    db.execute("CREATE TABLE labels (number INTEGER, uid TEXT)")
    db.close()
    with pytest.raises(
        RecordingError, match="it has no annotator, participant, role, segment, start, stop, time of labels"
    ):
        read(tmp_path / "other.sqlite")
