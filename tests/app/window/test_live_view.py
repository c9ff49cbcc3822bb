"""What is seen live: each key, and each state that a session can be in, with the words that stand there."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from acquisition.lsl_found import FoundStream
from app import texts
from app.labelling.affect_grid import AffectGrid
from app.panels.affect_plane import ring_sds
from app.ui.canvas import Canvas
from app.ui.theme import LIGHT
from core.config import LabelConfig
from core.data import Chunk, FaceObservation, Notice, StreamInfo
from tests.app.staged import eeg_info, segment, video_info
from tests.app.timeline.test_traces import pixels
from tools.screen_states import STATES, Scene


@pytest.fixture
def scene(qtbot: QtBot):
    scenes = []

    def play(name: str = "") -> Scene:
        made = Scene(LIGHT, (1280, 800), STATES.get(name))
        scenes.append(made)
        qtbot.addWidget(made.window)
        if name:
            STATES[name].play(made)
        else:
            made.record(12)
        made.settle()
        return made

    yield play
    for made in scenes:
        made.close()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written by widgets that paint themselves."""
    texts_written: list[str] = []
    write = Canvas.write

    def keep(self: Canvas, painter, box, text: str, *rest, **named) -> None:
        texts_written.append(text)
        write(self, painter, box, text, *rest, **named)

    monkeypatch.setattr(Canvas, "write", keep)
    return texts_written


def said(made: Scene, written: list[str]) -> str:
    """Return every word on the screen."""
    written.clear()
    made.window.grab()
    lines = [line.text() for line in made.window.state._lines if line.isVisible()]
    return "\n".join([made.window.state.sentence.text(), *lines, *written])


@pytest.mark.parametrize(
    ("name", "level", "words"),
    [
        ("no-streams", "idle", ("Waiting for streams", "Turn on the headset", "Plug in a camera")),
        (
            "one-stream",
            "recording",
            ("No statement: EEG not taught, face missing", "No camera in this session", "no camera in this session"),
        ),
        ("recording", "recording", ("Happy or neutral. ", "trusted 0.", "P001, 1:10. 2 electrodes bad: T7, O2.")),
        ("abstaining", "recording", ("No statement: EEG flat, face turned away", "Look towards the camera")),
        ("no-face", "recording", ("no face", "Sit before the camera")),
        ("not-taught", "recording", ("Face alone is trusted", "not taught on this person: Teach does")),
        ("stream-lost", "attention", ("lost at 0:50, 0:07 ago", "Turn the headset on", "EEG lost")),
        ("camera-lost", "attention", ("Camera lost", "Plug it in again")),
        ("disk-nearly-full", "attention", ("Recording P001", "nearly full", "Make room")),
        ("disk-full", "problem", ("Not recording P001", "The disk is full. Make room")),
        ("error", "attention", ("Predictions have stopped", "still recorded", "Start Insula again")),
    ],
)
def test_each_state_has_words_that_say_what_to_do(
    scene: Callable[..., Scene], written: list[str], name: str, level: str, words: tuple[str, ...]
) -> None:
    made = scene(name)
    assert made.window.state.mark.level == level
    all_words = said(made, written)
    for word in words:
        assert word in all_words


def test_a_lost_camera_leaves_no_picture_that_looks_new(scene: Callable[..., Scene]) -> None:
    made = scene("camera-lost")
    before = pixels(made.window.video.grab().toImage()).std()
    assert made.window.video.words() == ""
    made.stage.health()
    made.stage.play(0.5)
    made.settle()
    assert made.window.video.words() == "clear"
    assert pixels(made.window.video.grab().toImage()).std() > 1.3 * before


def test_the_plane_shows_nothing_while_it_abstains(scene: Callable[..., Scene], written: list[str]) -> None:
    made = scene("abstaining")
    assert made.window.plane.note() == ""
    written.clear()
    made.window.plane.grab()
    assert texts.ABSTAINS in written
    assert "EEG flat, face turned away" in written
    made.stage.play(0.5)
    made.settle()
    assert made.window.plane.note() == "rings: 50%, 90%"


