"""The engine: it puts what comes from the readers into one order, which recorder, pipeline and window all get."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from acquisition.inbox import Inbox
from acquisition.reader import EndOfSource, Reader
from acquisition.source import Source
from app.log import logged
from app.session.deferred_pipeline import AnyPipeline, DeferredPipeline
from app.session.face_looking import FaceLooking, Looker
from app.session.face_threads import FaceThreads
from app.session.label_writer import Notify
from app.session.pacing import Pacing
from app.session.predicting import Predicting
from app.session.session_state import SessionState
from core.config import Config
from core.data import (
    Chunk,
    Event,
    FaceObservation,
    Fault,
    Item,
    Label,
    LabelRefused,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Rating,
    RecordingHealth,
    RunningNeutral,
    Segment,
    StreamHealth,
    StreamInfo,
    Window,
)
from core.error_trace import error_trace
from core.errors import SessionCancelled, SourceError
from core.face_reading import reading_of


class Keeper(Protocol):
    """Where items, predictions and labels are kept: the recorder, or only the label file of an old session."""

    def start(self, infos: Sequence[StreamInfo], notify: Notify) -> None:
        """Make ready for these streams; `notify` takes health, faults, and each label or rating once it is on disk."""
        ...

    def put(self, item: Item) -> None:
        """Keep what came from outside, in the order of arrival, a stream that begins late included; must not block."""
        ...

    def follow(self, event: Prediction | Segment | Notice | NeutralFace) -> None:
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


@dataclass(frozen=True, slots=True)
class Lag:
    """How far predictions are behind what has come, told about once a second in a live session."""

    time: float
    behind: float
    """Seconds."""


class _Stop:
    pass


class _Ending:
    """All that the cameras gave has been looked at, and no source gives any more."""


class _Look:
    """Wakes an engine that waits for data: there is an answer."""


@dataclass(frozen=True, slots=True)
class _Use:
    """Somebody wants another model to read."""

    change: ModelChange


@dataclass(frozen=True, slots=True)
class _Join:
    """A source that is to be read from now on."""

    source: Source


Message = Item | Event | StreamInfo | StreamHealth | RecordingHealth | Fault | LabelRefused | Ended | Loaded | Lag
_ITEMS = (Chunk, FaceObservation, Notice, Label, Rating, Pace, StreamInfo, NeutralFace, RunningNeutral, ModelChange)
_DISPLAY_ONLY = (Chunk, FaceObservation, Window)
_ROOM = 4096
_PICTURES = 256
"""Messages, some seconds, that wait for the window before it gets no more pictures. They take it the most time, and
much memory: two thousand messages with those of a small camera were 1 GB. Traces stay whole for longer."""
_AHEAD = 64
"""Items by which a recording may be read ahead of what is predicted on it."""


class Engine:
    """Runs a session: opens the sources, puts what they give into one order, keeps it, predicts on it, shows it.

    An item is on its way to the disk before anything else happens to it, and nothing that comes waits for predictions:
    `Predicting` takes the same order on a thread of its own and may be behind, `FaceLooking` looks at pictures on
    another one and gives what it sees back, as items of the same order. So a recording, whatever the timing was, has
    all that predictions follow from, in the order in which they did.

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
    look : callable, optional
        From a camera's stream to what looks at its frames, in a live session. None: what the frames show is in the
        recording, or the pipeline looks itself.
    at_end : callable
        Gives what is still to be told once all sources have come to their end.
    model_at : callable
        Gives, where a recording goes to a moment, the change of the model that holds there; None if there was none.
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
        look: Callable[[StreamInfo], Looker] | None = None,
        at_end: Callable[[], Iterable[Event]] = tuple,
        model_at: Callable[[float], ModelChange | None] = lambda _: None,
    ) -> None:
        self.outbox: queue.Queue[Message] = queue.Queue(_ROOM)
        self.infos: tuple[StreamInfo, ...] = ()
        self._inbox = Inbox(512)
        self._answers: queue.SimpleQueue[Label | Rating | NeutralFace | Loaded | _Join | _Use] = queue.SimpleQueue()
        self._readers = [Reader(source, self._inbox, clock) for source in sources]
        self._running = 0
        self._make_pipeline = make_pipeline
        self._config = config
        self._look = look
        self._face_threads = FaceThreads()
        self._pacing = Pacing(config.window.step)
        self._wait = config.eeg.wait + 20.0
        self._clock = clock
        self._chosen: ModelChange | None = None
        """The model that somebody wants to read, other than the first one."""
        self._given: set[str] = set()
        self._heard: set[str] = set()
        """Labels and ratings that the pipeline of now has had."""
        self._keeper = keeper
        self._outlets = outlets
        self._lossless = lossless
        self._prepare = prepare
        self._is_wanted = is_wanted
        self._is_ready = is_ready
        self._at_end = at_end
        self._model_at = model_at
        self._leaving = threading.Event()
        self._closed = False
        self._skipping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine")  # noqa: TID251

    @property
    def state(self) -> SessionState:
        """Where the session stands; what is lost of it only its messages say."""
        if self._thread.ident is None:
            return SessionState.OPENING
        if not self._leaving.is_set():
            return SessionState.RUNNING
        return SessionState.ENDED if self._closed else SessionState.STOPPING

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        try:
            self._open()
        except BaseException:
            self._stop_readers()
            raise
        self._faces.start()
        self._predicting.start()
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
        self._faces.stop()
        self._predicting.stop()
        self._face_threads.close()
        self._stop_readers()  # a source may have joined meanwhile
        if self._keeper is not None:
            self._keeper.stop()
        self._closed = True

    def put(self, label: Label | Rating | NeutralFace) -> None:
        """Send a label, a rating or when a neutral face is shown; the same label or rating again changes nothing.

        It never waits, since the window must not, and it is taken before the data that wait: those of a recording that
        is read as fast as it goes would hold it up for as long as there are any.
        """
        if self._keeper is None and isinstance(label, Label | Rating):
            self._show(LabelRefused(self._clock(), "Not recording: the label was not kept."))
            return
        self._put_first(label)

    def model_loaded(self, fault: Fault | None) -> None:
        """Know that `make_pipeline` need not wait any more, or why it has nothing to give; never waits."""
        self._put_first(Loaded(fault))

    def use_model(self, change: ModelChange) -> None:
        """Have another model read from the next window on; over a recording it stays, wherever one goes. Never waits.

        What `make_pipeline` gives must know it.
        """
        self._put_first(_Use(change))

    def tell(self, news: Notice | Fault) -> None:
        """Show what is no part of the session; any thread may."""
        self._show(news)

    def take_in(self, source: Source) -> None:
        """Read one more source from now on; never waits."""
        self._put_first(_Join(source))

    def skip_to_seek(self) -> None:
        """Let go of the data in the inbox, up to the notice that a recording has gone elsewhere."""
        self._skipping.set()

    def _put_first(self, message: Label | Rating | NeutralFace | Loaded | _Join | _Use) -> None:
        self._answers.put(message)
        with contextlib.suppress(queue.Full):  # with so much in the inbox the engine is awake
            self._inbox.put_nowait(_Look())

    def _open(self) -> None:
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
            raise SessionCancelled
        cameras = _cameras(infos) if self._look is not None else {}
        reading = reading_of(self._config.face) if cameras else ""
        self.infos = tuple(
            dataclasses.replace(info, face_reading=reading) if info.key in cameras else info for info in infos
        )
        self._bare = {info.key for info in self.infos if info.face_reading}
        if self._keeper is not None:
            self._keeper.start(self.infos, self._show)
        for info in self.infos:
            self._show(info)
        for failure in errors:
            self._show(Notice("", self._clock(), "lost", str(failure)))
        lookers = {key: self._look(info) for key, info in cameras.items()} if self._look is not None else {}
        self._faces = FaceLooking(
            lookers, cameras, self._config.face, self._inbox.put, self._face_failed, self._config.window.step,
            self._clock,
        )  # fmt: skip
        self._predicting = Predicting(
            self._new_pipeline, self._notify, self._publish, self._prediction_failed, self._clock, self._skipping,
            _AHEAD if self._lossless else 0,
        )  # fmt: skip

    def _new_pipeline(self) -> DeferredPipeline:
        submit = self._face_threads.submit if self._lossless else None
        return DeferredPipeline(lambda: self._make_pipeline(self.infos), self._is_ready, submit)

    def _stop_readers(self) -> None:
        for reader in self._readers:
            reader.stop()

    def _work(self) -> None:
        try:
            for message in self._messages():
                self._handle(message)
        except Exception as error:
            self._prediction_failed(error)
            self._drain()

    def _prediction_failed(self, error: Exception) -> None:
        text = f"Predictions have stopped: {error}. The raw data are still recorded. Start Insula again."
        self._show(Fault("engine", self._clock(), text, error_trace(error), recording_continues=True))

    def _face_failed(self, error: Exception) -> None:
        text = f"The face is not read any more: {error}. Pictures and EEG go on. Start Insula again to have it."
        self._show(Fault("face", self._clock(), text, error_trace(error), recording_continues=True))

    def _messages(self) -> Iterator[object]:
        """Give what comes in until the stop, answers first, and what was seen of faces until then."""
        is_last = False
        while True:
            message = self._inbox.get()
            with contextlib.suppress(queue.Empty):
                while True:
                    yield self._answers.get_nowait()
            if isinstance(message, _Stop):
                if is_last:
                    return
                is_last = True
                self._faces.mark(message)
            else:
                yield message

    def _drain(self) -> None:
        # Readers must not hang on a full inbox because something failed, and raw data must still reach the disk.
        for message in self._messages():
            if isinstance(message, _ITEMS) and self._keeper is not None:
                self._keeper.put(message)
            elif isinstance(message, _Join):
                self._join(message.source)

    def _handle(self, message: object) -> None:
        if isinstance(message, _ITEMS):
            self._take(message)
        elif isinstance(message, EndOfSource):
            self._ended()
            if self._running and not self._lossless:
                for info in (each for each in self.infos if each.key in message.streams):
                    text = f"{info.name} is at its end; the session goes on without it."
                    self._take(Notice(info.key, self._clock(), "info", text))
        elif isinstance(message, Fault):
            self._show(message)
            self._ended()
        elif isinstance(message, StreamHealth):
            self._show(message)
            if not self._lossless:
                self._show(Lag(message.time, self._predicting.behind))
        elif isinstance(message, Loaded):
            if message.fault is not None:
                self._show(message.fault)
            self._show(message)
            self._predicting.catch_up()
        elif isinstance(message, _Ending):
            self._predicting.catch_up(self._end)
        elif isinstance(message, _Join):
            self._join(message.source)
        elif isinstance(message, _Use):
            self._chosen = message.change
            self._sequence(message.change)

    def _join(self, source: Source) -> None:
        if not self._leaving.is_set():
            self._readers.append(Reader(source, self._inbox, self._clock, late=True))
            self._running += 1
            self._readers[-1].start()

    def _take(self, item: Item) -> None:
        if self._skipping.is_set() and isinstance(item, Chunk | FaceObservation):
            return
        if isinstance(item, Notice) and item.kind == "seek":
            self._predicting.begin_anew(item.time)
            self._heard.clear()
            self._skipping.clear()
            self._show(item)
            if (change := self._chosen or self._model_at(item.time)) is not None:
                self._sequence(dataclasses.replace(change, before=""))
            return
        if isinstance(item, ModelChange) and self._chosen is not None:
            return  # somebody has chosen otherwise since it was recorded
        if isinstance(item, Label | Rating):
            name = item.uid if isinstance(item, Label) else f"{item.uid} {item.times[0]!r}"
            if name in self._heard:
                return  # the keeper has it and goes on trying
            self._heard.add(name)
            if name in self._given:  # a recording that is gone about in gives it again, to a pipeline that began anew
                self._predicting.put(item)
                return
            self._given.add(name)
        if isinstance(item, Chunk) and not self._lossless:
            self._set_pace()
        self._sequence(item)

    def _set_pace(self) -> None:
        predicting = self._predicting
        windows = self._pacing.windows(predicting.behind, predicting.n_predicted, predicting.took)
        if windows is not None:
            self._sequence(Pace(self._clock(), windows))

    def _sequence(self, item: Item) -> None:
        """Give an item its place in the order of all."""
        if self._keeper is not None:
            self._keeper.put(item)
        if isinstance(item, Chunk) and self._faces.looks_at(item.stream):
            self._faces.take(item, self._pacing.hurried(self._predicting.behind))
        # Answers are shown when the keeper says that they are on disk, a neutral face when it has been read.
        if not (isinstance(item, Label | Rating) or (isinstance(item, NeutralFace) and not item.blendshapes)):
            self._show(item)
        self._predicting.put(item.bare() if isinstance(item, Chunk) and item.stream in self._bare else item)

    def _notify(self, event: Event) -> None:
        if isinstance(event, Window):  # for display only: a replay cuts it again
            self._show(event)
            return
        if self._keeper is not None and isinstance(event, Prediction | Segment | Notice | NeutralFace):
            self._keeper.follow(event)
        self._publish(event)
        self._show(event)
        if isinstance(event, Prediction):
            self._faces.predicted(event.participant, event.stop)

    def _publish(self, event: Event) -> None:
        for outlet in self._outlets:
            outlet.push(event)

    def _end(self) -> None:
        for event in self._at_end():
            self._notify(event)
        self._show(Ended(self._clock()))

    def _ended(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._faces.mark(_Ending())

    def _show(self, message: Message) -> None:
        if isinstance(message, _DISPLAY_ONLY) and not self._lossless and self.outbox.qsize() > _ROOM // 2:
            return  # half of the room is for what must not be lost: acknowledgements, segments, faults
        if isinstance(message, Chunk) and message.data.ndim == 4 and not self._lossless:
            message = message.bare() if self.outbox.qsize() > _PICTURES else message
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


def _cameras(infos: Sequence[StreamInfo]) -> dict[str, StreamInfo]:
    """Return the camera of each participant, by its stream's key; of several the first one is looked at."""
    first: dict[str, StreamInfo] = {}
    for info in infos:
        if info.kind == "video":
            first.setdefault(info.participant, info)
    return {info.key: info for info in first.values()}
