"""Several people side by side: each said to be who they are, in words and colour; a moment says whose it is."""

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.people import People
from app.ui.theme import DARK, LIGHT
from tests.app.conftest import Staged
from tests.app.staged import eeg_info, prediction, segment, video_info


def two(staged: Callable[..., Staged]) -> Staged:
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.settle()
    assert not scene.window.view.people_row.isVisible()
    scene.stage.outbox.put(eeg_info(4, participant="P002"))
    scene.stage.outbox.put(video_info("P002"))
    scene.stage.play(1.0)
    stop = scene.stage.time
    theirs = prediction(stop + 20.0)
    scene.stage.outbox.put(replace(theirs, participant="P002", stop=stop, start=stop - 2.0))
    scene.settle()
    return scene


def test_each_of_two_has_a_tile_with_what_is_said_of_them(staged: Callable[..., Staged]) -> None:
    scene = two(staged)
    view, stop = scene.window.view, scene.stage.time
    assert view.people_row.isVisible()
    assert not view.plane.isVisible(), "one person's affect does not stand twice"
    words = {name: tile.words.text() for name, tile in view.people_row.tiles.items()}
    mine, theirs = prediction(stop), prediction(stop + 20.0)
    assert words["P001"].startswith(f"{mine.label} {max(mine.probabilities):.2f}\nEEG {mine.weights[0]:.1f}")
    assert words["P002"].startswith(f"{theirs.label} {max(theirs.probabilities):.2f}\nEEG {theirs.weights[0]:.1f}")
    scene.stage.outbox.put(replace(prediction(stop, "no face"), participant="P002"))
    scene.settle()
    assert view.people_row.tiles["P002"].words.text() == "no face"
    view.toggle_eeg_alone()
    assert not view.people_row.isVisible()
    view.toggle_eeg_alone()
    assert view.people_row.isVisible()
    assert not view.plane.isVisible()


def test_a_press_on_a_name_shows_that_person(staged: Callable[..., Staged], qtbot: QtBot) -> None:
    scene = two(staged)
    assert scene.window.participant == "P001"
    qtbot.mouseClick(scene.window.view.people_row.tiles["P002"].name, Qt.MouseButton.LeftButton)
    assert scene.window.participant == "P002"
    assert scene.window.traces.key == "eeg-P002"
    chosen = [name for name, tile in scene.window.view.people_row.tiles.items() if tile.name.isChecked()]
    assert chosen == ["P002"]


def test_a_moment_says_whose_it_is_and_nothing_of_it_is_shown(staged: Callable[..., Staged]) -> None:
    scene = two(staged)
    stop = scene.stage.time
    asked = replace(segment("a", stop - 4.0), participant="P002")
    scene.stage.outbox.put(asked)
    scene.settle()
    question = scene.window.labelling._question
    assert question.text().startswith("P002: ")
    people = scene.window.view.people
    assert people.color("P002", scene.window.theme) in question.styleSheet()
    scene.stage.outbox.put(replace(prediction(stop), participant="P002"))
    scene.stage.outbox.put(replace(prediction(stop), participant="P001"))
    scene.settle()
    words = {name: tile.words.text() for name, tile in scene.window.view.people_row.tiles.items()}
    assert "hidden" in words["P002"]
    assert "hidden" not in words["P001"]


def test_of_one_person_nothing_is_said_twice(staged: Callable[..., Staged]) -> None:
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.stage.play(1.0)
    scene.stage.outbox.put(segment("a", scene.stage.time - 4.0))
    scene.settle()
    assert not scene.window.labelling._question.text().startswith("P001")
    assert scene.window.plane.isVisible()


def contrast(first: str, second: str) -> float:
    """WCAG 2.2, relative luminance."""

    def light(color: str) -> float:
        parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_seen_and_stay_with_the_name() -> None:
    people = People()
    assert [people.know(name) for name in ("B", "A", "B", "")] == [True, True, False, False]
    for theme in (LIGHT, DARK):
        colors = [people.color(name, theme) for name in ("B", "A")]
        assert len(set(colors)) == 2
        assert min(contrast(color, theme.panel) for color in colors) >= 3.0
