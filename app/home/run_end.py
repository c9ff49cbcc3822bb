"""The screen after a session from being shown to being closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.home.end_window import EndWindow
from app.home.until_closed import run_until_closed
from app.ui.application import application
from core.recording.session import Session


def show(session: Session, study: Path, choose_model: Callable[[str], object]) -> None:
    """Show how a session went and return when that is closed, or on Ctrl-C."""
    qt = application()
    run_until_closed(qt, EndWindow(session, study, choose_model))
