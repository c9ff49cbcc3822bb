"""A pipeline whose model may still be loading: nothing that comes meanwhile is left out."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from core.data import Event, Item
from core.face_submit import Submit

_ROOM = 256
"""Items that may wait, some seconds at their own pace: with each picture of a camera among them they take 100 MB."""
_TOGETHER = 64
"""Of these, so many are pushed together."""


class AnyPipeline(Protocol):
    """What makes events of items: a pipeline, or two of them side by side."""

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Look at the pictures among items that are pushed later."""
        ...

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        """Take the next items; return what follows from each of them, in order."""
        ...


class DeferredPipeline:
    """Pushes items into a pipeline once it is ready, all of them, in their order.

    Parameters
    ----------
    make : callable
        Gives the pipeline; waits until it can.
    is_ready : callable
        Whether `make` gives it at once. Else items wait, until there are too many: then their sender does.
    submit : Submit, optional
        Has what pictures show read elsewhere, while faces are looked for in the next ones.
    """

    def __init__(
        self, make: Callable[[], AnyPipeline], is_ready: Callable[[], bool], submit: Submit | None = None
    ) -> None:
        self._make = make
        self._is_ready = is_ready
        self._submit = submit
        self._pipeline = make() if is_ready() else None
        self._waiting: deque[Item] = deque()

    def look_at(self, items: Sequence[Item]) -> bool:
        """Look at the pictures among the items that are pushed next; False: not now, they are when they are pushed.

        Items may be looked at before those that were looked at last are pushed.
        """
        if self._submit is None or self._pipeline is None:  # without a pipeline items wait, with one none does
            return False
        self._pipeline.look_at(items, self._submit)
        return True

    def push_all(self, items: Sequence[Item]) -> Iterator[Event]:
        """Take the next items; give what follows from those that wait, and from them."""
        self._waiting.extend(items)
        if self._is_ready() or len(self._waiting) > _ROOM:
            yield from self.catch_up()

    def catch_up(self) -> Iterator[Event]:
        """Give what follows from the items that wait; wait for the pipeline if it is not ready."""
        if self._waiting and self._pipeline is None:
            self._pipeline = self._make()
        while self._waiting and self._pipeline is not None:
            some = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
            yield from itertools.chain.from_iterable(self._pipeline.push_all(some))
