"""Label files of one recording brought together."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.study.label_merge import Merged, merge
from core.data import Label, Rating
from core.errors import ConfigError
from core.recording.label_reader import LabelReader
from core.recording.labels import LabelStore

FIRST = Label(
    "a1", "s1", "P001", 10.0, 14.0, 20.0, annotator="anna", label="happy", shares=(("happy", 0.75), ("sad", 0.25))
)
RATING = Rating("r1", "P001", "valence", (10.0, 10.04), (0.1, 0.2), 12.0, annotator="ben")


def made(path: Path, *things: Label | Rating) -> Path:
    with LabelStore(path) as store:
        for thing in things:
            store.add(thing)
    return path


def test_each_answer_is_there_once_with_its_history_and_ratings(tmp_path: Path):
    own = replace(FIRST, uid="b1", annotator="ben", label="sad", shares=())
    corrected = replace(own, uid="b2", label="anger", supersedes="b1")
    into, other = made(tmp_path / "a", FIRST), made(tmp_path / "b", FIRST, own, corrected, RATING)
    before = other.read_bytes()
    assert merge(into, [other], (0.0, 60.0)) == Merged(answers=2, samples=2, there=1)
    assert merge(into, [other], (0.0, 60.0)) == Merged(answers=0, samples=0, there=5)
    assert other.read_bytes() == before
    with LabelReader(into) as reader, LabelReader(other) as theirs:
        assert [one.uid for one in reader.all()] == ["a1", "b1", "b2"]
        assert {one.uid for one in reader.current()} == {"a1", "b2"}
        assert reader.all()[0].shares == FIRST.shares
        columns = ("uid", "time", "value", "given", "annotator")
        assert reader.ratings(columns) == theirs.ratings(columns)


def test_nothing_is_added_where_files_contradict_each_other_or_are_of_another_recording(tmp_path: Path):
    into = made(tmp_path / "a", FIRST)
    more = replace(FIRST, uid="c1")
    with pytest.raises(ConfigError, match="different answers under one uid, a1"):
        merge(into, [made(tmp_path / "b", more, replace(FIRST, label="sad"))], (0.0, 60.0))
    with pytest.raises(ConfigError, match="belongs to another one"):
        merge(into, [made(tmp_path / "c", more, replace(FIRST, uid="c2", start=900.0, stop=904.0))], (0.0, 60.0))
    with LabelReader(into) as reader:
        assert [one.uid for one in reader.all()] == ["a1"]
