"""One protocol for live, replay and simulation. Nothing after a source may ask which it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Self

from core.data import Chunk, Item, StreamInfo
from core.errors import EndOfStream

__all__ = ["Chunk", "Source", "items"]


class Source(Protocol):
    """One stream, or several that were recorded together: opened, read and closed on one thread.

    Ready after ``__enter__``, which raises `core.errors.SourceError` with the remedy in its text. A source that loses
    its device does not raise: it says so with a `Notice` of kind ``lost``, keeps trying, and says ``back``.
    """

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The streams it gives; complete once entered."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def read(self, timeout: float) -> Item | None:
        """Return the next item, None if none came within `timeout` seconds; raise `EndOfStream` at the end."""
        ...


def items(source: Source, timeout: float = 1.0) -> Iterator[Item]:
    """Give what an entered source gives, to its end; each item is waited for at most `timeout` seconds at a time."""
    while True:
        try:
            item = source.read(timeout)
        except EndOfStream:
            return
        if item is not None:
            yield item
