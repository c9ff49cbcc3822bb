"""``insula import``: a published data set as a study that `insula train people` learns from."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from app.commands.train import report
from app.session.configuration import existing
from app.study.datasets.catalogue import find_dataset
from app.study.datasets.importing import Imported, import_dataset
from app.study.train_people import N_FEWEST

_MOST = 20


def run(args: argparse.Namespace) -> int:
    """Import, tell what was found and what was left out, and what to do next."""
    find_dataset(args.dataset)  # an unknown name is told before a path that is not there
    found = import_dataset(args.dataset, existing(args.source), Path(args.study), report, args.overwrite)
    sys.stdout.write(words(found, args.study))
    return 0


def words(found: Imported, study: str) -> str:
    """Return what came of an import."""
    lines = [
        f"{found.title}: {found.n_trials} trials of {found.n_people} people, {found.n_filmed} with a face.",
        f"Terms: {found.terms}",
    ]
    reasons = Counter(why for _, why in found.skipped)
    lines += [f"Left out: {what}: {why}" for what, why in found.skipped[:_MOST]]
    if len(found.skipped) > _MOST:
        most = "; ".join(f"{why} ({count})" for why, count in reasons.most_common(3))
        lines.append(f"Left out: {len(found.skipped) - _MOST} more, see import.json; mostly {most}")
    target = "" if found.n_labelled else ' --target "valence>median"'
    lines.append(f"{study}/trials.tsv is the table. Next:")
    left = "subject" if found.n_people >= N_FEWEST else "trials"
    lines.append(f"insula train people --data {study} --run RUN --leave-out {left}{target}")
    return "\n".join(lines) + "\n"
