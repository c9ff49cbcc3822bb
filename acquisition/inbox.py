"""A queue with an end, between the readers and whoever takes what they read."""

from __future__ import annotations

import math
import queue
from threading import Event as Waiter

__all__ = ["Inbox"]

_AGAIN_S = 0.005
"""Seconds after which a full one is looked at again: less than what waits in it takes."""


class Inbox:
    """As `queue.Queue`, but what is put wakes whoever waits once; there it is twice, since both need the same lock.

    Several threads may put; then there may be as many more in it than there is room for.

    Parameters
    ----------
    room : int
        So many may wait in it.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._pause = Waiter()

    def full(self) -> bool:
        """Return whether there is no room."""
        return self._queue.qsize() >= self._room

    def put(self, message: object, timeout: float = math.inf) -> None:
        """Put a message in once there is room.

        Raises
        ------
        queue.Full
            There was none for `timeout` seconds.
        """
        left = timeout
        while self.full():
            if left <= 0.0:
                raise queue.Full
            self._pause.wait(_AGAIN_S)
            left -= _AGAIN_S
        self._queue.put(message)

    def put_nowait(self, message: object) -> None:
        """Put a message in; raises `queue.Full` if there is no room."""
        self.put(message, 0.0)

    def get(self) -> object:
        """Take the oldest message, once there is one."""
        return self._queue.get()
