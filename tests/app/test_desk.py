import math

import pytest

from app.desk import PATIENCE, Desk, Marks
from tests.app.staged import T0, Clock, segment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk("me", "expressions-7", clock)


def test_the_most_wanted_comes_next_and_the_one_on_the_desk_stays(desk: Desk) -> None:
    desk.offer(segment("a", T0, 0.6))
    desk.offer(segment("b", T0 + 10, 0.7))
    desk.offer(segment("c", T0 + 20, 0.9))
    order = []
    while desk.current is not None:
        order.append(desk.current.uid)
        label = desk.answer("label", "sad")
        assert label is not None
        desk.kept(label)
    assert order == ["a", "c", "b"]
    assert desk.n_done == 3


def test_a_segment_is_offered_once(desk: Desk) -> None:
    for _ in range(2):
        desk.offer(segment("a", T0))
    assert desk.n_waiting == 1


def test_the_label_says_all_of_the_answer(desk: Desk, clock: Clock) -> None:
    asked = segment("a", T0)
    desk.offer(asked)
    clock.time = T0 + 30
    label = desk.answer("label", "sad", Marks(-0.5, 0.2, 0.75, "sighs"))
    assert label is not None
    assert (label.segment, label.participant, label.start, label.stop) == ("a", "P001", T0, T0 + 4)
    assert (label.answer, label.label, label.valence, label.arousal) == ("label", "sad", -0.5, 0.2)
    assert (label.confidence, label.note, label.annotator, label.time) == (0.75, "sighs", "me", T0 + 30)
    assert label.model == asked.prediction.model
    assert not label.prediction_shown


def test_nothing_moves_until_the_answer_is_kept(desk: Desk) -> None:
    desk.offer(segment("a", T0))
    desk.offer(segment("b", T0 + 10))
    label = desk.answer("label", "sad")
    assert label is not None
    assert not desk.ready
    assert desk.answer("label", "happy") is None
    assert desk.undo() is None
    assert desk.current is not None
    assert desk.current.uid == "a"
    desk.kept(label)
    assert desk.current.uid == "b"


def test_an_overdue_answer_can_be_given_again_and_supersedes(desk: Desk, clock: Clock) -> None:
    desk.offer(segment("a", T0))
    first = desk.answer("label", "sad")
    assert first is not None
    assert desk.late == 0
    clock.time += PATIENCE + 0.5
    assert desk.late == PATIENCE + 0.5
    second = desk.answer("label", "happy")
    assert second is not None
    assert second.supersedes == first.uid
    assert desk.late == 0
    desk.kept(first)
    assert desk.pending is second
    desk.kept(second)
    assert (desk.current, desk.n_done) == (None, 1)


def test_undo_goes_back_over_several_answers(desk: Desk) -> None:
    for k, uid in enumerate("abc"):
        desk.offer(segment(uid, T0 + 10 * k, 0.9 - 0.1 * k))
    given = []
    for answer in ("label", "skip"):
        label = desk.answer(answer, "sad" if answer == "label" else "")
        assert label is not None
        given.append(label)
        desk.kept(label)
    for uid, label in (("b", given[1]), ("a", given[0])):
        undo = desk.undo()
        assert undo is not None
        assert (undo.answer, undo.supersedes, undo.segment) == ("undo", label.uid, uid)
        desk.kept(undo)
        assert desk.current is not None
        assert desk.current.uid == uid
    assert desk.undo() is None
    assert (desk.n_waiting, desk.n_done) == (3, 0)


def test_a_segment_answered_in_another_window_is_not_asked(desk: Desk, clock: Clock) -> None:
    other = Desk("me", "expressions-7", clock)
    for uid in "ab":
        desk.offer(segment(uid, T0))
    other.offer(segment("b", T0))
    label = other.answer("cannot tell")
    assert label is not None
    assert desk.kept(label)
    assert not desk.kept(label)
    assert desk.n_waiting == 1


def test_what_was_not_set_is_nan(desk: Desk) -> None:
    desk.offer(segment("a", T0))
    label = desk.answer("no face")
    assert label is not None
    assert all(math.isnan(value) for value in (label.valence, label.arousal, label.confidence))


def test_without_blind_mode_the_label_says_that_the_prediction_was_shown(desk: Desk) -> None:
    desk.blind = False
    desk.offer(segment("a", T0))
    label = desk.answer("label", "sad")
    assert label is not None
    assert label.prediction_shown
