import math
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.data import Label, Rating
from core.errors import RecordingError
from core.recording.label_reader import LabelReader
from core.recording.labels import RATED, LabelStore

LABEL = Label("u1", "s1", "P001", 10.0, 14.0, 99.5, label="happy", valence=0.7, confidence=4.0, note="sûr", model="abc")


def same(a: Label, b: Label) -> bool:
    pairs = [(getattr(a, f), getattr(b, f)) for f in Label.__slots__]
    return all(x == y or (isinstance(x, float) and math.isnan(x) and math.isnan(y)) for x, y in pairs)


def test_every_field_comes_back(tmp_path: Path):
    with LabelStore(tmp_path / "l.sqlite") as store:
        store.add(LABEL)
    with LabelStore(tmp_path / "l.sqlite") as store:
        (again,) = store.all()
    assert same(again, LABEL)
    assert math.isnan(again.arousal)
    assert again.prediction_shown is False


def test_a_correction_and_an_undo_leave_the_old_answer_in_the_file(tmp_path: Path):
    with LabelStore(tmp_path / "l.sqlite") as store:
        store.add(LABEL)
        store.add(replace(LABEL, uid="u2", label="sad", supersedes="u1"))
        assert [label.label for label in store.current()] == ["sad"]
        store.add(replace(LABEL, uid="u3", answer="undo", supersedes="u2"))
        assert store.current() == []
        assert len(store.all()) == 3


def test_nothing_can_be_changed_or_deleted(tmp_path: Path):
    path = tmp_path / "l.sqlite"
    with LabelStore(path) as store:
        store.add(LABEL)
        store.add(LABEL)  # the same answer twice is one answer
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        db.execute("UPDATE labels SET label = 'sad'")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        db.execute("DELETE FROM labels")
    db.close()
    with LabelStore(path) as store:
        assert len(store.all()) == 1


def test_a_killed_process_loses_no_label(tmp_path: Path):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom dataclasses import replace\n"
        "from core.recording.labels import LabelStore\nfrom core.data import Label\n"
        "store = LabelStore(Path(sys.argv[1]))\n"
        "for k in range(20):\n    store.add(Label(str(k), 's', 'P001', 0.0, 1.0, 2.0))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "l.sqlite"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False, cwd=Path(__file__).parents[3])
    with LabelStore(path) as store:
        assert len(store.all()) == 20


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path):
    (tmp_path / "l.sqlite").write_text("not a data base, but long enough to look at" * 10)
    with pytest.raises(RecordingError, match="cannot be kept"):
        LabelStore(tmp_path / "l.sqlite")


def test_a_file_of_the_first_version_opens_and_takes_new_answers(tmp_path: Path):
    path = tmp_path / "l.sqlite"
    old = [name for name in Label.__slots__ if name not in ("response_time", "n_plays", "shares", "scales")]
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 1")
    db.execute(f"CREATE TABLE labels (number INTEGER PRIMARY KEY AUTOINCREMENT, {', '.join(old)}, UNIQUE (uid))")
    row = [getattr(LABEL, name) for name in old]
    db.execute(f"INSERT INTO labels ({', '.join(old)}) VALUES ({', '.join('?' * len(old))})", row)
    db.commit()
    db.close()
    new = replace(LABEL, uid="u2", role="self", response_time=3.5, n_plays=2)
    for _ in range(2):
        with LabelStore(path) as store:
            store.add(new)
            first, second = store.all()
    assert same(first, LABEL)
    assert same(second, new)


def test_a_file_of_the_second_version_is_read_as_it_is_and_takes_soft_answers_once_it_is_written_to(tmp_path: Path):
    path = tmp_path / "l.sqlite"
    with LabelStore(path) as store:
        store.add(LABEL)
    db = sqlite3.connect(path)
    for name in ("shares", "scales"):
        db.execute(f"ALTER TABLE labels DROP COLUMN {name}")
    db.execute("PRAGMA user_version = 2")
    db.commit()
    db.close()
    before = path.read_bytes()
    with LabelReader(path) as reader:
        assert same(reader.all()[0], LABEL)
    assert path.read_bytes() == before
    soft = replace(LABEL, uid="u2", label="happy", shares=(("happy", 2 / 3), ("neutral", 1 / 3)))
    soft = replace(soft, scales=(("stress", 5.25), ("Mühe", -1.0)))
    for _ in range(2):
        with LabelStore(path) as store:
            store.add(soft)
    with LabelReader(path) as reader:
        first, second = reader.all()
    assert same(first, LABEL)
    assert same(second, soft)


def test_a_rating_is_one_row_a_sample_and_the_same_piece_twice_is_one(tmp_path: Path):
    piece = Rating("r", "P001", "arousal", (1.0, 1.04), (0.5, -0.5), 9.0, annotator="anna")
    with LabelStore(tmp_path / "l.sqlite") as store:
        for _ in range(2):
            store.add(piece)
        store.add(replace(piece, times=(1.08,), values=(0.0,)))
        rows = [dict(zip(RATED, row, strict=True)) for row in store.ratings()]
        assert [(row["time"], row["value"]) for row in rows] == [(1.0, 0.5), (1.04, -0.5), (1.08, 0.0)]
        assert {(row["participant"], row["annotator"], row["scale"]) for row in rows} == {("P001", "anna", "arousal")}
    db = sqlite3.connect(tmp_path / "l.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        db.execute("UPDATE ratings SET value = 0")
    db.close()


def test_a_full_disk_takes_answers_again_once_there_is_room(tmp_path: Path):
    with LabelStore(tmp_path / "l.sqlite") as store:
        store.add(LABEL)
        (pages,) = store._db.execute("PRAGMA page_count").fetchone()
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        long = replace(LABEL, uid="u2", note="x" * 50_000)
        with pytest.raises(RecordingError, match=r"^The disk is full\. Make room\. \(Labels in .*l\.sqlite\)$"):
            store.add(long)
        store._db.execute("PRAGMA max_page_count = 100000")
        store.add(long)
        assert [label.uid for label in store.all()] == ["u1", "u2"]
