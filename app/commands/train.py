"""``insula train``: a model out of a recipe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.train_simulated import Plan, train


def run(args: argparse.Namespace) -> int:
    """Train and write the checkpoint; tell progress and what is left on the terminal."""
    folder = Path(args.run) if args.run else None
    header = train(Path(args.out), Plan(seed=args.seed), report=report, folder=folder)
    sys.stdout.write(f"{args.out} is written. On simulated participants that it had not seen:\n")
    for name, value in header.metrics.items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0


def report(line: str) -> None:
    """Print one line of progress, over the last one where a person looks on."""
    end = "\r" if sys.stderr.isatty() else "\n"
    sys.stderr.write(f"\x1b[K{line}{end}" if sys.stderr.isatty() else line + end)
    sys.stderr.flush()