def test_a_point_that_does_not_hold_any_more_is_not_shown(scene: Callable[..., Scene], written: list[str]) -> None:
    made = scene()
    assert made.window.plane.note()
    made.clock.time += 4
    made.window.refresh()
    assert texts.NO_NEWS in said(made, written)
    assert made.window.plane.note() == ""
    assert made.window.bars.words() == ""
    made.stage.play(0.5)
    made.settle()
    assert made.window.plane.note() == "rings: 50%, 90%"


def test_the_rings_hold_what_they_promise() -> None:
    assert ring_sds(0.5) == pytest.approx(math.sqrt(2 * math.log(2)))
    assert ring_sds(0.9) == pytest.approx(2.1460, abs=1e-4)


def test_the_eeg_alone_has_all_the_room_and_gives_it_back(scene: Callable[..., Scene], qtbot: QtBot) -> None:
    made = scene()
    height = made.window.traces.height()
    qtbot.keyClick(made.window, Qt.Key.Key_T)
    made.settle()
    assert made.window.traces.height() > 2 * height
    assert not made.window.plane.isVisible()
    assert made.window.electrodes.isVisible()
    qtbot.keyClick(made.window, Qt.Key.Key_T)
    made.settle()
    assert made.window.traces.height() == height
    assert made.window.plane.isVisible()


def test_a_sweep_stands_still_but_for_its_cursor(scene: Callable[..., Scene], qtbot: QtBot) -> None:
    made = scene()
    qtbot.keyClick(made.window, Qt.Key.Key_W)
    made.settle()
    before = pixels(made.window.traces.grab().toImage())
    made.stage.play(2.0)
    made.settle()
    after = pixels(made.window.traces.grab().toImage())
    swept = (abs(before - after).sum(axis=2)[:-20] > 60).any(axis=0).mean()
    assert 0.05 < swept < 0.25
    qtbot.keyClick(made.window, Qt.Key.Key_W)
    made.settle()
    scrolled = pixels(made.window.traces.grab().toImage())
    assert (abs(scrolled - after).sum(axis=2)[:-20] > 60).any(axis=0).mean() > 0.8


def test_spacing_and_place_go_by_the_keys_of_mne(scene: Callable[..., Scene], qtbot: QtBot) -> None:
    made = scene()
    extent = made.window.traces.extent
    for key, expected in (
        (Qt.Key.Key_PageDown, (0, 16)),
        (Qt.Key.Key_PageDown, (0, 12)),
        (Qt.Key.Key_Down, (6, 18)),
        (Qt.Key.Key_Down, (7, 19)),
        (Qt.Key.Key_Up, (1, 13)),
        (Qt.Key.Key_PageUp, (1, 17)),
    ):
        qtbot.keyClick(made.window, key)
        assert (extent.first, extent.last) == expected
    axis = made.window.view.axis
    seconds, scale = axis.seconds, extent.scale_uv
    qtbot.keyClick(made.window, Qt.Key.Key_Home)
    qtbot.keyClick(made.window, Qt.Key.Key_Plus)
    assert axis.seconds < seconds
    assert extent.scale_uv < scale


def test_landmarks_come_by_key_and_alone_in_private(scene: Callable[..., Scene], qtbot: QtBot) -> None:
    made = scene()
    video = made.window.video
    plain = pixels(video.grab().toImage())
    qtbot.keyClick(made.window, Qt.Key.Key_D)
    assert (pixels(video.grab().toImage()) != plain).any()
    qtbot.keyClick(made.window, Qt.Key.Key_D)
    assert (pixels(video.grab().toImage()) == plain).all()
    qtbot.keyClick(made.window, Qt.Key.Key_P)
    private = {tuple(color) for color in pixels(video.grab().toImage()).reshape(-1, 3)}
    assert (154, 178, 214) not in private
    assert (154, 178, 214) in {tuple(color) for color in plain.reshape(-1, 3)}


