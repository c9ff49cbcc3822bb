"""A window opens where it was closed."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QRect, QSize
from PyQt6.QtWidgets import QApplication, QWidget

from app.ui import window_geometry

SIZE = QSize(400, 300)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "settings"


@pytest.fixture
def opened(qtbot):
    def make(size: QSize = SIZE) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(size)
        window_geometry.stand_where_it_was(window)
        window.show()
        return window

    return make


@pytest.mark.parametrize(("width", "height", "fills"), [(0, 100, False), (0, 10, True), (-1, 100, True)])
def test_at_first_it_has_the_size_it_likes_or_fills_a_screen_that_is_too_small(
    opened, qapp: QApplication, width: int, height: int, fills: bool
):
    """Sizes are what is left of the screen; a window's frame takes some of it."""
    screen = qapp.primaryScreen().availableSize()
    size = QSize(screen.width() - width, screen.height() - height)
    window = opened(size)
    assert window.isMaximized() == fills
    assert fills or window.size() == size


def test_then_it_stands_where_it_stood(opened):
    first = opened()
    first.setGeometry(QRect(40, 60, 320, 200))
    first.close()
    window_geometry.remember(first)
    assert opened().geometry() == QRect(40, 60, 320, 200)


def test_one_that_filled_the_screen_fills_it_again(opened):
    first = opened()
    first.showMaximized()
    first.close()
    window_geometry.remember(first)
    assert opened().isMaximized()


def test_what_is_damaged_or_cannot_be_kept_is_no_reason_not_to_open(opened, settings: Path):
    settings.parent.mkdir(exist_ok=True)
    settings.write_text("no folder")
    window_geometry.remember(opened())
    settings.unlink()
    settings.mkdir()
    (settings / "window").write_text("???")
    assert opened().size() == SIZE
