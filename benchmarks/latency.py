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
from benchmarks.machine import (
    Stopwatch,
    bootstrap,
    describe_machine,
    one_thread_each,
    private_lsl,
    quantiles,
    table,
)
from benchmarks.material import record
from core.config import Config, FaceConfig
from core.data import Array
from core.recording.video import VideoCoder, VideoReader

_READY_S = 90.0
_SETTLE_S = 8.0
"""Until filters have settled and caches are warm."""
_FPS = 29.7
"""Not a whole part of the windows' grid: else every frame would lie at the same place in every window."""
_FLOOR, _ALONE, _WITH_CAMERA = "pylsl and network alone", "Insula, EEG", "Insula, EEG and camera"
_PEER = "MNE-LSL StreamLSL"
_FROM_COMPLETE = "from what completes the window"
_FRAMES_S = 20.0
"""What a camera needs more of its film: the session opens before the measurement begins."""
_N_DRAWS = 2000
_OVER_FLOOR_MS, _OVER_EEG, _CPU_WITH_CAMERA, _CPU_OF_PEER = 30.0, 1.5, 0.14, 0.25
"""What is aimed at: see docs/performance.md."""
_PARTS = ("cpu", "chunks", "windows")
_LEAST = 0.0005
"""Processor seconds a second; threads that take less are left out."""
_N_FRAMES = 150


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
    parser.add_argument("--seconds", type=float, default=60.0, help="measured of each reader, all its turns together")
    parser.add_argument("--turns", type=int, default=3, help="how often each reader has its turn")
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--sfreq", type=float, default=250.0)
    parser.add_argument("--chunk", type=int, default=5, help="samples that the outlet pushes at a time")
    parser.add_argument(
        "--quick", action="store_true", help="a few seconds of the floor and of Insula without a camera"
    )
    parser.add_argument("--own", action="store_true", help="the floor and Insula's two sessions alone")
    args = parser.parse_args(argv)
    turns = 1 if args.quick else args.turns
    seconds, settle = (3.0, 5.0) if args.quick else (args.seconds / turns, _SETTLE_S)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    print(
        f"Simulated EEG, seed 1, {args.channels} channels at {args.sfreq:g} Hz, {args.chunk} samples a push; windows "
        f"of 2 s every 0.25 s; {turns} turns of {seconds:g} s of each reader, the outlet in a process of its own.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(f"bench-{uuid.uuid4().hex}", args.channels, args.sfreq, args.chunk, 1, folder)
        filmed = Config(face=FaceConfig(fps=_FPS))
        film = (
            ""
            if args.quick
            else str(record(Path(folder), filmed, 1, settle + seconds + _FRAMES_S, 4, 250.0, face=True).video)
        )
        runs, pushes = measure(setup, film, seconds, settle, peers=not args.own, turns=turns)
        of_frame = frame_costs(Path(film)) if film else {}
    show_latency(runs, pushes, args.sfreq)
    show_cost(runs)
    show_parts(runs, of_frame)


def measure(
    setup: Setup, film: str, seconds: float, settle: float, peers: bool = True, turns: int = 1
) -> tuple[list[Run], Array]:
    """Return what each reader measured, and the outlet's pushes: last stamp and time of each.

    Without a film only the floor and Insula with EEG alone are run, without `peers` also Insula with a camera. Readers
    take turns, so that a machine that grows slower does so for all of them.
    """
    readers: list[tuple[str, Reader, Setup]] = [
        (_FLOOR, lsl_readers.bare, setup),
        (_ALONE, timed_session.insula, setup),
    ]
    if film:
        readers.append((_WITH_CAMERA, timed_session.insula, replace(setup, camera=film)))
    if film and peers:
        readers.append(("Insula, reading alone", lsl_readers.insula_reads, setup))
        readers.append(("Insula, reading and windows", lsl_readers.insula_windows, setup))
    if film and peers and importlib.util.find_spec("mne_lsl"):
        readers.append((_PEER, lsl_readers.mne_lsl, setup))
        readers.append((f"{_PEER}, filters, 2 s every 0.25 s", lsl_readers.mne_lsl_windows, setup))
    elif film and peers:
        print("MNE-LSL is not installed (pip install mne-lsl): its rows are left out.\n")
    outlet = Process(lsl_readers.publish, setup)
    outlet.ready()
    each: dict[str, list[Run]] = {}
    for _ in range(turns):
        for reader in readers:
            each.setdefault(reader[0], []).append(_run(*reader, seconds, settle))
    pushes = np.asarray(outlet.finish())
    return [_joined(some) for some in each.values()], pushes


def show_latency(runs: Sequence[Run], pushes: Array, sfreq: float) -> None:
    """Print how long it takes from push to chunk, and from push to prediction by stage."""
    chunks = {run.name: run.reading.chunks for run in runs if len(run.reading.chunks)}
    rows = [_line(f"{name}: push to chunk", _since_push(some, pushes)) for name, some in chunks.items()]
    floor = runs[0].reading.windows
    since = floor[:, 2] - pushed(floor[:, 0], pushes)
    rows.append(_line(f"{runs[0].name}: push to network done", since))
    print(table(("floor and peers", "n", "p50, ms", "p95", "p99 (95 % interval)"), rows))
    spent = {run.name: _spent(run, pushes, sfreq) for run in runs if len(run.arrivals)}
    for run in runs:
        if run.name in spent:
            rows = [_line(stage, some) for stage, some in spent[run.name].items()]
            print("\n" + table((run.name, "n", "p50, ms", "p95", "p99 (95 % interval)"), rows))
            print(f"Completed by a video frame: {run.reading.windows[:, 1].mean():.0%}")
    if _WITH_CAMERA not in spent:
        return
    both = list(zip(spent[_WITH_CAMERA].items(), spent[_ALONE].values(), strict=True))
    rows = [(stage, *_times(with_camera, alone)) for (stage, with_camera), alone in both]
    print("\n" + table(("with camera / EEG alone", "p50", "p95", "p99 (95 % interval)"), rows))
    whole = spent[_WITH_CAMERA][_FROM_COMPLETE]
    p99, alone = _p99(whole), _p99(spent[_ALONE][_FROM_COMPLETE])
    print()
    _judge(f"p99 with camera, {_FROM_COMPLETE}", 1000 * p99, 1000 * _p99(since) + _OVER_FLOOR_MS, "ms (floor + 30)")
    _judge(f"the same over that of EEG alone ({1000 * alone:.2f} ms)", p99 / alone, _OVER_EEG, "times")


def show_cost(runs: Sequence[Run]) -> None:
    """Print processor seconds a second, and the ratio to MNE-LSL doing the same."""
    cost = {run.name: run.reading.cpu for run in runs}
    peers = {
        "Insula, reading alone": _PEER,
        "Insula, reading and windows": f"{_PEER}, filters, 2 s every 0.25 s",
        _ALONE: _PEER,
        _FLOOR: _PEER,
    }
    rows = []
    for name, cpu in cost.items():
        low, high = bootstrap(cpu, lambda sample: float(np.mean(sample)), seed=0)
        peer = cost.get(peers.get(name, ""))
        ratio = "" if peer is None or not len(cpu) else f"{cpu.mean() / peer.mean():.2f} of {peers[name]}"
        rows.append((name, str(len(cpu)), f"{cpu.mean():.3f} ({low:.3f} to {high:.3f})", ratio))
    print("\n" + table(("reader", "n, s", "CPU s per s (95 % interval)", "ratio"), rows) + "\n")
    if _WITH_CAMERA in cost:
        _judge("Processor time with camera", cost[_WITH_CAMERA].mean(), _CPU_WITH_CAMERA, "s per s")
    if _PEER in cost:
        _judge("Processor time, EEG alone", cost[_ALONE].mean() / cost[_PEER].mean(), _CPU_OF_PEER, f"of {_PEER}")


def show_parts(runs: Sequence[Run], of_frame: dict[str, float]) -> None:
    """Print where the processor time of Insula's sessions goes, by thread, and of a camera's frame."""
    sessions = [run for run in runs if run.name in (_ALONE, _WITH_CAMERA) and run.reading.threads]
    names = {name for run in sessions for name in run.reading.threads}
    spent = {name: [run.reading.threads.get(name, 0.0) for run in sessions] for name in names}
    rows = [
        (name.replace("_Timed", ""), *(f"{one:.4f}" for one in each))
        for name, each in sorted(spent.items(), key=lambda item: -item[1][-1])
        if max(each) >= _LEAST
    ]
    print("\n" + table(("thread, CPU s per s", *(run.name for run in sessions)), rows))
    if of_frame:
        steps = [(name, f"{1000 * one:.2f}", f"{_FPS * one:.3f}") for name, one in of_frame.items()]
        print("\n" + table(("one frame of 640 x 480", "CPU ms", f"s per s at {_FPS} Hz"), steps))


def frame_costs(film: Path) -> dict[str, float]:
    """Return processor seconds that one frame takes in the camera's thread, by step, with nothing else running."""
    frames: list[Array] = []
    with VideoReader(film) as reader:
        watch = Stopwatch()
        while len(frames) < _N_FRAMES and (frame := reader.read()) is not None:
            frames.append(frame[1])
        shown = watch.read()[1] / len(frames)
    height, width = frames[0].shape[:2]
    coder = VideoCoder(width, height, _FPS)
    watch = Stopwatch()
    packets = [coder.code(frame, k / _FPS)[0] for k, frame in enumerate(frames)]
    coded = watch.read()[1] / len(packets)
    return {"read from the film, in the camera's place": shown, "coded for the recording and decoded again": coded}


def _judge(what: str, value: float, aim: float, unit: str) -> None:
    """Print a value beside the most that is aimed at."""
    print(f"{what}: {value:.3g}; aim at most {aim:.3g} {unit}: {'met' if value <= aim else 'MISSED'}.")


def _p99(seconds: Array) -> float:
    return quantiles(seconds, (0.99,))[0]


def _times(with_camera: Array, alone: Array) -> tuple[str, ...]:
    """Return how many times as long it takes with a camera, at each quantile; n. a. where that is nothing."""
    of = [a / b if b > 0.0 else float("nan") for a, b in zip(quantiles(with_camera), quantiles(alone), strict=True)]
    rng = np.random.default_rng(0)
    drawn = [
        _p99(rng.choice(with_camera, len(with_camera))) / _p99(rng.choice(alone, len(alone))) for _ in range(_N_DRAWS)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{of[0]:.2f}", f"{of[1]:.2f}", f"{of[2]:.2f} ({low:.2f} to {high:.2f})"


def _joined(turns: Sequence[Run]) -> Run:
    """Return the turns of one reader as one run."""
    cpu, chunks, windows = (np.concatenate([getattr(run.reading, name) for run in turns]) for name in _PARTS)
    names = {name for run in turns for name in run.reading.threads}
    threads = {name: float(np.mean([run.reading.threads.get(name, 0.0) for run in turns])) for name in names}
    reading = Reading(cpu, chunks, windows, threads)
    return Run(turns[0].name, reading, np.concatenate([run.arrivals for run in turns]))


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
