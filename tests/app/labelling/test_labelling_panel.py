"""Everything beside the answers themselves: speed, notes, who answers, taking back, rating, the labelling alone."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import texts
from app.labelling.annotation_session import PATIENCE
from app.session.engine import Ended
from app.ui.keys import Act
from app.ui.theme import DARK
from core.config import LabelConfig
from core.data import Label, LabelRefused, Notice, Rating
from core.errors import ConfigError
from tests.app.conftest import Asking, Staged
from tests.app.staged import T0, segment
from tests.keys_and_mouse import QTest

SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier

LABEL_OF_BEFORE = Label("u", "a", "P001", T0, T0 + 4, T0 - 900, label="sad")


def press(scene: Staged, *keys: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    for key in keys:
        QTest.keyClick(scene.window, key, modifier)


def answer(scene: Staged, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> Label:
    """Press a key that answers and let it come onto the disk."""
    press(scene, key, modifier=modifier)
    scene.keep_last()
    label: Label = scene.stage.answers[-1]
    return label


def on_desk(scene: Staged) -> str:
    current = scene.window.labelling.annotation.current
    return current.uid if current is not None else ""


def ratings(scene: Staged) -> list[Rating]:
    return [given for given in scene.stage.answers if isinstance(given, Rating)]


def test_own_keys_answer_and_are_printed_on_the_button(asking: Asking) -> None:
    scene = asking("a", keys={"happy": "H"})
    assert "key H" in scene.window.labelling.buttons["happy"].accessibleName()
    press(scene, Qt.Key.Key_2)
    assert scene.stage.answers == []
    assert answer(scene, Qt.Key.Key_H).label == "happy"


def test_a_key_that_the_window_has_is_refused_with_both_names(staged) -> None:
    with pytest.raises(ConfigError, match=r"'sad' and 'private' are both on P"):
        staged(label=LabelConfig(keys={"sad": "P"}))


def test_what_is_no_act_is_not_answered_as_a_class(asking: Asking) -> None:
    scene = asking("a")
    with pytest.raises(ValueError, match="'hapy' is not a valid Act"):
        scene.window.act("hapy")
    scene.window.labelling.act(Act.LARGER)
    assert scene.stage.answers == []
    scene.window.act("happy")
    assert [label.label for label in scene.stage.answers] == ["happy"]


def test_undo_and_redo_over_many_answers_by_key(asking: Asking) -> None:
    scene = asking("a", "b", "c")
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        answer(scene, key)
    for uid in "cba":
        answer(scene, Qt.Key.Key_U)
        assert on_desk(scene) == uid
    for label in ("neutral", "happy", "sad"):
        assert answer(scene, Qt.Key.Key_U, SHIFT).label == label
    assert scene.window.labelling.annotation.n_done == 3
    assert not scene.window.labelling.buttons["redo"].isEnabled()


def test_an_answer_that_is_taken_back_shows_what_was_set(asking: Asking) -> None:
    scene = asking("a")
    press(scene, Qt.Key.Key_Right, modifier=SHIFT)
    press(scene, Qt.Key.Key_C, Qt.Key.Key_C)
    answer(scene, Qt.Key.Key_3)
    answer(scene, Qt.Key.Key_U)
    answers = scene.window.labelling.answers
    assert answers.scales.values[0] == pytest.approx(0.1)
    assert answers.confidence == 0.25
    again = answer(scene, Qt.Key.Key_4)
    assert (again.label, again.valence, again.confidence) == ("surprise", pytest.approx(0.1), 0.25)


def test_what_was_skipped_comes_back_by_key(asking: Asking) -> None:
    scene = asking("a", "b")
    button = scene.window.labelling.buttons["unskip"]
    assert not button.isVisible()
    answer(scene, Qt.Key.Key_K)
    assert button.isVisible()
    answer(scene, Qt.Key.Key_1)
    answer(scene, Qt.Key.Key_K, SHIFT)
    assert on_desk(scene) == "a"
    assert not button.isVisible()


def test_all_that_can_be_done_at_once_has_room(asking: Asking) -> None:
    scene = asking("a", "b", "c")
    for key, modifier in ((Qt.Key.Key_K, NONE), (Qt.Key.Key_K, NONE), (Qt.Key.Key_U, NONE)):
        answer(scene, key, modifier)
    press(scene, Qt.Key.Key_Less)
    labelling, panel = scene.window.labelling, scene.window._labelling_panel
    assert [labelling.buttons[act].isVisible() for act in ("undo", "redo", "unskip", "note", "more")] == [True] * 5
    assert panel.minimumSizeHint().width() <= panel.width()


def test_what_stands_there_while_nothing_is_asked_grows_with_the_type(staged) -> None:
    scene = staged()
    gaps = []
    for scale in (1.0, 2.0):
        scene.window.set_theme(replace(scene.window.theme, scale=scale))
        gaps.append(scene.window.labelling.nothing.words.contentsMargins().bottom())
    assert gaps[1] == 2 * gaps[0] > 0


def test_when_nothing_is_left_the_skipped_can_still_be_had(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    buttons = scene.window.labelling.nothing.buttons
    answer(scene, Qt.Key.Key_K)
    assert on_desk(scene) == ""
    assert [buttons[act].isVisible() for act in ("unskip", "undo")] == [True, True]
    qtbot.mouseClick(buttons["unskip"], Qt.MouseButton.LeftButton)
    scene.keep_last()
    assert on_desk(scene) == "a"


def test_a_note_takes_keys_that_would_answer_and_goes_with_the_answer(asking: Asking) -> None:
    scene = asking("a", "b")
    more = scene.window.labelling.more
    assert not more.isVisible()
    press(scene, Qt.Key.Key_O)
    assert more.isVisible()
    note = more.note
    QTest.keyClicks(note, "3 looks AWAY, n.u")
    assert scene.stage.answers == []
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert not note.hasFocus()
    assert answer(scene, Qt.Key.Key_0).note == "3 looks AWAY, n.u"
    assert note.text() == ""
    press(scene, Qt.Key.Key_O)
    QTest.keyClick(note, Qt.Key.Key_Escape)
    assert not note.hasFocus()
    press(scene, Qt.Key.Key_M)
    assert not more.isVisible()


def test_enter_leaves_the_note_wherever_the_key_to_keep_is(asking: Asking) -> None:
    scene = asking("a", keys={"save": "F5"})
    press(scene, Qt.Key.Key_O)
    QTest.keyClick(scene.window.labelling.more.note, Qt.Key.Key_Return)
    assert not scene.window.labelling.more.note.hasFocus()


def test_name_and_role_go_with_the_answer(asking: Asking) -> None:
    scene = asking("a", "b", "c", role="expert")
    first = answer(scene, Qt.Key.Key_1)
    assert (first.annotator, first.role, first.scheme) == ("tester", "expert", "expressions-7+slider")
    more = scene.window.labelling.more
    more.annotator.setText("  anna ")
    more.annotator.editingFinished.emit()
    more.role.buttons["self"].click()
    second = answer(scene, Qt.Key.Key_1)
    assert (second.annotator, second.role) == ("anna", "self")
    more.annotator.setText(" ")
    more.annotator.editingFinished.emit()
    assert answer(scene, Qt.Key.Key_1).annotator == "anna"


@pytest.mark.parametrize(("scale", "valence"), [("slider", 0.1), ("sam", 0.0), ("grid", 0.25), ("none", math.nan)])
def test_each_scale_by_key(asking: Asking, scale: str, valence: float) -> None:
    scene = asking("a", scale=scale)
    press(scene, Qt.Key.Key_Right, modifier=SHIFT)
    scene.window.grab()
    assert answer(scene, Qt.Key.Key_1).valence == pytest.approx(valence, nan_ok=True)


def test_without_auto_advance_the_moment_rests_until_enter(asking: Asking) -> None:
    scene = asking("a", "b", auto_advance=False)
    labelling = scene.window.labelling
    answer(scene, Qt.Key.Key_2)
    assert on_desk(scene) == ""
    assert labelling.playback.playing
    assert labelling.buttons["save"].text() == texts.NEXT  # type: ignore[attr-defined]
    assert "Asked because: EEG and face disagree" in labelling._message.text()
    press(scene, Qt.Key.Key_3)
    assert len(scene.stage.answers) == 1
    press(scene, Qt.Key.Key_Return)
    assert on_desk(scene) == "b"
    labelling.more.advance.buttons["itself"].click()
    answer(scene, Qt.Key.Key_2)
    assert labelling.annotation.resting is None


def test_the_moment_is_stepped_sped_and_split_by_key(asking: Asking) -> None:
    scene = asking("a")
    playback = scene.window.labelling.playback
    press(scene, Qt.Key.Key_Period)
    assert not playback.playing
    at = playback.time
    press(scene, Qt.Key.Key_Period)
    assert playback.time > at
    press(scene, Qt.Key.Key_Comma)
    assert playback.time == at
    press(scene, Qt.Key.Key_Less, Qt.Key.Key_Less)
    assert playback.speed == 0.5
    press(scene, Qt.Key.Key_Greater)
    assert playback.speed == 0.75
    for key, shown in ((Qt.Key.Key_F, "face"), (Qt.Key.Key_E, "eeg"), (Qt.Key.Key_E, "both")):
        press(scene, key)
        assert playback.shown == shown


def test_the_end_of_the_context_is_shown_once_it_has_come(asking: Asking) -> None:
    scene = asking()
    scene.stage.outbox.put(segment("a", scene.stage.time - 4))
    scene.settle()
    playback = scene.window.labelling.playback
    before = playback._clip
    assert before.stop == pytest.approx(before.asked[1], abs=0.3)
    scene.stage.play(2)
    scene.settle()
    assert playback._clip.stop == playback._clip.asked[1] + 1.0
    assert len(playback._clip.eeg) > len(before.eeg)


def test_an_answer_that_was_not_taken_is_sent_again_and_the_reason_stands_there(asking: Asking) -> None:
    scene = asking("a", "b")
    labelling = scene.window.labelling
    press(scene, Qt.Key.Key_2)
    scene.stage.outbox.put(LabelRefused(0.0, texts.label_not_kept("The disk is full.")))
    scene.stage.outbox.put(Notice("", 0.0, "info", "A file without clock offsets: not every notice is about a label."))
    scene.settle()
    scene.clock.time += PATIENCE + 0.5
    labelling._show_progress()
    assert labelling._message.text() == texts.label_not_kept("The disk is full.")
    assert on_desk(scene) == "a"
    assert scene.stage.answers == scene.stage.answers[:1] * 2
    labelling._show_progress()
    assert len(scene.stage.answers) == 2
    scene.clock.time += 2.5
    labelling._show_progress()
    assert len(scene.stage.answers) == 3
    scene.keep_last()
    assert on_desk(scene) == "b"
    assert "Kept: happy" in labelling._message.text()


def test_progress_says_what_is_worth_asking_answered_and_skipped(asking: Asking) -> None:
    scene = asking("a", "b", "c", "d")
    answer(scene, Qt.Key.Key_1)
    answer(scene, Qt.Key.Key_K)
    assert scene.window._labelling_panel._note.text() == "2 worth asking · 1 answered · 1 skipped"
    assert scene.window.labelling.progress._share == pytest.approx(1 / 3)
    assert texts.waiting(30, 3, 0, 0, 270.0).endswith("· 4 min left")
    assert texts.waiting(1, 0, 87, 0, float("nan")) == "1 worth asking · 0 answered by you · 87 by others"


def test_an_answer_by_the_face_waits_a_second_at_most_for_its_pictures(asking: Asking) -> None:
    scene = asking("a", "b", "c", "d", "e")
    labelling = scene.window.labelling

    def being_read() -> None:
        clip = labelling.playback._clip
        labelling.playback.fill(replace(clip, frames=(), frame_times=(), lost="reading"))

    being_read()
    press(scene, Qt.Key.Key_1, Qt.Key.Key_8)
    assert scene.stage.answers == []
    assert labelling._message.text() == texts.PICTURES_COME
    labelling.playback.fill(replace(labelling.playback._clip, frames=(b"jpeg",), frame_times=(T0,), lost=""))
    labelling._show_progress()
    assert labelling._message.text() != texts.PICTURES_COME
    assert answer(scene, Qt.Key.Key_1).label == "neutral"
    being_read()
    scene.clock.time += 1.0
    assert answer(scene, Qt.Key.Key_2).label == "happy", "nobody waits longer"
    being_read()
    assert answer(scene, Qt.Key.Key_K).answer == "skip", "which needs no picture"
    being_read()
    labelling.playback.set_private(True)
    assert answer(scene, Qt.Key.Key_3).label == "sad", "no pictures are to come"
    labelling.playback.set_private(False)
    labelling.has_face = lambda _: False
    being_read()
    assert answer(scene, Qt.Key.Key_4).label == "surprise", "there is no camera"


def test_over_a_recording_it_says_when_it_reads_and_when_all_is_answered(staged: Callable[..., Staged]) -> None:
    scene = staged(session={"asked_by": "asked by A", "reading": (T0 + 12, T0 + 312)})
    scene.stage.open()
    scene.stage.health()
    scene.stage.play(12)
    scene.settle()
    assert scene.window.labelling.nothing.words.text() == texts.READING
    scene.window.refresh()
    assert scene.window._labelling_panel._note.text().startswith("asked by A · ")
    press(scene, Qt.Key.Key_R)
    assert not scene.window.labelling.rating.running
    scene.stage.outbox.put(Ended(scene.stage.time))
    scene.settle()
    assert scene.window.labelling.nothing.words.text() == texts.ALL_ANSWERED


def test_labelling_alone_and_back(asking: Asking) -> None:
    scene = asking("a")
    window = scene.window
    press(scene, Qt.Key.Key_Z)
    QApplication.processEvents()
    assert not window.view.isVisible()
    assert window.labelling.playback.width() > 500
    window.set_theme(DARK)
    window.grab()
    assert answer(scene, Qt.Key.Key_5).label == "fear"
    press(scene, Qt.Key.Key_Z)
    QApplication.processEvents()
    assert window.view.isVisible()
    assert window.labelling.width() < 400


def test_rating_the_moment_with_the_mouse(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    labelling = scene.window.labelling
    press(scene, Qt.Key.Key_R)
    panel = labelling.rating
    assert panel.running
    press(scene, Qt.Key.Key_3, Qt.Key.Key_K)
    assert scene.stage.answers == []
    field = panel.field
    QTest.mouseMove(field, QPoint(100, 18))
    field.hold(0.5, "mouse")
    labelling.playback._stand(0.0)
    panel.look()
    for k in range(1, 30):
        labelling.playback._stand(k * 0.05)
        panel.look()
    (piece,) = ratings(scene)
    assert (piece.segment, piece.scale, piece.device, piece.speed) == ("a", "valence", "mouse", 1.0)
    assert piece.times[0] == pytest.approx(labelling.playback._clip.start + 0.04, abs=0.041)
    assert set(piece.values) == {0.5}
    panel.scales.buttons()[1].click()
    panel.look()
    assert len(ratings(scene)) == 2
    for given in ratings(scene):
        scene.stage.outbox.put(given)
    scene.settle()
    panel.look()
    assert str(sum(len(given.times) for given in ratings(scene))) in panel._words.text()
    scene.window.grab()
    press(scene, Qt.Key.Key_R)
    assert not panel.running
    assert on_desk(scene) == "a"


def test_rating_all_that_plays_with_the_keys_while_nothing_is_asked(asking: Asking) -> None:
    scene = asking()
    labelling = scene.window.labelling
    press(scene, Qt.Key.Key_R)
    panel = labelling.rating
    for _ in range(3):
        QTest.keyClick(panel.field, Qt.Key.Key_Up)
    QTest.keyClick(panel.field, Qt.Key.Key_Down)
    panel.look()
    for _ in range(6):
        scene.stage.play(0.25)
        scene.settle()
        panel.look()
    press(scene, Qt.Key.Key_Escape)
    assert not panel.running
    times = [time for piece in ratings(scene) for time in piece.times]
    assert len(times) == pytest.approx(25 * 1.5, abs=2)
    assert {piece.segment for piece in ratings(scene)} == {""}
    assert {round(value, 6) for piece in ratings(scene) for value in piece.values} == {0.1}
    assert {piece.device for piece in ratings(scene)} == {"keys"}


def test_the_models_view_is_hidden_while_rating_blind(asking: Asking) -> None:
    scene = asking()
    press(scene, Qt.Key.Key_R)
    assert scene.window.view._hidden == (-math.inf, math.inf)
    press(scene, Qt.Key.Key_R)
    assert scene.window.view._hidden is None


def test_a_piece_that_was_not_taken_is_sent_again(asking: Asking) -> None:
    scene = asking()
    press(scene, Qt.Key.Key_R)
    panel = scene.window.labelling.rating
    panel.field.hold(0.0, "mouse")
    panel.look()
    scene.stage.play(1.25)
    scene.settle()
    panel.look()
    panel.stop()
    n_sent = len(ratings(scene))
    assert n_sent >= 1
    panel._since_sent = type("Elapsed", (), {"elapsed": lambda _: 5000, "start": lambda _: None})()
    panel._send_again()
    assert len(ratings(scene)) == 2 * n_sent
    for given in ratings(scene)[:n_sent]:
        panel.kept(given)
    panel._send_again()
    assert len(ratings(scene)) == 2 * n_sent


def test_the_mark_follows_the_mouse_and_stays_in_the_field(asking: Asking) -> None:
    scene = asking()
    press(scene, Qt.Key.Key_R)
    field = scene.window.labelling.rating.field
    QApplication.processEvents()
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QMouseEvent

    for y, value in ((18, 1.0), (field.height() - 18, -1.0), (-50, 1.0)):
        move = QMouseEvent(QEvent.Type.MouseMove, QPointF(50, y), QPointF(50, y), Qt.MouseButton.NoButton,
                           Qt.MouseButton.NoButton, NONE)  # fmt: skip
        field.mouseMoveEvent(move)
        assert field.value == pytest.approx(value, abs=0.02)
    press(scene, Qt.Key.Key_R)


def test_the_order_of_the_moments_is_chosen_by_key_or_by_hand(asking: Asking) -> None:
    scene = asking("a", "b", "c")
    labelling = scene.window.labelling
    scene.stage.outbox.put(segment("early", scene.stage.time - 60, 0.1))
    scene.settle()
    assert on_desk(scene) == "a"
    press(scene, Qt.Key.Key_M, modifier=SHIFT)
    assert on_desk(scene) == "early"
    assert labelling.more.order.buttons["time"].isChecked()
    labelling.more.order.buttons["score"].click()
    assert on_desk(scene) == "a"
    assert labelling.annotation.n_waiting == 4


def test_a_moment_is_marked_by_key_kept_before_it_is_asked_about_and_then_answered(asking: Asking) -> None:
    scene = asking("a", "b")
    press(scene, Qt.Key.Key_J)
    mark = scene.stage.answers[-1]
    assert (mark.answer, mark.participant) == ("marked", "P001")
    assert mark.stop == scene.window.view.data_time
    assert scene.window.labelling.annotation.n_waiting == 2
    scene.keep_last()
    assert scene.window.labelling.annotation.n_waiting == 3
    assert answer(scene, Qt.Key.Key_2).segment == "a"
    marked = answer(scene, Qt.Key.Key_2)
    assert (marked.segment, marked.supersedes) == (mark.segment, mark.uid)


def test_nothing_is_marked_before_any_data_have_come(staged) -> None:
    scene = staged()
    press(scene, Qt.Key.Key_J)
    assert scene.stage.answers == []
    scene.settle()
    assert texts.NOTHING_TO_MARK in [problem.text for problem in scene.window.status.problems()]


def test_without_a_camera_nobody_is_asked_what_a_person_shows(staged) -> None:
    scene = staged()
    scene.stage.outbox.put(scene.stage.eeg)
    scene.stage.outbox.put(segment("a", scene.stage.time - 8, 0.9))
    scene.settle()
    labelling = scene.window.labelling
    assert labelling._question.text() == texts.QUESTION_FELT_UNSEEN
    assert labelling.more.role.buttons["self"].isChecked()
    assert answer(scene, Qt.Key.Key_1).role == "self"
    scene.stage.outbox.put(segment("b", scene.stage.time - 4, 0.9))
    scene.settle()
    labelling.more.role.buttons["observer"].click()
    assert labelling._question.text() == texts.QUESTION_UNSEEN
    scene.stage.outbox.put(scene.stage.video)
    scene.settle()
    labelling.more.role.buttons["self"].click()
    assert labelling._question.text() == texts.QUESTION_FELT
    labelling.more.role.buttons["observer"].click()
    assert labelling._question.text() == texts.QUESTIONS


def test_a_mixture_is_given_share_by_share_and_comes_back_when_it_is_taken_back(asking: Asking) -> None:
    scene = asking("a", "b")
    answers = scene.window.labelling.answers
    press(scene, Qt.Key.Key_H, modifier=SHIFT)
    press(scene, Qt.Key.Key_2, Qt.Key.Key_2, Qt.Key.Key_1)
    assert scene.stage.answers == [], "nothing is kept before Enter"
    assert answers.buttons["happy"].text() == "happy  67%"
    label = answer(scene, Qt.Key.Key_Return)
    assert label.label == "happy"
    assert dict(label.shares) == {"happy": 2 / 3, "neutral": 1 / 3}
    assert "Kept: happy 67%, neutral 33%" in scene.window.labelling._message.text()
    assert not answers.mixes, "the next moment begins anew"
    assert answer(scene, Qt.Key.Key_2).shares == ()
    answer(scene, Qt.Key.Key_U)
    answer(scene, Qt.Key.Key_U)
    assert answers.mixes
    assert answers.first == "happy"
    press(scene, Qt.Key.Key_H, modifier=SHIFT)
    assert answer(scene, Qt.Key.Key_3).shares == ()


def test_a_moment_is_trimmed_by_key_and_by_hand_and_the_answer_is_of_what_is_left(asking: Asking) -> None:
    scene = asking("a", "b")
    labelling = scene.window.labelling
    whole = labelling.annotation.current
    assert whole is not None
    clip = labelling.playback._clip
    assert clip is not None
    labelling.playback._stand(whole.start + 1.25 - clip.start)
    press(scene, Qt.Key.Key_I, modifier=SHIFT)
    labelling.playback._stand(whole.start + 1.5 - clip.start)
    press(scene, Qt.Key.Key_O, modifier=SHIFT)
    assert labelling._message.text() == texts.TOO_SHORT
    labelling.playback.edges_moved.emit(whole.start + 1.25, whole.stop - 1.0)
    label = answer(scene, Qt.Key.Key_2)
    assert (label.segment, label.start, label.stop) == ("a", whole.start + 1.25, whole.stop - 1.0)
    answer(scene, Qt.Key.Key_U)
    back = labelling.annotation.current
    assert back is not None
    assert (back.start, back.stop) == (label.start, label.stop)


def test_a_moment_is_split_by_key_and_both_parts_are_on_disk_before_one_is_asked_about(asking: Asking) -> None:
    scene = asking("a", "b")
    labelling = scene.window.labelling
    whole, clip = labelling.annotation.current, labelling.playback._clip
    assert whole is not None
    assert clip is not None
    labelling.playback._stand(whole.start + 1.5 - clip.start)
    press(scene, Qt.Key.Key_S, modifier=SHIFT)
    first, second = scene.stage.answers
    assert [one.answer for one in (first, second)] == ["marked", "marked"]
    assert on_desk(scene) == "a"
    scene.window.labelling.kept(first)
    assert on_desk(scene) == "a"
    scene.window.labelling.kept(second)
    labels = [answer(scene, key) for key in (Qt.Key.Key_2, Qt.Key.Key_3)]
    assert [(one.start, one.stop, one.label, one.supersedes) for one in labels] == [
        (whole.start, whole.start + 1.5, "happy", first.uid), (whole.start + 1.5, whole.stop, "sad", second.uid)
    ]  # fmt: skip
    assert on_desk(scene) == ""
    assert labelling.annotation.n_waiting == 0, "the parts cover what b is of"


def test_the_parts_of_a_split_moment_are_one_again_by_key_once_that_is_on_disk(asking: Asking) -> None:
    scene = asking("a", "b")
    labelling, annotation = scene.window.labelling, scene.window.labelling.annotation
    press(scene, Qt.Key.Key_J, modifier=SHIFT)
    assert labelling._message.text() == texts.NOT_SPLIT
    whole, clip = annotation.current, labelling.playback._clip
    assert whole is not None
    assert clip is not None
    labelling.playback._stand(whole.start + 1.5 - clip.start)
    press(scene, Qt.Key.Key_S, modifier=SHIFT)
    marks = list(scene.stage.answers)
    for mark in marks:
        labelling.kept(mark)
    first = answer(scene, Qt.Key.Key_2)
    press(scene, Qt.Key.Key_J, modifier=SHIFT)
    assert labelling._message.text() == texts.PART_ANSWERED
    answer(scene, Qt.Key.Key_U)
    n_before = len(scene.stage.answers)
    press(scene, Qt.Key.Key_J, modifier=SHIFT)
    taken_back = scene.stage.answers[n_before:]
    assert [(one.answer, one.supersedes) for one in taken_back] == [("undo", mark.uid) for mark in marks]
    labelling.kept(taken_back[0])
    assert on_desk(scene) == first.segment
    labelling.kept(taken_back[1])
    assert on_desk(scene) == "a"
    assert labelling._message.text() == texts.JOINED
    given = answer(scene, Qt.Key.Key_3)
    assert (given.segment, given.start, given.stop, given.supersedes) == ("a", whole.start, whole.stop, "")
    assert on_desk(scene) == "b"


def test_a_study_asks_for_its_own_classes_and_scales_and_the_models_stay_what_they_are(asking: Asking) -> None:
    scene = asking("a", classes="calm, stressed", scales="stress 1 to 7, effort 0 to 10", scale="none")
    labelling = scene.window.labelling
    assert [name for name in labelling.buttons if name in ("calm", "stressed", "happy")] == ["calm", "stressed"]
    assert "happy" in scene.window.bars._classes
    stress, effort = labelling.answers.own
    stress.move_to(0.5)
    for _ in range(2):
        QTest.keyClick(effort, Qt.Key.Key_Right)
    label = answer(scene, Qt.Key.Key_2)
    assert (label.label, label.scheme) == ("stressed", "own-2")
    assert label.scales == (("stress", 5.5), ("effort", 5.5))
    answer(scene, Qt.Key.Key_U)
    assert (stress.answer, effort.answer) == (5.5, 5.5)
    alone = answer(scene, Qt.Key.Key_Return)
    assert (alone.label, alone.scales) == ("", label.scales)


def test_what_was_kept_in_another_window_is_no_news(asking: Asking) -> None:
    scene = asking("b")
    annotation = scene.window.labelling.annotation
    annotation.remember([replace(LABEL_OF_BEFORE, annotator=annotation.annotator)])
    annotation.offer(segment("a", T0, 0.5))
    scene.window.labelling._show_progress()
    assert annotation.last is not None
    assert scene.window.labelling._message.text() == ""


def test_what_a_hand_has_drawn_is_marked_and_a_key_marks_as_much_as_a_moment_is_long(asking: Asking) -> None:
    scene = asking("a")
    window = scene.window
    window.view.drawn.emit(T0 + 1.0, T0 + 2.5)
    window._mark_s = 6.0
    press(scene, Qt.Key.Key_J)
    window.labelling.playback.drawn.emit(T0 + 3.0, T0 + 4.0)
    marks = [(mark.answer, mark.start, mark.stop) for mark in scene.stage.answers]
    now = window.view.data_time
    assert marks == [("marked", T0 + 1.0, T0 + 2.5), ("marked", now - 6.0, now), ("marked", T0 + 3.0, T0 + 4.0)]


def test_a_stretch_is_drawn_and_an_end_dragged_over_the_moment(asking: Asking) -> None:
    scene = asking("a")
    playback, told = scene.window.labelling.playback, []
    playback.grab()
    clip, (left, width) = playback._clip, playback._line
    assert clip is not None
    assert clip.asked is not None
    playback.drawn.connect(lambda *span: told.append(span))
    playback.edges_moved.connect(lambda *span: told.append(span))

    def at(time: float, up: int) -> QPoint:
        x = left + width * (time - clip.start) / (clip.stop - clip.start)
        return QPoint(round(x), playback.height() - up)

    for first, last, up in ((clip.start + 0.2, clip.start + 1.4, 40), (clip.asked[1], clip.asked[1] - 1.0, 3)):
        QTest.mousePress(playback, Qt.MouseButton.LeftButton, pos=at(first, up))
        QTest.mouseMove(playback, at(last, up))
        QTest.mouseRelease(playback, Qt.MouseButton.LeftButton, pos=at(last, up))
    pixel = (clip.stop - clip.start) / width
    assert told[0] == pytest.approx((clip.start + 0.2, clip.start + 1.4), abs=pixel)
    assert told[1] == pytest.approx((clip.asked[0], clip.asked[1] - 1.0), abs=pixel)
    current = scene.window.labelling.annotation.current
    assert current is not None
    assert current.stop == pytest.approx(clip.asked[1] - 1.0, abs=pixel)
