"""Teaching from within the window: what is started, told, cancelled and used."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import texts
from app.ui.command_job import CommandJob
from app.ui.keys import KEYS
from app.window.teach_bar import TeachBar, Teaching
from core.data import ModelChange
from core.errors import CheckpointError
from core.models.model_file import SHIPPED

FIRST, LEARNT = "a" * 64, "b" * 64


class Swap:
    """Remembers what is wanted."""

    def __init__(self) -> None:
        self.first = SimpleNamespace(path=SHIPPED, sha256=FIRST, header=SimpleNamespace(people=("P001",)))
        self.wanted: list[Any] = []
        self.refuses = ""

    def use(self, path: Path) -> None:
        if self.refuses:
            raise CheckpointError(self.refuses)
        self.wanted.append(path)

    def go_back(self) -> None:
        self.wanted.append("back")


class Job(CommandJob):
    """A command that does nothing until the test says how it ended."""

    state = ""

    def start(self) -> None:
        self.state = "started"

    def cancel(self) -> None:
        self.state = "cancelled"

    def end(self) -> None:
        self.state = "ended"


class Bar:
    """The bar, the jobs that it started, what it asked for and what it told."""

    def __init__(self, qtbot: QtBot, **changes: Any) -> None:
        self.jobs: list[Job] = []
        self.told: list[str] = []
        self.swap = Swap()
        teaching = Teaching(**{"swap": self.swap, "study": Path("/study"), "running": True, **changes})
        self.bar = TeachBar(teaching, KEYS, self.told.append, self._make)
        qtbot.addWidget(self.bar)

    def _make(self, words: Sequence[str]) -> Job:
        self.jobs.append(Job(words))
        return self.jobs[-1]

    def finish(self, model: str | None, summary: str = "It tells something.") -> None:
        self.jobs[-1].said.emit(json.dumps({"model": model, "words": "figures", "summary": summary}))
        self.jobs[-1].ended.emit(0, "")

    @property
    def text(self) -> str:
        return self.bar.words.text()


@pytest.fixture
def bar(qtbot: QtBot) -> Bar:
    return Bar(qtbot)


def test_it_teaches_beside_the_session_from_what_is_on_disk_of_it(bar: Bar):
    bar.bar.teach("P001")
    (job,) = bar.jobs
    assert job.words == (
        "teach", "/study", "--participant", "P001", "--base", str(SHIPPED), "--background", "--json",
        "--running",
    )  # fmt: skip
    assert job.state == "started"
    bar.bar.teach("P001")  # one at a time
    assert len(bar.jobs) == 1


def test_stage_share_and_time_left_are_told_and_it_can_be_cancelled(bar: Bar, monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("app.window.teach_bar.time.monotonic", lambda: now[0])
    bar.bar.teach("P001")
    now[0] = 120.0
    bar.jobs[0].said.emit(json.dumps({"stage": "reading x.xdf (1 of 2)", "share": 0.25}))
    assert "25%" in bar.text
    assert "about 1:00 left" in bar.text
    assert "reading x.xdf (1 of 2)" in bar.text
    assert not bar.bar.cancel_button.isHidden()
    bar.bar.cancel_button.click()
    assert bar.jobs[0].state == "cancelled"
    bar.jobs[0].ended.emit(130, "Stopped.")
    assert bar.text == texts.TEACHING_CANCELLED
    assert bar.bar.swap_button.isHidden()


def test_what_was_learnt_is_used_by_one_key_and_left_by_the_same(bar: Bar):
    bar.bar.teach("P001")
    bar.finish("/study/models/P001_x.safetensors")
    assert bar.text == "P001. It tells something."
    assert bar.bar.swap_button.text() == "Use it  ⇧ L"
    bar.bar.swap("P001")
    assert bar.swap.wanted == [Path("/study/models/P001_x.safetensors")]
    bar.bar.show_change(ModelChange(5.0, LEARNT, FIRST, "P001_x.safetensors"))
    assert bar.text == "P001_x.safetensors reads from now on."
    assert bar.bar.swap_button.text() == "Go back  ⇧ L"
    bar.bar.swap_button.click()
    assert bar.swap.wanted[-1] == "back"
    bar.bar.show_change(ModelChange(9.0, FIRST, LEARNT, "first.safetensors"))
    assert "reads again" in bar.text
    assert bar.bar.swap_button.text() == "Use it  ⇧ L"


def test_where_nothing_holds_there_is_nothing_to_use(bar: Bar, tmp_path: Path):
    bar.bar.teach("P001")
    bar.finish(None, "No better than chance yet: 6 more minutes with changing expression would be needed to tell.")
    assert "6 more minutes" in bar.text
    assert bar.bar.swap_button.isHidden()
    bar.bar.swap("P001")
    assert bar.told == [texts.nothing_learnt("P001")]


def test_what_failed_and_what_does_not_fit_is_told_in_words(bar: Bar):
    bar.bar.teach("P001")
    bar.jobs[0].ended.emit(3, "insula teach: P001 has not agreed to training.")
    assert "has not agreed to training" in bar.text
    bar.bar.teach("P001")
    bar.finish("/study/models/P001_x.safetensors")
    bar.swap.refuses = "It reads 512 samples."
    bar.bar.swap("P001")
    assert bar.text == "It reads 512 samples."


def test_the_window_does_not_go_before_what_it_started(bar: Bar):
    bar.bar.teach("P001")
    bar.bar.stop()
    assert bar.jobs[0].state == "ended"


def test_without_a_study_it_says_so(qtbot: QtBot):
    bar = Bar(qtbot, study=None)
    bar.bar.teach("P001")
    assert bar.told == [texts.NOT_IN_A_STUDY]
    assert bar.jobs == []


def test_a_model_that_has_learnt_from_who_is_shown_is_offered_where_another_one_reads(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    """Also of several people side by side, of whom nobody is taught in this session."""
    learnt = {"P001": [Path("/study/models/P001_x.safetensors")]}
    monkeypatch.setattr("app.window.teach_bar.learnt_models", lambda _: learnt)
    bar = Bar(qtbot)
    bar.bar.offer("P002")
    assert bar.bar.isHidden()
    bar.bar.offer("P001")
    assert bar.text == texts.has_learnt("P001_x.safetensors", "P001")
    assert bar.bar.swap_button.text() == "Use it  ⇧ L"
    assert not bar.bar.swap_button.isHidden()
    bar.bar.offer("P002")
    assert bar.bar.isHidden()
    bar.bar.offer("P001")
    bar.bar.swap_button.click()
    assert bar.swap.wanted == learnt["P001"]
    bar.bar.show_change(ModelChange(5.0, LEARNT, FIRST, "P001_x.safetensors"))
    bar.bar.offer("P002")
    assert bar.bar.swap_button.text() == "Go back  ⇧ L"


def test_where_it_reads_already_it_says_so_and_offers_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    learnt = Path("/models/P001_x.safetensors")
    monkeypatch.setattr("app.window.teach_bar.learnt_models", lambda _: {"P001": [learnt]})
    bar = Bar(qtbot)
    bar.swap.first.path = learnt
    bar.bar.offer("P001")
    assert bar.text == "Read with P001_x.safetensors, which has learnt from P001."
    assert not bar.bar.isHidden()
    assert bar.bar.swap_button.isHidden()
    bar.bar.swap("P001")
    assert bar.told == [texts.nothing_learnt("P001")]
