"""The screen after a session: what it says, and that each next step is one key away."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from app.home import texts
from app.home.end_window import EndWindow
from core.data import Label
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.app.home.test_home_window import Job
from tests.app.study.test_sessions import record


class End:
    """The screen on a session of 3:31, and the jobs that it started: the report first."""

    def __init__(self, study: Path, qtbot: QtBot) -> None:
        streams = [{"key": "a", "kind": "eeg", "simulated": False}, {"key": "b", "kind": "video", "simulated": False}]
        times = {"start": "2026-11-21T10:00:00+00:00", "stop": "2026-11-21T10:03:31+00:00"}
        self.session: Session = record(study, "P001", **times, streams=streams)
        self.qtbot = qtbot
        self.jobs: list[Job] = []
        self.models: list[str] = []
        self.window = EndWindow(self.session, study, self.models.append, self._make)
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def _make(self, words: Sequence[str]) -> Job:
        self.jobs.append(Job(words))
        return self.jobs[-1]

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window, key)

    def says(self, fact: str) -> str:
        return self.window.facts[fact].text()


@pytest.fixture
def end(tmp_path: Path, qtbot: QtBot) -> End:
    return End(tmp_path, qtbot)


def test_it_says_how_long_how_much_was_lost_and_what_is_answered(end: End):
    assert end.says(texts.END_LENGTH) == "3:31 of EEG and face"
    assert end.says(texts.END_ANSWERS).startswith("none yet")
    assert end.says(texts.END_LOST) == texts.END_COUNTING
    (report,) = end.jobs
    assert report.words == ("report", str(end.session.xdf), "--json")
    assert not end.window.buttons["report"].isEnabled()
    report.said.emit(json.dumps({"report": "/study/report.html", "lost": "3.2 s in 2 gaps"}))
    report.ended.emit(0, "")
    assert end.says(texts.END_LOST) == "3.2 s in 2 gaps"
    assert end.window.buttons["report"].isEnabled()


def test_labelling_comes_next_and_its_answers_are_counted(end: End):
    end.press(Qt.Key.Key_L)
    assert end.jobs[-1].words == ("label", str(end.session.xdf))
    assert not end.window.buttons["teach"].isEnabled()
    with LabelStore(end.session.labels) as store:
        store.add(Label("u", "s", "P001", 0.0, 4.0, 5.0, annotator="anna"))
    end.jobs[-1].ended.emit(0, "")
    assert end.says(texts.END_ANSWERS) == "anna 1"
    assert end.window.buttons["teach"].isEnabled()


def test_what_teaching_came_to_can_be_used_at_once(end: End, tmp_path: Path):
    assert end.window.buttons["use"].isHidden()
    end.press(Qt.Key.Key_T)
    assert end.jobs[-1].words == ("teach", str(tmp_path), "--participant", "P001", "--json")
    end.jobs[-1].said.emit('{"stage": "reading a", "share": 0.4}')
    assert end.window.message.text().startswith("40%")
    end.jobs[-1].said.emit('{"model": "/study/models/P001.safetensors", "words": "", "summary": "It tells something."}')
    end.jobs[-1].ended.emit(0, "")
    assert end.window.message.text() == "It tells something."
    end.press(Qt.Key.Key_U)
    assert end.models == ["/study/models/P001.safetensors"]


def test_the_focus_goes_to_the_next_step_and_nowhere_else(end: End):
    buttons = end.window.buttons
    end.jobs[0].said.emit(json.dumps({"report": "/study/report.html", "lost": "nothing"}))
    end.jobs[0].ended.emit(0, "")
    assert (buttons["label"].objectName(), buttons["use"].objectName()) == ("primary", "plain")
    end.press(Qt.Key.Key_L)
    assert not any(button.hasFocus() for button in buttons.values()), "none is to be pressed by mistake"
    end.jobs[-1].ended.emit(0, "")
    assert buttons["label"].hasFocus()
    end.press(Qt.Key.Key_T)
    end.jobs[-1].said.emit('{"model": "/study/models/P001.safetensors", "words": "", "summary": "It tells something."}')
    end.jobs[-1].ended.emit(0, "")
    assert buttons["use"].hasFocus()
    assert (buttons["label"].objectName(), buttons["use"].objectName()) == ("plain", "primary")
    end.press(Qt.Key.Key_L)
    buttons["folder"].setFocus()
    end.jobs[-1].ended.emit(0, "")
    assert buttons["folder"].hasFocus(), "somebody went there"


def test_report_and_folder_are_opened(end: End, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl.toLocalFile(url)))
    end.jobs[0].said.emit(json.dumps({"report": "/study/report.html", "lost": "nothing"}))
    end.jobs[0].ended.emit(0, "")
    end.press(Qt.Key.Key_P)
    end.press(Qt.Key.Key_O)
    assert opened == ["/study/report.html", str(end.session.folder)]


def test_escape_stops_what_runs_and_closes_when_nothing_does(end: End):
    end.press(Qt.Key.Key_L)
    assert not end.window.close()
    end.press(Qt.Key.Key_Escape)
    assert end.jobs[-1].cancelled
    end.jobs[-1].ended.emit(130, "Stopped.")
    end.press(Qt.Key.Key_Escape)
    assert end.window.isHidden()


def test_a_report_that_cannot_be_made_says_why(end: End):
    end.jobs[0].ended.emit(3, "insula report: The recording is damaged.")
    assert "The recording is damaged." in end.says(texts.END_LOST)
    assert not end.window.buttons["report"].isEnabled()
