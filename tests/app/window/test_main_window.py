import math
import re
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF, QKeySequence
from pytestqt.qtbot import QtBot

from app import texts
from app.labelling.annotation_session import PATIENCE
from app.labelling.labelling_panel import LabellingPanel
from app.timeline.span import overlaps
from app.ui.canvas import Canvas
from app.ui.keys import KEYS, Act
from app.ui.theme import DARK, LIGHT, fitting_scale, other, roomy_scale
from core.data import NeutralFace, Notice
from core.neutral_watch import NeutralWatch
from tests.app.conftest import Asking
from tests.app.staged import CLASSES, T0, eeg_info, prediction, segment, video_info
from tests.core.test_neutral_watch import said
from tests.keys_and_mouse import QTest
from tools.screen_states import STATES, Scene

SHIFT = Qt.KeyboardModifier.ShiftModifier


def message(labelling: LabellingPanel) -> str:
    return labelling._message.text()


def test_an_empty_window_says_what_to_do(staged) -> None:
    scene = staged()
    assert scene.window.state.sentence.text() == texts.WAITING
    assert scene.window.state.mark.level == "idle"
    scene.window.grab()


def test_a_healthy_session_is_told_in_one_line(asking: Asking) -> None:
    scene = asking()
    said = scene.window.state.sentence.text()
    assert said.startswith("Happy or neutral. EEG trusted 0.8, face 0.2. Recording P001, 0:00.")
    assert scene.window.state.mark.level == "recording"
    assert not scene.window.state.badge.isVisible()
    scene.window.grab()


def test_simulated_data_is_called_so(staged) -> None:
    scene = staged(simulated=True)
    scene.stage.open()
    scene.settle()
    assert scene.window.state.badge.isVisible()


def test_disk_full_is_told(asking: Asking) -> None:
    scene = asking()
    scene.stage.health(False, problem="the disk is full. Free some space.")
    scene.settle()
    assert scene.window.state.mark.level == "problem"
    assert "the disk is full" in scene.window.state._lines[0].text()
    assert scene.window.state._lines[0].isVisible()


def test_a_whole_run_by_keyboard(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a", "b", "c", "d")
    window, answers = scene.window, scene.stage.answers
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert (answers[-1].segment, answers[-1].label, answers[-1].prediction_shown) == ("a", "sad", False)
    assert message(window.labelling) == texts.KEEPING
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert len(answers) == 1
    scene.keep_last()
    assert window.labelling.annotation.current.uid == "b"

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(window, key, SHIFT)
    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_C)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert (answers[-1].segment, answers[-1].label) == ("b", "")
    assert (answers[-1].valence, answers[-1].arousal, answers[-1].confidence) == (0.2, -0.1, 0.75)
    scene.keep_last()
    assert all(map(math.isnan, window.labelling.answers.scales.values))

    for key, answer in ((Qt.Key.Key_0, "cannot tell"), (Qt.Key.Key_K, "skip")):
        qtbot.keyClick(window, key)
        assert answers[-1].answer == answer
        scene.keep_last()
    assert window.labelling.annotation.current is None
    qtbot.keyClick(window, Qt.Key.Key_U)
    assert (answers[-1].answer, answers[-1].segment) == ("undo", "d")
    scene.keep_last()
    assert window.labelling.annotation.current.uid == "d"  # type: ignore[attr-defined]
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert answers[-1].answer == "artefact"
    scene.keep_last()
    assert window.labelling.annotation.n_done == 4


