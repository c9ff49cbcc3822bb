"""A whole session of Insula with its window, for `benchmarks/window.py`, in a process of its own."""

from __future__ import annotations

import functools
import itertools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Literal

import numpy as np
import pylsl

from app.session.engine import Engine
from benchmarks import timed_session
from benchmarks.lsl_readers import Meter, Setup
from core.data import Array

Case = Literal["no window", "open", "closed", "asleep", "busy", "resized"]
CASES: tuple[Case, ...] = ("no window", "open", "closed", "asleep", "busy", "resized")
BLOCKED_S = 10.0
_AFTER_MS = 3000
_RESIZE_MS = 400
_SIZES = ((1440, 900), (1280, 800), (1920, 1080), (1080, 680))


@dataclass(frozen=True, slots=True)
class WindowReading:
    """What a session with a window measured."""

    cpu: Array
    """Array of shape (n,): processor seconds a second, all its threads, about a second each."""
    windows: Array
    """Array of shape (n_windows, n_marks); see `benchmarks.timed_session`."""
    painted: Array = field(default_factory=lambda: np.zeros((0, 2)))
    """Array of shape (n_frames, 2): stamp of the newest sample on the screen, and when it was painted."""


def session(case: Case) -> Callable[[Connection, Setup], None]:
    """Return the session of a case, to be run in a process."""
    return functools.partial(_run, case)


def _run(case: Case, pipe: Connection, setup: Setup) -> None:
    painted: list[tuple[float, float]] = []
    with timed_session.timed(setup) as (engine, marks):
        if case == "no window":
            meter = Meter(pipe)
            while meter.running():
                time.sleep(0.05)
        else:
            meter = _show(case, pipe, engine, painted)
    pipe.send(WindowReading(meter.cpu(), np.array(marks.windows()), np.array(painted).reshape(-1, 2)))


def _show(case: Case, pipe: Connection, engine: Engine, painted: list[tuple[float, float]]) -> Meter:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from app.ui.error_catcher import ErrorCatcher
    from app.window.bridge import Bridge
    from app.window.main_window import MainWindow
    from app.window.run_window import SWITCH_S
    from app.window.shown_session import ShownSession

    application = QApplication([])
    sys.setswitchinterval(SWITCH_S)
    bridge = Bridge(engine.outbox)
    classes = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
    window = MainWindow(bridge, ShownSession(classes, engine.put, pylsl.local_clock))
    window.traces.painted.connect(lambda newest, _: painted.append((newest, pylsl.local_clock())))
    meter = Meter(pipe)
    sizes, resizes = itertools.cycle(_SIZES), QTimer()
    # As the system does it when somebody pulls at an edge: asked of the window behind the widget, done by events.
    resizes.timeout.connect(lambda: window.windowHandle().resize(*next(sizes)))  # type: ignore[union-attr]

    def disturb() -> None:
        if case == "asleep":
            time.sleep(BLOCKED_S)
        elif case == "busy":
            _work()
        elif case == "closed":
            bridge.stop()
            window.close()
        elif case == "resized":
            resizes.start(_RESIZE_MS)

    begun = False

    def look() -> None:
        nonlocal begun
        if not meter.running():
            application.exit()
        elif meter.begun and not begun:
            begun = True
            QTimer.singleShot(_AFTER_MS, disturb)

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(50)
    application.setQuitOnLastWindowClosed(False)
    with ErrorCatcher(bridge.fault_raised.emit):
        window.show()
        application.exec()
    bridge.stop()
    return meter


def _work() -> None:
    """Hold the window's thread with Python code that never waits: the worst that a slot can do."""
    end = time.perf_counter() + BLOCKED_S
    total = 0
    while time.perf_counter() < end:
        total += sum(range(1000))
