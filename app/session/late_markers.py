"""Streams of markers that are there while a session runs and that nobody chose, and how one of them joins it."""

from __future__ import annotations

from dataclasses import replace

from acquisition.lsl_awaited import AwaitedMarkers
from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch
from app.session.engine import Engine
from app.session.lost_streams import LostStreams
from core.config import StreamConfig
from core.errors import SourceError


class LateMarkers:
    """Offers streams of markers to a running session: who starts the experiment last has often not chosen them.

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

    def markers(self) -> list[FoundStream]:
        """Return those that are there and not recorded; none if nobody can tell any more."""
        try:
            found = self._watch.streams()
        except SourceError:
            return []
        return [stream for stream in found if stream.kind == "markers" and not self._is_chosen(stream)]

    def take_in(self, stream: FoundStream) -> None:
        """Record a stream as well from now on, also when its program is started anew."""
        self._chosen = (*self._chosen, stream.choice)
        source = AwaitedMarkers(stream.choice, self._watch, wait=0.0)
        if self._lost is not None:
            self._lost.add(source)
        self._engine.take_in(source)

    def _is_chosen(self, stream: FoundStream) -> bool:
        """Return whether it is recorded: by its id, or by its name alone, since pylsl makes up another id each time."""
        named = (replace(chosen, source_id="") for chosen in self._chosen if chosen.name)
        return any(stream.is_meant_by(chosen) for chosen in (*self._chosen, *named))
