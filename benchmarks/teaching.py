"""What teaching beside a live session costs it: latency in turns with and without, and whether any sample is lost.

``python -m benchmarks.teaching`` runs a whole session with a camera in a process of its own, and beside it, every other
stretch of time, ``insula teach --background`` on a study, begun anew whenever it ends. ``--quick`` is a smoke run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pylsl

from acquisition.replay import open_recording
from benchmarks import lsl_readers, timed_session
from benchmarks.latency import Process, pushed
from benchmarks.lsl_readers import Setup
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, private_lsl, quantiles, table
from benchmarks.material import read_all, record
from core.config import Config, FaceConfig
from core.data import Array
from core.models.face import FaceReader

_SETTLE_S = 8.0
_MORE_S = 30.0
"""What the film lasts longer than the measurement."""
_FPS = 29.7
_LOOK_S = 0.2
_SAME_S = 1e-5


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Latency of a live session with and without teaching beside it.")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each stretch")
    parser.add_argument("--pairs", type=int, default=4, help="stretches with, and as many without")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    seconds, pairs, settle = (4.0, 1, 5.0) if args.quick else (args.seconds, args.pairs, _SETTLE_S)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        study, live = Path(folder) / "study", Path(folder) / "live"
        filmed = Config(face=FaceConfig(fps=_FPS))
        length = settle + 2 * pairs * seconds + _MORE_S
        taught = record(study, filmed, 1, length, 32, 250.0, face=True, reader=FaceReader())
        setup = Setup(f"bench-{uuid.uuid4().hex}", 32, 250.0, 5, 1, str(live), str(taught.video))
        before, beside, n_taught, windows, lost = measure(setup, study, seconds, pairs, settle)
    print(
        f"A session with EEG (32 channels at 250 Hz) and camera; stretches of {seconds:g} s, {pairs} with teaching and "
        f"{pairs} without, in turns; teaching came to its end {n_taught} times.\n"
    )
    rows = [_line("without", before), _line("with teaching", beside)]
    print(table(("what completes the window to the prediction", "n", "p50, ms", "p95", "p99 (95 % interval)"), rows))
    ratio = quantiles(beside, (0.99,))[0] / quantiles(before, (0.99,))[0]
    print(f"\np99 with / without: {ratio:.2f}; the aim is 1.2.")
    print(f"Windows that are missing on their grid: {windows}. EEG samples that are not in the recording: {lost}.")


def measure(setup: Setup, study: Path, seconds: float, pairs: int, settle: float) -> tuple[Array, Array, int, int, int]:
    """Return latencies, s, without and with teaching, how often that ended, and missing windows and samples."""
    outlet = Process(lsl_readers.publish, setup)
    outlet.ready()
    session = Process(timed_session.insula, setup)
    session.ready()
    _wait(settle)
    session.say()
    spans: list[tuple[float, float]] = []
    n_taught = 0
    for _ in range(pairs):
        _wait(seconds)
        begin = pylsl.local_clock()
        n_taught += _teach_for(study, seconds)
        spans.append((begin, pylsl.local_clock()))
    reading = session.finish()
    pushes = np.asarray(outlet.finish())
    stop, is_video, stamp, *_, published = np.asarray(reading.windows).T
    complete = np.where(is_video == 1, stamp, pushed(np.where(is_video == 1, stop, stamp), pushes))
    took = published - complete
    beside = np.array([any(begin <= one < end for begin, end in spans) for one in published])
    missing = round((stop.max() - stop.min()) / lsl_readers.STEP) + 1 - len(np.unique(stop))
    return took[~beside], took[beside], n_taught, missing, _n_lost(Path(setup.folder), pushes, setup.chunk)


def _teach_for(study: Path, seconds: float) -> int:
    """Teach, anew whenever it ends, and stop it after so long; return how often it came to its end."""
    words = ["teach", str(study), "--participant", "P001", "--background", "--json"]
    until, n_ended = pylsl.local_clock() + seconds, 0
    while pylsl.local_clock() < until:
        with subprocess.Popen(
            [sys.executable, "-m", "insula", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ),
        ) as teaching:  # fmt: skip
            while teaching.poll() is None and pylsl.local_clock() < until:
                _wait(_LOOK_S)
            n_ended += teaching.poll() is not None
            teaching.terminate()
    return n_ended


def _n_lost(folder: Path, pushes: Array, chunk: int) -> int:
    """Return how many samples that were pushed while it was recorded are not in the recording."""
    (path,) = folder.rglob("*_eeg.xdf")
    source = open_recording(path, Config())
    with source:
        (eeg,) = (info.key for info in source.infos if info.kind == "eeg")
    stamps = np.concatenate([one.timestamps for one in read_all(source) if one.stream == eeg])
    sent = pushes[(pushes[:, 0] >= stamps[0]) & (pushes[:, 0] <= stamps[-1] + _SAME_S), 0]
    kept = np.count_nonzero((stamps > sent[0] + _SAME_S) & (stamps <= sent[-1] + _SAME_S))
    return chunk * (len(sent) - 1) - int(kept)


def _line(name: str, took: Array) -> tuple[str, ...]:
    p50, p95, p99 = (1000 * q for q in quantiles(took))
    low, high = bootstrap(1000 * took, lambda sample: float(np.quantile(sample, 0.99)), seed=0)
    return name, str(len(took)), f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f} ({low:.2f} to {high:.2f})"


def _wait(seconds: float) -> None:
    multiprocessing.Event().wait(seconds)


if __name__ == "__main__":
    main()
