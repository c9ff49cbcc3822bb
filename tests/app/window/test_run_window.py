"""The session's window from being shown to being left: what it is joined to, and what stays."""

import queue
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from acquisition.lsl_found import FoundStream
from app.window import run_window
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession
from tests.app.staged import CLASSES

KEYS = FoundStream("Keys", "Markers", "lab", "keys", "uid", 1, 0.0, "markers")


@pytest.fixture
def shown(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Shows a window on an engine that says nothing, has it looked at, and closes it."""
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))

    def show(look: Any, **options: Any) -> None:
        def then_close() -> None:
            made = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())
            try:
                look(made)
            finally:
                made.close()

        QTimer.singleShot(50, then_close)
        engine: Any = SimpleNamespace(outbox=queue.Queue(), put=lambda _: None)
        run_window.show(engine, ShownSession(CLASSES, engine.put, lambda: 0.0, **options))

    return show


@pytest.mark.parametrize(("method", "title"), [("", "Insula"), ("thesis", "Insula · method thesis")])
def test_its_title_names_the_method_of_the_model_that_reads(shown: Any, method: str, title: str):
    titles: list[str] = []
    shown(lambda made: titles.append(made.windowTitle()), method=method)
    assert titles == [title]


def test_it_stands_where_it_stood(shown: Any, qapp: QApplication):
    filled = []

    def look(made: MainWindow) -> None:
        filled.append(made.isMaximized())
        made.showNormal()

    shown(look)
    shown(look)
    assert qapp.primaryScreen().availableSize().width() < 1440, "at first it fills a screen that is too small"
    assert filled == [True, False]


def test_it_offers_what_is_near(shown: Any):
    taken: list[FoundStream] = []

    def look(made: MainWindow) -> None:
        made.refresh()
        made.streams.offers[KEYS].click()

    shown(look, nearby=SimpleNamespace(markers=lambda: [KEYS], take_in=taken.append))
    assert taken == [KEYS]


def test_it_is_left_once_another_program_has_said_so(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))
    asked: list[bool] = []
    engine: Any = SimpleNamespace(outbox=queue.Queue(), put=lambda _: None)

    def is_over() -> bool:
        asked.append(any(isinstance(w, MainWindow) and w.isVisible() for w in QApplication.topLevelWidgets()))
        return len(asked) > 1

    assert not run_window.show(engine, ShownSession(CLASSES, engine.put, lambda: 0.0), None, is_over)
    assert asked[:2] == [True, True]


def test_the_time_is_up_for_the_session_alone(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever stops before it is up has the screen after the session for as long as they like."""
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))
    engine: Any = SimpleNamespace(outbox=queue.Queue(), put=lambda _: None)
    close = lambda: next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)).close()  # noqa: E731
    QTimer.singleShot(50, close)
    run_window.show(engine, ShownSession(CLASSES, engine.put, lambda: 0.0), 1.0)
    QTimer.singleShot(1500, lambda: qapp.exit(7))
    assert qapp.exec() == 7
    run_window.show(engine, ShownSession(CLASSES, engine.put, lambda: 0.0), 0.1)
