"""Which labels stand, and what they are of."""

from dataclasses import replace

import pytest

from core.data import Label
from core.label_rules import covers, newest_covering, shares_of, soft, standing, told_of

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


def test_where_annotators_disagree_the_answer_is_soft_and_an_adjudicator_decides():
    window, classes = Label("", "", "P001", 11.0, 13.0, 0.0), ("happy", "sad", "anger")
    own = replace(FIRST, uid="b", label="sad", time=30.0, valence=0.5)
    other = replace(FIRST, uid="c", annotator="B", label="sad", time=25.0)
    third = replace(
        FIRST, uid="d", annotator="C", label="anger", shares=(("anger", 0.75), ("happy", 0.25)), valence=0.0
    )
    told = told_of([FIRST, own, other, third], window, classes)
    assert told.shares == pytest.approx((0.25 / 3, 2 / 3, 0.75 / 3)), "the newest of each, all alike"
    assert told.valence == pytest.approx(0.25)
    assert told_of([FIRST], window, classes).shares == (1.0, 0.0, 0.0)
    decided = replace(FIRST, uid="e", annotator="chief", role="adjudicator", label="anger", time=1.0)
    assert told_of([FIRST, own, other, third, decided], window, classes).shares == (0.0, 0.0, 1.0)
    assert newest_covering([own, decided, other], window) == 1
    assert told_of([FIRST], replace(window, participant="P002"), classes).shares == ()


def test_shares_are_of_the_classes_that_are_known_and_together_one():
    mixed = replace(FIRST, shares=soft({"happy": 3, "joy": 4, "sad": 1}))
    assert mixed.shares == (("joy", 0.5), ("happy", 0.375), ("sad", 0.125))
    assert shares_of(mixed, ("happy", "sad")) == (0.75, 0.25)
    assert shares_of(mixed, ("fear",)) == ()
    assert soft({"happy": 3, "sad": 0}) == ()
