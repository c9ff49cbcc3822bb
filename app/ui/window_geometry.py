"""Where the session's window stood when it was closed: there, and as large, it is opened again."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray, Qt
from PyQt6.QtWidgets import QWidget

from acquisition.user_folder import user_folder, write_setting

_FRAME_PX = 40
"""Height of a title bar, which is known only once it is there."""


def stand_where_it_was(window: QWidget) -> None:
    """Give the session's window the place of last time, on a screen that is there; at first one where it fits."""
    try:
        kept = QByteArray.fromBase64(_path().read_bytes())
    except OSError:
        kept = QByteArray()
    if not window.restoreGeometry(kept):
        fit_screen(window)


def remember(window: QWidget) -> None:
    """Keep where the session's window stands, for the next time; where that cannot be kept it is not told."""
    try:
        write_setting(_path(), bytes(window.saveGeometry().toBase64().data()).decode("ascii"))
    except OSError:
        return


def fit_screen(window: QWidget) -> None:
    """Have a window fill the screen that it opens on where it would not fit, its frame included."""
    screen = window.screen()
    if screen is None:
        return
    room, size = screen.availableSize(), window.size()
    if size.width() > room.width() or size.height() > room.height() - _FRAME_PX:
        window.resize(size.boundedTo(room))
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def _path() -> Path:
    return user_folder() / "window"
