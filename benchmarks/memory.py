"""Whether memory stays flat over a long session: hours of data through the engine, as fast as it takes them.

``python -m benchmarks.memory`` pushes hours of a simulated participant through reader, engine, pipeline, queue and
recorder, and prints the memory that the process holds along the way; ``--quick`` is a smoke run. One tile of data is
shown again and again with stamps that go on, so that the source itself does not grow. A label answers each segment that
is asked for.
"""

from __future__ import annotations

import argparse
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pylsl

from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import Source
from app.session.engine import Ended, Engine
from app.session.recorder import Recorder
from app.session.wiring import pipelines
from benchmarks.machine import Stopwatch, bootstrap, describe_machine, in_use_mb, one_thread_each, resident_mb, table
from benchmarks.material import T0, in_time, montage
from core.config import Config, FaceConfig
from core.data import Array, Chunk, Fault, Item, Label, Prediction, RecordingHealth, Segment, StreamInfo, frozen
from core.errors import EndOfStream
from core.predictor import Predictor
from core.recording.video import VideoCoder

_N_POINTS = 24
_WARM_UP = 0.25
"""Share of the session that the slope leaves out: caches, queues and the label queue's memory fill first."""
TILE_S = 20.0
_LONG_ENOUGH_H = 0.5
_MOST_MB_AN_HOUR = 5.0
"""A session of which surely more than this is never given back makes the benchmark fail."""


@dataclass(frozen=True, slots=True)
class Course:
    """How memory went over one session."""

    hours: tuple[float, ...]
    """Hours of data."""
    mb: tuple[float, ...]
    """Held of the machine."""
    in_use: tuple[float, ...]
    """MB asked for and not given back."""
    wall: float
    n_predictions: int
    n_labels: int
    problem: str


class Endless:
    """A tile of chunks, given again and again with stamps that go on, until `seconds` of data are over."""

    def __init__(self, infos: Sequence[StreamInfo], tile: Sequence[Chunk], seconds: float) -> None:
        self.infos = tuple(infos)
        self._tile = tile
        self._seconds = seconds
        self._next = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout: float) -> Item | None:
        """Return the next chunk."""
        turn, place = divmod(self._next, len(self._tile))
        self._next += 1
        chunk = self._tile[place]
        if turn * TILE_S + chunk.timestamps[-1] - T0 > self._seconds:
            raise EndOfStream
        return replace(chunk, timestamps=frozen(chunk.timestamps + turn * TILE_S))


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Memory over a long session.")
    parser.add_argument("--hours", type=float, default=2.0, help="of data with EEG alone")
    parser.add_argument("--face-hours", type=float, default=0.25, help="of data with EEG and face")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    if args.quick:
        args.hours, args.face_hours = 0.02, 0.005
    one_thread_each()
    print(describe_machine())
    print(
        f"Simulated participant, seed 1, 32 channels at 250 Hz, a tile of {TILE_S:g} s again and again; face 640 x "
        "480, 8 frames a second. Reader, engine, pipeline, label queue and recorder, as fast as they go.\n"
    )
    rows, growing = [], []
    for name, face, hours in (("EEG", False, args.hours), ("EEG and face", True, args.face_hours)):
        rows.append(_row(name, course := measure(face, hours)))
        if hours >= _LONG_ENOUGH_H and _slope(course, course.in_use)[1] > _MOST_MB_AN_HOUR:
            growing.append(name)
        marks = zip(course.hours[::4], course.mb[::4], strict=True)
        print(f"{name}: " + ", ".join(f"{mb:.0f} MB at {60 * at:.1f} min" for at, mb in marks))
    head = (
        "session",
        "data, h",
        "x real time",
        "predictions",
        "labels",
        "MB after warm-up",
        "MB at the end",
        "MB an hour",
        "in use, MB an hour",
    )
    print("\n" + table((*head, "fault"), rows))
    print("\n`MB an hour`: slope after the first quarter, with its 95 % interval (bootstrap over points).")
    if growing:
        raise SystemExit(f"Memory grows by more than {_MOST_MB_AN_HOUR:g} MB an hour: {', '.join(growing)}.")


