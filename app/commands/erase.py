"""``insula erase``: takes a participant out of a study, who may ask for it at any time."""

from __future__ import annotations

import argparse
import sys
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
    listed = [f"  {path.relative_to(traces.study)}" for path in traces.files]
    rows = [f"  the rows of {traces.participant} in {path.relative_to(traces.study)}" for path in traces.tables]
    return [f"Of {traces.participant} in {traces.study} ({_amount(traces)}):", *listed, *rows]


def _agreed(traces: Traces) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("Erasing asks first, and nobody can answer here. Say --yes to erase without being asked.")
    sys.stdout.write(f"This cannot be undone. Type {traces.participant} to erase it: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == traces.participant


def _left(traces: Traces) -> list[str]:
    """Return what will still know of the participant, and what to do about it."""
    lines = []
    if traces.shared:
        lines.append(
            "Kept, since others took part, or since it is damaged and does not say who did. Delete it yourself:"
        )
        lines += [f"  {path.relative_to(traces.study)}" for path in traces.shared]
    if traces.models:
        lines.append(f"Models that learnt from {traces.participant}; train them again without, and delete these:")
        lines += [f"  {path.relative_to(traces.study)}" for path in traces.models]
    if traces.runs:
        lines.append(f"Training runs that hold windows of {traces.participant}; delete these folders:")
        lines += [f"  {path.relative_to(traces.study)}" for path in traces.runs]
    lines.append("Not looked at: what lies outside the study, such as backups, copies, published data, other models.")
    return lines


def _amount(traces: Traces) -> str:
    n = len(traces.files)
    return f"{n} {'file' if n == 1 else 'files'}, {traces.n_bytes / 1e6:.1f} MB"
