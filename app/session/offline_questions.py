"""Questions that are known beforehand, where a session has its engine: takes answers, tells when they are on disk."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from app.log import logged
from app.session.engine import Ended, Keeper
from core.data import Label, Rating, Segment, StreamInfo


class OfflineQuestions:
    """Gives the window the questions of a recording, best first, and keeps the answers; no data is played.

    Parameters
    ----------
    questions : iterable of Segment
    infos : sequence of StreamInfo
        The streams that were recorded.
    keeper : Keeper
        Started and stopped here.
    """

    def __init__(self, questions: Iterable[Segment], infos: Sequence[StreamInfo], keeper: Keeper) -> None:
        self.outbox: queue.Queue[Any] = queue.Queue()
        self._keeper = keeper
        self._infos = infos
        for message in (*infos, *questions, Ended(0.0)):
            self.outbox.put(message)

    def __enter__(self) -> Self:
        self._keeper.start(self._infos, lambda message: self.outbox.put(logged(message)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.stop()

    def put(self, given: Label | Rating) -> None:
        """Send a label or rating to be kept; the same again changes nothing."""
        self._keeper.put(given)