def test_a_neutral_face_that_is_to_be_shown_anew_is_told_with_its_key(asking: Asking) -> None:
    watch = NeutralWatch({"fear"})
    told = [text for text in (watch.push(said(0.25 * k, "fear")) for k in range(200)) if text]
    scene = asking("a")
    window = scene.window
    scene.stage.outbox.put(Notice("", 1.0, "info", told[0]))
    scene.settle()
    assert "show it anew (⇧ F)." in str(window.status._notices[-1])
    scene.stage.outbox.put(Notice("", 1.0, "info", "All is well."))
    scene.settle()
    assert "All is well." in str(window.status._notices[-1])


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_has_a_button_that_answers(asking: Asking, qtbot: QtBot, name: str) -> None:
    scene = asking("a")
    button = scene.window.labelling.buttons[name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert scene.stage.answers[-1].label == name
    assert str(CLASSES.index(name) + 1) in button.accessibleName()


def test_sliders_without_a_touch_are_no_answer(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    qtbot.keyClick(scene.window, Qt.Key.Key_Return)
    assert scene.stage.answers == []


def test_a_slider_follows_the_mouse_and_the_arrows(asking: Asking, qtbot: QtBot) -> None:
    slider = asking("a").window.labelling.answers.scales.rows["valence"]
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    assert abs(slider.value) < 0.02
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert 0.03 < slider.value < 0.07


def test_an_answer_that_is_not_kept_is_told(asking: Asking) -> None:
    scene = asking("a")
    scene.window.labelling.choose("sad")
    scene.clock.time += PATIENCE + 1
    scene.window.labelling._show_progress()
    assert "No word that your answer is on disk, for 3 s" in message(scene.window.labelling)
    assert scene.window.labelling.buttons["sad"].isEnabled()


def test_the_models_view_is_hidden_until_the_answer_is_kept(asking: Asking) -> None:
    scene = asking("a")
    window = scene.window
    asked = window.labelling.annotation.current
    assert window.timeline._hidden == (asked.start, asked.stop)
    assert "happy" not in window.labelling._because.text()
    window.labelling.choose("sad")
    assert "says" not in message(window.labelling)
    scene.keep_last()
    assert window.timeline._hidden is None
    assert message(window.labelling).startswith("Kept: sad. The model says")


def test_without_blind_mode_it_shows_what_it_thinks_and_why(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    qtbot.keyClick(scene.window, Qt.Key.Key_V)
    assert "EEG and face disagree" in scene.window.labelling._because.text()
    assert scene.window.timeline._hidden is None
    scene.window.labelling.choose("sad")
    assert scene.stage.answers[-1].prediction_shown


def test_the_moment_is_shown_again_with_face_and_eeg(asking: Asking) -> None:
    scene = asking("a")
    playback = scene.window.labelling.playback
    clip = playback._clip
    asked = scene.window.labelling.annotation.current
    assert playback.playing
    assert len(clip.frames) >= 15
    assert clip.asked == (asked.start, asked.stop)
    assert clip.eeg.shape == (round(6.0 * 256), 17)
    assert "T7" not in clip.ch_names
    scene.window.act("play")
    assert not playback.playing
    playback.grab()


def test_private_shows_and_keeps_no_pixels(staged) -> None:
    scene = staged()
    scene.window.act("private")
    scene.stage.open()
    scene.stage.play(10)
    scene.stage.outbox.put(segment("a", scene.stage.time - 6))
    scene.settle()
    assert scene.window.labelling.playback._clip.frames == ()
    picture = scene.window.video.grab().toImage()
    middle = picture.pixelColor(picture.width() // 2, picture.height() // 2 - 4)
    assert middle.name() in (LIGHT.raised.lower(), LIGHT.face.lower())


def test_a_neutral_face_is_told_when_it_is_read_and_not_when_one_goes_behind_it(staged) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.play(30)
    said: list[str] = []
    scene.window._show_notice = said.append
    for stop in (T0 + 15.0, scene.stage.time):
        scene.stage.outbox.put(NeutralFace("P001", stop - 10, stop, (0.1,) * 52, (0.0,) * 7, 70))
    scene.settle()
    assert said == ["Neutral face read from 70 pictures"]


def test_of_two_people_each_neutral_face_is_told_with_whose_it_is(staged) -> None:
    scene = staged()
    scene.stage.open()
    for info in (eeg_info(4, participant="P002"), video_info("P002")):
        scene.stage.outbox.put(info)
    scene.stage.play(12)
    said: list[str] = []
    scene.window._show_notice = said.append
    stop = scene.stage.time
    scene.stage.outbox.put(NeutralFace("P001", stop - 10, stop, (0.1,) * 52, (0.0,) * 7, 70))
    scene.stage.outbox.put(NeutralFace("P002", stop - 10, stop, n_frames=3))
    scene.settle()
    assert said == [
        "P001 · Neutral face read from 70 pictures",
        "P002 · Neutral face not read: only 3 pictures were clear and still. Show P002, press ⇧ F to try again.",
    ]


@pytest.mark.parametrize("status", ["ok", "no face", "student not taught on this person, face too dark"])
def test_every_status_can_be_drawn(staged, status: str) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.play(3, status)
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "lost", "gone"))
    scene.stage.play(1, status, notes=("student not taught on this person",))
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "back", "back"))
    scene.stage.health(lost="eeg")
    scene.settle()
    scene.window.grab()
    assert (scene.window.bars.words() == "") == (status != "ok")


def test_an_old_observation_is_not_drawn_over_a_new_face(asking: Asking) -> None:
    scene = asking()
    assert scene.window.video.words() == "clear"
    scene.stage.n_samples += 2 * 256
    scene.stage.outbox.put(scene.stage.video_chunk())
    scene.settle()
    assert scene.window.video.words() == ""


