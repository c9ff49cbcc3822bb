from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import texts
from app.labelling.clip_view import ClipView
from app.labelling.clips import Clip, FrameStore
from app.labelling.playback_buttons import PlaybackButtons
from app.ui.images import decoded
from app.ui.keys import keymap
from app.ui.theme import DARK
from core.data import Chunk
from tests.app.staged import CLASSES, head

T0 = 100.0


class Timer:
    """Stands in for the clock of the playback."""

    def __init__(self) -> None:
        self.ms = 0.0

    def start(self) -> None:
        self.ms = 0.0

    def elapsed(self) -> float:
        return self.ms


@pytest.fixture
def clip() -> Clip:
    store = FrameStore()
    frame = head(0.0)
    for k in range(180):
        store.push(Chunk("v", np.array([T0 + k / 30]), frame[None]))
    times, frames = store.cut(T0, T0 + 6)
    eeg_times = T0 + np.arange(600) / 100
    return Clip(
        T0, T0 + 6, times, frames, eeg_times, np.zeros((600, 2), np.float32), ("Cz", "Pz"), asked=(101.0, 105.0)
    )


@pytest.fixture
def playback(qtbot: QtBot, clip: Clip) -> ClipView:
    made = ClipView()
    qtbot.addWidget(made)
    made._since = Timer()  # type: ignore[assignment]
    made.resize(300, 240)
    made.show_clip(clip)
    return made


def after(playback: ClipView, seconds: float) -> float:
    playback._since.ms = 1000 * seconds  # type: ignore[attr-defined]
    return playback.time - T0


@pytest.mark.parametrize(("steps", "speed"), [(-9, 0.5), (-1, 0.75), (0, 1.0), (1, 1.5), (9, 2.0)])
def test_it_plays_at_half_to_double_speed_in_data_time(playback: ClipView, steps: int, speed: float) -> None:
    playback.change_speed(steps)
    assert playback.speed == speed
    assert after(playback, 2.0) == pytest.approx(2.0 * speed)


def test_another_speed_goes_on_from_where_it_is(playback: ClipView) -> None:
    assert after(playback, 2.0) == pytest.approx(2.0)
    playback.set_speed(0.5)
    assert after(playback, 1.0) == pytest.approx(2.5)


def test_it_loops_and_counts_how_often(playback: ClipView) -> None:
    assert playback.n_plays == 1
    assert after(playback, 6.2) == pytest.approx(6.0)
    assert after(playback, 7.4) == pytest.approx(1.0)
    assert playback.n_plays == 2
    playback.toggle()
    assert playback.n_plays == 2
    playback.toggle()
    assert after(playback, 6.4) == pytest.approx(1.0)
    assert playback.n_plays == 3


def test_every_frame_of_the_camera_can_be_stepped_to(playback: ClipView, clip: Clip) -> None:
    assert len(clip.frames) == 180
    playback.step(1)
    assert not playback.playing
    assert playback.time == pytest.approx(T0 + 1 / 30)
    for _ in range(3):
        playback.step(1)
    playback.step(-1)
    assert playback.time == pytest.approx(T0 + 3 / 30)
    for _ in range(9):
        playback.step(-1)
    assert playback.time == T0


def test_without_pictures_a_step_is_a_thirtieth(playback: ClipView) -> None:
    playback.show_only("eeg")
    playback.step(3)
    assert playback.time == pytest.approx(T0 + 0.1)


def test_face_and_eeg_alone_and_both_again(playback: ClipView) -> None:
    pictures = {}
    for shown in ("face", "eeg"):
        playback.show_only(shown)
        assert playback.shown == shown
        pictures[shown] = playback.grab().toImage()
        playback.show_only(shown)
        assert playback.shown == "both"
    assert pictures["face"] != pictures["eeg"]
    assert playback.grab().toImage() not in pictures.values()


