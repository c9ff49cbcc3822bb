"""Files as Insula makes and takes them: for their owner alone, and no pipes or devices in their place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from core.errors import FileFormatError

__all__ = ["make_folder", "no_pipe", "private"]

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)  # fmt: skip


def private(path: str, flags: int) -> int:
    """Open a file that is readable for its owner alone if it is made: an ``opener`` for `open`."""
    return os.open(path, flags, 0o600)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, all for their owner alone; those that are there stay."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def no_pipe(path: Path) -> Path:
    """Return `path`, unless it is what is read without end or waited for without end.

    Raises
    ------
    FileFormatError
        It is a pipe, a device or a socket.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return path  # whoever opens it says why that cannot be done
    if kind := next((name for is_one, name in _KINDS if is_one(mode)), ""):
        raise FileFormatError(f"{path} is {kind}, not a file. Give a file.")
    return path
