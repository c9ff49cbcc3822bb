"""What a simulated participant costs: CPU time for each second of EEG and of pictures.

``python -m benchmarks.simulator``; ``--quick`` is a smoke run. It must stay far below a second, since `insula run
--simulate` has to make both beside all that it does with them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.face import FaceGenerator, FaceKnobs
from acquisition.simulator.trajectory import Trajectory
from benchmarks.machine import describe_machine, one_thread_each, table

_SEED = 7
_SFREQ, _FPS = 250, 30
_NAMES = tuple(area + place for area in ("F", "FC", "C", "CP") for place in "z123456")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What a simulated participant costs.")
    parser.add_argument("--seconds", type=int, default=100)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    seconds = 1 if args.quick else args.seconds
    one_thread_each()
    print(describe_machine())
    eeg = EegGenerator(_SEED, _NAMES, float(_SFREQ), Trajectory(_SEED))
    face = FaceGenerator(_SEED, Trajectory(_SEED), knobs=FaceKnobs())
    rows = [
        (f"EEG, {len(_NAMES)} channels at {_SFREQ} Hz", _cost(lambda: eeg.block(0, seconds * _SFREQ), seconds)),
        (f"face, {_FPS} Hz", _cost(lambda: [face.frame(k) for k in range(seconds * _FPS)], seconds)),
    ]
    print(table(("simulated", "CPU ms per s of data"), rows))


def _cost(work: Callable[[], object], seconds: int) -> str:
    began = time.process_time()
    work()
    return f"{1000 * (time.process_time() - began) / seconds:.1f}"


if __name__ == "__main__":
    main()
