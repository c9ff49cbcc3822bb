"""From the first screen into a session and out again: nothing is half made, whatever happens."""

import contextlib
import dataclasses
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QDialog

from acquisition import lsl_config
from acquisition.device_memory import recall
from app import texts
from app.cli import main
from app.commands import run as run_command
from app.session.session_choices import NONE, Consent, SessionChoices, first_choices, remember
from app.session.session_plan import SessionPlan
from app.session.session_state import SessionState
from app.start import device_check
from app.start import start_flow as start_module
from app.start.device_dialog import DeviceDialog
from app.start.device_preview import DevicePreview
from app.start.start_flow import StartFlow
from app.start.start_window import StartWindow
from core.config import Config, EegConfig, LslConfig, StreamConfig
from core.data import Chunk, Item, Notice, StreamInfo
from core.errors import RecordingError, SessionCancelled, SourceError
from tests.app.staged import eeg_info


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.setattr(start_module, "_OVERLAP_MS", 0)
    return tmp_path / "settings"


@pytest.fixture
def ready(tmp_path: Path) -> SessionChoices:
    """Choices of last time with which a session can start at once: a video in the camera's place."""
    choices = SessionChoices(
        study=str(tmp_path / "study"), participant="P7", session="01", task="film",
        consent=Consent(record_video=True), eeg=StreamConfig(NONE), camera=str(tmp_path / "no-such.mkv"),
    )  # fmt: skip
    remember(choices)
    return choices


def soon(*acts: Callable[[], object]) -> None:
    """Do one thing after the other once the event loop runs."""
    for k, act in enumerate(acts):
        QTimer.singleShot(30 * (k + 1), act)


def screen() -> StartWindow:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, StartWindow) and w.isVisible())


@pytest.fixture
def started(qapp: QApplication) -> Iterator[StartFlow]:
    with StartFlow(Config(), {}) as start:
        yield start


def test_closing_leaves_nothing_behind(tmp_path: Path, qapp: QApplication) -> None:
    with StartFlow(Config(), {"study": str(tmp_path / "study")}) as start:
        soon(start.window.close)
        assert start.choose() is None
        assert not start.is_open
        assert start.state is SessionState.ENDED
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, qapp: QApplication) -> None:
    before = signal.getsignal(signal.SIGINT)
    with StartFlow(Config(), {"study": str(tmp_path / "study")}) as start:
        soon(lambda: os.kill(os.getpid(), signal.SIGINT))
        assert start.choose() is None
    assert signal.getsignal(signal.SIGINT) is before
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_a_dialog_as_well(tmp_path: Path, qapp: QApplication) -> None:
    with StartFlow(Config(), {"study": str(tmp_path / "study")}) as start:
        late = QTimer(start.window)
        late.timeout.connect(lambda: start.window.findChildren(QDialog)[0].reject())
        late.start(2000)
        soon(start.window.name_people, lambda: os.kill(os.getpid(), signal.SIGINT))
        began = time.monotonic()
        assert start.choose() is None
        assert time.monotonic() - began < 1.5


def test_nobody_is_asked_for_while_the_session_is_opened(ready: SessionChoices, started: StartFlow) -> None:
    """A dialog would hold the session back: it would be recorded behind it, without a window."""
    soon(started.window.start)
    assert started.choose() is not None

    def work(*_: object) -> str:
        threading.Event().wait(0.3)
        return "open"

    soon(started.window.name_people)
    late = QTimer(started.window)
    late.timeout.connect(lambda: [dialog.reject() for dialog in started.window.findChildren(QDialog)])
    late.start(1000)
    assert started.open(work) == "open"
    assert not started.window.findChildren(QDialog)


def test_what_takes_long_is_done_once_the_screen_is_drawn(tmp_path: Path, qapp: QApplication) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []

    def prepare() -> None:
        begun.set()
        assert go_on.wait(120.0)
        done.append(threading.current_thread().name)

    with StartFlow(Config(), {"study": str(tmp_path / "study")}, prepare) as start:
        assert not begun.is_set()

        def close_once_begun() -> None:  # the screen lives on meanwhile
            start.window.close() if begun.is_set() else QTimer.singleShot(10, close_once_begun)

        close_once_begun()
        assert start.choose() is None
        go_on.set()
    assert done == ["prepare"]


