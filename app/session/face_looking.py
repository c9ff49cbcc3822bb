"""The thread that looks at faces: what it sees goes back into the one order of items."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from core.config import FaceConfig
from core.data import NOT_LOOKED_AT, Array, Chunk, FaceObservation, StreamInfo, frozen
from core.face_grid import FaceGrid

_MOST_WAITING = 4
"""Frames that may wait to be looked at, half a second of them: so long a window waits for what they show."""
_GIVES_WAY_S = 0.06
"""Seconds after it was taken at which a frame is looked at, whatever there is to predict. A window that is in time is
predicted by then; on a computer that does not keep up, what is late must not make the next look late as well."""
_TOLD_S = 0.004
"""Seconds after a prediction was published before a look begins. To hear of it, another program needs a core four times
for a moment; where a look has just taken one it may wait for as long as a slice of the scheduler, 3 ms on Linux."""
_PASSED_OVER = frozen(np.empty((0, 0, 3), np.uint8))


class Looker(Protocol):
    """What looks at the frames of one camera."""

    def look(self, frame: Array, time: float) -> FaceObservation:
        """Return what a frame shows; one without pixels is passed over."""
        ...


class FaceLooking:
    """Looks at the frames of each camera that are on the grid, one after the other.

    Each of them gives an observation, in order. When it does not keep up, frames are passed over, and their
    observations say so: so whoever replays the recording passes over the same.

    Looking gives way to predicting. A window's end lies on the grid, so the frame behind it comes just when the window
    is read, and would take the cores and caches that this needs. What it shows is of the next window: so it is looked
    at once the window before it is predicted, if those before that were, and at the latest when another frame waits.

    Parameters
    ----------
    lookers : mapping of str to Looker
        For each camera, by its stream's key.
    infos : mapping of str to StreamInfo
        These streams.
    config : FaceConfig
    give : callable
        Takes each observation, on the thread, and what `mark` was given.
    fail : callable
        Takes what ended looking; frames are passed over from then on.
    step : float
        Seconds from the end of one window to that of the next.
    clock : callable
        The LSL clock.
    """

    def __init__(
        self,
        lookers: Mapping[str, Looker],
        infos: Mapping[str, StreamInfo],
        config: FaceConfig,
        give: Callable[[object], object],
        fail: Callable[[Exception], object],
        step: float,
        clock: Callable[[], float],
    ) -> None:
        self._lookers = lookers
        self._people = {key: infos[key].participant for key in lookers}
        self._grids = {key: FaceGrid(config.rate) for key in lookers}
        self._give = give
        self._fail = fail
        self._step = step
        self._clock = clock
        self._predicted: dict[str, int] = {}
        """By participant the number of the newest window that was predicted, counted in steps."""
        self._news = threading.Event()
        """Set when there is no reason any more to give way."""
        self._broken = False
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="faces")  # noqa: TID251

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def looks_at(self, stream: str) -> bool:
        """Return whether the frames of a stream are looked at."""
        return stream in self._lookers

    def take(self, chunk: Chunk, hurried: bool) -> None:
        """Take what a camera gave; never waits. `hurried`: a frame is passed over while another one waits."""
        for frame, time in zip(chunk.data, chunk.times, strict=True):
            if self._grids[chunk.stream].takes(float(time)):
                late = self._queue.qsize() >= (1 if hurried else _MOST_WAITING)
                self._put((chunk.stream, _PASSED_OVER if late else frame, float(time), not hurried))

    def mark(self, message: object) -> None:
        """Have `message` given back once all that was taken is looked at."""
        self._put(message)

    def predicted(self, participant: str, stop: float) -> None:
        """Know that the window that ends at `stop`, s, is predicted; any thread may tell."""
        self._predicted[participant] = round(stop / self._step)
        self._news.set()

    def stop(self) -> None:
        """End once all that was taken is looked at."""
        self._put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _put(self, message: object) -> None:
        self._queue.put(message)
        self._news.set()

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            self._give(self._look(*message) if isinstance(message, tuple) else message)

    def _look(self, key: str, frame: Array, time: float, gives_way: bool) -> FaceObservation:
        if gives_way:
            self._give_way(self._people[key], time)
        if not self._broken:
            try:
                return self._lookers[key].look(frame, time)
            except Exception as error:
                self._broken = True
                self._fail(error)
        return FaceObservation(self._people[key], time, NOT_LOOKED_AT)

    def _give_way(self, person: str, time: float) -> None:
        """Wait while the window is still to be predicted that ends right before a frame taken at `time`."""
        before = math.floor(time / self._step)
        while self._predicted.get(person) == before - 1 and self._queue.empty():
            left = time + _GIVES_WAY_S - self._clock()
            if left <= 0.0:
                return
            self._news.wait(left)
            self._news.clear()
            if self._predicted.get(person) == before and self._queue.empty():
                self._news.wait(_TOLD_S)
