"""The engine: readers on one side, recorder, outlets and window on the other, and one pipeline that it alone owns."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from acquisition.reader import EndOfSource, Reader
from acquisition.source import Source
from app.log import logged
from app.session.deferred_pipeline import AnyPipeline, DeferredPipeline
from app.session.label_writer import Notify
from core.config import Config
from core.data import (
    Chunk,
    Event,
    FaceObservation,
    Fault,
    Item,
    Label,
    LabelRefused,
    Notice,
    Prediction,
    Rating,
    RecordingHealth,
    Segment,
    StreamHealth,
    StreamInfo,
    Window,
)
from core.error_trace import error_trace
from core.errors import SourceError


class Keeper(Protocol):
    """Where items, predictions and labels are kept: the recorder, or only the label file of an old session."""

    def start(self, infos: Sequence[StreamInfo], notify: Notify) -> None:
        """Make ready for these streams; `notify` takes health, faults, and each label or rating once it is on disk."""
        ...

    def put(self, item: Item) -> None:
        """Keep what came from outside, in the order of arrival, a stream that begins late included; must not block."""
        ...

    def follow(self, event: Prediction | Segment | Notice) -> None:
        """Keep what the pipeline said of it; must not block."""
        ...

    def stop(self) -> None:
        """Return when all that was put is kept."""
        ...


class Outlet(Protocol):
    """Anything that wants to know every event: LSL outlets, a table on disk."""

    def push(self, event: Event) -> None:
        """Take one event; must not block."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """All sources have come to their end; everything they gave has been through the pipeline."""

    time: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model that was loaded while items came is there, or there is a fault and it will never be."""

    fault: Fault | None


class _Stop:
    pass


class _Look:
    """Wakes an engine that waits for data: there is an answer."""


@dataclass(frozen=True, slots=True)
class _Join:
    """A source that is to be read from now on."""

    source: Source


Message = Item | Event | StreamInfo | StreamHealth | RecordingHealth | Fault | LabelRefused | Ended | Loaded
_DISPLAY_ONLY = (Chunk, FaceObservation, Window)
_ROOM = 4096


