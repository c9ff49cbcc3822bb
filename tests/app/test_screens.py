"""Every screen and state that is drawn beside the documentation: it opens, and a screen reader can name all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme import DARK, LIGHT
from tools.screen_states import STATES, Scene
from tools.start_screens import SCREENS


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))


@pytest.fixture
def screen(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[QWidget]:
    if request.param in SCREENS:
        widget = SCREENS[request.param](DARK)
        qtbot.addWidget(widget)
        widget.show()
        yield widget
        return
    state = STATES[request.param]
    scene = Scene(LIGHT, (1280, 800), state)
    qtbot.addWidget(scene.window)
    state.play(scene)
    scene.settle()
    yield scene.window
    scene.close()


TOLD_OF_ELSEWHERE = {
    "no-streams", "one-stream", "recording", "abstaining", "no-face", "not-taught", "stream-lost", "camera-lost",
    "disk-nearly-full", "disk-full", "error",
}  # fmt: skip


@pytest.mark.parametrize("screen", sorted({*STATES, *SCREENS} - TOLD_OF_ELSEWHERE), indirect=True)
def test_each_screen_opens_and_all_that_takes_the_focus_has_a_name(screen: QWidget) -> None:
    QApplication.processEvents()
    nameless = [each for each in takes_focus(screen) if not spoken(each)]
    assert nameless == []
    assert not screen.grab().isNull()


def takes_focus(screen: QWidget) -> list[QWidget]:
    """Return what Tab can come to; the lists of combo boxes are windows of their own."""
    there = (each for each in screen.findChildren(QWidget) if each.window() is screen)
    return [each for each in there if each.focusPolicy() & Qt.FocusPolicy.TabFocus]


def spoken(widget: QWidget) -> str:
    """Return what a screen reader says of a widget."""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
