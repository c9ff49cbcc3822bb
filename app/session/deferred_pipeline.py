"""A pipeline whose model may still be loading: nothing that comes meanwhile is left out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from core.data import Event, Item

_ROOM = 256
"""Items that may wait, some seconds at their own pace: with each picture of a camera among them they take 100 MB."""


class AnyPipeline(Protocol):
    """What makes events of items: a pipeline, or two of them side by side."""

    def push(self, item: Item) -> list[Event]:
        """Take the next item; return what follows from it, in order."""
        ...


class DeferredPipeline:
    """Pushes items into a pipeline once it is ready, all of them, in their order.

    Parameters
    ----------
    make : callable
        Gives the pipeline; waits until it can.
    is_ready : callable
        Whether `make` gives it at once. Else items wait, until there are too many: then their sender does.
    """

    def __init__(self, make: Callable[[], AnyPipeline], is_ready: Callable[[], bool]) -> None:
        self._make = make
        self._is_ready = is_ready
        self._pipeline = make() if is_ready() else None
        self._waiting: deque[Item] = deque()

    def push(self, item: Item) -> Iterator[Event]:
        """Take the next item; give what follows from it, and from those that wait."""
        self._waiting.append(item)
        if self._is_ready() or len(self._waiting) > _ROOM:
            yield from self.catch_up()

    def catch_up(self) -> Iterator[Event]:
        """Give what follows from the items that wait; wait for the pipeline if it is not ready."""
        if self._waiting and self._pipeline is None:
            self._pipeline = self._make()
        while self._waiting and self._pipeline is not None:
            yield from self._pipeline.push(self._waiting.popleft())
