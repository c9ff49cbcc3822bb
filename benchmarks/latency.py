"""From the last sample of a window at the outlet to the prediction on its own outlet, stage by stage.

``python -m benchmarks.latency`` sends simulated EEG in real time from a process of its own and reads it with one reader
after another: Insula as a whole, with and without a camera; pylsl and the network alone, which is the floor; and
MNE-LSL's StreamLSL where mne-lsl is installed (``pip install insula[bench]``). ``--quick`` is a smoke run.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pylsl

from benchmarks import lsl_readers, timed_session
from benchmarks.lsl_readers import Reader, Reading, Setup
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, private_lsl, quantiles, table
from benchmarks.material import record
from core.config import Config, FaceConfig
from core.data import Array

_READY_S = 90.0
_SETTLE_S = 8.0
"""Until filters have settled and caches are warm."""
_FPS = 29.7
"""Not a whole part of the windows' grid: else every frame would lie at the same place in every window."""
_ALONE, _WITH_CAMERA = "Insula, EEG", "Insula, EEG and camera"
_FROM_COMPLETE = "from what completes the window"
_FRAMES_S = 20.0
"""What a camera needs more of its film: the session opens before the measurement begins."""


@dataclass(frozen=True, slots=True)
class Run:
    """One reader and what came of it."""

    name: str
    reading: Reading
    arrivals: Array
    """Array of shape (n, 2): stop of each prediction and when it was at the inlet of another process."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Latency and processor time of reading EEG and predicting on it.")
    parser.add_argument("--seconds", type=float, default=60.0, help="measured of each reader")
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--sfreq", type=float, default=250.0)
    parser.add_argument("--chunk", type=int, default=5, help="samples that the outlet pushes at a time")
    parser.add_argument(
        "--quick", action="store_true", help="a few seconds of the floor and of Insula without a camera"
    )
    parser.add_argument("--own", action="store_true", help="the floor and Insula's two sessions alone")
    args = parser.parse_args(argv)
    seconds, settle = (3.0, 5.0) if args.quick else (args.seconds, _SETTLE_S)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    print(
        f"Simulated EEG, seed 1, {args.channels} channels at {args.sfreq:g} Hz, {args.chunk} samples a push; windows "
        f"of 2 s every 0.25 s; {seconds:g} s of each reader, one after another, the outlet in a process of its own.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(f"bench-{uuid.uuid4().hex}", args.channels, args.sfreq, args.chunk, 1, folder)
        filmed = Config(face=FaceConfig(fps=_FPS))
        film = (
            ""
            if args.quick
            else str(record(Path(folder), filmed, 1, settle + seconds + _FRAMES_S, 4, 250.0, face=True).video)
        )
        runs, pushes = measure(setup, film, seconds, settle, peers=not args.own)
    show_latency(runs, pushes, args.sfreq)
    show_cost(runs)


def measure(setup: Setup, film: str, seconds: float, settle: float, peers: bool = True) -> tuple[list[Run], Array]:
    """Return what each reader measured, and the outlet's pushes: last stamp and time of each.

    Without a film only the floor and Insula with EEG alone are run, without `peers` also Insula with a camera.
    """
    readers: list[tuple[str, Reader, Setup]] = [
        ("pylsl and network alone", lsl_readers.bare, setup),
        (_ALONE, timed_session.insula, setup),
    ]
    if film:
        readers.append((_WITH_CAMERA, timed_session.insula, replace(setup, camera=film)))
    if film and peers:
        readers.append(("Insula, reading alone", lsl_readers.insula_reads, setup))
        readers.append(("Insula, reading and windows", lsl_readers.insula_windows, setup))
    if film and peers and importlib.util.find_spec("mne_lsl"):
        readers.append(("MNE-LSL StreamLSL", lsl_readers.mne_lsl, setup))
        readers.append(("MNE-LSL StreamLSL, filters, 2 s every 0.25 s", lsl_readers.mne_lsl_windows, setup))
    elif film and peers:
        print("MNE-LSL is not installed (pip install mne-lsl): its rows are left out.\n")
    outlet = Process(lsl_readers.publish, setup)
    outlet.ready()
    runs = [_run(*reader, seconds, settle) for reader in readers]
    pushes = np.asarray(outlet.finish())
    return runs, pushes


def show_latency(runs: Sequence[Run], pushes: Array, sfreq: float) -> None:
    """Print how long it takes from push to chunk, and from push to prediction by stage."""
    chunks = {run.name: run.reading.chunks for run in runs if len(run.reading.chunks)}
    rows = [_line(f"{name}: push to chunk", _since_push(some, pushes)) for name, some in chunks.items()]
    floor = runs[0].reading.windows
    since = floor[:, 2] - pushed(floor[:, 0], pushes)
    rows.append(_line(f"{runs[0].name}: push to network done", since))
    print(table(("floor and peers", "n", "p50, ms", "p95", "p99 (95 % interval)"), rows))
    limit = 1000 * quantiles(since, (0.99,))[0] + 30.0
    for run in runs:
        if len(run.arrivals):
            print("\n" + table((run.name, "n", "p50, ms", "p95", "p99 (95 % interval)"), _stages(run, pushes, sfreq)))
    spent = {run.name: _spent(run, pushes, sfreq)[_FROM_COMPLETE] for run in runs if len(run.arrivals)}
    if _WITH_CAMERA in spent:
        with_camera, alone = (1000 * quantiles(spent[name], (0.99,))[0] for name in (_WITH_CAMERA, _ALONE))
        print(f"\np99 {_FROM_COMPLETE}, with camera / EEG alone: {with_camera / alone:.2f}")
    print(f"\nThe aim for p99, with camera: the floor's p99 + 30 ms = {limit:.1f} ms.")


def show_cost(runs: Sequence[Run]) -> None:
    """Print processor seconds a second, and the ratio to MNE-LSL doing the same."""
    cost = {run.name: run.reading.cpu for run in runs}
    peers = {
        "Insula, reading alone": "MNE-LSL StreamLSL",
        "Insula, reading and windows": "MNE-LSL StreamLSL, filters, 2 s every 0.25 s",
        _ALONE: "MNE-LSL StreamLSL",
        "pylsl and network alone": "MNE-LSL StreamLSL",
    }
    rows = []
    for name, cpu in cost.items():
        low, high = bootstrap(cpu, lambda sample: float(np.mean(sample)), seed=0)
        peer = cost.get(peers.get(name, ""))
        ratio = "" if peer is None or not len(cpu) else f"{cpu.mean() / peer.mean():.2f} of {peers[name]}"
        rows.append((name, str(len(cpu)), f"{cpu.mean():.3f} ({low:.3f} to {high:.3f})", ratio))
    print("\n" + table(("reader", "n, s", "CPU s per s (95 % interval)", "ratio"), rows))


def _run(name: str, reader: Reader, setup: Setup, seconds: float, settle: float) -> Run:
    process = Process(reader, setup)
    process.ready()
    inlet = _affect_inlet() if reader is timed_session.insula else None
    arrivals: list[tuple[float, float]] = []
    begin = pylsl.local_clock() + settle
    _listen(inlet, begin, arrivals)
    process.say()
    end = begin + seconds
    _listen(inlet, end, arrivals)
    reading: Reading = process.finish()
    reading.chunks = _within(reading.chunks, begin, end)
    reading.windows = _within(reading.windows, begin, end)
    return Run(name, reading, np.array(arrivals).reshape(-1, 2))


def _affect_inlet() -> pylsl.StreamInlet:
    found = pylsl.resolve_byprop("type", "Affect", timeout=10.0)
    inlet = pylsl.StreamInlet(found[0], max_buflen=30, recover=False)
    inlet.open_stream(10.0)
    return inlet


def _listen(inlet: pylsl.StreamInlet | None, until: float, arrivals: list[tuple[float, float]]) -> None:
    while (left := until - pylsl.local_clock()) > 0:
        if inlet is None:
            multiprocessing.Event().wait(left)
        else:
            _, stamp = inlet.pull_sample(min(left, 0.1))
            if stamp is not None:
                arrivals.append((stamp, pylsl.local_clock()))


def _within(rows: Array, begin: float, end: float) -> Array:
    return rows[(rows[:, 0] >= begin) & (rows[:, 0] < end)]


def _since_push(chunks: Array, pushes: Array) -> Array:
    return np.asarray(chunks[:, 1] - pushes[np.searchsorted(pushes[:, 0], chunks[:, 0] - 1e-6), 1])


def pushed(times: Array, pushes: Array) -> Array:
    """Return when the first sample at each of `times` or later was pushed."""
    return np.asarray(pushes[np.searchsorted(pushes[:, 0], times - 1e-6), 1])


def _stages(run: Run, pushes: Array, sfreq: float) -> list[tuple[str, ...]]:
    lines = [_line(name, spent) for name, spent in _spent(run, pushes, sfreq).items()]
    lines.append((f"completed by a video frame: {run.reading.windows[:, 1].mean():.0%}", "", "", "", ""))
    return lines


def _spent(run: Run, pushes: Array, sfreq: float) -> dict[str, Array]:
    """Return what each stage took, seconds, window by window."""
    arrived = dict(map(tuple, run.arrivals))
    marks = run.reading.windows[[stop in arrived for stop in run.reading.windows[:, 0]]]
    stop, is_video, stamp, read, taken, begun, done, published = marks.T
    arrival = np.array([arrived[one] for one in stop])
    last = pushed(stop - 1 / sfreq, pushes)
    complete = np.where(is_video == 1, stamp, pushed(np.where(is_video == 1, stop, stamp), pushes))
    return {
        "waiting for what completes the window": complete - last,
        "outlet or camera to chunk read": read - complete,
        "inbox": taken - read,
        "filters, quality, window; face": begun - taken,
        "network": done - begun,
        "recorder, prediction set, queue, outlet": published - done,
        "outlet to another process": arrival - published,
        _FROM_COMPLETE: arrival - complete,
        "from the window's last sample": arrival - last,
    }


def _line(name: str, seconds: Array) -> tuple[str, ...]:
    p50, p95, p99 = (1000 * q for q in quantiles(seconds))
    low, high = bootstrap(1000 * seconds, lambda sample: float(np.quantile(sample, 0.99)), seed=0)
    return name, str(len(seconds)), f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f} ({low:.2f} to {high:.2f})"


class Process:
    """A function such as those of `benchmarks.lsl_readers`, in a process of its own."""

    def __init__(self, work: Reader, setup: Setup) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe: Connection
        self._pipe, other = context.Pipe()
        self._process: BaseProcess = context.Process(target=work, args=(other, setup), daemon=True)
        self._process.start()
        other.close()

    def ready(self) -> None:
        """Wait until it says that it is ready."""
        self._receive()

    def say(self) -> None:
        """Tell it to begin."""
        self._pipe.send("")

    def finish(self) -> Any:
        """Tell it to end; return what it sends."""
        self.say()
        result = self._receive()
        self._process.join()
        return result

    def _receive(self) -> Any:
        if not self._pipe.poll(_READY_S):
            raise SystemExit(f"A process of the benchmark has said nothing for {_READY_S:g} s.")
        return self._pipe.recv()


if __name__ == "__main__":
    main()