def measure(face: bool, hours: float) -> Course:
    """Run one session of so many hours of data; return how memory went."""
    config = Config(face=FaceConfig(fps=8.0))
    infos, tile = tile_of(config, face)
    seconds, first = 3600 * hours, T0
    marks: list[float] = []
    memory: list[float] = []
    in_use: list[float] = []
    counts = {Prediction: 0, Label: 0}
    problem = ""
    with tempfile.TemporaryDirectory() as folder:
        config = replace(config, record=replace(config.record, study=folder))
        predictor = Predictor("", config)
        predictor.warm_up()
        recorder = Recorder(config, ["P001"], predictor.sha256, predictor.classes, pylsl.local_clock)
        source: Source = Endless(infos, tile, seconds)
        watch = Stopwatch()
        with Engine(
            [source], pipelines(config, predictor), config, pylsl.local_clock, recorder, lossless=True
        ) as engine:
            while not isinstance(message := engine.outbox.get(timeout=60.0), Ended):
                if isinstance(message, Prediction):
                    counts[Prediction] += 1
                    if message.stop - first > (len(marks) + 1) * seconds / _N_POINTS:
                        marks.append((message.stop - first) / 3600)
                        memory.append(resident_mb())
                        in_use.append(in_use_mb())
                elif isinstance(message, Segment):
                    counts[Label] += 1
                    engine.put(_answer(message))
                elif isinstance(message, Fault):
                    problem = message.text
                elif isinstance(message, RecordingHealth):
                    problem = problem or message.problem
        wall = watch.read()[0]
    return Course(tuple(marks), tuple(memory), tuple(in_use), wall, counts[Prediction], counts[Label], problem)


def tile_of(config: Config, face: bool) -> tuple[list[StreamInfo], list[Chunk]]:
    """Return the streams of a simulated participant, and the chunks of a tile of them in order of time."""
    sources: list[Source] = [SimulatedEeg("P001", 1, T0, montage(32), 250.0, duration=TILE_S, clock=None)]
    if face:
        coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps, config.record.crf)
        sources.append(SimulatedFace("P001", 1, T0, config.face, coder=coder, duration=TILE_S, clock=None))
    return [info for source in sources for info in source.infos], list(in_time(sources))


def _answer(segment: Segment) -> Label:
    return Label(
        uuid.uuid4().hex, segment.uid, segment.participant, segment.start, segment.stop, segment.stop, label="neutral"
    )


def _row(name: str, course: Course) -> tuple[str, ...]:
    _, mb = _late(course, course.mb)
    return (
        *(name, f"{course.hours[-1]:.2f}", f"{3600 * course.hours[-1] / course.wall:.0f}"),
        *(str(course.n_predictions), str(course.n_labels), f"{mb[0]:.0f}", f"{mb[-1]:.0f}"),
        *("{:+.1f} ({:+.1f} to {:+.1f})".format(*_slope(course, of)) for of in (course.mb, course.in_use)),
        course.problem or "none",
    )


def _late(course: Course, memory: Sequence[float]) -> tuple[Array, Array]:
    """Return hours and MB behind the warm-up."""
    hours, mb = np.array(course.hours), np.array(memory)
    late = hours >= _WARM_UP * hours[-1]
    return hours[late], mb[late]


def _slope(course: Course, memory: Sequence[float]) -> tuple[float, float, float]:
    """Return MB an hour behind the warm-up, and the interval that holds 95 % of it."""
    hours, mb = _late(course, memory)

    def slope(chosen: Array) -> float:
        k = chosen.astype(int)
        return float(np.polyfit(hours[k], mb[k], 1)[0]) if len(set(k)) > 1 else 0.0

    return slope(np.arange(len(hours))), *bootstrap(np.arange(len(hours)), slope, seed=0)


if __name__ == "__main__":
    main()
