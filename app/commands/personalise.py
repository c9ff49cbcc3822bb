"""``insula personalise``: learn from the labels given on screen."""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path

from app.commands.train import report
from app.configuration import configuration, existing
from app.taught_from import gather, recorded_labels
from core.models.model_file import SHIPPED, read_model
from training.personalise import personalise, to_learn_from


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, learn from their labels, write the model, and say how it does before and after."""
    config, base = configuration(args), Path(args.base) if args.base else SHIPPED
    labels = [label for name in args.recordings for label in recorded_labels(existing(name))]
    to_learn_from(labels, read_model(base).classes)  # not told after the recordings have been replayed for an hour
    material = gather(args.recordings, config, base, report)
    windows = list(chain.from_iterable(material.sessions))
    header = personalise(windows, material.labels, base, Path(args.out), report=report)
    sys.stdout.write(f"{args.out} is written.\n")
    for name, value in header.metrics["personalise"].items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0
