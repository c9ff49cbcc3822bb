"""The whole session on one line, and going about in it with keys and mouse."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QFileDialog, QPushButton

from app.ui.keys import KEYS
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.replay_bar import Replay, ReplayBar
from app.window.save_files import save_view
from app.window.shown_session import ShownSession
from core.data import Label, Marker, Notice
from tests.app.staged import CLASSES, Clock, Stage, prediction
from tests.app.timeline.test_traces import pixels

T0, T1 = 5000.0, 5600.0


class Player:
    """Remembers what it is told."""

    span = (T0, T1)

    def __init__(self) -> None:
        self.places: list[float] = []
        self.speeds: list[float] = []

    def seek(self, time: float) -> None:
        self.places.append(time)

    def set_speed(self, speed: float) -> None:
        self.speeds.append(speed)


def _said() -> list[Any]:
    events: list[Any] = [prediction(T0 + k, uncertainty=1.5 if 300 <= k < 310 else 0.5) for k in range(2, 600)]
    events.append(Notice("eeg", T0 + 400.0, "gap", "a gap"))
    events.append(Label("l", "s", "P001", T0 + 500.0, T0 + 502.0, T0 + 503.0, label="happy"))
    return events


class Scene:
    def __init__(self, qtbot: Any, events: list[Any], rival: str = "") -> None:
        self.player, self.clock, self.stage = Player(), Clock(), Stage(19, simulated=True)
        self.bridge = Bridge(self.stage.outbox, interval_ms=3_600_000)
        replay = Replay(self.player, Path("session"), 1.0, lambda: iter(events), (prediction(T0).model,), rival)
        self.window = MainWindow(
            self.bridge, ShownSession(CLASSES, self.stage.answers.append, self.clock, replay=replay)
        )
        qtbot.addWidget(self.window)
        self.window.show()
        self.bar = self.window.replay_bar
        assert self.bar is not None
        qtbot.waitUntil(lambda: self.bar._recorded is None)

    def settle(self) -> None:
        """Hand on all messages, however many looks a loaded machine needs for it."""
        while self.bridge.drain():
            pass

    def press(self, qtbot: Any, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        qtbot.keyClick(self.window, key, modifier)


@pytest.fixture
def scene(qtbot: Any) -> Scene:
    return Scene(qtbot, _said())


def test_what_was_recorded_is_there_before_anything_is_predicted(scene: Scene):
    assert len(scene.bar.session_overview.predictions) == 598
    assert scene.bar.has_recorded
    scene.bar.show_prediction(prediction(T0 + 3))
    assert len(scene.bar.session_overview.predictions) == 598
    assert "0:00 of 10:00" in scene.bar.note()
    assert "predicted live" in scene.bar.note()


def test_a_recording_without_predictions_fills_as_it_is_predicted(qtbot: Any):
    scene = Scene(qtbot, [])
    scene.bar.show_prediction(prediction(T0 + 3))
    assert len(scene.bar.session_overview.predictions) == 1
    assert "as it is predicted" in scene.bar.note()


def test_a_recording_without_predictions_learns_of_gaps_as_they_are_noticed_and_not_of_a_second_model(qtbot: Any):
    scene = Scene(qtbot, [], rival="f" * 64)
    scene.stage.open()
    for message in (
        prediction(T0 + 10),
        prediction(T0 + 20, model="f" * 64),
        Notice("eeg-P001", T0 + 15.0, "gap", "no samples"),
    ):
        scene.stage.outbox.put(message)
    scene.settle()
    assert scene.bar.session_overview.predictions[:, 0].tolist() == [T0 + 10]
    scene.press(qtbot, Qt.Key.Key_G)
    assert scene.player.places == [T0 + 15.0]


def test_markers_are_on_both_lines(qtbot: Any):
    scene = Scene(qtbot, [Marker(T0 + 35.0, "film begins"), *_said()])
    scene.stage.open()
    for k in range(2, 40):
        scene.stage.outbox.put(prediction(T0 + k))
    scene.settle()
    scene.window.view.axis.move()
    overview, timeline = scene.bar.overview, scene.window.timeline
    with_marker = overview.grab().toImage(), timeline.grab().toImage()
    scene.bar.session_overview._markers.clear()
    scene.window.view.marks._markers.clear()
    assert overview.grab().toImage() != with_marker[0]
    assert timeline.grab().toImage() != with_marker[1]


def test_times_over_time_are_counted_as_on_the_line_and_labels_stay_after_going_elsewhere(scene: Scene):
    scene.stage.open()
    scene.bar.seek(T0 + 510.0)
    scene.stage.outbox.put(Notice("", T0 + 510.0, "seek", ""))
    scene.stage.outbox.put(prediction(T0 + 511.0))
    scene.settle()
    assert scene.window.view.axis.zero == T0
    assert scene.window.view.data_time == T0 + 510.0
    assert [label.label for label in scene.window.view.marks.labels] == ["happy"]
    assert [start for start, _ in scene.window.view.marks.gaps] == [T0 + 400.0]


def test_after_going_elsewhere_the_sentence_says_what_the_panels_show(scene: Scene):
    scene.stage.open()
    scene.stage.outbox.put(prediction(T0 + 10, weights=(0.9, 0.1)))
    scene.bar.seek(T0 + 510.0)
    scene.stage.outbox.put(Notice("", T0 + 510.0, "seek", ""))
    scene.settle()
    scene.window.refresh()
    shown = scene.bar.before(T0 + 510.0, 5.0)[-1].weights
    assert shown != (0.9, 0.1)
    assert f"EEG trusted {shown[0]:.1f}, face {shown[1]:.1f}." in scene.window.state.sentence.text()


def test_every_key_goes_where_it_says(scene: Scene, qtbot: Any):
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    scene.bar.show_time(T0 + 100.0)
    for key, modifier, place in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 110.0),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 100.0),
        (Qt.Key.Key_Right, control, 160.0),
        (Qt.Key.Key_Left, control, 100.0),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier, 300.0),
        (Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier, 400.0),
        (Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, 500.0),
        (Qt.Key.Key_G, shift, 400.0),
        (Qt.Key.Key_Q, shift, 300.0),
    ):
        scene.press(qtbot, key, modifier)
        assert scene.player.places[-1] == T0 + place
    n = len(scene.player.places)
    scene.press(qtbot, Qt.Key.Key_B, shift)  # there is no label before
    assert len(scene.player.places) == n
    assert "predicted anew from 5:00" in scene.bar.note()
    scene.bar.show_time(T0 + 3.0)
    scene.press(qtbot, Qt.Key.Key_Left)
    assert scene.player.places[-1] == T0
    assert "anew" not in scene.bar.note()  # from the beginning on it is what it was live


def test_pause_and_speed(scene: Scene, qtbot: Any):
    scene.press(qtbot, Qt.Key.Key_X)
    assert scene.player.speeds == [0.0]
    assert "paused" in scene.bar.note()
    scene.press(qtbot, Qt.Key.Key_BracketRight)  # changes what it goes on with, not that it stands still
    assert scene.player.speeds == [0.0]
    scene.press(qtbot, Qt.Key.Key_X)
    assert scene.player.speeds == [0.0, 2.0]
    for _ in range(10):
        scene.press(qtbot, Qt.Key.Key_BracketRight)
    assert math.isinf(scene.player.speeds[-1])
    for _ in range(10):
        scene.press(qtbot, Qt.Key.Key_BracketLeft)
    assert scene.player.speeds[-1] == 0.25


def test_a_click_goes_there(scene: Scene, qtbot: Any):
    overview = scene.bar.overview
    area = overview._area()
    qtbot.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(round(area.center().x()), 20))
    assert scene.player.places[-1] == pytest.approx(T0 + 300.0, abs=2.0)


def test_the_line_marks_what_the_panels_show(scene: Scene):
    scene.stage.open()
    scene.stage.outbox.put(prediction(T0 + 300.0))
    scene.settle()
    axis, overview = scene.window.view.axis, scene.bar.overview
    axis.move()
    scene.window.refresh()
    short = pixels(overview.grab().toImage())
    while axis.seconds < 300:
        scene.window.act("longer")
    scene.window.refresh()
    row = round(overview._area().top()) + 2
    differs = np.flatnonzero(abs(pixels(overview.grab().toImage()) - short)[row].sum(axis=1) > 5)
    places = [round(overview._x(overview._area(), T0 + second)) for second in (0, 300)]
    np.testing.assert_allclose((differs[0], differs[-1]), places, atol=2)


def test_a_recording_without_a_camera_or_a_picture_has_nothing_to_plug_in(scene: Scene):
    said = []
    for info in (scene.stage.eeg, scene.stage.video):
        scene.stage.outbox.put(info)
        scene.settle()
        said.append(scene.window.video._why_none)
    assert said == ["No camera in this session.", "No picture of this moment."]


def test_what_is_asked_blind_is_not_seen_on_the_line_either(scene: Scene):
    whole = scene.bar.overview._means(100)
    scene.bar.overview.hide_span((T0 + 300.0, T0 + 310.0))
    part = scene.bar.overview._means(100)
    assert (part != part)[:, 51].all()
    assert ((part == whole) | (part != part))[:, :49].all()


def test_going_elsewhere_clears_what_was_drawn_and_skips_what_is_on_its_way(scene: Scene, qtbot: Any):
    scene.stage.open()
    for message in (prediction(T0 + 10),):
        scene.stage.outbox.put(message)
    scene.settle()
    assert scene.window.timeline._predictions
    scene.bar.seek(T0 + 300.0)
    scene.stage.outbox.put(prediction(T0 + 11))
    scene.stage.outbox.put(Notice("", T0 + 300.0, "seek", ""))
    scene.settle()
    said = [p.stop for p in scene.window.timeline._predictions]
    assert said == [T0 + k for k in range(2, 300)]  # as it was recorded
    assert scene.window.bars._now is not None
    assert scene.window.bars._now.stop == T0 + 299
    scene.stage.outbox.put(prediction(T0 + 301))
    scene.settle()
    assert [p.stop for p in scene.window.timeline._predictions] == [*said, T0 + 301]
    assert scene.window.view.marks._seam == T0 + 300


def test_what_another_model_said_is_not_drawn_before_what_this_one_says(qtbot: Any):
    scene = Scene(qtbot, [prediction(T0 + k, model="e" * 64) for k in range(2, 300)])
    scene.stage.open()
    scene.stage.outbox.put(Notice("", T0 + 300.0, "seek", ""))
    scene.settle()
    assert not scene.window.timeline._predictions


def test_letters_in_the_drawing_are_as_large_as_on_the_screen(scene: Scene, tmp_path: Path):
    save_view(scene.window._whole, tmp_path / "view.svg")
    text = (tmp_path / "view.svg").read_text()
    wide = float(text.partition('width="')[2].partition("mm")[0])
    assert wide == pytest.approx(25.4 * scene.window._whole.width() / scene.window.logicalDpiX(), rel=0.01)


def test_two_models_side_by_side(qtbot: Any):
    scene = Scene(qtbot, [], rival="f" * 64)
    scene.stage.open()
    rival = prediction(T0 + 10, model="f" * 64, valence=-0.9, weights=(0.1, 0.9))
    for message in (prediction(T0 + 10, weights=(0.7, 0.3)), rival):
        scene.stage.outbox.put(message)
    scene.settle()
    assert [p.model[0] for p in scene.window.timeline._predictions] == ["0"]
    assert [p.model[0] for p in scene.window.timeline._rivals] == ["f"]
    assert "EEG trusted 0.7, face 0.3." in scene.window.status.sentence("P001")
    scene.window.grab()


@pytest.mark.parametrize("name", ["view.png", "view.svg"])
def test_the_view_is_saved(scene: Scene, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    path = tmp_path / name
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    scene.press(qtbot, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert path.stat().st_size > 10_000
    assert path.read_bytes()[:4] == (b"\x89PNG" if name.endswith("png") else b"<?xm")


def test_the_numbers_are_saved(scene: Scene, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "numbers.tsv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    scene.press(qtbot, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    lines = path.read_text().splitlines()
    assert len(lines) == 599
    assert lines[0].startswith("participant\tstart\tstop")


def test_numbers_made_here_stand_behind_those_of_the_recording(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scene = Scene(qtbot, _said(), rival="f" * 64)
    scene.stage.open()
    for message in (prediction(T0 + 10), prediction(T0 + 10, model="f" * 64), prediction(T0 + 10, model="f" * 64)):
        scene.stage.outbox.put(message)
    scene.settle()
    path = tmp_path / "numbers.tsv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    scene.bar.wanted.emit("save numbers")
    lines = path.read_text().splitlines()
    assert len(lines) == 600
    assert [line.endswith("f" * 64) for line in lines[-2:]] == [False, True]


def told(scene: Scene) -> str:
    """What the window said last."""
    return scene.window.status.problems()[-1].text


def test_where_nothing_was_predicted_no_empty_table_is_left(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scene = Scene(qtbot, [])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "x.tsv"), ""))
    scene.press(qtbot, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert "Nothing has been predicted yet" in told(scene)
    scene.bar.show_prediction(prediction(T0 + 3))
    scene.bar.show_prediction(prediction(T0 + 3, model="f" * 64, classes=("calm",)))
    scene.press(qtbot, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert "different classes" in told(scene)
    assert not (tmp_path / "x.tsv").exists()


def test_buttons_save_what_the_keys_save_and_say_which_keys(scene: Scene):
    chosen: list[str] = []
    scene.bar.wanted.disconnect()
    scene.bar.wanted.connect(chosen.append)
    for words in ("save view  Ctrl S", "save numbers  Ctrl E"):
        next(button for button in scene.bar.findChildren(QPushButton) if button.text() == words).click()
    assert chosen == ["save view", "save numbers"]


def test_a_recording_is_closed_by_a_button_and_a_key_that_say_so(scene: Scene, qtbot: Any):
    button = scene.window._tools.stop
    assert button.isVisible()
    assert button.text() == "Close  Ctrl Q"
    assert next(key.text for key in scene.window.keys if key.act == "stop") == "close the window"
    with qtbot.waitSignal(scene.window.closed):
        button.click()


def test_what_became_of_saving_is_told(scene: Scene, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder, words in (("none", "cannot be written"), ("", "Saved: ")):
        for key, name in ((Qt.Key.Key_S, "x.png"), (Qt.Key.Key_E, "x.tsv")):
            path = str(tmp_path / folder / name)
            monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (path, ""))
            scene.press(qtbot, key, Qt.KeyboardModifier.ControlModifier)
            assert words in told(scene)
            assert name in told(scene) or folder


def test_nothing_of_it_is_there_in_a_live_session(qtbot: Any):
    stage = Stage(4)
    window = MainWindow(Bridge(stage.outbox, interval_ms=3_600_000), ShownSession(CLASSES, stage.answers.append))
    qtbot.addWidget(window)
    assert window.replay_bar is None
    assert not any(key.act == "next unsure" for key in window.keys)


def test_a_recording_that_stands_still_has_lost_nothing(scene: Scene):
    scene.stage.open()
    scene.stage.health(recording=False, lost="eeg")
    scene.settle()
    assert not any(
        "lost" in problem.text or "sent nothing" in problem.text for problem in scene.window.status.problems()
    )


@pytest.mark.parametrize(("models", "places"), [(1, [T0 + 300.0]), (2, [T0 + 300.0, T0 + 300.0])])
def test_who_goes_about_before_it_is_known_which_model_read_goes_there_again(
    qtbot: Any, models: int, places: list[float]
):
    """Until all that was said is read, nobody knows from when on another model had read."""
    player = Player()
    replay = Replay(player, Path("session"), 1.0, lambda: iter(_said()), [f"{k}" * 64 for k in range(models)])
    bar = ReplayBar(replay, KEYS)
    qtbot.addWidget(bar)
    bar.seek(T0 + 300.0)
    bar.numbers()  # reads to the end
    bar._read_on()
    assert player.places == places
    bar.seek(T0 + 100.0)
    assert player.places == [*places, T0 + 100.0]
