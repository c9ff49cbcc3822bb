"""Streams that are there while a session runs and that nobody chose, and how one of them joins it."""

from __future__ import annotations

from dataclasses import replace

from acquisition.lsl_awaited import AwaitedMarkers, AwaitedStream
from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch
from app.session.engine import Engine
from app.session.lost_streams import LostStreams
from core.config import StreamConfig
from core.errors import SourceError


class LateMarkers:
    """Offers streams to a running session: who starts the experiment last has often not chosen its markers.

    Of other kinds those are offered that came after the session had begun: the others were to be seen on the first
    screen.

    Parameters
    ----------
    watch : StreamWatch
    engine : Engine
    chosen : tuple of StreamConfig
        The streams that are recorded anyway.
    lost : LostStreams, optional
        Is told of those that join.
    """

    def __init__(
        self, watch: StreamWatch, engine: Engine, chosen: tuple[StreamConfig, ...], lost: LostStreams | None = None
    ) -> None:
        self._watch = watch
        self._engine = engine
        self._chosen = chosen
        self._lost = lost
        self._first: frozenset[tuple[str, str, str]] | None = None
        """Host, name and type of the streams of other kinds that were there from the start."""

    def markers(self) -> list[FoundStream]:
        """Return those that are there and not recorded; none if nobody can tell any more."""
        try:
            found = self._watch.streams()
        except SourceError:
            return []
        if self._first is None:
            self._first = frozenset(map(_who, found))
        return [stream for stream in found if self._is_offered(stream) and not self._is_chosen(stream)]

    def take_in(self, stream: FoundStream) -> None:
        """Record a stream as well from now on, also when its program is started anew."""
        source: AwaitedMarkers | AwaitedStream
        if stream.kind == "markers":
            self._chosen = (*self._chosen, stream.choice)
            source = AwaitedMarkers(stream.choice, self._watch, wait=0.0)
        else:
            self._chosen = (*self._chosen, stream.any_choice)
            source = AwaitedStream(stream.any_choice, self._watch, wait=0.0)
        if self._lost is not None:
            self._lost.add(source)
        self._engine.take_in(source)

    def _is_offered(self, stream: FoundStream) -> bool:
        if stream.kind == "markers":
            return True
        return stream.kind != "truth" and _who(stream) not in (self._first or ())

    def _is_chosen(self, stream: FoundStream) -> bool:
        """Return whether it is recorded: by its id, or by its name alone, since pylsl makes up another id each time."""
        named = (replace(chosen, source_id="") for chosen in self._chosen if chosen.name)
        return any(stream.is_meant_by(chosen) for chosen in (*self._chosen, *named))


def _who(stream: FoundStream) -> tuple[str, str, str]:
    return stream.hostname, stream.name, stream.type
