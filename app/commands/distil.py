"""``insula distil``: the face teaches the EEG student on one's own recordings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.train import report
from app.session.configuration import configuration
from app.study.training_material import gather
from app.study.verdict_words import distilled_in_words
from core.models.model_file import SHIPPED
from training.distil import distil


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, teach, write the model, and say what it has learnt."""
    base = Path(args.base) if args.base else SHIPPED
    recordings = gather(args.recordings, configuration(args), base, report)
    header = distil(recordings, base, Path(args.out), report)
    sys.stdout.write(f"{args.out} is written.\n{distilled_in_words(header.metrics['distil'])}")
    return 0