@pytest.mark.parametrize(("eeg", "camera", "asked"), [(True, False, True), (True, True, False), (False, False, True)])
def test_who_sits_before_a_camera_is_asked_for_the_neutral_face_whatever_the_eeg_is(
    staged: Callable[..., Any], eeg: bool, camera: bool, asked: bool
) -> None:
    made = staged()
    made.window.view.asks_neutral = True
    for info in (eeg_info(4, simulated=eeg), video_info(simulated=camera)):
        made.stage.outbox.put(info)
    made.stage.outbox.put(made.stage.observation(""))
    made.settle()
    assert made.window.view.neutral.running is asked


@pytest.mark.parametrize("problem", sorted(texts.FACE_REMEDIES))
def test_each_problem_of_the_face_comes_with_its_remedy(
    scene: Callable[..., Scene], written: list[str], problem: Any
) -> None:
    made = scene()
    made.stage.outbox.put(FaceObservation("P001", made.stage.time, problem))
    made.settle()
    written.clear()
    made.window.video.grab()
    assert problem in written
    assert texts.FACE_REMEDIES[problem] in written


def test_over_a_recording_a_problem_of_the_face_has_no_remedy(scene: Callable[..., Scene], written: list[str]) -> None:
    made = scene()
    made.window.view.hide_streams()
    made.stage.outbox.put(FaceObservation("P001", made.stage.time, "blurred"))
    made.settle()
    written.clear()
    made.window.video.grab()
    assert "blurred" in written
    assert texts.FACE_REMEDIES["blurred"] not in written


def test_a_frame_says_how_long_its_samples_waited(scene: Callable[..., Scene], qtbot: QtBot) -> None:
    made = scene()
    frames: list[tuple[float, float]] = []
    made.window.traces.painted.connect(lambda newest, waited: frames.append((newest, waited)))
    made.stage.play(0.25)
    made.settle()
    assert frames
    assert frames[-1][0] == pytest.approx(made.stage.time, abs=0.01)
    assert 0 < frames[-1][1] < 5


def test_a_long_sentence_is_not_cut_and_a_short_one_is_large(scene: Callable[..., Scene]) -> None:
    line = scene("no-streams").window.state.sentence
    large, normal, small = (line.theme.font(size, True).pointSizeF() for size in ("large", "normal", "small"))
    sizes = []
    for text in ("Recording P001, 0:10.", "Recording P001, 0:10. " + 30 * "No statement, and why. "):
        line.show_text(text)
        sizes.append(line.fitting_font().pointSizeF())
    assert sizes == [large, small], "what is too long for two lines as well is as small as may be read"
    text = "Recording P001, 0:10."
    while QFontMetricsF(line.theme.font("large", True)).horizontalAdvance(text) <= 1.2 * line.width():
        text += " And"
    line.show_text(text)
    assert normal < line.fitting_font().pointSizeF() < large
    assert QFontMetricsF(line.fitting_font()).horizontalAdvance(text) <= line.width()


def test_the_affect_grid_keeps_the_arrows_while_it_has_the_focus(staged, qtbot: QtBot) -> None:
    made = staged(LabelConfig(annotator="tester", scale="grid"))
    made.stage.open()
    made.stage.play(10)
    made.stage.outbox.put(segment("a", made.stage.time - 6))
    made.settle()
    window = made.window
    window.traces.crowd(-1)
    window.traces.crowd(-1)
    scales = next(child for child in window.findChildren(AffectGrid) if child.isVisible())
    scales.setFocus()
    qtbot.keyClick(scales, Qt.Key.Key_Down)
    assert window.traces.extent.first == 0
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Down)
    assert window.traces.extent.first > 0


def test_markers_of_another_program_stand_over_time_and_move_nothing_else(
    scene: Callable[..., Scene], written: list[str]
) -> None:
    made = scene("recording")
    newest = made.window.view.data_time
    made.stage.outbox.put(StreamInfo("keys", "markers", "", "Film", "Markers", dtype="string"))
    stamps = np.array([made.stage.time - 9.0, made.stage.time - 3.0, 1e9])
    made.stage.outbox.put(Chunk("keys", stamps, np.array([["scene 1"], ["scene 2"], ["far"]], dtype=object)))
    made.settle()
    words = said(made, written)
    assert "scene 1" in words
    assert "scene 2" in words
    assert "far" not in words
    assert made.window.view.data_time == newest
    assert made.window.view.participant == "P001"


