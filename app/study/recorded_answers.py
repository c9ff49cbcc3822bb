"""What was answered and rated about a recording, as it stands beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from core.data import Label
from core.errors import FileFormatError
from core.recording.label_reader import LabelReader
from core.recording.session import Session

__all__ = ["recorded_answers", "recorded_labels", "session_of"]


def recorded_labels(path: Path) -> list[Label]:
    """Return the answers that stand for the recording at `path`; none for a file of another recorder."""
    file = _labels_file(path)
    if file is None:
        return []
    with LabelReader(file, _say) as store:
        return store.current()


def recorded_answers(path: Path) -> tuple[list[Label], list[tuple[str | float, ...]]]:
    """Return the answers that stand, and the samples of all continuous ratings as `LabelReader.ratings` gives them.

    Both of one reading, so that what is damaged in the file is told once.
    """
    file = _labels_file(path)
    if file is None:
        return [], []
    with LabelReader(file, _say) as store:
        return store.current(), store.ratings()


def _labels_file(path: Path) -> Path | None:
    session = session_of(path)
    return session.labels if session is not None and session.labels.exists() else None


def session_of(path: Path) -> Session | None:
    """Return the run that a recording is; None for a file of another recorder."""
    try:
        return Session.open(path)
    except FileFormatError:
        return None


def _say(text: str) -> None:
    sys.stderr.write(f"! {text}\n")