def test_what_was_chosen_is_given_and_remembered(ready: SessionChoices, started: StartFlow) -> None:
    form = started.window.form
    soon(
        lambda: form.fields["participant"].line.setText("P8"),
        form.consents["record_video"].click,
        started.window.start,
    )
    answer = started.choose()
    assert answer is not None
    assert answer.participant == "P8"
    assert first_choices(Config(), {}).participant == "P8"


def test_a_fault_of_the_screen_is_shown_on_it(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    with StartFlow(Config(), {}) as start:
        sys.excepthook(ValueError, ValueError("a slot has a fault"), None)
        assert "a slot has a fault" in start.window._message.text()
        start.window.refresh()
        assert "a slot has a fault" in start.window._message.text()


def test_a_simulated_participant_is_nobodys_last_choice(started: StartFlow, settings: Path) -> None:
    soon(started.window.simulate)
    answer = started.choose()
    assert answer is not None
    assert answer.simulated
    assert not (settings / "start.json").exists()


@pytest.fixture
def seen_on_screen() -> list[str]:
    return []


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, seen_on_screen: list[str]) -> list[SessionPlan]:
    """Sessions are only noted; the first one cannot be opened."""
    seen: list[SessionPlan] = []

    def again() -> None:
        seen_on_screen.append(screen()._message.text())
        screen().simulate() if seen[0].simulate else screen().start(seen[0].record)

    def run(plan: SessionPlan, headless: bool, duration: float | None, start: StartFlow, *_: object) -> int:
        seen.append(plan)
        if len(seen) == 1:
            soon(again)
            raise SourceError("The camera is gone.")
        start.leave()
        return 0

    monkeypatch.setattr(run_command, "_session", run)
    return seen


def test_nothing_is_looked_for_any_more_during_the_session(started: StartFlow) -> None:
    searching = [thread for thread in threading.enumerate() if thread.name == "finder"]
    assert searching
    started.leave()
    assert not any(thread.is_alive() for thread in searching)


def test_a_session_that_cannot_be_opened_is_asked_for_again(
    ready: SessionChoices, sessions, seen_on_screen, qapp
) -> None:
    soon(lambda: screen().start())
    assert main(["run", "--task", "rest"]) == 0
    assert seen_on_screen == ["The camera is gone."]
    assert [plan.config.record.task for plan in sessions] == ["rest", "rest"]
    assert sessions[1].people == ("P7",)


def test_without_a_recording_on_the_command_line_nothing_is_recorded(ready: SessionChoices, sessions, qapp) -> None:
    soon(lambda: screen().start())
    assert main(["run", "--no-record"]) == 0
    assert [plan.record for plan in sessions] == [False, False]


def test_simulated_from_the_screen_stays_on_this_machine(sessions, monkeypatch: pytest.MonkeyPatch, qapp) -> None:
    monkeypatch.setattr(lsl_config, "_OURS", Path(os.environ["LSLAPICFG"]).name[:7])
    monkeypatch.setenv("LSLAPICFG", os.environ["LSLAPICFG"])
    soon(lambda: screen().simulate())
    assert main(["run"]) == 0
    assert (sessions[1].simulate, sessions[1].people) == (True, ("SIM",))
    assert os.environ["LSLAPICFG"].endswith("machine.cfg")


def test_an_error_after_the_session_was_open_is_not_asked_about(
    ready: SessionChoices, monkeypatch, qapp, capsys
) -> None:
    def run(plan: SessionPlan, headless: bool, duration: float | None, start: StartFlow, *_: object) -> int:
        start.leave()
        raise RecordingError("The disk is gone.")

    monkeypatch.setattr(run_command, "_session", run)
    soon(lambda: screen().start())
    assert main(["run"]) == 3
    assert "The disk is gone." in capsys.readouterr().err