class Engine:
    """Runs a session: opens the sources, records every item before it is predicted on, tells the window.

    The window reads `outbox` and is never waited for: when it stalls, what is only for display is dropped. `put` takes
    labels. Entering starts all threads, leaving stops and joins them; what is in the inbox by then is still recorded.

    Parameters
    ----------
    sources : sequence of Source
        Each gets a reader thread of its own.
    make_pipeline : callable
        From the streams that could be opened to the pipeline; may wait for its model.
    config : Config
    clock : callable
        The LSL clock, for what is not tied to data.
    keeper : Keeper, optional
        Started and stopped by the engine. None: nothing is kept, labels are refused.
    outlets : sequence of Outlet
    lossless : bool
        True waits for the window instead of dropping what is only for display: for recordings, never for a live
        session.
    prepare : callable
        Does, while the sources are being opened, what must be done before they are waited for; may raise.
    is_wanted : callable
        Asked when the sources are open: False gives the session up before anything is kept of it.
    is_ready : callable
        Whether `make_pipeline` need not wait. Else items are kept and shown, and predicted on once it is: see
        `model_loaded`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        make_pipeline: Callable[[Sequence[StreamInfo]], AnyPipeline],
        config: Config,
        clock: Callable[[], float],
        keeper: Keeper | None = None,
        outlets: Sequence[Outlet] = (),
        lossless: bool = False,
        prepare: Callable[[], object] = lambda: None,
        is_wanted: Callable[[], bool] = lambda: True,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.outbox: queue.Queue[Message] = queue.Queue(_ROOM)
        self.infos: tuple[StreamInfo, ...] = ()
        self._inbox: queue.Queue[object] = queue.Queue(512)
        self._answers: queue.SimpleQueue[Label | Rating | Loaded | _Join] = queue.SimpleQueue()
        self._readers = [Reader(source, self._inbox, clock) for source in sources]
        self._running = 0
        self._make_pipeline = make_pipeline
        self._wait = config.eeg.wait + 20.0
        self._clock = clock
        self._given: set[str] = set()
        self._keeper = keeper
        self._outlets = outlets
        self._lossless = lossless
        self._prepare = prepare
        self._is_wanted = is_wanted
        self._is_ready = is_ready
        self._leaving = threading.Event()
        self._skipping = threading.Event()
        self._speaks_from = -math.inf
        self._thread = threading.Thread(target=self._work, name="engine")  # noqa: TID251

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        try:
            self._pipeline = self._open()
        except BaseException:
            self._stop_readers()
            raise
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._stop_readers()
        # The engine goes on emptying the inbox until it meets the stop, so this put cannot wait for ever.
        self._inbox.put(_Stop())
        self._thread.join()
        self._stop_readers()  # a source may have joined meanwhile
        if self._keeper is not None:
            self._keeper.stop()

    def put(self, label: Label | Rating) -> None:
        """Send a label or rating; the same again changes nothing.

        It never waits, since the window must not, and it is taken before the data that wait: those of a recording that
        is read as fast as it goes would hold it up for as long as there are any.
        """
        self._put_first(label)

    def model_loaded(self, fault: Fault | None) -> None:
        """Know that `make_pipeline` need not wait any more, or why it has nothing to give; never waits."""
        self._put_first(Loaded(fault))

    def take_in(self, source: Source) -> None:
        """Read one more source from now on; never waits."""
        self._put_first(_Join(source))

    def skip_to_seek(self) -> None:
        """Let go of the data in the inbox, up to the notice that a recording has gone elsewhere."""
        self._skipping.set()

    def _put_first(self, message: Label | Rating | Loaded | _Join) -> None:
        self._answers.put(message)
        with contextlib.suppress(queue.Full):  # with so much in the inbox the engine is awake
            self._inbox.put_nowait(_Look())

    def _open(self) -> DeferredPipeline:
        self._prepare()
        infos: list[StreamInfo] = []
        errors: list[SourceError] = []
        for reader in self._readers:
            try:
                infos.extend(reader.wait_ready(self._wait))
                self._running += 1
            except SourceError as error:
                errors.append(error)
        if all(info.awaited for info in infos):
            errors.append(SourceError("There is nothing to record yet but markers. Choose EEG or a camera."))
            raise errors[0]
        if not self._is_wanted():
            raise KeyboardInterrupt
        self.infos = tuple(infos)
        if self._keeper is not None:
            self._keeper.start(self.infos, self._show)
        for info in infos:
            self._show(info)
        for failure in errors:
            self._show(Notice("", self._clock(), "lost", str(failure)))
        return self._new_pipeline()

    def _new_pipeline(self) -> DeferredPipeline:
        return DeferredPipeline(lambda: self._make_pipeline(self.infos), self._is_ready)

    def _stop_readers(self) -> None:
        for reader in self._readers:
            reader.stop()

    def _work(self) -> None:
        try:
            for message in self._messages():
                self._handle(message)
        except Exception as error:
            text = f"Predictions have stopped: {error}. The raw data are still recorded. Start Insula again."
            self._show(Fault("engine", self._clock(), text, error_trace(error), recording_continues=True))
            self._drain()

    def _messages(self) -> Iterator[object]:
        """Give what comes in until the stop, answers first."""
        while True:
            message = self._inbox.get()
            with contextlib.suppress(queue.Empty):
                while True:
                    yield self._answers.get_nowait()
            if isinstance(message, _Stop):
                return
            yield message

    def _drain(self) -> None:
        # Readers must not hang on a full inbox because the pipeline failed, and raw data must still reach the disk.
        for message in self._messages():
            if isinstance(message, Chunk | Notice | Label | Rating | StreamInfo) and self._keeper is not None:
                self._keeper.put(message)
            elif isinstance(message, _Join):
                self._join(message.source)

    def _handle(self, message: object) -> None:
        if isinstance(message, Chunk | Notice | Label | Rating | StreamInfo):
            self._take(message)
        elif isinstance(message, EndOfSource):
            self._ended()
        elif isinstance(message, Fault):
            self._show(message)
            self._ended()
        elif isinstance(message, StreamHealth):
            self._show(message)
        elif isinstance(message, Loaded):
            if message.fault is not None:
                self._show(message.fault)
            self._show(message)
            self._catch_up()
        elif isinstance(message, _Join):
            self._join(message.source)

    def _join(self, source: Source) -> None:
        if not self._leaving.is_set():
            self._readers.append(Reader(source, self._inbox, self._clock, late=True))
            self._running += 1
            self._readers[-1].start()

    def _take(self, item: Item) -> None:
        if self._skipping.is_set() and isinstance(item, Chunk):
            return
        if isinstance(item, Notice) and item.kind == "seek":
            self._skipping.clear()
            # What was learnt from the data before is not what stands before the data that come now.
            self._pipeline = self._new_pipeline()
            self._speaks_from = item.time
            self._show(item)
            return
        if isinstance(item, Label | Rating) and self._keeper is not None:
            name = item.uid if isinstance(item, Label) else f"{item.uid} {item.times[0]!r}"
            if name in self._given:
                return  # the keeper has it and goes on trying
            self._given.add(name)
        if self._keeper is not None:
            self._keeper.put(item)
        elif isinstance(item, Label | Rating):
            self._show(LabelRefused(self._clock(), "Not recording: the label was not kept."))
            return
        if not isinstance(item, Label | Rating):  # they are shown when the keeper says that they are on disk
            self._show(item)
        if isinstance(item, Label | Notice) and not math.isnan(item.time):  # a file's own notices have no time
            self._publish(item)
        for event in self._pipeline.push(item):
            self._notify(event)

    def _catch_up(self) -> None:
        for event in self._pipeline.catch_up():
            self._notify(event)

    def _notify(self, event: Event) -> None:
        if isinstance(event, Prediction | Segment) and event.stop < self._speaks_from:
            return  # made while filters settle and without the frames before
        if isinstance(event, Window):  # for display only: a replay cuts it again
            self._show(event)
            return
        if self._keeper is not None and isinstance(event, Prediction | Segment | Notice):
            self._keeper.follow(event)
        self._publish(event)
        self._show(event)

    def _publish(self, event: Event) -> None:
        for outlet in self._outlets:
            outlet.push(event)

    def _ended(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._catch_up()
            self._show(Ended(self._clock()))

    def _show(self, message: Message) -> None:
        if isinstance(message, _DISPLAY_ONLY) and not self._lossless and self.outbox.qsize() > _ROOM // 2:
            return  # half of the room is for what must not be lost: acknowledgements, segments, faults
        message = logged(message)
        while True:
            waits = self._lossless and not self._leaving.is_set()
            try:
                self.outbox.put(message, block=waits, timeout=0.1)
                return
            except queue.Full:
                if waits:
                    continue
                # The oldest message makes room: a window that has stalled this long draws only what is new.
                with contextlib.suppress(queue.Empty):
                    self.outbox.get_nowait()
