"""How much of what had come a killed session lacks: SIGKILL at random moments, on a free machine and on a busy one.

``python -m benchmarks.kills --out kills.jsonl`` kills 200 sessions, with and without a face, on a machine that does
nothing else and beside four busy loops, with predictions as fast as they are and with five seconds of sleep in each. A
tenth is killed within 20 ms of its first file. EEG comes over LSL from a process of its own, pictures from a video file
in the place of a camera. Each kill has a session of its own.

It can be done in parts: ``--session``, ``--beside`` and ``--prediction`` take some of the cases, ``--minutes`` stops in
time, and the same command goes on where the file ends. ``--table a.jsonl b.jsonl`` makes one table of several files.
``--at-a-time 2`` runs two sessions at the same time, each of which is then beside another one, as the table says.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from acquisition.simulator.streams import SimulatedFace
from benchmarks.killed_session import PRELOADED, SLEEP_S, Case, DoomedSession, Headset, Kill, losses
from benchmarks.machine import describe_machine, quantiles, table
from benchmarks.material import T0, read_all
from core.config import Config
from core.recording.video import VideoCoder, VideoWriter

_LONGEST_S = 6.0
"""Sessions are killed up to so many seconds after their first sample is on disk."""
_AT_ONCE_S = 0.02
_AT_ONCE_EVERY = 10
_N_LOOPS = 4
_VIDEO_S = 15.0
_HEAD = (
    *("session", "beside it", "prediction", "load", "kills"),
    *("EEG lost, s: median", "most", "face: median", "most", "files whole"),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Kill sessions and print the table."""
    parser = argparse.ArgumentParser(description="Seconds lost with killed sessions.")
    parser.add_argument("--kills", type=int, default=200, help="of all eight cases together, those before included")
    parser.add_argument("--minutes", type=float, default=120.0, help="begin no other session after so many")
    parser.add_argument("--session", nargs="+", choices=["eeg", "face"], default=["eeg", "face"])
    parser.add_argument("--beside", nargs="+", choices=["idle", "busy"], default=["idle", "busy"])
    parser.add_argument("--prediction", nargs="+", choices=["usual", "slow"], default=["usual", "slow"])
    parser.add_argument("--at-a-time", type=int, default=1, metavar="N", help="sessions that run at the same time")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep each kill here, and go on after those in it")
    parser.add_argument("--table", type=Path, nargs="+", metavar="FILE", help="only make the table of these files")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    if args.table:
        print(kill_table([kill for path in args.table for kill in read_kills(path)]))
        return
    print(describe_machine(), flush=True)
    cases = [
        Case(face == "face", busy == "busy", slow == "slow")
        for face, busy, slow in itertools.product(args.session, args.beside, args.prediction)
    ]
    before = read_kills(args.out) if args.out and args.out.exists() else []
    kills = [*before]
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(args.out.open("ab")) if args.out else None
        for kill in _kills(
            still_to_do(cases, before, max(1, args.kills // 8)), args.seed, args.minutes, args.at_a_time
        ):
            kills.append(kill)
            line = msgspec.json.encode(kill)
            print(line.decode(), file=sys.stderr, flush=True)
            if out is not None:
                out.write(line + b"\n")
                out.flush()
    print(kill_table(kills))


def read_kills(path: Path) -> list[Kill]:
    """Return the kills that a file keeps."""
    return msgspec.json.Decoder(Kill).decode_lines(path.read_bytes())


def kill_table(kills: Sequence[Kill]) -> str:
    """Return the table in Markdown, a row for each case and number of other sessions, and what its columns are."""
    rows: defaultdict[tuple[Case, int], list[Kill]] = defaultdict(list)
    for kill in sorted(kills, key=lambda kill: (kill.case.face, kill.case.busy, kill.case.slow, kill.beside)):
        rows[kill.case, kill.beside].append(kill)
    lines = [_row(case, beside, some) for (case, beside), some in rows.items()]
    return "\n".join(
        (
            table(_HEAD, lines),
            f"\n{len(kills)} kills, {sum(kill.at_once for kill in kills)} of them within 20 ms of the first file.",
            "EEG: from the newest sample on disk to the newest that had come to another reader of the same stream,",
            "within the session: LSL keeps what came while it was opened, and that comes first.",
            "Face: from the newest frame that can be read to the newest that came from the camera.",
            "load: the machine's, one minute's average when they were killed; the median.",
            "whole: session.json is whole or not there, and every file opens.",
        )
    )


def _row(case: Case, beside: int, kills: Sequence[Kill]) -> tuple[str, ...]:
    cells: list[str] = []
    for lost in (losses(kills, "eeg"), losses(kills, "face")):
        cells += [f"{quantiles(lost, (0.5,))[0]:.2f}", f"{max(lost):.2f}"] if lost else ["-", "-"]
    others = [f"{_N_LOOPS} busy loops"] * case.busy + [f"{beside} other session{'s' * (beside > 1)}"] * (beside > 0)
    return (
        "EEG and face" if case.face else "EEG",
        ", ".join(others) or "nothing else",
        f"{SLEEP_S:g} s more" if case.slow else "as it is",
        f"{quantiles([kill.load for kill in kills], (0.5,))[0]:.0f}",
        str(len(kills)),
        *cells,
        f"{sum(kill.whole for kill in kills)} of {len(kills)}",
    )


def still_to_do(cases: Sequence[Case], done: Sequence[Kill], each: int) -> list[tuple[Case, int]]:
    """Return which kills are still to be made: in turns, so that whatever else the machine does meets all alike."""
    there = {(kill.case, kill.number) for kill in done}
    return [one for number in range(each) for case in cases if (one := (case, number)) not in there]


def _kills(todo: Sequence[tuple[Case, int]], seed: int, minutes: float, at_a_time: int) -> Iterator[Kill]:
    """Kill a session for each of `todo`, those of one kind of machine at the same time."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        film = _film(folder / "film.mkv")
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(list(PRELOADED))
        headset = Headset(stack)
        until = time.monotonic() + 60 * minutes
        for busy, group in itertools.groupby(_by_turns(todo, at_a_time), key=lambda one: one[0].busy):
            waiting, running = list(group), list[DoomedSession]()
            with _busy_loops(_N_LOOPS if busy else 0):
                try:
                    while running or (waiting and time.monotonic() < until):
                        while waiting and len(running) < at_a_time and time.monotonic() < until:
                            running.append(_begun(server, *waiting.pop(0), seed, folder, film))
                        for session in [*running]:
                            session.beside = max(session.beside, len(running) - 1)
                            if (kill := session.killed(headset)) is not None:
                                running.remove(session)
                                yield kill
                        time.sleep(0.001 if any(session.at_once for session in running) else 0.01)
                finally:
                    for session in running:
                        session.end()


def _by_turns(todo: Sequence[tuple[Case, int]], at_a_time: int) -> list[tuple[Case, int]]:
    """Return `todo` with as many of one kind of machine behind each other as run at the same time, and some more."""
    free, busy = ([one for one in todo if one[0].busy == kind] for kind in (False, True))
    size = 4 * at_a_time
    return [one for k in range(0, len(todo), size) for some in (free, busy) for one in some[k : k + size]]


def _begun(
    server: multiprocessing.context.ForkServerContext, case: Case, number: int, seed: int, folder: Path, film: Path
) -> DoomedSession:
    at_once = number % _AT_ONCE_EVERY == _AT_ONCE_EVERY - 1
    which = case.face, case.busy, case.slow
    rng = np.random.default_rng([seed, *map(int, which), number])
    delay = float(rng.uniform(0, _AT_ONCE_S if at_once else _LONGEST_S))
    study = folder / ("-".join(str(int(each)) for each in which) + f"-{number}")
    return DoomedSession(server, case, number, study, film, delay, at_once)


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
