"""Label files of one recording brought together."""

import re
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

SPAN = (0.0, 60.0)


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
    assert merge(into, [other], ["P001"], SPAN) == Merged(answers=2, samples=2, there=1)
    assert merge(into, [other], ["P001"], SPAN) == Merged(answers=0, samples=0, there=5)
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
        merge(into, [made(tmp_path / "b", more, replace(FIRST, label="sad"))], ["P001"], SPAN)
    with pytest.raises(ConfigError, match="it is of another one"):
        merge(into, [made(tmp_path / "c", more, replace(FIRST, uid="c2", start=900.0, stop=904.0))], ["P001"], SPAN)
    with LabelReader(into) as reader:
        assert [one.uid for one in reader.all()] == ["a1"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(FIRST, uid="w", participant="P002"), "of P002 from 10.0 to 14.0 s, but the recording is of P001"),
        (replace(FIRST, uid="w", participant=""), "of nobody from"),
        (replace(FIRST, uid="w", start=55.0, stop=63.0), "from 55.0 to 63.0 s of a recording that lasts 60.0 s"),
        (replace(FIRST, uid="w", start=-900.0, stop=960.0), "from -900.0 to 960.0 s"),
        (replace(FIRST, uid="w", start=14.0, stop=10.0), "from 14.0 to 10.0 s"),
        (replace(RATING, participant="P002"), "of P002 from 10.0 to 10.0 s"),
        (replace(RATING, times=(10.0, 63.0)), "of P001 from 63.0 to 63.0 s"),
    ],
)
def test_who_or_what_time_is_not_in_the_recording_is_refused(tmp_path: Path, wrong: Label | Rating, told: str):
    into, other = made(tmp_path / "a", FIRST), made(tmp_path / "b", replace(FIRST, uid="good"), wrong)
    with pytest.raises(ConfigError, match=re.escape(told)):
        merge(into, [other], ["P001"], SPAN)
    with LabelReader(into) as reader:
        assert ([one.uid for one in reader.all()], reader.ratings()) == (["a1"], [])
    at_the_end = made(tmp_path / "c", replace(FIRST, uid="e", start=57.0, stop=61.0))
    assert merge(into, [at_the_end], ["P001"], SPAN).answers == 1, "a window may reach over the end"
