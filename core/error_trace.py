"""Where in the code an error came from, in a form that a log keeps and a bug report may show.

Python's own traceback names files by their whole path, with the name of whoever is logged in, and lets a message run
over lines. Here paths begin at the package, and each line is of one of two kinds that cannot be taken for each other::

    core.errors.RecordingError: Cannot record in /media/stick: No space left on device.
        app/session/recorder.py:133 start: self.session = Session.create(self._config.record)
    from OSError[ENOSPC]: [Errno 28] No space left on device

A line that is set in is code. In any other, what comes after the colon is a message and may hold names and paths.
"""

from __future__ import annotations

import errno
import linecache
import re
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

SET_IN = "    "
_HOUSE = Path(__file__).resolve().parent.parent
_LIBRARY = Path(sysconfig.get_path("stdlib")).resolve()
_MOST_FRAMES = 40
_MOST_CODE = 240
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def error_trace(error: BaseException) -> str:
    """Return the lines for an error and for those that it came from, the last one first."""
    lines: list[str] = []
    seen: set[int] = set()
    word = ""
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{word}{_kind(current)}: {one_line(str(current))}")
        lines.extend(SET_IN + frame for frame in _shortened(list(_frames(current.__traceback__))))
        word = "from "
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Return `text` without line breaks and control characters."""
    return _BREAKS.sub(" ", text).strip()


def _kind(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    number = getattr(error, "errno", None)
    return f"{name}[{errno.errorcode[number]}]" if isinstance(number, int) and number in errno.errorcode else name


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        place = _place(frame.filename)
        if not place:
            yield "code outside Insula and its libraries"
            continue
        yield f"{place}:{frame.lineno} {frame.name}: {one_line(_code(frame))[:_MOST_CODE]}"


def _code(frame: traceback.FrameSummary) -> str:
    """Return the line of code that a frame stood in, with those after it that the same bracket holds together."""
    first = frame.lineno or 1
    code = linecache.getline(frame.filename, first).strip()
    if not code.endswith(("(", "[", "{", ",")):
        return code  # what comes after the head of a block is not where it failed
    rest = range(first + 1, (frame.end_lineno or first) + 1)
    return " ".join([code, *(linecache.getline(frame.filename, line).strip() for line in rest)])


def _place(filename: str) -> str:
    """Return a file's path from its package on; ``""`` for a file that is neither Insula's nor a library's."""
    if filename.startswith("<frozen "):
        return filename
    path = Path(filename)
    for packages in ("site-packages", "dist-packages"):
        if packages in path.parts:
            return "/".join(path.parts[path.parts.index(packages) + 1 :])
    for root in (_HOUSE, _LIBRARY):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return ""


def _shortened(frames: list[str]) -> list[str]:
    if len(frames) <= _MOST_FRAMES:
        return frames
    half = _MOST_FRAMES // 2
    return [*frames[:half], f"... {len(frames) - 2 * half} more ...", *frames[-half:]]
