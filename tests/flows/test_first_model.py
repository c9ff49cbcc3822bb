"""From a study's screen to a first model in use, by keys alone: taught, used, and named by whatever comes next."""

import contextlib
import io
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cli import main
from app.home.home_window import HomeWindow
from app.session.session_choices import choose_model, first_choices
from app.start.session_form import SessionForm
from app.study import teach as teach_module
from app.ui.command_job import CommandJob
from core.config import Config
from core.recording.session import MODELS
from tests.app.study.test_sessions import record
from tests.training.conftest import base, reading_base  # noqa: F401
from tests.training.test_distil import LONG, recording


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading_base: Path) -> Path:
    """A study with one session of P007, from which can be learnt; what would be read from its files is made up."""
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.setattr(teach_module, "gather", lambda *_, **__: [recording("a", LONG)])
    monkeypatch.setattr("app.commands.teach.SHIPPED", reading_base)
    study = tmp_path / "study"
    record(study, "P007", start="2026-11-21T10:00:00+00:00", stop="2026-11-21T10:20:00+00:00")
    return study


class Job(CommandJob):
    """Teaches in this process; whatever opens a window it only takes note of."""

    started: list[tuple[str, ...]]

    def start(self) -> None:
        self.started.append(self.words)
        if self.words[0] != "teach":
            return
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = main(list(self.words))
        for line in said.getvalue().splitlines():
            self.said.emit(line)
        self.ended.emit(code, "")


def test_a_session_is_taught_from_and_the_next_ones_are_read_with_what_was_learnt(study: Path, qtbot: QtBot):
    started: list[tuple[str, ...]] = []

    def make(words: Sequence[str]) -> CommandJob:
        job = Job(words)
        job.started = started
        return job

    home = HomeWindow(
        study, partial(choose_model, Config()), make, chosen_model=lambda: first_choices(Config(), {}).model
    )
    qtbot.addWidget(home)
    with qtbot.waitExposed(home):
        home.show()
    home.look()
    press: Any = partial(qtbot.keyClick, home)
    press(Qt.Key.Key_T)
    home.look()
    (model,) = (study / MODELS).glob("*.safetensors")
    assert "The EEG follows what the face shows, more than by chance." in home._message.text()
    assert f"Model: {model.name}." in home._about.text()
    press(Qt.Key.Key_U)
    assert f"read with {model.stem}" in home._where.text()
    press(Qt.Key.Key_F2)
    assert started[-1] == ("run", "--simulate", "--study", str(study), "--model", str(model))
    chosen = first_choices(Config(), {})
    form = SessionForm(chosen, Config())
    qtbot.addWidget(form)
    assert (chosen.model, form.other_model.text()) == (str(model), model.name)
    assert "P007" in form._taught.text()
    assert json.loads((study.parent / "settings" / "start.json").read_text(encoding="utf-8"))["model"] == str(model)
