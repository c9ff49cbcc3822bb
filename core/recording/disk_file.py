"""A file that a full disk cannot damage: what it takes waits in memory until it is on disk, whole."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from pathlib import Path

from core.errors import RecordingError
from core.files import private


class DiskFile:
    """A new file, written by `flush` alone: all that waits goes on disk, or the file is cut back to what it was.

    So the file ends where a `flush` ended, whatever happens, and nothing is lost while memory lasts: what could not be
    written waits for the next `flush`. FFmpeg can write to it as to any file, and never sees the disk fail.

    Parameters
    ----------
    path : Path
        Must not exist.

    Raises
    ------
    RecordingError
        The file exists or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self._file = open(path, "xb", buffering=0, opener=private)  # noqa: SIM115 - closed by close(), unbuffered
        except FileExistsError as error:
            raise RecordingError(f"{path} exists and is not overwritten.") from error
        except OSError as error:
            raise RecordingError(f"{path} cannot be made: {error.strerror}.") from error
        self._pieces: list[tuple[int, bytearray]] = []
        self._at = 0
        self._end = 0
        self.n_waiting = 0
        """Bytes that are not yet on disk."""
        self.n_bytes = 0
        """Bytes that are on disk."""

    @property
    def closed(self) -> bool:
        """Whether it takes no more."""
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Take bytes at the present place; return how many."""
        # Data goes to the end nearly always: one growing piece, not one for each call.
        if not self._pieces or self._pieces[-1][0] + len(self._pieces[-1][1]) != self._at:
            self._pieces.append((self._at, bytearray()))
        self._pieces[-1][1].extend(data)
        self._at += len(data)
        self._end = max(self._end, self._at)
        self.n_waiting += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the present place; return it."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        return self._at

    def tell(self) -> int:
        """Return the present place."""
        return self._at

    def flush(self) -> None:
        """Put all that waits on disk.

        Raises
        ------
        RecordingError
            The disk takes no more. The file is as it was, what waits is kept.
        """
        if not self._pieces:
            return
        try:
            for at, piece in self._pieces:
                self._put(at, piece)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), self.n_bytes)
            raise RecordingError(self._why_not(error)) from error
        self._pieces.clear()
        self.n_waiting = 0
        self.n_bytes = self._end

    def sync(self) -> None:
        """Return when all that was flushed is on the device, safe from the loss of power; any thread may.

        Raises
        ------
        RecordingError
            The device does not take it.
        """
        try:
            if not self.closed:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise RecordingError(f"{self.name} does not reach the disk: {error.strerror}. Free the disk.") from error

    def close(self) -> None:
        """Put all that waits on the device and close the file."""
        if self.closed:
            return
        try:
            self.flush()
            self.sync()
        finally:
            self._file.close()

    def _why_not(self, error: OSError) -> str:
        """Return why nothing can be written, the remedy before the file's long name: it is read from a distance."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk is full. Make room: what waits is written then, without a new start. ({self.name})"
        return f"{self.name} cannot be written: {error.strerror}. Free the disk."

    def _put(self, at: int, piece: bytearray) -> None:
        self._file.seek(at)
        with memoryview(piece) as view:
            done = 0
            while done < len(view):
                done += self._file.write(view[done:])
