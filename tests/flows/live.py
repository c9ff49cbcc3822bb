"""Whole sessions for the tests of this folder: real threads, real files, real LSL on this machine."""

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pylsl

from acquisition.source import Source
from app.session.engine import Engine, Outlet
from app.session.recorder import Recorder
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from core.config import Config, EegConfig, FaceConfig, LslConfig, RecordConfig
from core.data import Array, Fault, Item, Label, Prediction
from core.predictor import Predictor
from tests.headsets import FakeOutlet

WAIT = 120.0
"""Seconds after which what a test waits for will not come: much, since these machines are loaded."""


def settings(folder: Path, **eeg: Any) -> Config:
    """Small pictures and few of them: the tests have two cores for everything."""
    return Config(
        eeg=EegConfig(**eeg),
        face=FaceConfig(fps=15.0),
        record=RecordConfig(study=str(folder), flush=0.2),
        lsl=LslConfig(scope="machine"),
    )


class Live:
    """A session that runs: what came out of it so far, and how to wait for more."""

    def __init__(self, engine: Engine, recorder: Recorder) -> None:
        self.engine = engine
        self.seen: list[Any] = []
        self._recorder = recorder

    @property
    def path(self) -> Path:
        assert self._recorder.path is not None
        return self._recorder.path

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        """Wait for the first message from now on that is wanted."""
        until = pylsl.local_clock() + WAIT
        while pylsl.local_clock() < until:
            with contextlib.suppress(queue.Empty):
                message = self.engine.outbox.get(timeout=0.5)
                self.seen.append(message)
                assert not isinstance(message, Fault), f"{message.text}\n{message.detail}"
                if wanted(message):
                    return message
        raise AssertionError(f"it did not come; last seen: {[type(m).__name__ for m in self.seen[-20:]]}")

    def all(self, kind: type[Any], participant: str = "") -> list[Any]:
        """Return all messages of a kind so far, of one participant if they have any."""
        found = [m for m in self.seen if isinstance(m, kind)]
        return [m for m in found if not participant or m.participant == participant]

    def drain(self) -> None:
        """Take what is still in the outbox after the session has ended."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.seen.append(self.engine.outbox.get_nowait())


@contextlib.contextmanager
def session(
    sources: Sequence[Source],
    config: Config,
    people: Sequence[str] = ("P001",),
    outlets: Sequence[Outlet] = (),
    looks: bool = True,
    lossless: bool = False,
) -> Iterator[Live]:
    """Run a session as `insula run --headless` does; leaving ends it. Not `looks`: the pipeline looks at pictures.

    `lossless`: sources wait, and no window is passed over however busy the computer is.
    """
    predictor = Predictor("", config)
    predictor.warm_up()
    recorder = Recorder(config, people, predictor.sha256, predictor.classes, pylsl.local_clock)
    made = pipelines(config, predictor)
    made.warm_up()
    look = made.look if looks else None
    engine = Engine(sources, made, config, pylsl.local_clock, recorder, outlets, lossless=lossless, look=look)
    with engine:
        live = Live(engine, recorder)
        yield live
    live.drain()


def replayed(path: Path, config: Config, speed: float = float("inf")) -> tuple[list[Item], list[Any]]:
    """Return the items of a recording and all events that follow from them."""
    items, events = [], []
    for item, some in replay(path, config, pipelines(config, Predictor(config.model.path, config)), speed):
        items.append(item)
        events += some
    return items, events


def exact(prediction: Prediction, feature: bool = True) -> tuple[Any, ...]:
    """Return all that a prediction says, floats to the last bit, NaN equal to itself."""
    values = {f.name: getattr(prediction, f.name) for f in dataclasses.fields(prediction)}
    held = values.pop("feature")
    bits = held.tobytes() if feature and held is not None else b""
    return (*((name, _bits(value)) for name, value in values.items()), bits)


def _bits(value: Any) -> Any:
    if isinstance(value, float):
        return float(value).hex()
    return tuple(_bits(each) for each in value) if isinstance(value, tuple) else value


@contextlib.contextmanager
def streaming(*outlets: FakeOutlet) -> Iterator[None]:
    """Have the outlets send in real time, as the devices they imitate do."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            for outlet in outlets:
                outlet.push_due()

    thread = threading.Thread(target=work)  # noqa: TID251 - the world outside, sending
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def background(work: Callable[[threading.Event], object]) -> Iterator[None]:
    """Run what stands for another program, until left."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))  # noqa: TID251 - the world outside
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sent(outlet: FakeOutlet) -> tuple[Array, Array]:
    """Return all that an outlet sent, (n_times, n_chans), and the stamps."""
    return np.concatenate(outlet.sent), np.concatenate(outlet.stamps)


def label(live: Live, start: float, stop: float, name: str, uid: str, participant: str = "P001") -> Label:
    """Give a label and wait until it is on disk."""
    given = Label(
        uid, "", participant, start, stop, pylsl.local_clock(), label=name, valence=0.1, arousal=-0.2, confidence=0.7,
        note="größer", response_time=1.5, n_plays=2,
    )  # fmt: skip
    live.engine.put(given)
    live.until(lambda m: isinstance(m, Label) and m.uid == uid)
    return given
