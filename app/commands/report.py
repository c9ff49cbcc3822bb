"""``insula report``: a page on a recording, beside it."""

from __future__ import annotations

import argparse
import json
import sys

from app.session.configuration import configuration, existing
from app.study.session_report import lost_in_words, read_recorded, write_page
from core.recording.session import Session


def run(args: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    recorded = read_recorded(Session.open(existing(args.recording)), configuration(args))
    path = write_page(recorded)
    if args.json:
        sys.stdout.write(json.dumps({"report": str(path), "lost": lost_in_words(recorded)}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(f"The report is at {path}\n")
    return 0
