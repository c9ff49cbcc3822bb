"""``insula erase``: takes a participant out of a study, who may ask for it at any time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.log import logs_that_name
from app.session.configuration import configuration
from app.session.session_choices import forget_participant
from app.study.erase import Traces, erase, find_traces
from core.errors import ConfigError


def run(args: argparse.Namespace) -> int:
    """Tell what there is of the participant and what will be left, ask, and erase it."""
    config = configuration(args)
    study = Path(config.record.study)
    traces = find_traces(study, args.who)
    say = sys.stdout.write
    say("".join(f"{line}\n" for line in (*_found(traces), *_left(traces))))
    if traces.files or traces.tables:
        if not (args.yes or _agreed(traces)):
            say("Nothing was erased.\n")
            return 0
        amount = _amount(traces)
        erase(traces)
        forgotten = forget_participant(traces.participant, config)
        for log in logs_that_name(traces.participant):
            log.unlink(missing_ok=True)
        say(f"Erased: {amount}.\n")
        if forgotten:
            say("What the first screen remembered of the name is forgotten, too.\n")
    return 0


def _found(traces: Traces) -> list[str]:
    if not traces.files and not traces.tables:
        return [f"{traces.study} holds no recording of {traces.participant} alone."]
    rows = [f"  the rows of {traces.participant} in {table.path.relative_to(traces.study)}" for table in traces.tables]
    return [f"Of {traces.participant} in {traces.study} ({_amount(traces)}):", *_listed(traces, traces.files), *rows]


def _agreed(traces: Traces) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("Erasing asks first, and nobody can answer here. Say --yes to erase without being asked.")
    sys.stdout.write(f"This cannot be undone. Type {traces.participant} to erase it: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == traces.participant


def _left(traces: Traces) -> list[str]:
    """Return what will still know of the participant, and what to do about it."""
    who = traces.participant
    left = (
        (
            traces.shared,
            "Kept, with the files that are called alike, since others took part, or since it is damaged and does not "
            "say who did. Delete it yourself:",
        ),
        (traces.models, f"Models that learnt from {who}; train them again without, and delete these:"),
        (traces.runs, f"Training runs that hold windows of {who}; delete these folders:"),
        (traces.elsewhere, f"Tables say that these are of {who}, too; they lie outside of the study. Delete them:"),
        (traces.mentions, f"These have {who} in them or in their names. Look at them, and delete what is of {who}:"),
    )
    lines = [line for paths, why in left if paths for line in (why, *_listed(traces, paths))]
    lines.append("Not looked at: what lies outside the study, such as backups, copies, published data, other models.")
    return lines


def _listed(traces: Traces, paths: Sequence[Path]) -> list[str]:
    inside = (path.relative_to(traces.study) if path.is_relative_to(traces.study) else path for path in paths)
    return [f"  {path}" for path in inside]


def _amount(traces: Traces) -> str:
    n = len(traces.files)
    return f"{n} {'file' if n == 1 else 'files'}, {traces.n_bytes / 1e6:.1f} MB"
