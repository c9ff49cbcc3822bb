import math
import zlib
from dataclasses import replace
from typing import Any

import pytest

from app.labelling.annotation_session import PATIENCE, AnnotationSession, Marks, Order
from core.data import Label
from tests.app.staged import T0, Clock, segment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def annotation(clock: Clock) -> AnnotationSession:
    return AnnotationSession("me", "expressions-7", clock)


def test_the_most_wanted_comes_next_and_the_one_on_the_desk_stays(annotation: AnnotationSession) -> None:
    annotation.offer(segment("a", T0, 0.6))
    annotation.offer(segment("b", T0 + 10, 0.7))
    annotation.offer(segment("c", T0 + 20, 0.9))
    order = []
    while annotation.current is not None:
        order.append(annotation.current.uid)
        label = annotation.answer("label", "sad")
        assert label is not None
        annotation.kept(label)
    assert order == ["a", "c", "b"]
    assert annotation.n_done == 3


def test_a_segment_is_offered_once(annotation: AnnotationSession) -> None:
    for _ in range(2):
        annotation.offer(segment("a", T0))
    assert annotation.n_waiting == 1


def test_the_label_says_all_of_the_answer(annotation: AnnotationSession, clock: Clock) -> None:
    asked = segment("a", T0)
    annotation.offer(asked)
    clock.time = T0 + 30
    label = annotation.answer("label", "sad", Marks(-0.5, 0.2, 0.75, "sighs"))
    assert label is not None
    assert (label.segment, label.participant, label.start, label.stop) == ("a", "P001", T0, T0 + 4)
    assert (label.answer, label.label, label.valence, label.arousal) == ("label", "sad", -0.5, 0.2)
    assert (label.confidence, label.note, label.annotator, label.time) == (0.75, "sighs", "me", T0 + 30)
    assert label.model == asked.prediction.model
    assert not label.prediction_shown


def test_nothing_moves_until_the_answer_is_kept(annotation: AnnotationSession) -> None:
    annotation.offer(segment("a", T0))
    annotation.offer(segment("b", T0 + 10))
    label = annotation.answer("label", "sad")
    assert label is not None
    assert not annotation.ready
    assert annotation.answer("label", "happy") is None
    assert annotation.undo() is None
    assert annotation.current is not None
    assert annotation.current.uid == "a"
    annotation.kept(label)
    assert annotation.current.uid == "b"


def test_an_overdue_answer_can_be_given_again_and_supersedes(annotation: AnnotationSession, clock: Clock) -> None:
    annotation.offer(segment("a", T0))
    first = annotation.answer("label", "sad")
    assert first is not None
    assert annotation.late == 0
    clock.time += PATIENCE + 0.5
    assert annotation.late == PATIENCE + 0.5
    second = annotation.answer("label", "happy")
    assert second is not None
    assert second.supersedes == first.uid
    assert annotation.late == 0
    annotation.kept(first)
    assert annotation.pending is second
    annotation.kept(second)
    assert (annotation.current, annotation.n_done) == (None, 1)


def test_undo_goes_back_over_several_answers(annotation: AnnotationSession) -> None:
    for k, uid in enumerate("abc"):
        annotation.offer(segment(uid, T0 + 10 * k, 0.9 - 0.1 * k))
    given = []
    for answer in ("label", "skip"):
        label = annotation.answer(answer, "sad" if answer == "label" else "")
        assert label is not None
        given.append(label)
        annotation.kept(label)
    for uid, label in (("b", given[1]), ("a", given[0])):
        undo = annotation.undo()
        assert undo is not None
        assert (undo.answer, undo.supersedes, undo.segment) == ("undo", label.uid, uid)
        annotation.kept(undo)
        assert annotation.current is not None
        assert annotation.current.uid == uid
    assert annotation.undo() is None
    assert (annotation.n_waiting, annotation.n_done) == (3, 0)


def test_a_segment_answered_in_another_window_is_not_asked(annotation: AnnotationSession, clock: Clock) -> None:
    other = AnnotationSession("me", "expressions-7", clock)
    for uid in "ab":
        annotation.offer(segment(uid, T0))
    other.offer(segment("b", T0))
    label = other.answer("cannot tell")
    assert label is not None
    assert annotation.kept(label)
    assert not annotation.kept(label)
    assert annotation.n_waiting == 1


def test_what_was_not_set_is_nan(annotation: AnnotationSession) -> None:
    annotation.offer(segment("a", T0))
    label = annotation.answer("no face")
    assert label is not None
    assert all(math.isnan(value) for value in (label.valence, label.arousal, label.confidence))


def test_without_blind_mode_the_label_says_that_the_prediction_was_shown(annotation: AnnotationSession) -> None:
    annotation.blind = False
    annotation.offer(segment("a", T0))
    label = annotation.answer("label", "sad")
    assert label is not None
    assert label.prediction_shown


def given(annotation: AnnotationSession, answer: Any = "label", label: str = "sad") -> Label:
    """Give an answer that is kept at once."""
    made = annotation.answer(answer, label if answer == "label" else "")
    assert made is not None
    annotation.kept(made)
    return made


