"""A window opens where it was closed."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtWidgets import QApplication, QWidget

from app import geometry


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "settings"


@pytest.fixture
def opened(qtbot):
    def make() -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(5000, 300)
        geometry.stand_where_it_was(window)
        window.show()
        return window

    return make


def test_at_first_it_is_as_large_as_it_likes_and_the_screen_allows(opened, qapp: QApplication):
    screen = qapp.primaryScreen().availableSize()
    assert (opened().width(), opened().height()) == (screen.width(), 300)


def test_then_it_stands_where_it_stood(opened):
    first = opened()
    first.setGeometry(QRect(40, 60, 320, 200))
    first.close()
    geometry.remember(first)
    assert opened().geometry() == QRect(40, 60, 320, 200)


def test_one_that_filled_the_screen_fills_it_again(opened):
    first = opened()
    first.showMaximized()
    first.close()
    geometry.remember(first)
    assert opened().isMaximized()


def test_what_is_damaged_or_cannot_be_kept_is_no_reason_not_to_open(opened, settings: Path):
    settings.parent.mkdir(exist_ok=True)
    settings.write_text("no folder")
    geometry.remember(opened())
    settings.unlink()
    settings.mkdir()
    (settings / "window").write_text("???")
    assert opened().height() == 300
