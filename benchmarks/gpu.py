"""What a GPU gives: whether it says what the CPU says, and how long both take, in one run of at most eight minutes.

``python -m benchmarks.gpu`` prints the tables for `docs/performance.md` and ends with exit code 1 if the two differ.
Without a GPU, or with ``--quick``, it is a rehearsal: the same steps, shorter, and without a GPU the CPU against
itself, which tells nothing of a GPU but what half precision does to the answers.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import torch

from benchmarks.gpu_bench import Bench
from benchmarks.machine import describe_machine, one_thread_each, table

AIM_MS = 2.0
"""One window with a face, at the median."""
LOSS_WITHIN = 0.1
"""Relative: each device draws other random numbers, and a GPU computes the loss in half precision."""
GROWTH_MB = 1.0
COMPILE_UNTIL_S = 330.0
"""No compilation begins after so long, so that the run ends within its eight minutes."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables; exit code 1 if the devices differ."""
    parser = argparse.ArgumentParser(description="A GPU beside the CPU: the same answers, and how long they take.")
    parser.add_argument("--quick", action="store_true", help="a rehearsal, as without a GPU")
    parser.add_argument("--compile", action="store_true", help="torch.compile in a rehearsal, too (minutes)")
    args = parser.parse_args(argv)
    one_thread_each()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rehearsal = args.quick or device.type == "cpu"
    begun = time.perf_counter()
    print(describe_machine())
    if device.type == "cuda":
        print(f"GPU: {torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}.")
        # Ten bits of mantissa, where convolutions may take them, are not single precision.
        torch.backends.cudnn.allow_tf32 = False
    if rehearsal:
        why = "short by request" if device.type == "cuda" else "PyTorch finds no GPU here, so the CPU stands in for it"
        print(f"**A rehearsal**: {why}. No time below tells how fast a GPU is.")
    bench = Bench(device, 2, 4.0, 0.0) if rehearsal else Bench(device, 4, 10.0, 3.0)
    holds = report(bench, rehearsal, args.compile or not rehearsal, begun + COMPILE_UNTIL_S)
    print(f"\n{'A rehearsal, in' if rehearsal else 'All in'} {time.perf_counter() - begun:.0f} s.")
    if not holds:
        sys.exit(1)


def report(bench: Bench, rehearsal: bool, compiles: bool, until: float) -> bool:
    """Print all tables; return whether the device says what the CPU says and does not grow."""
    other = bench.device.type
    sizes = (1, 8) if rehearsal else (1, 8, 64, 256)
    found = bench.agreements()
    print(f"\nThe same answers on {other} as on the CPU, through the whole live path:\n")
    head = ("what", "n", "largest difference", "allowed", "other status", "other set", "missing", "holds")
    print(table(head, [one.row() for one in found]))
    print("\nOne window with a face, from `predict` to the prediction, ms:\n")
    rows = bench.latency()
    print(table(("on", "the first", "p50", "p95", "p99", "n"), rows))
    sooner = min(float(row[2]) for row in rows[1:])
    if not rehearsal:
        print(f"\nThe aim is {AIM_MS:g} ms at the median: {'met' if sooner <= AIM_MS else 'missed'} ({sooner:.2f} ms).")
    print("\nWindows with faces that stop together, ms for all of them (CPU: one by one, as it predicts live):\n")
    print(table(("participants", "CPU", other, "CPU / " + other, "sooner"), bench.batches(sizes)))
    print(f"\nWith so many participants a live session is read on: {', '.join(bench.live_devices(sizes))}.")
    print("\nThe face path, ms (float32):\n")
    print(table(("step", "faces", "CPU", other, "CPU / " + other), bench.faces((1, 8) if rehearsal else (1, 8, 64))))
    print("\nA training step on 64 windows with faces, ms, and the mean loss of the steps:\n")
    steps = bench.training(2 if rehearsal else 20)
    print(table(("on", "ms a step", "loss"), [(on, f"{ms:.1f}", f"{loss:.4f}") for on, ms, loss in steps]))
    alike = abs(steps[1][2] / steps[0][2] - 1.0) <= LOSS_WITHIN
    grown, n = bench.growth(20 if rehearsal else 1000), 20 if rehearsal else 1000
    flat = grown <= GROWTH_MB
    print(f"\nMemory in use on {other} after {n} more predictions: {grown:+.2f} MB ({'flat' if flat else 'it grows'}).")
    print(f"\nThe network alone on {other}, ms:\n")
    print(table(("windows", "way", "p50", "difference"), bench.forwards(sizes, compiles, until)))
    return all(one.holds for one in found) and alike and flat


if __name__ == "__main__":
    main()
