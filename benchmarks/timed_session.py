"""A whole session of Insula for `benchmarks/latency.py`, in a process of its own, marking each window's way."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection

from acquisition.clock import local_clock
from acquisition.lsl import LslSource
from acquisition.outlet import AffectOutlet
from acquisition.source import Source
from acquisition.webcam import WebcamSource
from app.session.engine import Engine
from app.session.recorder import Recorder
from benchmarks.lsl_readers import POLL, Rows, Setup
from benchmarks.machine import one_thread_each
from core.config import Config
from core.data import Chunk, Event, FaceObservation, Item, Notice, Prediction, StreamInfo, Window
from core.faces import FaceStage
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor

_N_MARKS = 8


def insula(pipe: Connection, setup: Setup) -> None:
    """Run a whole session: reader, recorder, engine, pipeline, outlet; a camera too if the setup has one.

    Marks of a window: see `Marks.windows`.
    """
    with timed(setup) as (engine, marks):
        reading = Rows(pipe)
        pause = threading.Event()
        while reading.running():
            with contextlib.suppress(queue.Empty):
                while True:
                    engine.outbox.get_nowait()
            pause.wait(POLL)  # as often as a session without a window looks
    reading.windows = marks.windows()
    reading.send()


@contextlib.contextmanager
def timed(setup: Setup) -> Iterator[tuple[Engine, Marks]]:
    """Give a running session and the marks that it makes."""
    one_thread_each()
    config = setup.config
    marks = Marks()
    predictor = _TimedPredictor(config, marks)
    predictor.warm_up(setup.n_chans)
    marks.rows.clear()
    face_reader = FaceReader()
    face_reader.warm_up()
    sources: list[Source] = [_TimedLsl(config, marks)]
    if setup.camera != "none":
        sources.append(_TimedWebcam(config, marks))
    outlet = _TimedOutlet(predictor, config, marks)
    recorder = Recorder(config, ["P001"], predictor.sha256, predictor.classes, local_clock)

    def pipeline(infos: Sequence[StreamInfo]) -> Pipeline:
        return _TimedPipeline(infos, predictor, config, face_reader, marks)

    def look(info: StreamInfo) -> FaceStage:
        return FaceStage(info, config.face, face_reader)

    with outlet, Engine(sources, pipeline, config, local_clock, recorder, [outlet], look=look) as engine:
        yield engine, marks


class Marks:
    """When each window of a session was where; written by the threads that do it."""

    def __init__(self) -> None:
        self.read: dict[tuple[str, float], float] = {}
        self.looked_at: dict[float, float] = {}
        """When frames were read, by their time, until it is known what they show."""
        self.item: tuple[float, ...] = ()
        self.rows: dict[float, list[float]] = {}

    def windows(self) -> list[tuple[float, ...]]:
        """Return the marks of each window that has come to its end.

        Stop, 1 if a video frame or what it shows completed it, stamp of what completed it, read, taken by the pipeline,
        network begun, network done, about to be published.
        """
        return [tuple(row) for row in self.rows.values() if len(row) == _N_MARKS]

    def came(self, item: Item | None) -> None:
        """Note that a chunk was read."""
        if isinstance(item, Chunk):
            self.read[item.stream, float(item.timestamps[-1])] = local_clock()

    def taken(self, item: Item) -> None:
        """Note that the pipeline has taken a chunk, or what a frame shows."""
        now = local_clock()
        if isinstance(item, Chunk):
            stamp = float(item.timestamps[-1])
            read = self.read.pop((item.stream, stamp))
            self.item = (float(item.is_bare), stamp, read, now)
            if item.is_bare:
                self.looked_at[float(item.times[-1])] = read
        elif isinstance(item, FaceObservation):
            self.item = (1.0, item.time, self.looked_at.pop(item.time), now)


class _TimedLsl(LslSource):
    def __init__(self, config: Config, marks: Marks) -> None:
        super().__init__(config.eeg, "P001")
        self._marks = marks

    def read(self, timeout: float) -> Item | None:
        item = super().read(timeout)
        self._marks.came(item)
        return item


class _TimedWebcam(WebcamSource):
    def __init__(self, config: Config, marks: Marks) -> None:
        super().__init__(config.face, "P001", config.record.crf)
        self._marks = marks

    def read(self, timeout: float) -> Chunk | Notice | None:
        item = super().read(timeout)
        self._marks.came(item)
        return item


class _TimedPipeline(Pipeline):
    def __init__(
        self,
        infos: Sequence[StreamInfo],
        predictor: Predictor,
        config: Config,
        face_reader: FaceReader,
        marks: Marks,
    ) -> None:
        super().__init__(infos, predictor, config, face_reader)
        self._marks = marks

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        for item in items:
            self._marks.taken(item)
        return super().push_all(items)


class _TimedPredictor(Predictor):
    def __init__(self, config: Config, marks: Marks) -> None:
        super().__init__("", config)
        self._marks = marks

    def predict(self, windows: Sequence[Window]) -> list[Prediction]:
        begun = local_clock()
        predictions = super().predict(windows)
        done = local_clock()
        for window in windows:
            self._marks.rows[window.stop] = [window.stop, *self._marks.item, begun, done]
        return predictions


class _TimedOutlet(AffectOutlet):
    def __init__(self, predictor: Predictor, config: Config, marks: Marks) -> None:
        window = config.window
        super().__init__("P001", predictor.classes, predictor.sha256, window.length, window.step)
        self._marks = marks

    def push(self, event: Event) -> None:
        if isinstance(event, Prediction):
            self._marks.rows[event.stop].append(local_clock())
        super().push(event)
