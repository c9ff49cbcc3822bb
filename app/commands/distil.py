"""``insula distil``: the face teaches the EEG student on one's own recordings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from app.commands.train import report
from app.session.configuration import configuration
from app.study.training_material import Material, gather
from core.models.model_file import SHIPPED
from training.distil import DistilRecipe, distil, weights_of


def run(args: argparse.Namespace) -> int:
    """Replay the recordings, teach, write the model, and say what it has learnt."""
    base = Path(args.base) if args.base else SHIPPED
    config = configuration(args)
    recipe = DistilRecipe(weights_of(config.distil))
    material: Material = gather(args.recordings, config, base, report)
    header = distil(material.sessions, material.labels, base, Path(args.out), recipe, report)
    sys.stdout.write(f"{args.out} is written.\n{in_words(header.metrics['distil'])}")
    return 0


def in_words(figures: dict[str, Any]) -> str:
    """Return what was measured on windows that were held out, and what it means for whoever was recorded."""
    before, after = figures["before"], figures["after"]
    always = "always the same answer"
    lines = [
        f"On {after['windows']} windows held out, the EEG student says what the face says in {before['agreement']:.0%} "
        f"before and {after['agreement']:.0%} after; {always} would in {after['agreement_of_constant']:.0%}.",
        f"Distance from the face (KL divergence, nats): {before['divergence']:.2f} before, {after['divergence']:.2f} "
        f"after, {after['divergence_of_constant']:.2f} for {always}.",
        f"That is better than {always}: with this model the EEG is read on these people."
        if figures["earned"]
        else f"That is no better than {always}: the EEG keeps weight zero on these people. Record more.",
    ]
    if after["divergence"] > before["divergence"]:
        lines.append("It was nearer to the face before: keep the model it started from, or record more.")
    return "".join(f"{line}\n" for line in lines)
