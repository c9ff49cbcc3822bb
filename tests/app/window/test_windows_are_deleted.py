"""Each window is deleted where it was shown, for the reason that `app.ui.application.delete` gives."""

import gc
import queue
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app.home import run_home
from app.home.home_window import HomeWindow
from app.start.start_flow import StartFlow
from app.window import run_window
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession
from core.config import Config
from tests.app.staged import CLASSES
from tests.windows import own_windows


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))


def session() -> None:
    def look() -> None:
        window = next(w for w in own_windows() if isinstance(w, MainWindow))
        window.show_eeg_figures()
        window.close()

    QTimer.singleShot(50, look)
    engine: Any = SimpleNamespace(outbox=queue.Queue(), put=lambda _: None)
    run_window.show(engine, ShownSession(CLASSES, engine.put, lambda: 0.0))


def home() -> None:
    QTimer.singleShot(50, lambda: next(w for w in own_windows() if isinstance(w, HomeWindow)).close())
    run_home.show(Path("no study"), lambda _: None, lambda: "")


def start() -> None:
    with StartFlow(Config(), {}) as flow:
        QTimer.singleShot(50, flow.window.close)
        flow.choose()


@pytest.mark.parametrize("show", [session, home, start])
def test_none_is_left(show: Callable[[], None], qapp: QApplication):
    gc.disable()
    try:
        show()
        assert own_windows() == []
    finally:
        gc.enable()
