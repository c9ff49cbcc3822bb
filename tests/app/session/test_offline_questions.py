from dataclasses import replace
from pathlib import Path

from app.labelling.annotation_session import AnnotationSession
from app.session.engine import Ended
from app.session.label_keeper import LabelKeeper
from app.session.offline_questions import EveryMoment, OfflineQuestions, double_labelled, with_known
from core.active.moments import moments, part_of
from core.data import Event, Item, Label, Notice, Prediction, Segment
from core.recording.labels import LabelStore
from tests.app.staged import Stage, segment
from tests.core.active.test_query import SURE
from tests.one_by_one import OneByOne


def test_all_questions_are_there_at_once_and_an_answer_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    asked = [segment("a", 10.0, 0.9), segment("b", 50.0, 0.8)]
    path, info = tmp_path / "labels.sqlite", Stage(2).eeg
    label = Label("u", "a", "P001", 10.0, 14.0, 15.0, label="sad", valence=0.1, arousal=0.1, confidence=0.5)
    with OfflineQuestions(asked, [info], LabelKeeper(path)) as answering:
        told = [answering.outbox.get_nowait() for _ in range(4)]
        assert told[:3] == [info, *asked]
        assert isinstance(told[3], Ended)
        answering.put(label)
        assert answering.outbox.get(timeout=120.0) is label
        with LabelStore(path) as store:
            assert [kept.uid for kept in store.all()] == ["u"]


def moment(uid: str, start: float, stop: float) -> Segment:
    return replace(segment(uid, start, 0.5), stop=stop)


def label(uid: str, start: float, stop: float, **changes: object) -> Label:
    return replace(Label(f"of {uid}", uid, "P001", start, stop, 1e3), **changes)  # type: ignore[arg-type]


def test_what_was_answered_before_by_other_rules_keeps_its_bounds_and_leaves_nothing_to_ask_whom_answered():
    given = label("old", 11, 17)
    found = with_known([moment("a", 10, 14), moment("b", 14, 18), moment("c", 18, 22)], [given])
    assert {(m.uid, m.start, m.stop) for m in found} == {("old", 11, 17), ("a", 10, 14), ("b", 14, 18), ("c", 18, 22)}
    for annotator, left in (("operator", {"c"}), ("somebody else", {"old", "a", "b", "c"})):
        annotation = AnnotationSession(annotator, "expressions-7", lambda: 0.0)
        annotation.remember([given])
        for each in found:
            annotation.offer(each)
        assert {m.uid for m in (annotation.current, *annotation._queue) if m is not None} == left


def asked(moments: list[Segment], labels: list[Label]) -> set[tuple[str, float, float]]:
    """Return what an annotator who has answered nothing is asked about."""
    annotation = AnnotationSession("C", "expressions-7", lambda: 0.0)
    annotation.remember(labels)
    for each in with_known(moments, labels):
        annotation.offer(each)
    return {(m.uid, m.start, m.stop) for m in (annotation.current, *annotation._queue) if m is not None}


def test_a_moment_that_was_split_gives_way_to_its_parts_unless_somebody_has_answered_it_whole():
    whole = moment("a", 10, 14)
    parts = [part_of(whole, 10, 11.5), part_of(whole, 11.5, 14)]
    marks = [label(part.uid, part.start, part.stop, answer="marked") for part in parts]
    assert asked([whole, moment("b", 14, 18)], marks) == {
        (m.uid, m.start, m.stop) for m in (*parts, moment("b", 14, 18))
    }
    again = [part_of(parts[1], 11.5, 12.5), part_of(parts[1], 12.5, 14)]
    marks += [label(part.uid, part.start, part.stop, answer="marked") for part in again]
    assert {uid for uid, *_ in asked([whole], marks)} == {parts[0].uid, again[0].uid, again[1].uid}
    kept = asked([whole], [*marks, label("a", 10, 14, label="sad", annotator="B")])
    assert "a" in {uid for uid, *_ in kept}


def test_parts_that_were_joined_are_one_moment_when_the_recording_is_opened_again():
    whole = moment("a", 10, 14)
    parts = [part_of(whole, 10, 11.5), part_of(whole, 11.5, 14)]
    marks = [label(part.uid, part.start, part.stop, answer="marked") for part in parts]
    joined = [replace(mark, uid=f"x {mark.uid}", answer="undo", supersedes=mark.uid) for mark in marks]
    given = replace(label(parts[0].uid, 10, 11.5, label="sad"), uid="given")
    undone = replace(given, uid="undone", answer="undo", supersedes="given")
    assert asked([whole], [*marks, given, undone, *joined]) == {("a", 10, 14)}
    anew = [replace(mark, uid=f"again {mark.uid}") for mark in marks]
    assert {uid for uid, *_ in asked([whole], [*marks, *joined, *anew])} == {part.uid for part in parts}


def test_what_a_person_marked_stands_beside_the_moment_that_it_lies_in():
    found = with_known([moment("a", 10, 14), moment("b", 14, 18)], [label("mine", 12.5, 13.5, answer="marked")])
    assert {(m.uid, m.chosen) for m in found} == {("a", "score"), ("b", "score"), ("mine", "person")}


def test_labels_of_moments_that_are_there_of_others_and_undone_ones_change_nothing():
    asked = [moment("a", 10, 14)]
    others = [label("a", 10, 14), label("x", 10, 14, participant="P002"), label("y", 10, 14, answer="undo"),
              label("far", 90, 94)]  # fmt: skip
    assert with_known(asked, others) == asked
    assert {m.uid for m in with_known(asked, others, everywhere=True)} == {"a", "x", "far"}


def test_a_recording_that_is_read_is_asked_about_to_its_end_and_the_pipelines_own_questions_are_left_out():
    said = [prediction(k) for k in range(200)]
    own = segment("live", 10.0, 0.9)
    far = label("far", 90, 94, answer="marked")
    every = EveryMoment(4.0, [far])
    pipeline = every.around(Says([*said, own]))
    notices = [Notice("", 0.0, "info", str(k)) for k in range(201)]
    events = [event for some in pipeline.push_all(notices) for event in some]
    asked = [event for event in events if isinstance(event, Segment)] + every.finish()
    assert {each.uid for each in asked} == {"far"} | {each.uid for each in moments(said, 4.0)}
    assert (asked[-1].start, asked[-1].stop, asked[-1].chosen) == (90, 94, "person")
    assert [event for event in events if isinstance(event, Prediction)] == said


class Says(OneByOne):
    """A pipeline that says one thing of each item."""

    def __init__(self, said: list[Event]) -> None:
        self._said = iter(said)

    def push(self, item: Item) -> list[Event]:
        return [next(self._said)]


def prediction(k: int) -> Prediction:
    return replace(SURE, start=10.0 + 0.25 * k, stop=12.0 + 0.25 * k, feature=None)


def test_a_share_of_what_others_answered_is_asked_again_the_same_for_all_and_all_that_nobody_has():
    asked = [moment(f"m{k}", 4.0 * k, 4.0 * k + 4) for k in range(1000)]
    others = [label(m.uid, m.start, m.stop, annotator="anna") for m in asked[:600]]
    own = [replace(one, uid=f"own {one.segment}", annotator="ben") for one in others[:5]]
    kept = [m for m in asked if double_labelled("ben", [*others, *own], 0.2)(m)]
    again = [m for m in kept if m in asked[5:600]]
    assert len(kept) - len(again) == 405
    assert 0.15 < len(again) / 595 < 0.25
    assert [m for m in asked[5:600] if double_labelled("cleo", others, 0.2)(m)] == again
    assert all(map(double_labelled("ben", others, None), asked))
