"""The thread that predicts: it takes items in the one order that is recorded, and may be behind."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.session.deferred_pipeline import DeferredPipeline
from core.data import Chunk, Event, FaceObservation, Item, Label, Notice, Prediction, Segment


@dataclass(frozen=True, slots=True)
class _BeginAnew:
    """A recording has gone elsewhere."""

    time: float
    begun: threading.Event


@dataclass(frozen=True, slots=True)
class _CatchUp:
    """What waits for the model need not wait any more; then something is to be done."""

    then: Callable[[], object]


class _Stop:
    pass


_NO_ITEM = (_BeginAnew, _CatchUp, _Stop)


class Predicting:
    """Pushes items into the pipeline, in their order, on a thread of its own, and hands on what follows.

    What the pipeline raises ends predictions, not the session: items are taken and let go from then on.

    Parameters
    ----------
    make : callable
        Gives a new pipeline; called once here, and again on the thread when a recording goes elsewhere.
    notify : callable
        Takes each event, on the thread.
    publish : callable
        Takes, on the thread and before their events, items that others are to know.
    fail : callable
        Takes what ended predictions.
    clock : callable
        The LSL clock.
    skipping : Event
        While it is set, data that wait are let go.
    room : int
        Items that may wait before `put` does, and are pushed together where they do; 0: without end and one by one,
        for a live session.
    """

    def __init__(
        self,
        make: Callable[[], DeferredPipeline],
        notify: Callable[[Event], object],
        publish: Callable[[Event], object],
        fail: Callable[[Exception], object],
        clock: Callable[[], float],
        skipping: threading.Event,
        room: int,
    ) -> None:
        self._make = make
        self._notify = notify
        self._publish = publish
        self._fail = fail
        self._clock = clock
        self._skipping = skipping
        self._n_together = room or 1
        self._speaks_from = -math.inf
        self._queue: queue.Queue[object] | queue.SimpleQueue[object]
        self._queue = queue.Queue(room) if room else queue.SimpleQueue()  # the simple one takes a fifth of the time
        self._taken: deque[object] = deque()
        """What was taken from it and has yet to be handled: what is no item ends those that are handled together."""
        self._looked_at: Sequence[Item] = ()
        """What is to be pushed next: the pictures among it were looked at."""
        self._put_at: deque[float] = deque()
        """When all that is worked on, or waits, was put."""
        self.n_predicted = 0
        """Predictions that were made."""
        self.took = 0.0
        """Seconds that the last of them took."""
        self._pipeline = make()
        self._thread = threading.Thread(target=self._work, name="predicting")  # noqa: TID251

    def start(self) -> None:
        """Begin to work on what is put."""
        self._thread.start()

    def stop(self) -> None:
        """Return when all that was put is worked on."""
        if self._thread.ident is not None:
            self._put(_Stop())
            self._thread.join()

    def put(self, item: Item) -> None:
        """Take the next item."""
        self._put(item)

    def begin_anew(self, time: float) -> None:
        """Let go of what waits, and predict with a new pipeline what stops from `time` on.

        Returns when nothing can come any more of what was before.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
                self._put_at.pop()
        begun = threading.Event()
        self._put(_BeginAnew(time, begun))
        begun.wait()

    def catch_up(self, then: Callable[[], object] = lambda: None) -> None:
        """Work on what waits for the model too, even if it has to be waited for; then call `then` on the thread."""
        self._put(_CatchUp(then))

    @property
    def behind(self) -> float:
        """Seconds since what is being worked on was put, 0 while nothing is."""
        with contextlib.suppress(IndexError):
            return self._clock() - self._put_at[0]
        return 0.0

    def _put(self, message: object) -> None:
        self._put_at.append(self._clock())
        self._queue.put(message)

    def _work(self) -> None:
        """Handle what is put, until the stop; whoever waits for something gets it also where predictions have ended."""
        take, is_last = self._take, False
        while not is_last:
            some = self._next()
            is_last = isinstance(some[0], _Stop)
            for handle in (take, self._answer):
                try:
                    handle(some)
                except Exception as error:
                    if take != self._let_go:
                        self._fail(error)
                    take = self._let_go
            for _ in some:
                self._put_at.popleft()

    def _next(self) -> list[object]:
        """Return what is next: items that wait, or one message that is none."""
        some = [self._taken.popleft() if self._taken else self._queue.get()]
        with contextlib.suppress(queue.Empty):
            while not isinstance(some[0], _NO_ITEM) and len(some) < self._n_together:
                message = self._queue.get_nowait()
                if isinstance(message, _NO_ITEM):
                    self._taken.append(message)
                    break
                some.append(message)
        return some

    def _take(self, some: Sequence[object]) -> None:
        message = some[0]
        if isinstance(message, _BeginAnew):
            # What was learnt from the data before is not what stands before the data that come now.
            self._pipeline, self._looked_at = self._make(), ()
            self._speaks_from = message.time
        elif isinstance(message, _CatchUp):
            self._push_looked_at()
            self._hand_on(self._pipeline.catch_up())
        elif isinstance(message, _Stop):
            self._push_looked_at()
        else:
            items = [one for one in some if not (self._skipping.is_set() and isinstance(one, Chunk | FaceObservation))]
            for item in items:
                self._publish_item(item)
            self._look_and_push(items)  # type: ignore[arg-type]

    def _look_and_push(self, items: Sequence[Item]) -> None:
        """Look at pictures before what came before them is pushed: the networks that read these have work meanwhile."""
        looked_at = False
        try:
            looked_at = self._pipeline.look_at(items)
        finally:
            self._push_looked_at()
        if looked_at:
            self._looked_at = items
            if self._queue.empty():
                self._push_looked_at()
        else:
            self._push(items)

    def _push_looked_at(self) -> None:
        items, self._looked_at = self._looked_at, ()
        if items and not self._skipping.is_set():
            self._push(items)

    def _push(self, items: Sequence[Item]) -> None:
        began, before = self._clock(), self.n_predicted
        self._hand_on(self._pipeline.push_all(items))
        if self.n_predicted > before:
            self.took = self._clock() - began

    def _let_go(self, some: Sequence[object]) -> None:
        """Handle what is put once predictions have ended."""
        for message in some:
            self._publish_item(message)

    @staticmethod
    def _answer(some: Sequence[object]) -> None:
        """Do what was to be done once a message was handled."""
        message = some[0]
        if isinstance(message, _BeginAnew):
            message.begun.set()
        elif isinstance(message, _CatchUp):
            message.then()

    def _publish_item(self, item: object) -> None:
        # A file's own notices have no time.
        if isinstance(item, FaceObservation) or (isinstance(item, Label | Notice) and not math.isnan(item.time)):
            self._publish(item)

    def _hand_on(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Prediction | Segment) and event.stop < self._speaks_from:
                continue  # made while filters settle and without the frames before
            self.n_predicted += isinstance(event, Prediction)
            self._notify(event)
