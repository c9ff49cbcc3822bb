"""The study's screen from being shown to being closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.home.home_window import HomeWindow
from app.home.until_closed import run_until_closed
from app.ui.application import application


def show(study: Path, choose_model: Callable[[str], object], chosen_model: Callable[[], str]) -> None:
    """Show a study and return when its screen is closed, or on Ctrl-C; what was started from it is stopped."""
    qt = application()
    window = HomeWindow(study, choose_model, chosen_model=chosen_model)
    run_until_closed(qt, window, window.watch)
