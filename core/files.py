"""Files as Insula makes and takes them: whole, for their owner alone, and no pipes or devices in their place."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import FileFormatError

__all__ = ["FILM_ENDINGS", "make_folder", "no_pipe", "private", "whole_file", "write_whole"]

FILM_ENDINGS = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")
"""Of films, where a name alone has to tell one from something else."""
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


@contextmanager
def whole_file(path: Path, opener: Callable[[str, int], int] | None = None) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of `path` once all of it is on the disk.

    Another process, or whoever comes after a power cut, finds the old file or the new one, never a part; if writing
    fails the old one stays.

    Parameters
    ----------
    path : Path
        In a folder that is there.
    opener : callable, optional
        As for `open`; `private` makes a file for its owner alone.

    Raises
    ------
    OSError
        It cannot be written.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=opener) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: str | bytes, opener: Callable[[str, int], int] | None = None) -> None:
    """Write a file as `whole_file` does; text is UTF-8."""
    with whole_file(path, opener) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


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