def test_the_traces_are_drawn_once_for_all_rounds(playback: ClipView, clip: Clip) -> None:
    playback.grab()
    assert playback._eeg is not None
    drawn = playback._eeg[2]
    after(playback, 2.0)
    playback.grab()
    assert playback._eeg[2] is drawn
    for change in (
        lambda: playback.fill(replace(clip, scale_uv=50.0)),
        lambda: playback.resize(310, 240),
        lambda: playback.apply_theme(DARK),
    ):
        change()
        playback.grab()
        assert playback._eeg[2] is not drawn
        drawn = playback._eeg[2]


def test_the_traces_can_be_drawn_larger_in_all_moments_that_come(playback: ClipView, clip: Clip) -> None:
    drawn = []
    for steps in (0, 1, 1, -20, 1):
        playback.zoom(steps) if steps else playback.show_clip(clip)
        playback.grab()
        drawn.append(playback._eeg[1][-1])
    assert drawn == [100.0, 75.0, 50.0, 2000.0, 1000.0]
    playback.show_clip(replace(clip, scale_uv=30.0))
    playback.grab()
    assert playback._eeg[1][-1] == 1000.0


def test_the_traces_stay_where_they_are_when_the_pictures_come(playback: ClipView, clip: Clip) -> None:
    boxes = []
    playback.resize(600, 400)
    for shown in (replace(clip, frames=(), frame_times=(), lost="reading"), clip):
        playback.show_clip(shown)
        playback.grab()
        boxes.append(playback._eeg[1][0])
    assert boxes[0] == boxes[1]


def test_it_is_said_where_a_camera_was_there_and_no_picture_was_kept(playback: ClipView, clip: Clip) -> None:
    blind = replace(clip, frames=(), frame_times=())
    for expects, shown, lacks in (
        (True, blind, texts.NO_PICTURE), (False, blind, ""), (True, clip, ""),
        (True, replace(blind, lost="reading"), ""),
        (True, replace(blind, lost="pictures"), texts.CLIP_LOST["pictures"]),
    ):  # fmt: skip
        playback.expects_picture = expects
        playback.show_clip(shown)
        playback.grab()
        assert playback.lacks == lacks
    playback.set_private(True)
    playback.show_clip(blind)
    assert playback.lacks == "", "no pictures are asked for"


def test_pictures_are_kept_small_and_come_back_in_their_colours() -> None:
    store = FrameStore()
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:, :, 0], frame[:, :, 2] = 200, 40
    store.push(Chunk("v", np.array([T0]), frame[None]))
    [jpeg] = store.cut(T0, T0 + 1)[1]
    image = decoded(jpeg)
    assert (image.width(), image.height()) == (320, 240)
    color = image.pixelColor(160, 120)
    assert (color.red(), color.green(), color.blue()) == (
        pytest.approx(200, abs=6),
        pytest.approx(0, abs=6),
        pytest.approx(40, abs=6),
    )


def test_more_of_the_same_moment_does_not_disturb_it(playback: ClipView, clip: Clip) -> None:
    after(playback, 2.0)
    playback.fill(clip)
    assert playback.time == pytest.approx(T0 + 2.0)
    assert playback.playing


def test_the_buttons_do_what_they_show(playback: ClipView, qtbot: QtBot) -> None:
    transport = PlaybackButtons(playback, keymap(CLASSES, {}))
    qtbot.addWidget(transport)
    buttons = transport.buttons
    assert buttons["play"].icon_name == "stand"
    buttons["play"].click()
    assert (playback.playing, buttons["play"].icon_name) == (False, "play")
    buttons["frame on"].click()
    assert playback.time > T0
    speeds = []
    for _ in range(5):
        buttons["faster"].click()
        speeds.append(playback.speed)
    assert speeds == [1.5, 2.0, 0.5, 0.75, 1.0]
    buttons["only face"].click()
    assert (playback.shown, buttons["only face"].isChecked()) == ("face", True)
    buttons["only eeg"].click()
    assert [buttons[name].isChecked() for name in ("only face", "only eeg")] == [False, True]
    transport.grab()
