"""``insula personalise``: learn from the labels given on screen."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from itertools import chain
from pathlib import Path

from app.commands.train import report
from app.session.configuration import configuration
from app.study.training_material import gather
from core.models.model_file import SHIPPED, read_model
from training.personalise import personalise, training_labels


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, learn from their labels, write the model, and say how it does before and after."""
    base = Path(args.base) if args.base else SHIPPED
    enough = partial(training_labels, known=read_model(base).classes)
    material = gather(args.recordings, configuration(args), base, report, enough)
    windows = list(chain.from_iterable(material.sessions))
    header = personalise(windows, material.labels, base, Path(args.out), report=report)
    sys.stdout.write(f"{args.out} is written.\n")
    for name, value in header.metrics["personalise"].items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0
