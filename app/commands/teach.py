"""``insula teach``: learn from all sessions of a participant what holds, and write a model if anything does."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

import psutil

from app.commands.train import report
from app.session.configuration import configuration
from app.study.teach import teach
from core.models.model_file import SHIPPED


def run(args: argparse.Namespace) -> int:
    """Teach, and say in plain words what it came to."""
    if args.background:
        _give_way()
    config = configuration(args)
    base = Path(args.base) if args.base else SHIPPED
    told = _as_json if args.json else _as_words
    taught = teach(Path(args.study_folder), args.who, config, base, told, args.running)
    model = str(taught.model) if taught.model is not None else None
    if args.json:
        sys.stdout.write(
            json.dumps({"model": model, "words": taught.words, "summary": taught.summary}, ensure_ascii=False) + "\n"
        )
        return 0
    written = f"\n{model} is written. Use it with --model, or choose it on the first screen.\n" if model else ""
    sys.stdout.write("\n".join([*([taught.words] if taught.words else []), f"{taught.summary}\n{written}"]))
    return 0


def _give_way() -> None:
    """Take only what a session that runs on this machine leaves of it."""
    me = psutil.Process()
    with contextlib.suppress(OSError, AttributeError):  # Linux: whatever wakes has the core at once, as nice has it not
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError, psutil.Error):
        me.nice(psutil.IDLE_PRIORITY_CLASS if psutil.WINDOWS else 19)
    with contextlib.suppress(OSError, psutil.Error, AttributeError):  # not on every system
        me.ionice(psutil.IOPRIO_VERYLOW if psutil.WINDOWS else psutil.IOPRIO_CLASS_IDLE)


def _as_words(words: str, share: float) -> None:
    report(f"{share:.0%}  {words}")


def _as_json(words: str, share: float) -> None:
    sys.stdout.write(json.dumps({"stage": words, "share": round(share, 4)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
