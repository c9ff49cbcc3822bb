"""Several people side by side: each seen and said to be who they are; one whole by a key; a moment says whose it is."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import texts
from app.ui.people import People
from app.ui.theme import DARK, LIGHT
from core.data import FaceObservation, Label, StreamHealth
from tests.app.conftest import Staged
from tests.app.staged import BAD, Stage, eeg_info, prediction, segment, video_info
from tests.app.timeline.test_traces import pixels


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


def played(staged: Callable[..., Staged], seconds: float = 8.0) -> tuple[Staged, Stage]:
    """Return a session of two people, each with a headset and a camera, and what the second one plays with."""
    scene = staged(n_chans=19)
    other = Stage(8, outbox=scene.stage.outbox, participant="P002")
    for stage in (scene.stage, other):
        stage.open()
    for _ in range(round(seconds / 0.25)):
        scene.stage.play(0.25)
        other.play(0.25, bad_channels=(("F3", "flat"),))
    scene.settle()
    return scene, other


def test_each_of_two_is_seen_with_face_and_with_how_good_the_eeg_is(staged: Callable[..., Staged]) -> None:
    scene, other = played(staged)
    tiles = scene.window.view.people_row.tiles
    assert [tile.eeg.text() for tile in tiles.values()] == ["EEG: 17 of 19 good", "EEG: 7 of 8 good"]
    assert all(tile.video.isVisible() and tile.video.words() == "clear" for tile in tiles.values())
    for skin_is_seen in (True, False):
        picture = {tuple(color) for color in pixels(tiles["P002"].video.grab().toImage()).reshape(-1, 3)}
        assert ((154, 178, 214) in picture) is skin_is_seen
        scene.window.act("private")
    other.health(lost="eeg")
    scene.settle()
    assert [tile.eeg.text() for tile in tiles.values()] == ["EEG: 17 of 19 good", "EEG lost"]


def test_the_film_that_stood_in_for_a_camera_has_ended_and_no_camera_is_asked_for(
    staged: Callable[..., Staged],
) -> None:
    scene, other = played(staged, 2.0)
    view = scene.window.view
    over = StreamHealth(other.video.key, other.time, True, 0.1, 30.0, 30.0, 60, 0, 0, 0.0, ended=True)
    scene.stage.outbox.put(over)
    scene.settle()
    ended = "The film has ended", "The session goes on without a face."
    assert view.people_row.tiles["P002"].video._trouble == ended
    assert view.people_row.tiles["P001"].video._trouble is None
    scene.window.view.choose("P002")
    assert view.video._why_none == "\n".join(ended)
    assert view.trust.no_face == "no picture: the film has ended"
    scene.window.view.choose("P001")
    assert view.video._why_none == texts.NO_VIDEO
    assert view.trust.no_face == ""


def test_a_key_shows_each_whole_and_then_all_again(staged: Callable[..., Staged], qtbot: QtBot) -> None:
    scene, _ = played(staged, 2.0)
    view = scene.window.view
    said = []
    for _ in range(4):
        shown = (view.people_row.isVisible(), view.plane.isVisible(), view.electrodes.isVisible())
        said.append((shown, scene.window.participant, view._time_panel._title.text()))
        qtbot.keyClick(scene.window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
        scene.settle()
    side_by_side, whole = (True, False, False), (False, True, True)
    assert said == [
        (side_by_side, "P001", "Over time · P001"),
        (whole, "P001", "Over time · P001"),
        (whole, "P002", "Over time · P002"),
        (side_by_side, "P002", "Over time · P002"),
    ]


def test_whoever_is_shown_next_is_there_with_what_has_been(staged: Callable[..., Staged]) -> None:
    scene, other = played(staged)
    given = Label("l", "s", "P002", other.time - 4.0, other.time - 2.0, other.time, label="sad")
    scene.stage.outbox.put(given)
    scene.settle()
    view = scene.window.view
    for name, n_chans, labels in (("P002", 8, ["sad"]), ("P001", 19, []), ("P002", 8, ["sad"])):
        view.person_wanted.emit(name)
        scene.settle()
        ring = view.traces.ring
        assert len(ring.ch_names) == n_chans
        assert len(ring.between(-math.inf, math.inf)[0]) == 8 * 256
        assert {p.participant for p in view.timeline._predictions} == {name}
        assert len(view.timeline._predictions) == 32
        assert [label.label for label in view.marks.labels] == labels
        assert view.axis.span[1] == pytest.approx(other.time, abs=0.1)


def test_a_moment_of_whoever_is_not_shown_comes_with_their_own_face_and_eeg(staged: Callable[..., Staged]) -> None:
    scene, other = played(staged)
    scene.stage.outbox.put(replace(segment("a", other.time - 6.0), participant="P002"))
    scene.settle()
    clip = scene.window.labelling.playback._clip
    assert scene.window.participant == "P001"
    assert clip.ch_names == tuple(name for name in other.eeg.ch_names if name != "F3")
    assert clip.eeg.shape == (6 * 256, 7)
    assert len(clip.frames) >= 20
    nobody = scene.window.view.cut(replace(segment("b", other.time - 6.0), participant="P009"))
    assert not nobody.frames
    assert not nobody.has_eeg


def test_the_sentence_says_of_whom_it_is_and_who_is_recorded(staged: Callable[..., Staged]) -> None:
    scene, other = played(staged, 2.0)
    for stage in (scene.stage, other):
        stage.health()
    scene.settle()
    said = scene.window.state.sentence.text()
    assert said.startswith("P001: ")
    assert f"{len(BAD)} electrodes bad" in said
    assert said.endswith("Recording P001, P002, 0:02.")
    assert [chip.text() for chip in scene.window.view.streams.chips.values()][2:] == [
        "P002 · LiveAmp",
        "P002 · Camera 0",
    ]


def test_in_a_recording_nobody_is_asked_to_sit_before_the_camera(
    staged: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, _ = played(staged)
    row = scene.window.view.people_row
    tile = row.tiles["P001"]
    written: list[str] = []
    monkeypatch.setattr(tile.video, "write", lambda painter, place, text, *_, **__: written.append(text))
    tile.video.show_face(FaceObservation("P001", tile.video._time, problem="no face"))
    tile.video.grab()
    assert "Sit before the camera." in written
    scene.window.view.hide_streams()
    written.clear()
    tile.video.grab()
    assert "no face" in written
    assert "Sit before the camera." not in written
    row.add("P003")
    assert row.tiles["P003"].video.recorded
