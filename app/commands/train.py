"""``insula train``: make a model by a recipe."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.train_simulated import Plan, train
from app.wiring import one_thread_each


def run(args: argparse.Namespace) -> int:
    """Train, with a line of progress at a time, and print the figures on participants that training never saw."""
    one_thread_each()
    header = train(Path(args.out), Plan(seed=args.seed), report=lambda text: print_line(text))
    print_line(f"{args.out} written. On simulated participants that it never saw:")
    print_line(json.dumps(header.metrics, indent=1))
    return 0


def print_line(text: str) -> None:
    """Write a line at once, so that a long run is seen to go on."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
