"""``insula doctor --report``: what whoever mends Insula needs to know, and nothing of the people in a study.

Only what cannot hold anyone's name is let through: versions, settings that are numbers, and of the log the times, the
kinds of errors and where in the code they arose. Messages are left out, since names of streams, files and folders stand
in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from app.log import ABOUT
from core.error_trace import SET_IN

_LINE = re.compile(r"(?P<head>\d{4}-\d\d-\d\dT[\d:.+]+ [A-Z]+ (?P<logger>[\w.]+)): ")
_ERROR = re.compile(rf"{SET_IN}(?:from )?[\w.<>]+(?:\[[A-Z]+\])?(?=: )")


def report(checks: Iterable[str], settings: str, log: Path | None) -> str:
    """Return the report.

    Parameters
    ----------
    checks : iterable of str
        A line for each, without names and paths.
    settings : str
        See `app.session.configuration.settings_for_a_report`.
    log : Path, optional
        The newest log; None if there is none.
    """
    lines = [
        "Report for whoever mends Insula. Messages, names and paths are left out; please tell what you did.",
        "",
        f"Insula {metadata.version('insula')}",
        *checks,
        f"settings: {settings}",
        "",
        "newest log:",
        *(["none"] if log is None else without_messages(log.read_text(encoding="utf-8", errors="replace"))),
    ]
    return "\n".join(lines) + "\n"


def without_messages(log: str) -> Iterator[str]:
    """Give the lines of a log, each only as far as it is Insula's own words or code."""
    for line in log.split("\n"):
        if line.startswith(SET_IN * 2):  # code
            yield line
        elif found := _ERROR.match(line):
            yield found[0]
        elif found := _LINE.match(line):
            yield line if found["logger"] == ABOUT else found["head"]
