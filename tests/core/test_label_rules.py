"""Which labels stand, and what they are of."""

from dataclasses import replace

import pytest

from core.data import Label
from core.label_rules import covers, newest_covering, standing

FIRST = Label("a", "s1", "P001", 10.0, 14.0, 20.0, label="happy")


def test_what_was_corrected_undone_or_skipped_does_not_stand():
    corrected = replace(FIRST, uid="b", label="sad", supersedes="a")
    other = Label("c", "s2", "P001", 30.0, 34.0, 40.0, label="anger")
    undo = replace(other, uid="d", answer="undo", supersedes="c")
    skipped = replace(FIRST, uid="e", segment="s3", answer="skip")
    unclear = replace(FIRST, uid="f", segment="s4", answer="cannot tell")
    given = [FIRST, corrected, other, undo, skipped, unclear]
    assert [one.uid for one in standing(given)] == ["b", "f"]
    assert [one.uid for one in standing(reversed(given))] == ["f", "b"], "in whatever order they come"


@pytest.mark.parametrize(
    ("participant", "start", "stop", "inside"),
    [
        ("P001", 9.0, 11.0, True), ("P001", 13.0, 15.0, True), ("P001", 8.9, 10.9, False),
        ("P001", 13.1, 15.1, False), ("P002", 11.0, 13.0, False),
    ],
)  # fmt: skip
def test_a_label_is_of_the_windows_whose_middle_it_covers(participant: str, start: float, stop: float, inside: bool):
    window = Label("", "", participant, start, stop, 0.0)
    assert covers(FIRST, window) is inside


def test_the_newest_counts_and_of_one_time_the_first():
    window = Label("", "", "P001", 11.0, 13.0, 0.0)
    newer = replace(FIRST, uid="b", time=21.0)
    assert newest_covering([newer, FIRST, replace(newer, uid="c")], window) == 0
    assert newest_covering([FIRST, newer], window) == 1
    assert newest_covering([FIRST], replace(window, participant="P002")) is None
