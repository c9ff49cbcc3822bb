"""``insula distil``: the face teaches the EEG student on one's own recordings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.train import report
from app.configuration import configuration
from app.taught_from import Material, gather
from core.models.model_file import SHIPPED
from training.distil import distil


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, teach, write the model, and say what it has learnt."""
    base = Path(args.base) if args.base else SHIPPED
    material: Material = gather(args.recordings, configuration(args), base, report)
    header = distil(material.sessions, material.labels, base, Path(args.out), report=report)
    sys.stdout.write(f"{args.out} is written.\n")
    for name, value in header.metrics.items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0
