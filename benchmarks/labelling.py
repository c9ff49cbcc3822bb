"""How long an answer takes to the disk, and how soon the next moment is on the screen.

``python -m benchmarks.labelling`` prints the table of `docs/performance.md`; ``--quick`` is a smoke run. Each answer is
one transaction with WAL and ``synchronous=FULL``, so a row is on disk when it is told to be; the first line is SQLite
alone with the same pragmas. The window is drawn without a display. Times are those of one answer after the other, as a
person gives them, not of a burst.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pylsl

from acquisition.source import Source
from app.session.engine import Engine, Keeper
from app.session.label_keeper import LabelKeeper
from app.session.wiring import pipelines
from benchmarks.machine import describe_machine, one_thread_each, quantiles, table
from core.config import Config, FaceConfig, RecordConfig
from core.data import Channel, Chunk, Event, Item, Label, Prediction, Segment, StreamInfo, frozen
from core.face_submit import Submit
from core.predictor import Predictor
from core.recording.labels import LabelStore
from core.recording.video import VideoCoder

CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
_INFO = StreamInfo("eeg", "eeg", "P001", "moments", sfreq=100.0, channels=(Channel("Cz", "Cz"), Channel("Pz", "Pz")))
_LABEL = Label(
    "", "", "P001", 10.0, 14.0, 15.0, label="happy", valence=0.4, arousal=0.1, confidence=0.5, response_time=4.0
)
_PAUSE = 0.02
_WAIT = 30.0


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time from an answer to its row on disk.")
    parser.add_argument("--answers", type=int, default=1000)
    parser.add_argument("--dir", default=None, help="folder on the disk to measure (default: that of temporary files)")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    one_thread_each()
    n = 10 if args.quick else args.answers
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        for name, measure in MEASURES.items():
            here = Path(folder) / str(len(rows))
            here.mkdir()
            spent = measure(here, n)
            rows.append((name, str(len(spent)), *(f"{1000 * q:.2f}" for q in quantiles(spent))))
    print(describe_machine())
    print(table(("from, to", "answers", "p50 ms", "p95 ms", "p99 ms"), rows))


def bare_insert(folder: Path, n: int) -> list[float]:
    """Return the seconds of each insert of the same row with SQLite alone."""
    names = [field.name for field in fields(Label)]
    db = sqlite3.connect(folder / "bare.sqlite")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"CREATE TABLE labels (number INTEGER PRIMARY KEY AUTOINCREMENT, {', '.join(names)}, UNIQUE (uid))")
    insert = f"INSERT INTO labels ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"

    def keep(label: Label) -> None:
        with db:
            db.execute(insert, [json.dumps(one) if isinstance(one, tuple) else one for one in astuple(label)])

    spent = _timed(keep, n)
    db.close()
    return spent


def store_alone(folder: Path, n: int) -> list[float]:
    """Return the seconds of each `LabelStore.add`."""
    with LabelStore(folder / "labels.sqlite") as store:
        return _timed(store.add, n)


def through_the_engine(folder: Path, n: int) -> list[float]:
    """Return the seconds from giving an answer over a recording until it comes back as kept."""
    with labelled(Moments(0), folder / "labels.sqlite") as engine:
        return _timed(lambda label: _there_and_back(engine, label), n)


def in_a_live_session(folder: Path, n: int) -> list[float]:
    """Return the same while 32 channels and a camera are recorded and predicted on."""
    from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
    from app.session.recorder import Recorder

    config = Config(record=RecordConfig(study=str(folder)), face=FaceConfig(fps=30.0))
    predictor = Predictor("", config)
    predictor.warm_up()
    t0, face = pylsl.local_clock() + 1.0, config.face
    coder = VideoCoder(face.width_px, face.height_px, face.fps)
    sources: list[Source] = [SimulatedEeg("P001", 7, t0), SimulatedFace("P001", 7, t0, face, coder=coder)]
    recorder = Recorder(config, ["P001"], predictor.sha256, predictor.classes, pylsl.local_clock)
    engine = Engine(sources, pipelines(config, predictor), config, pylsl.local_clock, recorder)
    with engine:
        return _timed(lambda label: _there_and_back(engine, label), max(5, n // 10), 10 * _PAUSE)


def key_to_next_moment(folder: Path, n: int) -> list[float]:
    """Return the seconds from a key until the answer is on disk and the next moment is drawn."""
    from PyQt6.QtCore import Qt
    from PyQt6.QtTest import QTest
    from PyQt6.QtWidgets import QApplication

    from app.window.bridge import Bridge
    from app.window.main_window import MainWindow
    from app.window.shown_session import ShownSession

    application = QApplication.instance() or QApplication([])
    n = min(n, 300)
    with labelled(Moments(n + 1), folder / "labels.sqlite") as engine:
        bridge = Bridge(engine.outbox)
        window = MainWindow(bridge, ShownSession(CLASSES, engine.put, pylsl.local_clock))
        window.show()
        annotation = window.labelling.annotation
        _wait(lambda: annotation.n_waiting == n + 1, application.processEvents)
        keys = [getattr(Qt.Key, f"Key_{k + 1}") for k in range(len(CLASSES))]
        press: Any = QTest.keyClick  # its type stubs do not say that it is static
        spent = []
        for k in range(n):
            began = time.perf_counter()
            press(window, keys[k % len(keys)])
            _wait(lambda n_done=k + 1: annotation.n_done == n_done, application.processEvents)  # type: ignore[misc]
            window.labelling.repaint()
            spent.append(time.perf_counter() - began)
        bridge.stop()
        window.close()
    return spent


class Moments:
    """A source whose every chunk is a moment to ask about: some seconds of quiet EEG each, then nothing more.

    Parameters
    ----------
    count
        How many.
    """

    infos = (_INFO,)

    def __init__(self, count: int) -> None:
        self._left = iter(range(count))
        self._idle = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout: float) -> Item | None:
        """Return the next five seconds of data."""
        k = next(self._left, None)
        if k is None:
            self._idle.wait(timeout)
            return None
        times = 100.0 + 5.0 * k + np.arange(500) / 100
        return Chunk("eeg", frozen(times), frozen(np.random.default_rng(k).normal(0, 20, (500, 2)).astype(np.float32)))


class Asking:
    """A pipeline that asks about four of the five seconds of every chunk, without looking at them."""

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Look at nothing."""

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        """Return the segment of each chunk."""
        return [self._asked(item) for item in items]

    def _asked(self, item: Item) -> list[Event]:
        if not isinstance(item, Chunk):
            return []
        start = float(item.times[0])
        return [Segment(f"m{start:g}", "P001", start, start + 4.0, 1e3 / start, "several classes fit", _said(start))]


