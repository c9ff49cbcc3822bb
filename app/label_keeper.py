"""Keeps the labels given over a recording that is already on disk; everything else is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.data import Fault, Item, Label, Notice, Prediction, RecordingHealth, Segment, StreamInfo
from core.recording.labels import LabelStore


class LabelKeeper:
    """Puts each label into the session's ``labels.sqlite`` and then tells that it is there.

    The file is opened on the thread that uses it, since SQLite wants that.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tell: Callable[[Label], None] = lambda _: None

    def start(
        self, infos: Sequence[StreamInfo], tell: Callable[[Label | RecordingHealth | Fault | Notice], None]
    ) -> None:
        """Make ready; `tell` takes each label once it is on disk."""
        self._tell = tell

    def put(self, item: Item) -> None:
        """Keep a label; everything else is in the recording."""
        if isinstance(item, Label):
            with LabelStore(self._path) as store:
                store.add(item)
            self._tell(item)

    def follow(self, event: Prediction | Segment | Notice) -> None:
        """Keep nothing: it can be worked out again."""

    def stop(self) -> None:
        """Return at once: every label is on disk when `put` returns."""