def back(annotation: AnnotationSession, label: Label | None) -> None:
    assert label is not None
    annotation.kept(label)


@pytest.fixture
def three(annotation: AnnotationSession) -> AnnotationSession:
    for k, uid in enumerate("abc"):
        annotation.offer(segment(uid, T0 + 10 * k, 0.9 - 0.1 * k))
    return annotation


def test_redo_gives_the_answers_again_that_were_taken_back(three: AnnotationSession, clock: Clock) -> None:
    for label in ("sad", "happy", "fear"):
        clock.time += 1
        given(three, label=label)
    for _ in range(3):
        back(three, three.undo())
    assert (three.current.uid, three.n_undone, three.n_done) == ("a", 3, 0)
    for label in ("sad", "happy", "fear"):
        clock.time += 1
        again = three.redo()
        assert again is not None
        assert again.label == label
        three.kept(again)
    assert three.redo() is None
    assert (three.current, three.n_done, three.n_waiting) == (None, 3, 0)


def test_after_mending_one_answer_the_later_ones_are_given_again(three: AnnotationSession) -> None:
    for label in ("sad", "happy"):
        given(three, label=label)
    back(three, three.undo())
    back(three, three.undo())
    given(three, label="anger")
    assert three.current.uid == "b"
    again = three.redo()
    assert again is not None
    assert (again.segment, again.label) == ("b", "happy")


def test_what_is_taken_back_shows_what_was_said(three: AnnotationSession) -> None:
    label = three.answer("label", "sad", Marks(0.25, -0.5, 0.75, "sighs"))
    back(three, label)
    assert three.draft is None
    back(three, three.undo())
    assert three.draft == label
    given(three)
    assert three.draft is None


def test_a_skip_comes_back_though_others_were_answered_since(three: AnnotationSession) -> None:
    skip = given(three, "skip")
    given(three)
    assert (three.n_skipped, three.n_done, three.current.uid) == (1, 1, "c")
    unskip = three.unskip()
    assert unskip is not None
    assert (unskip.answer, unskip.supersedes, unskip.segment) == ("undo", skip.uid, "a")
    three.kept(unskip)
    assert (three.current.uid, three.n_skipped, three.n_waiting) == ("a", 0, 2)
    assert three.unskip() is None


def test_without_auto_advance_the_answered_moment_stays_until_the_next_is_asked_for(three: AnnotationSession) -> None:
    three.auto_advance = False
    label = given(three)
    assert three.current is None
    assert three.resting is not None
    assert three.resting[1] == label
    three.offer(segment("d", T0 + 40, 1.0))
    assert three.current is None
    assert three.advance()
    assert three.current.uid == "d"  # type: ignore[attr-defined]
    assert not three.advance()
    given(three)
    back(three, three.undo())
    assert (three.current.uid, three.resting) == ("d", None)  # type: ignore[attr-defined]


def test_what_was_answered_before_is_not_asked_again_and_can_be_taken_back(
    three: AnnotationSession, clock: Clock
) -> None:
    kept = [given(three), given(three, "skip")]
    undo = three.undo()
    assert undo is not None
    three.kept(undo)
    kept += [undo]
    again = AnnotationSession("me", "expressions-7", clock)
    again.remember(kept)
    for k, uid in enumerate("abc"):
        again.offer(segment(uid, T0 + 10 * k, 0.9 - 0.1 * k))
    assert (again.n_done, again.n_skipped, again.n_waiting) == (1, 0, 2)
    back(again, again.undo())
    assert again.current.uid == "a"


def test_a_recording_that_gives_its_labels_again_changes_nothing(three: AnnotationSession, clock: Clock) -> None:
    live = given(three)
    undo = three.undo()
    assert undo is not None
    three.kept(undo)
    later = given(three, label="fear")
    again = AnnotationSession("me", "expressions-7", clock)
    again.remember([live, undo, later])
    again.offer(segment("a", T0))
    for label in (live, undo):  # only these were given live
        again.kept(label)
    assert (again.n_done, again.n_waiting) == (1, 0)
    assert again.last is not None
    assert again.last[1] == later


def test_what_was_answered_before_counts_before_its_segment_comes(three: AnnotationSession, clock: Clock) -> None:
    labels = [given(three), given(three, "skip", "")]
    again = AnnotationSession("me", "expressions-7", clock)
    again.remember(labels)
    assert (again.n_done, again.n_skipped, again.n_waiting) == (1, 0, 0)


def test_annotators_do_not_take_each_others_segments(three: AnnotationSession, clock: Clock) -> None:
    expert = AnnotationSession("anna", "expressions-7", clock, "expert")
    of_me = given(three)
    for k, who in enumerate(("me", "ben"), start=1):
        expert.remember([replace(of_me, uid=who, annotator=who)])
        assert (expert.n_others, expert.n_done) == (k, 0)
    expert.offer(segment("a", T0))
    label = expert.answer("label", "fear")
    assert label is not None
    assert (label.annotator, label.role) == ("anna", "expert")


