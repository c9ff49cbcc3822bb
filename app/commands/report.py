"""``insula report``: a page on a recording, beside it."""

from __future__ import annotations

import argparse
import sys

from app.session.configuration import configuration, existing
from app.study.session_report import write_report
from core.recording.session import Session


def run(args: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    path = write_report(Session.open(existing(args.recording)), configuration(args))
    sys.stdout.write(f"The report is at {path}\n")
    return 0
