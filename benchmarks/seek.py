"""How long a recording of hours takes to open, and to go to a moment in it.

``python -m benchmarks.seek`` writes a session of two hours (a simulated participant, the same seconds again and again,
with the predictions that a live session would have kept), opens it with ``insula replay`` itself, and goes to places at
random: from the key to the first prediction of that moment, through source, pipeline and face, once with the face as it
was read live and once read from the pictures again. Beside it, pyxdf reading the same file. ``--quick`` is a smoke run;
``--seek`` goes to places alone.
"""

from __future__ import annotations

import argparse
import queue
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pylsl
import pyxdf

from acquisition.replay import Paced, open_recording, recorded_events
from app.session.engine import Engine
from app.session.recording_files import RecordingFiles
from app.session.wiring import pipelines
from benchmarks.machine import describe_machine, one_thread_each, quantiles, table
from benchmarks.memory import TILE_S, Endless, tile_of
from benchmarks.opening import READ, opening
from core.config import Config, FaceConfig
from core.data import Chunk, FaceObservation, Prediction
from core.errors import EndOfStream
from core.face_reading import reading_of
from core.predictor import Predictor
from core.recording.session import Session

_FLUSH_EVERY = 30
"""Chunks; about a second of them, as live."""
_FPS = 30.0
_PATIENCE_S = 30.0
_N_OPENINGS = 5
_STEPS = ("imports done", "window shown", "first EEG painted", "model loaded", "first prediction shown")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Opening and seeking a long session.")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seek", action="store_true", help="only go to places")
    args = parser.parse_args(argv)
    hours, places = (0.008, 2) if args.quick else (args.hours, args.places)
    one_thread_each()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        config = Config(face=FaceConfig(fps=8.0 if args.quick else _FPS))
        config = replace(config, record=replace(config.record, study=folder))
        session = write(config, 3600 * hours)
        size, film = session.xdf.stat().st_size / 1e6, session.video.stat().st_size / 1e6
        print(
            f"Simulated participant, seed 1, {TILE_S:g} s again and again for {hours:g} h: 32 channels at 250 Hz, "
            f"face 640 x 480 at {config.face.fps:g} Hz; XDF {size:.0f} MB, video {film:.0f} MB.\n"
        )
        if not args.seek:
            print(table(("what", "s"), reading(session, config)))
            print()
            print(
                table(
                    ("insula replay, from the start of its process, s", "median", "longest"),
                    whole_command(session, 1 if args.quick else _N_OPENINGS),
                )
            )
            print()
            print(table(("the XDF is gone through, times its length", ""), times_read(session)))
            print()
        again = replace(config, face=replace(config.face, min_light=config.face.min_light + 1e-6))
        rows = [
            *seeking(session, config, places, "face as it was read live"),
            *seeking(session, again, places, "face read from the pictures again"),
        ]
        print(table(("go to a moment, ms", "n", "p50", "p95", "longest"), rows))


def write(config: Config, seconds: float) -> Session:
    """Return a session of so many seconds, in the files that a live one has."""
    infos, tile = tile_of(config, face=True)
    predictor = Predictor("", config)
    pipeline = pipelines(config, predictor)(infos)
    events = [pipeline.push(chunk) for chunk in tile]
    said = [e for some in events for e in some if isinstance(e, Prediction)]
    seen = [[e for e in some if isinstance(e, FaceObservation)] for some in events]
    reading = reading_of(config.face)
    infos = [replace(info, face_reading=reading) if info.kind == "video" else info for info in infos]
    session = Session.create(config.record)
    files = RecordingFiles(session, infos, ["P001"], predictor.classes, "2000-01-01T00:00:00+00:00", video=True)
    source = Endless(infos, tile, seconds)
    due, number, n_read = said[0].stop, 0, 0
    while True:
        try:
            item = source.read(0.0)
        except EndOfStream:
            break
        assert isinstance(item, Chunk)
        files.write(item, derived=False)
        turn, place = divmod(n_read, len(tile))
        n_read += 1
        for face in seen[place]:
            files.write(replace(face, time=face.time + turn * TILE_S), derived=False)
        while item.times[-1] > due:
            files.write(replace(said[number % len(said)], start=due - config.window.length, stop=due), derived=True)
            due, number = due + config.window.step, number + 1
        if number % _FLUSH_EVERY == 0:
            files.flush()
    files.close()
    session.describe({"participants": ["P001"], "simulated": True})
    return session


