"""What the windows of the program have in common."""

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.screen import Screen
from app.ui.theme import DARK, LIGHT


class Plain(Screen):
    def __init__(self) -> None:
        super().__init__("A title", LIGHT)
        self.worn: list[tuple[str, float]] = []

    def apply_theme(self) -> None:
        self.worn.append((self.theme.name, self.theme.scale))


def test_its_type_grows_with_it_and_f6_changes_light_and_dark(qtbot: QtBot) -> None:
    screen = Plain()
    qtbot.addWidget(screen)
    assert (screen.windowTitle(), screen.objectName()) == ("A title", "window")
    screen.resize(1440, 900)
    with qtbot.waitActive(screen):
        screen.show()
        screen.activateWindow()
    assert screen.worn == []  # as large as it was made for
    screen.resize(2880, 1800)
    qtbot.waitUntil(lambda: screen.worn == [("light", 2.0)])
    qtbot.keyClick(screen, Qt.Key.Key_F6)
    assert screen.theme.name == DARK.name
    assert screen.worn[-1] == ("dark", 2.0)