def test_the_screen_is_skipped_where_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[tuple[SessionPlan, bool]] = []
    settled: list[Config] = []
    monkeypatch.setattr(device_check, "settle_device", settled.append)
    monkeypatch.setattr(run_command, "_session", lambda plan, headless, *_, **__: plans.append((plan, headless)) or 0)
    for words in (["--headless"], ["--simulate"], ["--participant", "P3"]):
        assert main(["run", *words]) == 0
    assert [(plan.people, plan.simulate, headless) for plan, headless in plans] == [
        (("P001",), False, True), (("SIM",), True, False), (("P3",), False, False),
    ]  # fmt: skip
    assert [config.record.participant for config in settled] == ["P3"]


class Doubtful:
    """A preview of a headset that does not say all of itself, or of one that is not there."""

    def __init__(self, *_: object, error: str = "") -> None:
        self.info: StreamInfo | None = None
        self.error = error
        self.closed = False

    def poll(self) -> list[Chunk]:
        self.info = None if self.error else dataclasses.replace(eeg_info(4), unit_confirmed=False)
        return []

    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        return np.arange(600) / 256.0, np.random.default_rng(0).standard_normal((600, 4))

    def close(self, wait: float) -> None:
        self.closed = True


def once_asked(act: Callable[[DeviceDialog], object]) -> None:
    """Act on the dialog as soon as it is there."""
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, DeviceDialog) and w.isVisible()]
    if shown:
        act(shown[0])
    else:
        QTimer.singleShot(10, lambda: once_asked(act))


def test_doubts_of_a_headset_are_settled_before_a_session_from_the_command_line(monkeypatch, qapp) -> None:
    preview = Doubtful()
    monkeypatch.setattr(device_check, "DevicePreview", lambda *_: preview)
    once_asked(lambda dialog: dialog.confirm())
    device_check.settle_device(Config())
    known = recall("LiveAmp", "", ("Fp1", "Fp2", "F7", "F3"))
    assert known is not None
    assert (known.unit, known.confirmed, preview.closed) == ("uV", True, True)


def test_ctrl_c_in_the_dialog_ends_the_run_and_keeps_nothing(monkeypatch, qapp, settings: Path) -> None:
    preview = Doubtful()
    monkeypatch.setattr(device_check, "DevicePreview", lambda *_: preview)
    once_asked(lambda _: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(SessionCancelled):
        device_check.settle_device(Config())
    assert preview.closed
    assert not settings.exists()


def test_a_headset_that_is_not_there_is_the_sessions_to_wait_for(monkeypatch, qapp) -> None:
    preview = Doubtful(error="No stream.")
    monkeypatch.setattr(device_check, "DevicePreview", lambda *_: preview)
    device_check.settle_device(Config())
    assert preview.closed
    device_check.settle_device(Config(eeg=EegConfig(name=NONE)))


class Scripted:
    """A source that gives what it is told to."""

    def __init__(self, *items: Item, fail: str = "") -> None:
        self.infos: tuple[StreamInfo, ...] = (eeg_info(4),)
        self._items: queue.Queue[Item] = queue.Queue()
        self._fail = fail
        for item in items:
            self._items.put(item)

    def __enter__(self) -> "Scripted":
        if self._fail:
            raise SourceError(self._fail)
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout: float) -> Item | None:
        with contextlib.suppress(queue.Empty):
            return self._items.get(timeout=timeout)
        return None


def polled(preview: DevicePreview, wanted: Callable[[], bool], qtbot) -> None:
    qtbot.waitUntil(lambda: preview.poll() is not None and wanted())


