"""A larger window shows more and not only larger; in a small one no word is cut and every lane can be read."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from app.ui.canvas import Canvas
from app.ui.theme import LIGHT, system_theme
from core.status import NEUTRAL_NOTES
from tests.app.seen import cut_words
from tools.screen_states import STATES, Scene

SIZES = SMALL, DESK, WIDE, NARROW = (1280, 720), (1920, 1080), (2560, 1440), (480, 900)
LEAST_LANE_PX = 15


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Callable[[str], Scene]]:
    scenes = []

    def make(name: str) -> Scene:
        scene = Scene(replace(LIGHT, family=system_theme().family), SMALL, STATES[name])
        scenes.append(scene)
        qtbot.addWidget(scene.window)
        STATES[name].play(scene)
        scene.settle()
        return scene

    yield make
    for scene in scenes:
        scene.close()


def resize(scene: Scene, size: tuple[int, int]) -> None:
    """Have a window as large, with all that goes by it."""
    scene.window.resize(*size)
    scene.window._fit_type()
    scene.settle()
    assert (scene.window.width(), scene.window.height()) == size


def lane_heights(scene: Scene) -> list[float]:
    """Return the height of each lane that is seen, px."""
    lanes = scene.window.timeline
    affect = lanes._rows(lanes.height() - lanes._above - lanes._flags)
    return [height for _, height in (*affect, *scene.window.view.sensors._rows())]


@pytest.mark.parametrize(
    "name",
    ["labelling", "replay", "stream-lost", "abstaining", "taught", "other-streams", "two-people", "four-people"],
)
def test_at_every_size_no_word_is_cut_and_no_lane_is_too_low(
    opened: Callable[[str], Scene], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene = opened(name)
    cut = {}
    for size in SIZES:
        resize(scene, size)
        cut[size] = cut_words(scene.window, monkeypatch)
        assert min(lane_heights(scene)) >= LEAST_LANE_PX, size
    assert {where: words for where, words in cut.items() if words} == {}


def test_of_a_noisy_sensor_it_can_be_read_what_to_do(
    opened: Callable[[str], Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = opened("recording")
    for notes in (NEUTRAL_NOTES["running"], ("taught on 24 people, not on you", *NEUTRAL_NOTES["running"])):
        scene.stage.play(1.0, noise=(12.1, 11.7), weights=(0.4, 0.6), notes=notes)
        for size in SIZES:
            resize(scene, size)
            assert cut_words(scene.window.trust, monkeypatch) == [], size


def test_a_larger_window_shows_more_and_its_headline_is_read_from_afar(opened: Callable[[str], Scene]) -> None:
    scene = opened("other-streams")
    view, shown = scene.window.view, []
    for size in (SMALL, WIDE):
        resize(scene, size)
        row = view.traces.height() / view.theme.scale
        shown.append((view.axis.seconds, len(view.sensors.shown), view.timeline.height() / view.theme.scale, row))
    assert all(more > less for less, more in zip(*shown, strict=True)), shown
    assert shown[0][:2] == (10.0, 2)
    assert shown[1][:2] == (20.0, 4)
    large, normal = (view.theme.font(size).pointSizeF() for size in ("large", "normal"))
    assert scene.window.state.sentence.fitting_font().pointSizeF() >= 0.9 * large
    assert large > 2 * normal


def test_a_narrow_window_shows_the_queue_in_place_of_the_rest(opened: Callable[[str], Scene], qtbot: QtBot) -> None:
    scene = opened("labelling")
    resize(scene, NARROW)
    window = scene.window
    queue, tools = window.labelling, window._tools
    assert (window.view.isVisible(), queue.isVisible()) == (True, False)
    assert tools.label.text() == "Label (2)  Z"
    assert not tools.private.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Z)
    scene.settle()
    assert (window.view.isVisible(), queue.isVisible()) == (False, True)
    assert queue.buttons["happy"].isVisible()
    qtbot.mouseClick(tools.label, Qt.MouseButton.LeftButton)
    assert window.view.isVisible()
    resize(scene, SMALL)
    assert (window.view.isVisible(), queue.isVisible(), tools.private.isVisible()) == (True, True, True)


def test_keys_for_which_there_is_no_room_come_on_the_next_sheet(
    opened: Callable[[str], Scene], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    scene = opened("replay")
    read: set[str] = set()
    write = Canvas.write

    def keep(self: Canvas, painter: QPainter, box: QRectF, text: str, *rest: Any, **named: Any) -> None:
        read.add(text)
        write(self, painter, box, text, *rest, **named)

    for size, n_sheets in ((NARROW, 4), ((1080, 680), 2), (SMALL, 1), (WIDE, 1)):
        resize(scene, size)
        read.clear()
        for _ in range(n_sheets):
            qtbot.keyClick(scene.window, Qt.Key.Key_Question)
            assert cut_words(scene.window.sheet, monkeypatch) == []
            with monkeypatch.context() as patched:
                patched.setattr(Canvas, "write", keep)
                scene.window.sheet.grab()
        assert {key.text for key in scene.window.keys} <= read
        qtbot.keyClick(scene.window, Qt.Key.Key_Question)
        assert not scene.window.sheet.isVisible()
