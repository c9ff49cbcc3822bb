"""``insula teach``: learn from all sessions of a participant what holds, and write a model if anything does."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.commands.train import report
from app.session.configuration import configuration
from app.study.teach import teach
from core.models.model_file import SHIPPED


def run(args: argparse.Namespace) -> int:
    """Teach, and say in plain words what it came to."""
    config = configuration(args)
    base = Path(args.base) if args.base else SHIPPED
    told = _as_json if args.json else _as_words
    taught = teach(Path(args.study_folder), args.who, config, base, told)
    model = str(taught.model) if taught.model is not None else None
    if args.json:
        sys.stdout.write(json.dumps({"model": model, "words": taught.words}, ensure_ascii=False) + "\n")
        return 0
    written = f"\n{model} is written. Use it with --model, or choose it on the first screen.\n" if model else ""
    sys.stdout.write(f"{taught.words}{written}")
    return 0


def _as_words(words: str, share: float) -> None:
    report(f"{share:.0%}  {words}")


def _as_json(words: str, share: float) -> None:
    sys.stdout.write(json.dumps({"stage": words, "share": round(share, 4)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
