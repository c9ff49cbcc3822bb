"""The screen after a session from being shown to being closed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication

from app.home.end_window import EndWindow
from app.home.until_closed import run_until_closed
from core.recording.session import Session


def show(session: Session, study: Path, choose_model: Callable[[str], object]) -> None:
    """Show how a session went and return when that is closed, or on Ctrl-C."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    run_until_closed(application, EndWindow(session, study, choose_model))