def test_it_tells_how_long_the_rest_takes_and_how_long_an_answer_took(three: AnnotationSession, clock: Clock) -> None:
    assert math.isnan(three.time_left)
    for k in range(3):
        three.offer(segment(f"more {k}", T0, 0.1))
    for wait in (5.0, 9.0, 7.0):
        clock.time += wait
        assert given(three).response_time == wait
    assert three.time_left == 3 * 7.0


def test_answers_of_an_earlier_day_come_before_todays_whatever_the_clock_says(
    annotation: AnnotationSession, clock: Clock
) -> None:
    clock.time = T0 + 1e6
    annotation.offer(segment("a", T0))
    old = given(annotation)
    clock.time = T0
    today = AnnotationSession("me", "expressions-7", clock)
    today.remember([old])
    today.offer(segment("b", T0 + 10))
    newest = given(today)
    today.offer(segment("a", T0))
    assert today.last is not None
    assert today.last[1] == newest


def test_who_takes_over_is_asked_what_they_have_not_answered_themselves(three: AnnotationSession) -> None:
    given = []
    for name in ("happy", "sad"):
        given.append(three.answer("label", name))
        three.kept(given[-1])
    pending = three.answer("skip")
    assert not three.hand_over("ben")
    three.kept(pending)
    first = given[0].segment
    assert three.hand_over("ben")
    assert (three.n_done, three.n_others, three.n_waiting, three.current.uid) == (0, 2, 3, first)
    mine = three.answer("label", "anger")
    assert mine.annotator == "ben"
    three.kept(mine)
    assert three.hand_over(given[0].annotator)
    assert (three.n_done, three.n_others, three.n_skipped, three.n_waiting) == (2, 1, 1, 0)
    assert three.hand_over("ben")
    assert (three.n_done, three.n_waiting, three.last[1].label) == (1, 2, "anger")


def test_the_least_sure_moment_and_two_by_lot_come_in_turn(annotation: AnnotationSession):
    annotation.order = Order.MIXED
    for k in range(9):
        annotation.offer(segment(f"s{k}", T0 + 10 * k, 0.1 * (9 - k)))
    lots = {f"s{k}": zlib.crc32(f"s{k}".encode()) for k in range(9)}
    shown: list[str] = []
    while annotation.current is not None:
        if shown:  # the first was shown before there were others
            least_sure = len(shown) % 3 == 0
            left = sorted(lots, key=None if least_sure else lots.get)  # s0 is the least sure
            assert annotation.current.uid == left[0]
        shown.append(annotation.current.uid)
        del lots[annotation.current.uid]
        coming = annotation.upcoming
        annotation.kept(annotation.answer("skip") or pytest.fail("no answer could be given"))
        assert annotation.current == coming, "the one that was read ahead"
    assert sorted(shown) == [f"s{k}" for k in range(9)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.SCORE, "cbda"),
        (Order.TIME, "abcd"),
        (Order.MARKERS, "dbac"),
        (Order.RANDOM, "".join(sorted("abcd", key=lambda uid: zlib.crc32(uid.encode())))),
    ],
)
def test_what_comes_next_follows_the_order_that_was_chosen(
    three_orders: AnnotationSession, order: Order, expected: str
):
    annotation = three_orders
    annotation.order, annotation.markers = order, (T0 + 32, T0 + 11)
    given_order = []
    for _ in expected:
        annotation.kept(annotation.answer("skip") or pytest.fail("no answer could be given"))
        if annotation.current is not None:
            given_order.append(annotation.current.uid)
    assert "".join(given_order) == expected


@pytest.fixture
def three_orders(annotation: AnnotationSession) -> AnnotationSession:
    """A desk with one segment on it and four behind it."""
    annotation.offer(segment("first", T0 + 100, 0.1))
    for k, (uid, score) in enumerate({"a": 0.2, "b": 0.5, "c": 0.9, "d": 0.4}.items()):
        annotation.offer(segment(uid, T0 + 10 * k, score))
    return annotation


def test_a_moment_that_a_person_marked_is_kept_at_once_comes_first_and_its_answer_stands_in_place_of_the_mark(
    annotation: AnnotationSession,
):
    annotation.offer(segment("a", T0, 0.6))
    annotation.offer(segment("b", T0 + 10, 0.9))
    marked = replace(segment("mine", T0 + 20, 0.0), chosen="person")
    mark = annotation.mark(marked)
    assert (mark.answer, mark.segment, mark.start, mark.stop) == ("marked", "mine", T0 + 20, T0 + 24)
    assert not annotation.kept(mark)
    assert annotation.n_done == 0
    annotation.offer(marked)
    annotation.kept(annotation.answer("label", "sad") or pytest.fail("no answer could be given"))
    assert annotation.current is marked
    answer = annotation.answer("label", "happy")
    assert answer is not None
    assert answer.supersedes == mark.uid


def test_a_mark_of_an_earlier_day_waits_for_its_answer(annotation: AnnotationSession):
    other = AnnotationSession("me", "expressions-7", Clock())
    marked = replace(segment("mine", T0 + 20, 0.0), chosen="person")
    annotation.remember([mark := other.mark(marked)])
    annotation.offer(marked)
    assert annotation.current is marked
    answer = annotation.answer("label", "happy")
    assert answer is not None
    assert answer.supersedes == mark.uid
