"""Several participants on the first screen: who wears which stream is chosen by name and kept until the start."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import texts
from app.session.session_choices import Consent, SessionChoices, configured, problems
from app.session.session_plan import planned
from app.start.people_dialog import PeopleDialog
from app.ui.theme import LIGHT
from core.config import AnyStreamConfig, Config, ParticipantConfig
from tests.app.start.test_start_window import AGREED, AMP, MUSE, screen  # noqa: F401 - a fixture

TWIN = replace(AMP, source_id="b", uid="uid-b")
PPG = AnyStreamConfig("Muse", type="PPG")
A, B = ParticipantConfig("A", "Muse", "0"), ParticipantConfig("B", "b", "none")


def dialog(qtbot: QtBot, *people: ParticipantConfig) -> PeopleDialog:
    made = PeopleDialog(people, [MUSE, AMP, TWIN], {"0": "Desk", "1": "Door"}, [PPG], LIGHT)
    qtbot.addWidget(made)
    return made


def choose(box, data: str) -> None:
    at = box.findData(data)
    assert at >= 0
    box.setCurrentIndex(at)


def test_streams_are_told_by_name_and_by_id_where_the_name_repeats(qtbot: QtBot) -> None:
    asked = dialog(qtbot)
    assert [asked.eeg[0].itemData(k) for k in range(asked.eeg[0].count())] == ["none", "Muse", "a", "b"]
    assert asked.eeg[0].itemText(3) == "Amp (b) · 8 channels"
    asked.names[0].line.setText("A")
    asked.names[1].line.setText("B")
    choose(asked.eeg[0], "Muse")
    choose(asked.cameras[0], "0")
    choose(asked.eeg[1], "b")
    choose(asked.whose[0], "B")
    assert asked.people == (A, B)
    assert asked.streams == (replace(PPG, participant="B"),)
    asked.confirm()
    assert asked.result() == 1


def test_what_cannot_be_meant_is_told_and_nothing_is_lost(qtbot: QtBot) -> None:
    asked = dialog(qtbot, A, replace(B, eeg="Muse"))
    asked.confirm()
    assert asked.result() == 0
    assert "eeg 'Muse' is given to several participants" in asked.message.text()
    assert asked.people == (A, replace(B, eeg="Muse"))


def test_a_film_in_the_place_of_a_camera_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    film = tmp_path / "face.mkv"
    film.touch()
    asked = dialog(qtbot, replace(A, camera=str(film)), replace(B, camera=str(tmp_path / "gone.mkv")))
    assert [box.currentText() for box in asked.cameras[:2]] == [
        "face.mkv", texts.not_there_yet(str(tmp_path / "gone.mkv")),
    ]  # fmt: skip
    assert asked.people[0].camera == str(film)


def test_what_is_not_there_stays_chosen(qtbot: QtBot) -> None:
    asked = dialog(qtbot, replace(A, eeg="Later", camera="7"))
    assert asked.people == (replace(A, eeg="Later", camera="7"),)
    assert asked.eeg[0].currentText() == texts.not_there_yet("Later")


def test_the_screen_starts_with_them(screen, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    first = screen(consent=AGREED, participant="A")  # another name would have to agree anew
    first.find(MUSE, AMP)
    monkeypatch.setattr(PeopleDialog, "exec", lambda self: 1)
    monkeypatch.setattr(PeopleDialog, "people", (A, ParticipantConfig("B", "Amp", "1")))
    monkeypatch.setattr(PeopleDialog, "streams", (replace(PPG, participant="B"),))
    first.window.name_people()
    assert first.window.people.text().startswith("A, B")
    assert "A: Muse, camera 0" in first.window.people.toolTip()
    first.window.start()
    (chosen,) = first.decided
    assert chosen.participants == (A, ParticipantConfig("B", "Amp", "1"))
    assert chosen.participant == "A"
    plan = planned(chosen, Config())
    assert plan.people == ("A", "B")
    assert plan.config.participants == chosen.participants
    assert [each.participant for each in plan.config.streams] == ["B"]
    assert planned(replace(chosen, simulated=True), Config()).config.participants == ()


def test_nothing_more_is_asked_of_several_than_what_they_agreed_to(tmp_path) -> None:
    choices = SessionChoices(
        study=str(tmp_path), participant="A", session="01", task="film", participants=(A, B), consent=AGREED
    )
    assert problems(choices, Config()) == {}
    assert problems(replace(choices, consent=Consent(record_eeg=True)), Config()) == {
        "consent": texts.START_FACE_NOT_AGREED
    }
    assert configured(choices, Config()).participants == (A, B)
