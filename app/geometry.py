"""Where the session's window stood when it was closed: there, and as large, it is opened again."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray
from PyQt6.QtWidgets import QWidget

from acquisition.user_folder import user_folder, write_whole


def stand_where_it_was(window: QWidget) -> None:
    """Give the session's window the place of last time, on a screen that is there; at first one where it has room."""
    try:
        kept = QByteArray.fromBase64(_path().read_bytes())
    except OSError:
        kept = QByteArray()
    if not window.restoreGeometry(kept):
        fit_screen(window)


def remember(window: QWidget) -> None:
    """Keep where the session's window stands, for the next time; where that cannot be kept it is not told."""
    try:
        write_whole(_path(), bytes(window.saveGeometry().toBase64().data()).decode("ascii"))
    except OSError:
        return


def fit_screen(window: QWidget) -> None:
    """Make a window no larger than the screen that it opens on."""
    screen = window.screen()
    if screen is not None:
        window.resize(window.size().boundedTo(screen.availableSize()))


def _path() -> Path:
    return user_folder() / "window"
