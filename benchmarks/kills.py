"""How much of what had come a killed session lacks: SIGKILL at random moments, on a free machine and on a busy one.

``python -m benchmarks.kills`` (about an hour) kills 200 sessions, with and without a face, on a machine that does
nothing else and beside four busy loops, with predictions as fast as they are and with five seconds of sleep in each. A
tenth is killed within 20 ms of its first file. EEG comes over LSL from a process of its own, pictures from a video file
in the place of a camera. ``--quick`` is a smoke run.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pylsl

from acquisition.simulator.streams import SimulatedFace
from benchmarks.machine import describe_machine, quantiles, table
from benchmarks.material import T0, read_all
from core.config import Config
from core.data import Chunk, Window
from core.recording.session import Session
from core.recording.video import VideoCoder, VideoReader, VideoWriter
from core.recording.xdf_reader import Header, Offset, Samples, read_xdf

_SEED = 4242
_SOURCE = f"insula-sim-{_SEED}-1"
_SLEEP_S = 5.0
_LONGEST_S = 6.0
"""Sessions are killed up to so many seconds after their first sample is on disk."""
_AT_ONCE_S = 0.02
_AT_ONCE_EVERY = 10
_PATIENCE_S = 240.0
_N_LOOPS = 4
_VIDEO_S = 40.0


@dataclass(frozen=True, slots=True)
class Case:
    """What a session is killed in."""

    face: bool
    busy: bool
    slow: bool
    """Whether each prediction sleeps for five seconds."""

    @property
    def words(self) -> tuple[str, str, str]:
        """The case, as it stands in the table."""
        return (
            "EEG and face" if self.face else "EEG",
            f"{_N_LOOPS} busy loops" if self.busy else "nothing else",
            f"{_SLEEP_S:g} s more" if self.slow else "as it is",
        )


@dataclass(frozen=True, slots=True)
class Kill:
    """What was lost with one session, s; NaN where nothing of the kind had begun."""

    eeg: float
    face: float
    at_once: bool
    whole: bool
    """Whether ``session.json`` is whole, or not there, and every file opens."""


class _Publisher:
    """The headset: EEG from a process of its own, and what of it has come to whoever reads it."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        command = [sys.executable, "-m", "insula", "simulate", "--seed", str(_SEED), "--parent", str(os.getpid())]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.kill)
        found = pylsl.resolve_byprop("source_id", _SOURCE, timeout=60.0)
        if not found:
            raise SystemExit("The simulated headset did not come up.")
        self._inlet = pylsl.StreamInlet(found[0])
        self._inlet.open_stream(timeout=30.0)
        self._newest = float("nan")

    def newest(self) -> float:
        """Return the stamp of the newest sample that has come."""
        while (stamps := self._inlet.pull_chunk(timeout=0.0, max_samples=4096)[1]) and len(stamps):
            self._newest = float(stamps[-1])
        return self._newest


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Seconds lost with killed sessions.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=120.0, help="stop after so many, with what there is")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    print(describe_machine(), flush=True)
    rng = np.random.default_rng(args.seed)
    cases = [Case(*each) for each in itertools.product((False, True), (False, True), (False, True))]
    each = max(1, args.kills // len(cases))
    if args.quick:
        cases, each = [Case(True, False, True)], 1
    lost: dict[Case, list[Kill]] = {}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        film = _film(folder / "film.mkv")
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(["app.session.wiring", "app.commands.run", "app.session.opening"])
        publisher = _Publisher(stack)
        # In turns, so that whatever else the machine does meets all of them alike.
        until = time.monotonic() + 60 * args.minutes
        for number, case in itertools.product(range(each), cases):
            if time.monotonic() > until:
                break
            with _busy_loops(_N_LOOPS if case.busy else 0):
                study = folder / f"{cases.index(case)}-{number}"
                at_once = number % _AT_ONCE_EVERY == _AT_ONCE_EVERY - 1
                delay = float(rng.uniform(0, _AT_ONCE_S if at_once else _LONGEST_S))
                kill = _killed(server, case, study, film, publisher, delay, at_once)
                lost.setdefault(case, []).append(kill)
                print(f"{' | '.join(case.words)}: {kill}", file=sys.stderr, flush=True)
    print(f"Load of the machine when it was done: {os.getloadavg()[0]:.1f}.\n")
    head = (
        "session",
        "beside it",
        "prediction",
        "kills",
        "EEG lost, s: median",
        "most",
        "face: median",
        "most",
        "whole",
    )
    print(table(head, [_row(case, kills) for case, kills in lost.items()]))
    print("\nEEG: from the newest sample on disk to the newest that had come to another reader of the same stream,")
    print("within the session: LSL keeps what came while it was opened, and that comes first.")
    print("Face: from the newest frame that can be read to the newest that came from the camera.")
    print("whole: session.json is whole or not there, and every file opens.")


def _killed(
    server: multiprocessing.context.ForkServerContext,
    case: Case,
    study: Path,
    film: Path,
    publisher: _Publisher,
    delay: float,
    at_once: bool,
) -> Kill:
    seen = server.Value("d", float("nan"), lock=False)
    process = server.Process(target=_session, args=(str(study), str(film) if case.face else "none", case.slow, seen))
    process.start()
    deadline = time.monotonic() + _PATIENCE_S
    while not (_has_files(study) if at_once else _has_samples(study)):
        if time.monotonic() > deadline or not process.is_alive():
            process.kill()
            raise SystemExit(f"A session did not begin within {_PATIENCE_S:g} s.")
        time.sleep(0.001 if at_once else 0.02)
    time.sleep(delay)
    came, frame = publisher.newest(), float(seen.value)
    process.kill()
    process.join()
    return _judge(study, came, frame, at_once)


def _session(study: str, camera: str, slow: bool, seen: Any) -> None:
    """Run a session, in a process of its own, until it is killed; `seen` is told of each frame that it reads."""
    from acquisition.webcam import WebcamSource
    from app.cli import main as insula
    from core.predictor import Predictor

    read = WebcamSource.read

    def telling(self: WebcamSource, timeout: float) -> object:
        item = read(self, timeout)
        if isinstance(item, Chunk):
            seen.value = float(item.times[-1])
        return item

    WebcamSource.read = telling  # type: ignore[assignment,method-assign]
    if slow:
        predict = Predictor.predict

        def sleeping(self: Predictor, windows: Sequence[Window]) -> object:
            if windows and windows[0].participant:  # not while it is warmed up
                time.sleep(_SLEEP_S)
            return predict(self, windows)

        Predictor.predict = sleeping  # type: ignore[assignment,method-assign]
    Path(study).mkdir()
    settings = Path(study) / "insula.toml"
    settings.write_text(
        f'[eeg]\nsource_id = "{_SOURCE}"\nwait = 60.0\n[face]\ncamera = "{camera}"\n[lsl]\nscope = "machine"\n'
    )
    os.environ["INSULA_CONFIG_DIR"] = study
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - until it is killed
    insula(["run", "--config", str(settings), "--headless", "--no-publish", "--study", study])


def _has_files(study: Path) -> bool:
    return any(study.glob("sourcedata/*/*/*_session.*"))


def _has_samples(study: Path) -> bool:
    """Return whether EEG is on disk."""
    for path in study.glob("sourcedata/*/*/eeg/*.xdf"):
        eeg: set[int] = set()
        for part in read_xdf(path) if path.stat().st_size else ():
            if isinstance(part, Header) and part.type == "EEG":
                eeg.add(part.number)
            elif isinstance(part, Samples) and part.number in eeg:
                return True
    return False


def _judge(study: Path, came: float, frame: float, at_once: bool) -> Kill:
    described = list(study.glob("sourcedata/*/*/*_session.json"))
    try:
        whole = all(json.loads(path.read_text()) for path in described)
        session = Session.open(described[0]) if described else None
        newest = _newest(session) if session is not None else {}
        began = float(session.about()["start_lsl"]) if session is not None else float("nan")
    except Exception as error:
        print(f"{study.name}: {error!r}", file=sys.stderr)
        return Kill(float("nan"), float("nan"), at_once, False)
    nan = float("nan")
    # What LSL had kept from before the session was open comes first, and is no part of it.
    return Kill(came - max(newest.get("eeg", nan), began), frame - newest.get("video", nan), at_once, whole)


def _newest(session: Session) -> dict[str, float]:
    """Return the time of the newest sample, and of the newest frame that can be read, on the LSL clock."""
    if not session.xdf.exists():
        return {}
    kinds: dict[int, str] = {}
    offsets: dict[int, float] = {}
    found: dict[str, float] = {}
    frames: list[float] = []
    for part in read_xdf(session.xdf):
        if isinstance(part, Header):
            kinds[part.number] = "video" if part.type == "videostream" else part.type.lower()
        elif isinstance(part, Offset):
            offsets[part.number] = part.value
        elif isinstance(part, Samples) and kinds[part.number] in ("eeg", "video"):
            stamps = part.stamps + offsets.get(part.number, 0.0)
            found[kinds[part.number]] = float(stamps[-1])
            frames += stamps.tolist() if kinds[part.number] == "video" else []
    if frames:
        with VideoReader(session.video) as video:
            n = sum(1 for _ in iter(video.read, None))
        found["video"] = frames[min(n, len(frames)) - 1]
    return found


def _row(case: Case, kills: Sequence[Kill]) -> tuple[str, ...]:
    cells: list[str] = []
    for name in ("eeg", "face"):
        lost = [max(getattr(kill, name), 0.0) for kill in kills if np.isfinite(getattr(kill, name))]
        some = lost and (name == "eeg" or case.face)
        cells += [f"{quantiles(lost, (0.5,))[0]:.2f}", f"{max(lost):.2f}"] if some else ["-", "-"]
    return (*case.words, str(len(kills)), *cells, f"{sum(kill.whole for kill in kills)} of {len(kills)}")


def _film(path: Path) -> Path:
    """Write what the camera sees."""
    face = replace(Config().face, fps=30.0)
    coder = VideoCoder(face.width_px, face.height_px, face.fps)
    source = SimulatedFace("P001", 1, T0, face, coder=coder, duration=_VIDEO_S, clock=None)
    with VideoWriter(path, face.width_px, face.height_px, face.fps) as video:
        for chunk in read_all(source):
            video.write(chunk.packets[0], float(chunk.times[0]))
        video.flush()
    return path


@contextlib.contextmanager
def _busy_loops(n: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    main()
