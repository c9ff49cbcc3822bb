"""How long `insula run` takes to its first screen, and `insula run --simulate` to a window with data.

``python -m benchmarks.starting`` prints the table of `docs/performance.md`; ``--quick`` is a smoke run. Each start is a
process of its own, without a display. Beside them stands the bare import of torch.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.machine import describe_machine, quantiles, table
from benchmarks.opening import opening

_STARTS = {
    ("run",): ("first screen shown",),
    ("run", "--simulate", "--no-record"): ("window shown", "first EEG painted", "first prediction shown"),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time from the start of a process to its window.")
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    n = 1 if args.quick else args.starts
    told: dict[tuple[str, str], list[float]] = {}
    for _ in range(n):
        for words, steps in _STARTS.items():
            for step, seconds in opening(steps, *words).items():
                told.setdefault((" ".join(["insula", *words]), step), []).append(seconds)
        told.setdefault(("python -c 'import torch'", "ends"), []).append(_bare())
    rows = [[*name, *(f"{each:.2f}" for each in quantiles(seconds, (0.5, 1.0)))] for name, seconds in told.items()]
    sys.stdout.write(table(["process", "seconds from its start until", f"median of {n}", "longest"], rows))
    sys.stdout.write(f"\n{describe_machine()}\n")


def _bare() -> float:
    began = time.time()
    subprocess.run([sys.executable, "-c", "import torch"], check=True, timeout=900)
    return time.time() - began


if __name__ == "__main__":
    main()