def test_time_goes_on_while_the_eeg_is_lost_and_the_gap_grows(scene: Callable[..., Scene]) -> None:
    made = scene()
    window, stage, lost = made.window, made.stage, made.stage.time
    since = lost - 1 / stage.sfreq
    stage.outbox.put(Notice(stage.eeg.key, lost + 3.0, "lost", "it is silent"))
    for elapsed in (3.0, 20.0):
        made.clock.time = lost + elapsed
        made.bridge.drain()
        window.view.axis.move()
        assert window.view.axis.span[1] == pytest.approx(lost + elapsed, abs=0.02)
        assert window.view.marks.gaps == [(pytest.approx(since), window.view.axis.span[1])]
    stage.n_samples += round(20 * stage.sfreq)
    stage.outbox.put(Notice(stage.eeg.key, stage.time + 0.75, "back", "it is back"))
    stage.play(2.0)
    made.settle()
    assert window.view.axis.span[1] == pytest.approx(stage.time, abs=0.02)
    assert window.view.marks.gaps == [(pytest.approx(since), pytest.approx(lost + 20.0))]


def test_what_nothing_is_read_from_leaves_no_gap_over_time(scene: Callable[..., Scene]) -> None:
    made = scene()
    made.stage.outbox.put(StreamInfo("truth", "truth", "P001", "Truth of P001", "Truth"))
    made.stage.outbox.put(Notice("truth", made.stage.time - 3.0, "lost", "it is silent"))
    made.settle()
    assert made.window.view.marks.gaps == []


def test_the_state_line_counts_from_where_the_axis_does(scene: Callable[..., Scene]) -> None:
    made = scene()
    made.window.view.axis.zero = made.stage.time - 83.0
    made.stage.health()
    made.settle()
    assert "Recording P001, 1:23." in made.window.status.sentence("P001")


def test_a_stream_that_is_a_little_behind_does_not_turn_time_back(scene: Callable[..., Scene]) -> None:
    made = scene()
    view, stage = made.window.view, made.stage
    newest = view.data_time
    frame = stage.video_chunk()
    for behind, told in ((0.04, newest), (2.5, newest), (30.0, newest - 30.0)):
        stage.outbox.put(replace(frame, timestamps=np.array([newest - behind])))
        made.settle()
        assert view.data_time == pytest.approx(told)


def test_the_state_line_says_as_little_of_a_moment_that_is_labelled_blind_as_the_panels(scene: Callable[..., Scene]):
    made = scene()
    made.stage.outbox.put(segment("a", made.stage.time - 3.0))
    made.stage.play(0.25, bad_channels=(("Cz", "flat"),))
    made.settle()
    assert "trusted" not in made.window.status.sentence("P001")
    assert "Cz" in made.window.status.sentence("P001")
    made.window.act("blind")
    assert "trusted" in made.window.status.sentence("P001")


def test_pictures_move_time_on_where_no_clock_does(scene: Callable[..., Scene]) -> None:
    made = scene()
    view, stage = made.window.view, made.stage
    view.axis.clock = None
    stage.n_samples += round(3 * stage.sfreq)
    stage.outbox.put(stage.video_chunk())
    made.settle()
    assert view.axis.span[1] == pytest.approx(stage.time, abs=0.02)


def test_markers_that_nobody_chose_are_offered_while_the_session_runs(scene, qtbot: QtBot) -> None:
    keys = FoundStream("Keys", "Markers", "lab", "keys", "uid", 1, 0.0, "markers")

    class Nearby:
        there: ClassVar = [keys]

        def markers(self) -> list[FoundStream]:
            return self.there

        def take_in(self, stream: FoundStream) -> None:
            self.there.remove(stream)

    made = scene()
    made.window.view.offer(Nearby())
    made.window.refresh()
    made.settle()
    chip = made.window.streams.offers[keys]
    assert chip.isVisible()
    assert chip.line == texts.OFFERED
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    made.window.refresh()
    assert (Nearby.there, made.window.streams.offers) == ([], {})