def test_a_second_participant_can_be_chosen(asking: Asking) -> None:
    scene = asking()
    window = scene.window
    assert not window._tools.people.isVisible()
    scene.stage.outbox.put(eeg_info(participant="P002"))
    scene.stage.outbox.put(video_info(participant="P002"))
    scene.settle()
    assert window._tools.people.isVisible()
    assert window.traces.key == "eeg-P001"
    window._tools.people.setCurrentText("P002")
    assert (window.participant, window.traces.key) == ("P002", "eeg-P002")


def test_every_key_does_something_and_none_twice(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    sequences = [sequence for key in scene.window.keys for sequence in key.sequences]
    assert len(sequences) == len(set(sequences))
    for key in scene.window.keys:
        if key.act != "full screen":
            scene.window.act(key.act)
    assert scene.window.theme.name == "dark"


@pytest.mark.parametrize("state", ["recording", "replay"])
def test_each_key_comes_to_its_act_through_the_keyboard(qtbot: QtBot, state: str) -> None:
    scene = Scene(LIGHT, (1280, 800), STATES[state])
    qtbot.addWidget(scene.window)
    acts: list[str] = []
    scene.window.act = acts.append  # type: ignore[assignment,method-assign]
    expected = [(key.act, sequence) for key in scene.window.keys for sequence in key.sequences]
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    for _, sequence in expected:
        QTest.keySequence(scene.window, QKeySequence(sequence))
    scene.close()
    assert acts == [act for act, _ in expected]
    assert {key.act for key in KEYS if state == "replay" or key.group != texts.GROUP_REPLAY} <= set(acts)


@pytest.mark.parametrize("size", [(1080, 680), (1350, 843), (1920, 1080)])
def test_each_key_has_its_words_on_one_line(asking: Asking, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]):
    scene = asking()
    scene.window.resize(*size)
    scene.window.act("keys")
    scene.window._fit_type()
    scene.settle()
    broken = []

    def write(self: Canvas, painter, box, text: str, color: str = "", size="small", *rest, **named) -> None:
        if QFontMetricsF(self.theme.font(size)).horizontalAdvance(text) > box.width():
            broken.append(text)

    with monkeypatch.context() as patched:
        patched.setattr(Canvas, "write", write)
        scene.window.sheet.grab()
    assert broken == []


