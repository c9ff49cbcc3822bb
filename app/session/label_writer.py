"""Labels and ratings onto the disk, in order; what the disk does not take waits and is tried again."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

from app import texts
from core.data import Fault, Label, LabelRefused, Rating, RecordingHealth
from core.errors import RecordingError
from core.recording.labels import LabelStore

Notify = Callable[[Label | Rating | RecordingHealth | Fault | LabelRefused], None]


class LabelWriter:
    """Keeps what annotators give and says of each thing when it is on disk. For one thread.

    Parameters
    ----------
    open_store : callable
        Gives the open label file; called before each try, so a file that could not be opened is tried again too.
    notify : callable
        Takes each label or rating that is on disk, and a notice when one is not.
    clock : callable
        Stamps the notices, s, LSL clock.
    """

    def __init__(self, open_store: Callable[[], LabelStore], notify: Notify, clock: Callable[[], float]) -> None:
        self._open_store = open_store
        self._notify = notify
        self._clock = clock
        self._waiting: deque[Label | Rating] = deque()
        self._reported = ""

    def write(self, thing: Label | Rating) -> None:
        """Keep a thing, after those that wait; one that is sent again while it waits is kept once."""
        if thing not in self._waiting:
            self._waiting.append(thing)
        self.retry()

    def retry(self) -> None:
        """Try again what waits; a failure is told once."""
        while self._waiting:
            try:
                self._open_store().add(self._waiting[0])
            except RecordingError as error:
                if str(error) != self._reported:
                    self._reported = str(error)
                    self._notify(LabelRefused(self._clock(), texts.label_not_kept(self._reported)))
                return
            self._reported = ""
            self._notify(self._waiting.popleft())

    def close(self) -> None:
        """Try a last time; what still does not go is put beside the system's temporary files, and told."""
        self.retry()
        if not self._waiting:
            return
        lines = [json.dumps(dataclasses.asdict(thing), ensure_ascii=False) for thing in self._waiting]
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="insula-labels-", suffix=".jsonl", delete=False
        ) as file:
            file.write("\n".join(lines) + "\n")
        count, path = len(self._waiting), Path(file.name)
        self._waiting.clear()
        self._notify(Fault("labels", self._clock(), texts.labels_left_over(count, path)))
