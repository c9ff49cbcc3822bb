"""A window over a recording is there before its model, and says so."""

import contextlib
import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pylsl
import pytest
import torch
from PyQt6.QtCore import QTimer

from acquisition.simulator.streams import SimulatedEeg
from acquisition.source import items
from app import texts
from app.cli import main
from app.session.model_loading import ModelLoading
from app.session.opening import open_session
from app.session.recording_files import RecordingFiles
from app.session.session_plan import SessionPlan
from app.window.main_window import MainWindow
from core.config import Config, LslConfig, ModelConfig, RecordConfig
from core.data import Chunk
from core.errors import CheckpointError, SessionCancelled
from core.models.checkpoint import load, save
from core.models.model_file import CLASSES, SHIPPED, read_model
from core.recording.session import Session

_SHOWN = """
import sys
from PyQt6.QtCore import QTimer
import app.start.start_flow
import app.window.run_window
from app.cli import main
from app.window.main_window import MainWindow
from app.start.start_window import StartWindow

class Shown:
    def showEvent(self, event):
        super().showEvent(event)
        print("shown without", [name for name in ("torch", "scipy", "mne") if name not in sys.modules])
        QTimer.singleShot(0, self.close)

app.window.run_window.MainWindow = type("Watched", (Shown, MainWindow), {})
app.start.start_flow.StartWindow = type("Watched", (Shown, StartWindow), {})
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Some seconds of EEG."""
    made = Session.create(RecordConfig(study=str(tmp_path_factory.mktemp("study"))))
    with SimulatedEeg("P001", 7, 700.0, duration=6.0, clock=None) as eeg:
        files = RecordingFiles(made, eeg.infos, ["P001"], CLASSES, "2026-11-21T10:00:00+00:00", video=False)
        for item in items(eeg):
            assert isinstance(item, Chunk)
            files.write(item, derived=False)
    files.close()
    made.describe({"participants": ["P001"]})
    return made


@pytest.fixture
def misfit(tmp_path: Path) -> Path:
    """A model file whose weights are not those that its header tells of."""
    shipped = load(SHIPPED)
    shipped.network.prototypes.register_buffer("more", torch.zeros(3))
    save(tmp_path / "misfit.safetensors", shipped.network, shipped.header)
    return tmp_path / "misfit.safetensors"


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, qapp: Any) -> Callable[[Callable[[MainWindow], bool]], None]:
    """Looks at the window whenever its state line is told, and closes it when it has seen what it looked for."""

    def watch(seen: Callable[[MainWindow], bool]) -> None:
        refresh = MainWindow.refresh

        def refreshed(self: MainWindow) -> None:
            refresh(self)
            if self.isVisible() and seen(self):
                QTimer.singleShot(0, self.close)

        monkeypatch.setattr(MainWindow, "refresh", refreshed)

    return watch


def test_nothing_is_loaded_for_a_window_that_has_gone():
    with ModelLoading(("",), Config()) as loading:
        pass
    loading.begin()
    assert loading.is_done()
    assert not [thread for thread in threading.enumerate() if thread.name == "model"]


