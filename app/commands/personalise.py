"""``insula personalise``: learn from the labels given on screen."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from app.commands.train import report
from app.session.configuration import configuration
from app.study.training_material import gather
from app.study.verdict_words import personalised_in_words
from core.models.model_file import SHIPPED, read_model
from training.personalise import personalise, training_labels


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, learn from their labels, write the model, and say what that is worth."""
    base = Path(args.base) if args.base else SHIPPED
    enough = partial(training_labels, known=read_model(base).classes)
    recordings = gather(args.recordings, configuration(args), base, report, enough)
    header = personalise(recordings, base, Path(args.out), report)
    sys.stdout.write(f"{args.out} is written.\n{personalised_in_words(header.metrics['personalise'])}")
    return 0
