import queue
import sys
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.session.engine import Ended
from app.ui.error_catcher import ErrorCatcher
from app.window.bridge import Bridge
from core.data import Fault, Label, Notice, RecordingHealth, StreamHealth, Window
from tests.app.staged import Stage, eeg_info, prediction, segment


@pytest.fixture
def outbox() -> queue.Queue[Any]:
    return queue.Queue()


MESSAGES = {
    "stream_found": eeg_info(),
    "prediction_made": prediction(5002.0),
    "segment_asked": segment("a", 5000.0),
    "label_kept": Label("u", "a", "P001", 0.0, 4.0, 5.0),
    "notice_given": Notice("eeg-P001", 1.0, "gap", "a gap"),
    "stream_measured": StreamHealth("eeg-P001", 1.0, True, 0.0, 256.0, 256.0, 0, 0, 0, 0.0),
    "recording_measured": RecordingHealth(1.0, "x", True, 0, 0),
    "fault_raised": Fault("engine", 1.0, "broken"),
    "session_ended": Ended(1.0),
}


@pytest.mark.parametrize("signal", list(MESSAGES))
def test_each_kind_of_message_has_its_signal(qtbot: QtBot, outbox: queue.Queue[Any], signal: str) -> None:
    bridge = Bridge(outbox, interval_ms=3_600_000)
    outbox.put(MESSAGES[signal])
    with qtbot.waitSignal(getattr(bridge, signal)) as heard:
        bridge.drain()
    assert heard.args == [MESSAGES[signal]]


def test_chunks_pass_in_order_and_windows_are_left_out(qtbot: QtBot, outbox: queue.Queue[Any]) -> None:
    bridge = Bridge(outbox, interval_ms=3_600_000)
    stage = Stage()
    chunks = [stage.eeg_chunk(8) for _ in range(3)]
    heard: list[object] = []
    bridge.chunk_arrived.connect(heard.append)
    for chunk in chunks:
        outbox.put(Window("P001", 0.0, 2.0))
        outbox.put(chunk)
    bridge.drain()
    assert [id(chunk) for chunk in heard] == [id(chunk) for chunk in chunks]


def test_the_timer_drains_by_itself(qtbot: QtBot, outbox: queue.Queue[Any]) -> None:
    bridge = Bridge(outbox, interval_ms=5)
    with qtbot.waitSignal(bridge.notice_given):
        outbox.put(MESSAGES["notice_given"])
    bridge.stop()


def test_one_look_takes_at_most_so_many(qtbot: QtBot, outbox: queue.Queue[Any]) -> None:
    bridge = Bridge(outbox, interval_ms=3_600_000, max_messages=10, budget_ms=1e6)
    for _ in range(25):
        outbox.put(MESSAGES["notice_given"])
    assert [bridge.drain() for _ in range(4)] == [10, 10, 5, 0]


class Computing:
    """Processor time of this thread, s: each message that is handed on costs 1/1024."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 5.0
        monkeypatch.setattr("time.thread_time", lambda: self.seconds)

    def hand_on(self, _: object) -> None:
        self.seconds += 1 / 1024


@pytest.mark.parametrize(("computed", "n"), [(0, 9), (4, 9), (20, 21), (900, 52)])
def test_a_look_computes_for_as_long_as_the_window_has_since_the_last_one_within_limits(
    qtbot: QtBot, outbox: queue.Queue[Any], monkeypatch: pytest.MonkeyPatch, computed: int, n: int
) -> None:
    computing = Computing(monkeypatch)
    bridge = Bridge(outbox, interval_ms=3_600_000, budget_ms=1000 * 8 / 1024)
    bridge.notice_given.connect(computing.hand_on)
    for _ in range(100):
        outbox.put(MESSAGES["notice_given"])
    assert bridge.drain() == 9  # the first that goes beyond 8 is the last one
    computing.seconds += computed / 1024  # painting
    assert bridge.drain() == n  # 50 ms at most
    assert outbox.qsize() > 0


def test_a_look_does_not_end_while_others_have_the_processor(
    qtbot: QtBot, outbox: queue.Queue[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Computing(monkeypatch)  # this thread computes nothing
    passed = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(passed)))  # and waits a second at each message
    bridge = Bridge(outbox, interval_ms=3_600_000)
    for _ in range(50):
        outbox.put(MESSAGES["notice_given"])
    assert bridge.drain() == 50


def test_an_error_in_the_window_is_told_once_and_ends_nothing(
    qtbot: QtBot, outbox: queue.Queue[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: printed.append(error))
    bridge = Bridge(outbox, interval_ms=3_600_000)
    told: list[Fault] = []
    bridge.fault_raised.connect(told.append)
    before = sys.excepthook
    with ErrorCatcher(bridge.fault_raised.emit):
        for _ in range(2):
            sys.excepthook(ValueError, ValueError("no such electrode"), None)
    assert sys.excepthook is before
    assert len(printed) == 1
    assert [(fault.where, fault.text) for fault in told] == [("window", "ValueError: no such electrode")]


def test_ctrl_c_is_not_held_back(qtbot: QtBot, outbox: queue.Queue[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: passed.append(kind))
    bridge = Bridge(outbox, interval_ms=3_600_000)
    with ErrorCatcher(bridge.fault_raised.emit):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert passed == [KeyboardInterrupt]