def test_the_key_sheet_opens_closes_and_holds_back_answers(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    qtbot.keyClick(scene.window, Qt.Key.Key_Question)
    assert scene.window.sheet.isVisible()
    scene.window.grab()
    qtbot.keyClick(scene.window, Qt.Key.Key_K)
    qtbot.keyClick(scene.window, Qt.Key.Key_3)
    assert scene.stage.answers == []
    qtbot.keyClick(scene.window, Qt.Key.Key_Escape)
    assert not scene.window.sheet.isVisible()


def test_space_presses_the_button_that_has_the_focus(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    scene.window.labelling.buttons["fear"].setFocus()
    qtbot.keyClick(scene.window, Qt.Key.Key_Space)
    assert scene.stage.answers[-1].label == "fear"
    assert scene.window.labelling.playback.playing


def test_closing_tells_and_sends_nothing(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    with qtbot.waitSignal(scene.window.closed):
        scene.window.close()
    assert scene.stage.answers == []


def test_type_grows_with_the_window_once_that_rests(staged) -> None:
    assert [fitting_scale(*size) for size in ((1280, 720), (1440, 900), (2560, 1440))] == [0.9, 1.0, 1.5]
    scene = staged()
    styled: list[str] = []
    scene.window._styled.connect(styled.append)
    scene.window._rest.setInterval(3_600_000)  # it rests when the test says so
    for width in (1440, 1080, 1920, 2560):  # as it comes while somebody pulls at an edge
        scene.window.resize(width, width * 9 // 16)
        scene.settle()
    assert scene.window.theme.scale == 1.0
    assert scene.window._rest.isActive()
    scene.window._rest.timeout.emit()
    assert scene.window.theme.scale == 1.25
    scene.settle()
    assert scene.window.styleSheet() == scene.window.theme.stylesheet()
    assert len(styled) == 1


def test_a_window_that_opens_large_is_not_seen_small(staged) -> None:
    window = staged().window
    window.hide()
    window.resize(2560, 1440)
    window.show()
    assert window.theme.scale == 1.25
    assert window.theme.headline == 1.2


def test_a_larger_window_has_more_room_for_its_type_and_a_headline_as_large_as_itself() -> None:
    for size in ((1280, 720), (1440, 900), (1920, 1080), (2560, 1440), (3840, 2160)):
        scale, headline = roomy_scale(*size)
        whole = fitting_scale(*size)
        assert scale * headline == pytest.approx(whole)
        assert scale <= whole
        if whole > 1.0:
            assert min(size[0] / 1440, size[1] / 900) / scale >= min(size[0] / 1440, size[1] / 900) ** 0.5


def test_light_and_dark_are_each_others_other() -> None:
    theme = replace(LIGHT, scale=1.25, family="Some Sans")
    assert other(theme) == replace(DARK, scale=1.25, family="Some Sans")
    assert other(other(theme)) == theme


def test_overlap_is_of_open_stretches() -> None:
    assert overlaps(prediction(T0), (T0 - 1, T0 + 1))
    assert not overlaps(prediction(T0), (T0, T0 + 1))
    assert not overlaps(prediction(T0), None)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_window_that_records_asks_before_it_closes_and_goes_on_by_default(
    asking: Asking, qtbot: QtBot, key: Qt.Key
) -> None:
    scene = asking("a")
    scene.stage.health()
    scene.settle()
    question = scene.window.question
    qtbot.keyClick(scene.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert question.words.text() == "Stop recording P001 (0:12)?"
    assert question.stay.hasFocus()
    qtbot.keyClick(scene.window, Qt.Key.Key_2)
    assert scene.stage.answers == []  # what lies under the question is not answered by accident
    qtbot.keyClick(scene.window, key)
    assert not question.isVisible()
    assert scene.window.isVisible()


def test_the_time_in_the_question_goes_on_as_in_the_windows_sentence(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    qtbot.keyClick(scene.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    for _ in range(2):
        scene.stage.play(3)
        scene.stage.health()
        scene.settle()
        scene.window.refresh()
        (told,) = re.findall(r"[(](\d+:\d+)[)]", scene.window.question.words.text())
        assert told in scene.window.status.sentence("P001")
    assert told == "0:18"


def test_over_the_questions_of_a_recording_there_is_done_and_no_key_that_does_nothing(staged) -> None:
    window = staged(session={"asked_by": "asked by a model"}).window
    assert window._tools.stop.isVisible()
    assert window._tools.stop.text().startswith(texts.DONE)
    acts = {key.act: key.text for key in window.keys}
    assert acts[Act.STOP] == texts.DONE_TEXT
    assert {Act.MARK, Act.SPLIT, Act.ORDER, Act.PLAY, Act.LARGER, "happy"} <= set(acts)
    assert not {Act.ZEN, Act.SWEEP, Act.STREAMS, Act.NEUTRAL_FACE, Act.NEXT_GAP, Act.TEACH} & set(acts)
    tools = window._tools
    tools.add_participant("P1")
    tools.add_participant("P2")
    tools.set_narrow(True)
    tools.set_narrow(False)
    assert not any(tool.isVisible() for tool in (tools.people, tools.one, tools.label, tools.eeg, tools.teach))
    tools.set_narrow(True)
    assert not tools.label.isVisible()
    tools.stop.click()
    assert not window.isVisible()


def test_a_window_that_is_to_stop_closes(asking: Asking, qtbot: QtBot) -> None:
    scene = asking()
    qtbot.keyClick(scene.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    scene.window.question.go.click()
    assert not scene.window.isVisible()


def test_a_window_that_records_nothing_closes_at_once(staged, qtbot: QtBot) -> None:
    scene = staged()
    qtbot.keyClick(scene.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not scene.window.isVisible()


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Tab, Qt.Key.Key_Return), (Qt.Key.Key_Tab, Qt.Key.Key_Space), ("again",)])
def test_stop_is_reached_by_keys_and_says_by_which(asking: Asking, qtbot: QtBot, keys: tuple[object, ...]) -> None:
    scene = asking()
    ask = Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(scene.window, *ask)
    question = scene.window.question
    assert question.go.text() == "Stop  Ctrl Q"
    for key in keys:
        if key == "again":
            qtbot.keyClick(scene.window, *ask)
        else:
            qtbot.keyClick(question.go if question.go.hasFocus() else question.stay, key)
    assert not scene.window.isVisible()
    assert scene.window.was_stopped


def test_blind_is_said_in_words_and_not_by_a_highlight(asking: Asking, qtbot: QtBot) -> None:
    scene = asking("a")
    button = scene.window._tools.blind
    assert button.text() == "Blind  V"
    assert not button.isCheckable()
    qtbot.keyClick(scene.window, Qt.Key.Key_V)
    assert button.text() == "Not blind  V"
    assert not scene.window.labelling.annotation.blind
