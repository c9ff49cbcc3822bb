"""A video file in the place of a camera: each picture comes when its time has come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.data import Array
from core.errors import EndOfStream, FileFormatError
from core.recording.film import FilmReader


class FileCamera:
    """The pictures of a video file at their own pace, from now on.

    Parameters
    ----------
    path : Path
    clock : callable
        The LSL clock.
    wait : callable
        Waits for so many seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._reader = FilmReader(path).__enter__()
        self._clock = clock
        self._wait = wait
        first = self._reader.read()
        if first is None:
            self._reader.close()
            raise FileFormatError(f"{path} has no pictures. Choose another file.")
        self._next: tuple[float, Array] | None = first
        self._is_taken = False
        self._picture = first[1]
        self._began = clock() - first[0]

    @property
    def fps(self) -> float:
        """Nominal rate; 0 where the file tells none."""
        return self._reader.fps

    def peek(self) -> Array:
        """Return the first picture without taking it."""
        return self._picture

    def grab(self, timeout: float) -> float | None:
        """Take the next picture; return its time on the LSL clock, None if that does not come within `timeout`.

        The time is the file's own, not that at which the computer got round to it.
        """
        if self._is_taken:  # not before it is asked for: what was taken last is on its way sooner
            self._next, self._is_taken = self._reader.read(), False
        if self._next is None:
            raise EndOfStream
        time = self._began + self._next[0]
        missing = time - self._clock()
        if missing > 0:
            self._wait(min(missing, timeout))
        if missing > timeout:
            return None
        self._picture, self._is_taken = self._next[1], True
        return time

    def retrieve(self) -> tuple[bool, Any]:
        """Return the picture that was taken, RGB."""
        return True, self._picture

    def release(self) -> None:
        """Close the file."""
        self._reader.close()
