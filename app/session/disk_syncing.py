"""The thread that has the disk itself keep what was written: that may take seconds, and nothing waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import RecordingError


class DiskSyncing:
    """Puts what was written through to the device, again and again, on a thread of its own.

    Written is safe from the program's end, put through from that of the power too.

    Parameters
    ----------
    sync : callable
        Returns when all that was written is on the device; raises `RecordingError`.
    clock : callable
        Any clock in seconds.
    """

    def __init__(self, sync: Callable[[], None], clock: Callable[[], float]) -> None:
        self._sync = sync
        self._clock = clock
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._since: float | None = None
        self.problem = ""
        """Why the last try failed, ``""`` if it did not."""
        self._thread = threading.Thread(target=self._work, name="disk")  # noqa: TID251

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self) -> None:
        """Have what was written put through; never waits."""
        if self._since is None:
            self._since = self._clock()
        self._asked.set()

    def stop(self) -> None:
        """End after the try that is made now."""
        self._stopping.set()
        self._asked.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def behind(self) -> float:
        """Seconds since the oldest `ask` of which nothing is known yet."""
        since = self._since
        return 0.0 if since is None else self._clock() - since

    def _work(self) -> None:
        while self._asked.wait() and not self._stopping.is_set():
            self._asked.clear()
            try:
                self._sync()
                self.problem = ""
            except RecordingError as error:
                self.problem = str(error)
            # What was asked for meanwhile is the next turn's.
            self._since = self._clock() if self._asked.is_set() else None
