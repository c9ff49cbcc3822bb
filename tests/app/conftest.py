"""A window on a staged session, moved by hand: no timer drains, no clock runs by itself."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.ui.theme import LIGHT, system_theme
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession
from core.config import LabelConfig
from tests.app.staged import CLASSES, Clock, Stage, segment


@pytest.fixture(autouse=True)
def _no_dialog_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog for a file would wait for ever for someone to close it: it is left at once."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))


@dataclass
class Staged:
    """The window with everything round it."""

    stage: Stage
    clock: Clock
    bridge: Bridge
    window: MainWindow

    def settle(self) -> None:
        """Hand on all messages, with the clock at the newest data."""
        self.clock.time = self.stage.time
        while self.bridge.drain():
            pass
        self.window.view.axis.move()
        self.window.refresh()
        QApplication.processEvents()

    def keep_last(self) -> None:
        """Acknowledge the newest answer, as the recorder does."""
        self.stage.outbox.put(self.stage.answers[-1])
        self.settle()


Asking = Callable[..., Staged]


@pytest.fixture
def staged(qtbot: QtBot) -> Iterator[Callable[..., Staged]]:
    bridges: list[Bridge] = []

    def make(label: LabelConfig | None = None, session: Mapping[str, Any] | None = None, **stage: object) -> Staged:
        played = Stage(**stage)  # type: ignore[arg-type]
        bridge = Bridge(played.outbox, interval_ms=3_600_000)
        bridges.append(bridge)
        clock = Clock()
        theme = replace(LIGHT, family=system_theme().family)
        label = label or LabelConfig(annotator="tester")
        window = MainWindow(bridge, ShownSession(CLASSES, played.answers.append, clock, label, **session or {}), theme)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return Staged(played, clock, bridge, window)

    yield make
    for bridge in bridges:
        with contextlib.suppress(RuntimeError):
            bridge.stop()


@pytest.fixture
def asking(staged: Callable[..., Staged]) -> Asking:
    """A healthy session with segments to label, most wanted first."""

    def make(*uids: str, **label: object) -> Staged:
        scene: Staged = staged(label=LabelConfig(annotator="tester", **label))  # type: ignore[arg-type]
        scene.stage.open()
        scene.stage.health()
        scene.stage.play(12)
        for k, uid in enumerate(uids):
            scene.stage.outbox.put(segment(uid, scene.stage.time - 8, 0.9 - 0.1 * k))
        scene.settle()
        return scene

    return make