@contextmanager
def labelled(source: Moments, path: Path) -> Iterator[Engine]:
    """Give an engine that asks about each of the moments and keeps the answers at `path`."""
    keeper: Keeper = LabelKeeper(path)
    with Engine([source], lambda _: Asking(), Config(), pylsl.local_clock, keeper, lossless=True) as engine:
        yield engine


def _said(start: float) -> Prediction:
    flat = 1.0 / len(CLASSES)
    return Prediction(
        *("P001", start, start + 2.0, "ok", CLASSES, (flat,) * len(CLASSES)),
        *(0.0, 0.0, 0.3, 0.3, 1.9, 1.8, 0.1, 0.5, 0.4),
        *((0.5, 0.5), (1.0, 1.0), CLASSES, 0.9),
        model="0" * 64,
    )


def _timed(keep: Callable[[Label], object], n: int, pause: float = _PAUSE) -> list[float]:
    """Return the seconds of each of `n` answers; the first five warm up and are not counted."""
    spent = []
    for k in range(n + 5):
        label = replace(_LABEL, uid=f"{k:032x}")
        threading.Event().wait(pause)
        began = time.perf_counter()
        keep(label)
        spent.append(time.perf_counter() - began)
    return spent[5:]


def _there_and_back(engine: Engine, label: Label) -> None:
    engine.put(label)
    while engine.outbox.get(timeout=_WAIT) != label:
        pass


def _wait(until: Callable[[], bool], meanwhile: Callable[[], object]) -> None:
    deadline = time.perf_counter() + _WAIT
    while not until():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"An answer has not come onto the disk within {_WAIT:g} s.")
        meanwhile()


MEASURES: dict[str, Callable[[Path, int], list[float]]] = {
    "SQLite alone, one insert": bare_insert,
    "LabelStore.add": store_alone,
    "given, on disk (over a recording)": through_the_engine,
    "given, on disk (live, 32 channels and camera)": in_a_live_session,
    "key, next moment drawn": key_to_next_moment,
}

if __name__ == "__main__":
    main()