@pytest.mark.parametrize("command", ["replay", "label", "run"])
def test_the_window_is_shown_before_torch_and_scipy_are_imported(command: str, session: Session):
    words = [command] if command == "run" else [command, str(session.xdf)]
    done = subprocess.run([sys.executable, "-c", _SHOWN, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "shown without ['torch', 'scipy', 'mne']" in done.stdout


def test_the_thread_that_loads_sets_no_environment_variable_while_others_read_them():
    code = """
import os
from app.session.model_loading import ModelLoading
from core.config import Config
before = dict(os.environ)
with ModelLoading(("",), Config()) as loading:
    loading.begin()
    loading.check()
assert dict(os.environ) == before, set(os.environ) - set(before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_garbage_is_looked_for_again_once_the_model_is_loaded_or_could_not_be(misfit: Path):
    for models in ([""], [str(misfit)]):
        with ModelLoading(models, Config()) as loading:
            loading.begin()
        assert gc.isenabled()


def test_the_state_line_says_that_the_model_is_being_loaded_until_it_is(
    session: Session, watched: Any, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    read, load = threading.Event(), ModelLoading._load
    monkeypatch.setattr(ModelLoading, "_load", lambda self: load(self) if read.wait(120.0) else None)

    def look(window: MainWindow) -> bool:
        said.append(window.state.sentence.text())
        if texts.LOADING in said[-1]:
            read.set()
        return not window.status.loading and window.view.timeline is not None and "trusted" in said[-1]

    watched(look)
    assert main(["replay", str(session.xdf), "--speed", "max"]) == 0
    loading = [texts.LOADING in words for words in said]
    assert loading[0]
    assert not loading[-1]
    assert loading == sorted(loading, reverse=True)
    assert "Replaying P001. The model is being loaded." in said


@pytest.mark.parametrize("command", ["replay", "label"])
def test_a_model_that_is_missing_or_foreign_is_told_before_any_window(
    command: str, session: Session, tmp_path: Path, watched: Any, capsys: pytest.CaptureFixture[str]
):
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(b"not a model")
    watched(lambda _: pytest.fail("a window"))
    assert main([command, str(session.xdf), "--model", str(tmp_path / "none")]) == CheckpointError.exit_code
    assert "cannot be read: No such file" in capsys.readouterr().err
    assert main([command, str(session.xdf), "--model", str(foreign)]) == CheckpointError.exit_code
    assert "no Insula checkpoint" in capsys.readouterr().err


def test_a_model_that_cannot_be_loaded_is_told_in_the_window_and_at_the_end(
    session: Session, misfit: Path, watched: Any, capsys: pytest.CaptureFixture[str]
):
    said: list[str] = []

    def look(window: MainWindow) -> bool:
        said[:] = [window.state.sentence.text(), *(p.text for p in window.status.problems() if p.grave)]
        # The recording goes on without it.
        return len(said) > 1 and window.view.data_time > 702.0

    watched(look)
    assert main(["replay", str(session.xdf), "--speed", "max", "--model", str(misfit)]) == CheckpointError.exit_code
    assert said[0] == f"Replaying P001. {texts.NO_PREDICTIONS}"
    assert "misfit.safetensors: the weights do not fit its header" in said[1]
    assert "The recording is shown without predictions. Details are in " in said[1]
    assert "misfit.safetensors: the weights do not fit its header" in capsys.readouterr().err


def test_a_session_whose_model_cannot_be_loaded_leaves_nothing(
    misfit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The weights are read while the streams are opened; what the header says has been checked before."""
    eeg = SimulatedEeg("P001", 7, pylsl.local_clock())
    until_ready: list[Any] = []

    def devices(people: Any, config: Config, watch: Any, ready: Any) -> list[Any]:
        until_ready.append(ready)
        return [eeg]

    monkeypatch.setattr("app.session.opening.devices", devices)
    config = Config(
        model=ModelConfig(path=str(misfit)), record=RecordConfig(study=str(tmp_path / "study")),
        lsl=LslConfig(publish=False),
    )  # fmt: skip
    refreshed: list[str] = []
    with contextlib.ExitStack() as stack, pytest.raises(CheckpointError, match="the weights do not fit its header"):
        open_session(SessionPlan(config, ("P001",)), read_model(misfit), stack, refreshed.append)
    with pytest.raises(CheckpointError):
        until_ready[0]()  # no camera is opened for it
    assert refreshed == [texts.OPENING_STREAMS, texts.OPENING_MODEL]
    assert not (tmp_path / "study").exists()
    assert not [t.name for t in threading.enumerate() if t.name.startswith(("model", "engine", "reader", "watch"))]


def test_streams_are_not_waited_for_once_nobody_wants_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.session.opening.devices", lambda *_: [SimulatedEeg("P001", 7, pylsl.local_clock())])
    config = Config(record=RecordConfig(study=str(tmp_path / "study")), lsl=LslConfig(publish=False))
    refreshed: list[str] = []
    with contextlib.ExitStack() as stack, pytest.raises(SessionCancelled):
        open_session(
            SessionPlan(config, ("P001",)), read_model(SHIPPED), stack, refreshed.append, is_wanted=lambda: False
        )
    assert refreshed == [texts.OPENING_STREAMS, texts.OPENING_MODEL]
    assert not (tmp_path / "study").exists()


def test_who_labels_is_not_told_that_all_is_answered_if_the_model_could_not_be_loaded(
    session: Session, misfit: Path, watched: Any
):
    said: list[str] = []

    def look(window: MainWindow) -> bool:
        said[:] = [window.state.sentence.text(), window.labelling.nothing.words.text()]
        return texts.READING not in said

    watched(look)
    assert main(["label", str(session.xdf), "--model", str(misfit)]) == CheckpointError.exit_code
    assert said == [f"Labelling P001. {texts.NO_PREDICTIONS}", texts.NO_PREDICTIONS]


@pytest.mark.parametrize("command", ["replay", "label"])
@pytest.mark.parametrize("leave", ["closed", "Ctrl-C"])
def test_left_while_the_model_is_loading_it_ends_at_once_and_well(
    command: str, leave: str, session: Session, monkeypatch: pytest.MonkeyPatch, watched: Any, qapp: Any
):
    loading = threading.Event()

    def load(self: ModelLoading) -> Any:
        loading.set()
        assert self._leaving.wait(120.0)
        return lambda infos: pytest.fail(f"a pipeline for {infos}")

    monkeypatch.setattr(ModelLoading, "_load", load)

    def look(window: MainWindow) -> bool:
        if leave == "Ctrl-C" and loading.is_set():
            signal.raise_signal(signal.SIGINT)
        return leave == "closed" and loading.is_set()

    watched(look)
    assert main([command, str(session.xdf)]) == 0
    assert not [t.name for t in threading.enumerate() if t.name.startswith(("model", "engine", "reader"))]