def whole_command(session: Session, times: int) -> list[tuple[str, str, str]]:
    """Return how long the command takes to each of its steps."""
    runs = [opening(_STEPS, "replay", str(session.xdf)) for _ in range(times)]
    each = ((step, [run[step] for run in runs]) for step in _STEPS)
    return [(step, f"{quantiles(took, (0.5,))[0]:.2f}", f"{max(took):.2f}") for step, took in each]


def times_read(session: Session) -> list[tuple[str, str]]:
    """Return how often commands go through the recording until all that was said live is known, in all."""
    replayed = opening(("first prediction shown",), "replay", str(session.xdf), counts=True)
    labelled = opening(("window shown",), "label", str(session.xdf), counts=True)
    return [
        ("insula replay, to the first new prediction", f"{replayed[READ]:.3f}"),
        ("insula label, to its window with all moments", f"{labelled[READ]:.3f}"),
    ]


def reading(session: Session, config: Config) -> list[tuple[str, str]]:
    """Return how long it takes until the recording can be played, until its overview is whole, and what pyxdf takes."""
    began = time.perf_counter()
    with Paced(open_recording(session.xdf, config), 0.0):
        opened = time.perf_counter() - began
    began = time.perf_counter()
    n = sum(isinstance(event, Prediction) for event in recorded_events(session.xdf))
    overview = time.perf_counter() - began
    began = time.perf_counter()
    pyxdf.load_xdf(session.xdf, synchronize_clocks=False, dejitter_timestamps=False)
    whole = time.perf_counter() - began
    return [
        ("open, with beginning and end", f"{opened:.3f}"),
        (f"read what was said live ({n} predictions; in slices while it plays)", f"{overview:.2f}"),
        ("pyxdf.load_xdf, the same file without the video", f"{whole:.2f}"),
    ]


def seeking(session: Session, config: Config, n_places: int, how: str) -> list[tuple[str, ...]]:
    """Return how long it takes from the key to the first prediction of that moment."""
    predictor = Predictor("", config)
    predictor.warm_up()
    source = Paced(open_recording(session.xdf, config), 1.0, config=config, stays=True)
    rng = np.random.default_rng(0)
    engine = Engine([source], pipelines(config, predictor), config, pylsl.local_clock, lossless=True)
    first_frame, first_said = [], []
    with engine:
        start, stop = source.span
        for place in rng.uniform(start + 10.0, stop - 10.0, n_places):
            began = time.perf_counter()
            engine.skip_to_seek()
            source.seek(float(place))
            first_frame.append(1000 * (_until(engine, place, "frame") - began))
            first_said.append(1000 * (_until(engine, place, "prediction") - began))
    rows = ((f"to the first picture, {how}", first_frame), (f"to the first prediction, {how}", first_said))
    return [(name, str(len(ms)), *(f"{q:.0f}" for q in (*quantiles(ms, (0.5, 0.95)), max(ms)))) for name, ms in rows]


def _until(engine: Engine, place: float, what: str) -> float:
    """Return when the first frame near a place, or the first prediction of it, was given to the window."""
    deadline = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < deadline:
        try:
            message = engine.outbox.get(timeout=1.0)
        except queue.Empty:
            continue
        if what == "frame" and isinstance(message, Chunk) and message.data.ndim == 4:
            if place - 3.0 <= message.times[-1] <= place + 1.0:
                return time.perf_counter()
        elif what == "prediction" and isinstance(message, Prediction) and place <= message.stop <= place + 1.0:
            return time.perf_counter()
    raise SystemExit(f"Nothing came of {place:.1f} s within {_PATIENCE_S:g} s.")


if __name__ == "__main__":
    main()
