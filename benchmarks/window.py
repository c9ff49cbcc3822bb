"""Whether the window can disturb a session: without it, open, closed, blocked for 10 s, resized again and again.

``python -m benchmarks.window`` runs a whole recorded session in a process of its own for each case, with EEG in real
time from another one, and prints the time from a window's last sample at the outlet to its prediction, and what of the
samples is in the file. Blocked is told in two ways: asleep, as in a dialog of the system, and busy with Python code
that never waits. It also prints how old the newest sample on the screen is when it is painted. ``--quick`` is a smoke
run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pylsl
import pyxdf

from benchmarks import lsl_readers, window_session
from benchmarks.latency import Process, pushed
from benchmarks.lsl_readers import Setup
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, private_lsl, quantiles, table
from benchmarks.material import record
from benchmarks.window_session import BLOCKED_S, CASES, Case, WindowReading
from core.config import Config, FaceConfig
from core.data import Array

_SETTLE_S = 8.0
_FILM_S = 25.0
"""What a camera needs more of its film: the session opens before the measurement begins."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    case: Case
    reading: WindowReading
    latency: Array
    """Array of shape (n_windows,), s: from the last sample of a window at the outlet to its prediction."""
    n_recorded: int
    n_missing: int


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What the window does to a session.")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured of each case")
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--sfreq", type=float, default=250.0)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES)
    parser.add_argument("--no-camera", action="store_true")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    one_thread_each()
    print(describe_machine())
    private_lsl()
    seconds, settle = (4.0, 4.0) if args.quick else (args.seconds, _SETTLE_S)
    cases: list[Case] = ["no window", "open"] if args.quick else args.cases
    with tempfile.TemporaryDirectory() as folder:
        camera = "none"
        if not (args.no_camera or args.quick):
            length = settle + seconds + _FILM_S
            film = record(Path(folder) / "film", Config(face=FaceConfig(fps=29.7)), 1, length, 4, 250.0, face=True)
            camera = str(film.video)
        setup = Setup(f"bench-{uuid.uuid4().hex}", args.channels, args.sfreq, 5, 1, folder, camera)
        outlet = Process(lsl_readers.publish, setup)
        outlet.ready()
        measured = [_measure(case, replace(setup, folder=f"{folder}/{case}"), seconds, settle) for case in cases]
        pushes = np.asarray(outlet.finish())
        results = [_result(one, setup, f"{folder}/{one[0]}", pushes) for one in measured]
    film_words = "no camera" if camera == "none" else "a camera"
    print(
        f"Simulated EEG, {args.channels} channels at {args.sfreq:g} Hz, 5 samples a push, {film_words}; {seconds:g} s "
        f"of each case, blocked for {BLOCKED_S:g} s of them.\n"
    )
    show(results)


def show(results: Sequence[Result]) -> None:
    """Print the tables."""
    rows: list[tuple[str, ...]] = []
    for result in results:
        p50, p95, p99 = (1000 * q for q in quantiles(result.latency))
        low, high = bootstrap(1000 * result.latency, lambda sample: float(np.quantile(sample, 0.99)), seed=0)
        cpu = float(np.mean(result.reading.cpu)) if len(result.reading.cpu) else float("nan")
        rows.append(
            (
                *(result.case, str(len(result.latency)), f"{p50:.1f}", f"{p95:.1f}"),
                *(f"{p99:.1f} ({low:.1f} to {high:.1f})", f"{1000 * result.latency.max():.1f}"),
                *(str(result.n_recorded), str(result.n_missing), f"{cpu:.2f}"),
            )
        )
    head = (
        "window",
        "predictions",
        "p50 ms",
        "p95",
        "p99 (95 % interval)",
        "longest",
        "samples on disk",
        "missing",
        "CPU",
    )
    print(table(head, rows))
    rows = []
    for result in results:
        painted = result.reading.painted
        if len(painted) > 1:
            p50, p95, p99 = (1000 * q for q in quantiles(painted[:, 1] - painted[:, 0]))
            fps = 1 / float(np.median(np.diff(painted[:, 1])))
            rows.append((result.case, str(len(painted)), f"{fps:.0f}", f"{p50:.1f}", f"{p95:.1f}", f"{p99:.1f}"))
    if rows:
        print("\n" + table(("window", "frames", "fps", "newest sample to painted, p50 ms", "p95", "p99"), rows))


def _measure(case: Case, setup: Setup, seconds: float, settle: float) -> tuple[Case, WindowReading, float]:
    process = Process(window_session.session(case), setup)
    process.ready()
    _wait(settle)
    begin = pylsl.local_clock()
    process.say()
    _wait(seconds)
    return case, process.finish(), begin


def _wait(seconds: float) -> None:
    end = pylsl.local_clock() + seconds
    while (left := end - pylsl.local_clock()) > 0:
        time.sleep(min(left, 0.5))


def _result(measured: tuple[Case, WindowReading, float], setup: Setup, folder: str, pushes: Array) -> Result:
    case, reading, begin = measured
    windows = reading.windows[reading.windows[:, 0] > begin]
    latency = windows[:, 7] - pushed(windows[:, 0] - 1 / setup.sfreq, pushes)
    [path] = Path(folder).rglob("*.xdf")
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    [eeg] = [stream for stream in streams if stream["info"]["name"][0] == "benchmark"]
    stamps = np.asarray(eeg["time_stamps"])
    sent = round((stamps[-1] - stamps[0]) * setup.sfreq) + 1
    return Result(case, reading, latency, len(stamps), sent - len(stamps))


if __name__ == "__main__":
    main()
