"""A screen of the study from being shown to being closed, or Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, QTimer

from app.home.end_window import EndWindow
from app.home.home_window import HomeWindow
from app.ui.application import delete
from app.ui.error_catcher import ErrorCatcher
from app.ui.window_geometry import fit_screen

_SIGNALS_MS = 200
"""Python sees Ctrl-C only between two of its own instructions; a timer gives it some."""


def run_until_closed(
    application: QCoreApplication, window: HomeWindow | EndWindow, begin: Callable[[], object] = lambda: None
) -> None:
    """Show a window, `begin` once it is shown, and delete it when it is closed; what was started from it is stopped."""
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(_SIGNALS_MS)
    before = {name: signal.signal(name, lambda *_: application.exit()) for name in (signal.SIGINT, signal.SIGTERM)}
    with ErrorCatcher(lambda fault: window.show_fault(fault.text)):
        fit_screen(window)
        window.show()
        begin()
        application.exec()
    window.stop()
    delete(window)
    for name, handler in before.items():
        signal.signal(name, handler)
