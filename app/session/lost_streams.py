"""Streams that are lost and may be back: a person says whether it is they."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from acquisition.lsl_found import FoundStream
from acquisition.source import Source
from core.data import StreamInfo


@runtime_checkable
class Returning(Protocol):
    """A source whose stream may come back as something that only a person knows again."""

    @property
    def candidates(self) -> tuple[FoundStream, ...]:
        """What may be the stream while it is lost."""
        ...

    def take_back(self, candidate: FoundStream) -> None:
        """Go on with one of them; never waits."""
        ...


class LostStreams:
    """Offers what may be a lost stream, and takes what a person has said is it.

    Parameters
    ----------
    sources : iterable of Source
        Those of the session, open.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = list(sources)

    def add(self, source: Source) -> None:
        """Know of one that joined later."""
        self._sources.append(source)

    def offers(self) -> list[tuple[StreamInfo, FoundStream]]:
        """Return each lost stream with each that may be it."""
        lost = [(source.infos[0], source.candidates) for source in self._sources if isinstance(source, Returning)]
        return [(info, candidate) for info, candidates in lost for candidate in candidates]

    def take_back(self, key: str, candidate: FoundStream) -> None:
        """Go on with a candidate as the stream of this key."""
        for source in self._sources:
            if isinstance(source, Returning) and source.infos[0].key == key:
                source.take_back(candidate)
