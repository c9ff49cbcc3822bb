"""Keeps what people answer, on a thread of its own: for the recorder, or alone over a recording that is on disk."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pylsl

from app.session.label_writer import LabelWriter, Notify
from core.data import Fault, Item, Label, NeutralFace, Notice, Prediction, Rating, Segment, StreamInfo
from core.error_trace import error_trace
from core.recording.labels import LabelStore

_RETRY = 1.0
"""Seconds between two tries on a disk that takes no more."""


class LabelKeeper:
    """Puts each label and rating into the session's ``labels.sqlite`` and then tells that it is there.

    A `Keeper` for the engine where everything else is on disk already. SQLite returns when the device has a label,
    which may take a slow disk seconds: nothing waits for that.

    Parameters
    ----------
    path : Path
    clock : callable
        The LSL clock.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = pylsl.local_clock) -> None:
        self._path = path
        self._clock = clock
        self._queue: queue.Queue[Label | Rating | None] = queue.Queue()
        self._store: LabelStore | None = None
        self._thread = threading.Thread(target=self._work, name="label keeper")  # noqa: TID251

    def start(self, infos: Sequence[StreamInfo], notify: Notify) -> None:
        """Make ready; `notify` takes each label once it is on disk."""
        self._notify = notify
        self._writer = LabelWriter(self._open, notify, self._clock)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Keep a label or rating; everything else is in the recording."""
        if isinstance(item, Label | Rating):
            self._queue.put(item)

    def follow(self, event: Prediction | Segment | Notice | NeutralFace) -> None:
        """Keep nothing: it can be worked out again."""

    def stop(self) -> None:
        """Return when every label is on disk, or told to be elsewhere."""
        if self._thread.ident is not None:
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        try:
            self._run()
        except Exception as error:
            text = f"Labels are no longer kept: {error}. Close the window and open the session again."
            self._notify(Fault("labels", self._clock(), text, error_trace(error)))

    def _run(self) -> None:
        try:
            while True:
                try:
                    thing = self._queue.get(timeout=_RETRY)
                except queue.Empty:
                    self._writer.retry()
                    continue
                if thing is None:
                    break
                self._writer.write(thing)
            self._writer.close()
        finally:
            if self._store is not None:
                with contextlib.suppress(Exception):
                    self._store.__exit__(None, None, None)

    def _open(self) -> LabelStore:
        """Return the file, opened on the thread that uses it, since SQLite wants that."""
        if self._store is None:
            self._store = LabelStore(self._path)
        return self._store
