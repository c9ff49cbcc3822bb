"""The study's screen from being shown to being closed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app.home.home_window import HomeWindow
from app.ui.error_catcher import ErrorCatcher
from app.ui.window_geometry import fit_screen

_SIGNALS_MS = 200
"""Python sees Ctrl-C only between two of its own instructions; a timer gives it some."""


def show(study: Path, choose_model: Callable[[str], object]) -> None:
    """Show a study and return when its screen is closed, or on Ctrl-C; what was started from it is stopped."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = HomeWindow(study, choose_model)
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(_SIGNALS_MS)
    before = {name: signal.signal(name, lambda *_: application.exit()) for name in (signal.SIGINT, signal.SIGTERM)}
    with ErrorCatcher(lambda fault: window.show_fault(fault.text)):
        fit_screen(window)
        window.show()
        window.watch()
        application.exec()
    window.stop()
    for name, handler in before.items():
        signal.signal(name, handler)
