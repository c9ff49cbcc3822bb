"""Whether a file is what it was: by its size and content, which is only read where its size or time is another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acquisition.file_parts import other_parts
from core.errors import FileFormatError

_WORDS = re.compile(r"(\d{1,99}) bytes of (\d{1,99})(?:, sha256 ([0-9a-f]{64}))?")


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells a file from what it was before it was changed, with what goes with a header; of a folder all in it."""

    size: int = 0
    time: int = 0
    """Of the last change, ns, of several files all times together. A copy has another with the same content."""
    digest: str = ""
    """sha256 of the content; ``""`` where an older Insula did not note it, or there is no file."""

    @classmethod
    def of_words(cls, text: str) -> FileState | None:
        """Return what `words` gave, None if it is something else."""
        found = _WORDS.fullmatch(text)
        return cls(int(found[1]), int(found[2]), found[3] or "") if found else None

    @property
    def words(self) -> str:
        """The state in a line, for a table or JSON."""
        return f"{self.size} bytes of {self.time}" + (f", sha256 {self.digest}" if self.digest else "")

    def holds(self, other: FileState) -> bool:
        """Return whether `other` is of the same content; where that was not noted, of the same size and time."""
        if self.digest and other.digest:
            return (self.size, self.digest) == (other.size, other.digest)
        return (self.size, self.time) == (other.size, other.time)


def file_state(path: Path, before: FileState | None = None) -> FileState:
    """Return the state of a file or folder; its content is not read where size and time are those of `before`.

    Raises
    ------
    FileFormatError
        There is a file, and it cannot be read.
    """
    try:
        files = list(_files(path))
        stats = [each.stat() for each in files]
        size, time = sum(stat.st_size for stat in stats), sum(stat.st_mtime_ns for stat in stats)
        if before is not None and (before.size, before.time) == (size, time):
            return before
        return FileState(size, time, _digest(path, files) if files else "")
    except OSError as error:
        raise FileFormatError(f"{error.filename or path} cannot be read: {error.strerror or error}.") from error


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        yield from other_parts(path)
    elif path.is_dir():
        yield from sorted(each for each in path.rglob("*") if each.is_file())


def _digest(path: Path, files: list[Path]) -> str:
    found = hashlib.sha256()
    for each in files:
        if each != path:
            name = each.relative_to(path).as_posix() if each.is_relative_to(path) else each.name
            found.update(f"{name}\n".encode())
        with each.open("rb") as opened:
            while part := opened.read(1 << 20):
                found.update(part)
    return found.hexdigest()
