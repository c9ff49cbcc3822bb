import math
from functools import partial

import pytest
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.labelling.affect_scales import AffectScales
from app.ui.keys import hint, keymap
from core.data import Label
from tests.app.staged import CLASSES

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make(qtbot: QtBot):
    kept = []

    def made(kind: str) -> AffectScales:
        scales = AffectScales(kind, partial(hint, keys=keymap(CLASSES, {})))
        qtbot.addWidget(scales)
        scales.resize(316, 140)
        scales.show()
        kept.append(scales)
        return scales

    return made


@pytest.mark.parametrize("kind", ["slider", "sam", "grid", "none"])
def test_a_scale_is_empty_until_it_is_touched_and_can_be_emptied(make, kind: str) -> None:
    scales = make(kind)
    assert not scales.is_set
    scales.nudge("valence", 1)
    assert scales.is_set == (kind != "none")
    scales.show_values(math.nan, math.nan)
    assert not scales.is_set
    scales.grab()


def test_the_slider_has_no_steps_for_the_mouse(make, qtbot: QtBot) -> None:
    slider = make("slider").rows["valence"]
    values = set()
    for x in range(40, 270, 7):
        qtbot.mouseClick(slider, LEFT, pos=QPoint(x, 30))
        values.add(slider.value)
    assert len(values) == 33
    qtbot.mouseClick(slider, LEFT, pos=QPoint(1, 30))
    assert slider.value == -1


def test_nine_pictures_give_nine_values_that_tell_which_it_was(make, qtbot: QtBot) -> None:
    row = make("sam").rows["arousal"]
    values = []
    for place in range(9):
        qtbot.mouseClick(row, LEFT, pos=QPoint(round((place + 0.5) * row.width() / 9), 30))
        values.append(row.value)
    assert [5 + 4 * value for value in values] == list(range(1, 10))
    row.show_value(math.nan)
    row.nudge(1)
    assert row.value == 0
    for _ in range(9):
        row.nudge(-1)
    assert row.value == -1
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert row.value == -0.75


def test_the_grid_gives_both_at_once(make, qtbot: QtBot) -> None:
    scales = make("grid")
    grid = scales.grid
    box = grid._box()
    side = box.width() / 9
    at = QPoint(round(box.left() + 8.5 * side), round(box.bottom() - 0.5 * side))
    qtbot.mouseClick(grid, LEFT, pos=at)
    assert scales.values == (1.0, -1.0)
    scales.nudge("arousal", 1)
    assert scales.values == (1.0, -0.75)
    grid.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key)
    assert scales.values == (0.75, -1.0)
    qtbot.mouseClick(grid, LEFT, pos=QPoint(2, 60))
    assert scales.values == (0.75, -1.0)


def test_every_value_of_the_pictures_survives_the_file() -> None:
    assert [Label("", "", "", 0, 0, 0, valence=(k - 5) / 4).valence * 4 + 5 for k in range(1, 10)] == [*range(1, 10)]
