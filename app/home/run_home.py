"""The study's screen from being shown to being closed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication

from app.home.home_window import HomeWindow
from app.home.until_closed import run_until_closed


def show(study: Path, choose_model: Callable[[str], object], model: str) -> None:
    """Show a study and return when its screen is closed, or on Ctrl-C; what was started from it is stopped."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = HomeWindow(study, choose_model, model=model)
    run_until_closed(application, window, window.watch)