def test_a_preview_keeps_the_last_seconds(qtbot) -> None:
    key = eeg_info(4).key
    chunks = [Chunk(key, np.arange(256) / 256.0 + k, np.full((256, 4), k, np.float32)) for k in range(10)]
    preview = DevicePreview(Scripted(*chunks), lambda: 0.0)
    polled(preview, lambda: bool(len(preview.samples()[0])) and preview.samples()[0][-1] > 9.9, qtbot)
    times, samples = preview.samples()
    assert preview.info == eeg_info(4)
    assert 6.0 <= times[-1] - times[0] <= 7.1
    assert samples.shape == (len(times), 4)
    preview.close(5.0)


def test_a_preview_says_why_there_is_nothing(qtbot) -> None:
    preview = DevicePreview(Scripted(fail="It sends nothing."), lambda: 0.0)
    polled(preview, lambda: preview.error == "It sends nothing.", qtbot)
    assert preview.samples()[0].size == 0
    preview.close(5.0)
    key = eeg_info(4).key
    lost = DevicePreview(Scripted(Notice(key, 0.0, "lost", "Gone.")), lambda: 0.0)
    polled(lost, lambda: lost.error == "Gone.", qtbot)
    lost.close(5.0)


def test_words_while_it_opens() -> None:
    assert texts.start_opening(["Muse", "Camera 0"]) == "Opening Muse and Camera 0 …"
    assert texts.start_opening(["A", "B", "C"], texts.OPENING_MODEL) == "Opening A, B and C: loading the model …"


def test_the_screen_lives_and_says_what_is_done_while_a_session_is_opened(started: StartFlow) -> None:
    turned, thread = threading.Event(), []

    def work(refresh: Callable[[str], object], is_wanted: Callable[[], bool]) -> str:
        refresh("the headset")
        thread.append(threading.current_thread())
        assert turned.wait(120.0)
        assert is_wanted()
        return "open"

    seen: list[str] = []

    def look() -> None:
        seen.append(started.window._message.text())
        assert started.state is SessionState.OPENING
        turned.set() if "the headset" in seen[-1] else QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)
    assert started.state is SessionState.CHOOSING
    assert started.open(work) == "open"
    assert thread[0] is not threading.main_thread()
    assert seen[-1].endswith("the headset …")


def test_why_a_session_could_not_be_opened_is_passed_on(started: StartFlow) -> None:
    def work(*_: object) -> None:
        raise SourceError("The camera is gone.")

    with pytest.raises(SourceError, match="The camera is gone"):
        started.open(work)


@pytest.mark.parametrize("by", ["closing", "Ctrl-C"])
def test_a_session_that_nobody_wants_any_more_is_not_begun(started: StartFlow, by: str) -> None:
    opening, unwanted = threading.Event(), threading.Event()

    def work(refresh: object, is_wanted: Callable[[], bool]) -> None:
        opening.set()
        pause = threading.Event()
        while is_wanted():
            pause.wait(0.01)
        unwanted.set()

    def act() -> None:
        if not opening.is_set():
            QTimer.singleShot(10, act)
        elif by == "closing":
            started.window.close()
        else:
            os.kill(os.getpid(), signal.SIGINT)

    QTimer.singleShot(0, act)
    with pytest.raises(SessionCancelled):
        started.open(work)
    assert unwanted.is_set()
    assert not started.window.isVisible()


def test_this_machine_only_is_one_switch(
    ready: SessionChoices, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[tuple[list[str], dict[str, str]]] = []
    begun: list[LslConfig] = []
    monkeypatch.setattr("subprocess.call", lambda command, env: run.append((command, env)) or 70)
    monkeypatch.setattr(run_command, "configure_lsl", begun.append)
    monkeypatch.setattr(run_command, "reach", lambda: begun[-1])
    monkeypatch.setattr(run_command, "why_no_window", str)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "insula", "run", "--this-machine"])
    soon(lambda: screen().form.network.this_machine.click())
    assert main(["run"]) == 70
    soon(lambda: screen().close())
    assert main(["run"]) == 0
    assert [lsl.scope for lsl in begun] == ["link", "machine"]
    ((command, environment),) = run
    assert command == [sys.executable, "-m", "insula", "run"]
    assert environment["LSLAPICFG"] == os.environ["LSLAPICFG"]
