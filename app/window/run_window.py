"""The window on a running engine: opened, shown, and left when it is closed, the time is up, or on Ctrl-C."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication

from app.session.engine import Engine
from app.session.offline_questions import OfflineQuestions
from app.ui import window_geometry
from app.ui.application import application, delete
from app.ui.error_catcher import ErrorCatcher
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession

SWITCH_S = 0.0001
"""Whoever holds Python gives way after so long. The engine asks for it some fifty times on the way to a prediction, and
while the window computes each of them waits so long: with Python's own 5 ms longer than there is time."""
_WATCH_MS = 100
_DRAWN_MS = 100
"""The first picture and the first EEG are drawn before a model that is loaded takes every other turn. What was said
when a recording was made is read before it as well: both at once take longer, and it shows what to look at."""


def show(
    engine: Engine | OfflineQuestions,
    shown: ShownSession,
    duration: float | None = None,
    is_over: Callable[[], bool] | None = None,
) -> bool:
    """Show the engine's session, for at most `duration` s and until it `is_over`; return whether somebody stopped it.

    The engine goes on.
    """
    qt = application()
    switch = sys.getswitchinterval()
    bridge = Bridge(engine.outbox)
    window = MainWindow(bridge, shown)
    if shown.loading is None:
        sys.setswitchinterval(SWITCH_S)
    else:
        # What it has brought stays as well, see below. Giving way so often would slow down the imports before.
        bridge.model_loaded.connect(lambda _: gc.freeze())
        bridge.model_loaded.connect(lambda _: sys.setswitchinterval(SWITCH_S))
        load = partial(QTimer.singleShot, _DRAWN_MS, shown.loading.begin)
        if window.replay_bar is not None:
            window.replay_bar.read.connect(load)
        else:
            load()
    # Python sees a signal only between two of its own instructions; the bridge's timer gives it some. Those may be in
    # the middle of painting, where no window must be taken away.
    leave = lambda *_: QTimer.singleShot(0, qt.quit)  # noqa: E731
    before = {name: signal.signal(name, leave) for name in (signal.SIGINT, signal.SIGTERM)}
    watch, rest = QTimer(), QTimer()
    rest.setSingleShot(True)
    rest.timeout.connect(qt.quit)
    if duration is not None:
        rest.start(round(1000 * duration))
    if is_over is not None:
        watch.timeout.connect(lambda: qt.quit() if is_over() else None)
        watch.start(_WATCH_MS)
    # What is loaded by now stays: to go through all of it for garbage would stop every thread for a tenth of a second.
    gc.freeze()
    with ErrorCatcher(bridge.fault_raised.emit):
        window_geometry.stand_where_it_was(window)
        window.show()
        qt.exec()
        window_geometry.remember(window)
    for timer in (watch, rest):  # else the time would be up for the screen after the session
        timer.stop()
    # Closing the last window asks to quit as well: left behind, that would end whatever is shown next.
    QApplication.removePostedEvents(qt, QEvent.Type.Quit.value)
    gc.unfreeze()
    bridge.stop()
    sys.setswitchinterval(switch)
    for name, handler in before.items():
        signal.signal(name, handler)
    stopped = window.was_stopped
    for shown_window in filter(None, (window.eeg_window, window)):
        delete(shown_window)
    return stopped
