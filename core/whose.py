"""Whose a recording is by its name: one rule for all who read recordings, learn from them, or erase them."""

from __future__ import annotations

import re
from pathlib import PurePath

__all__ = ["file_part", "is_named_in", "named_in", "participant_of_file", "participant_of_recording"]

_SUBJECT = re.compile(r"(?:^|[/\\_])sub-([A-Za-z0-9]+)")
_EXPORTED = re.compile(
    r"(?:^|[/\\_])sub-[^/\\]*_run-[^/\\_]+(?:_eeg)?_(?!(?:i?eeg|meg)_)([A-Za-z0-9]+)_raw(?:-\d+)?\.fif$"
)
"""One person's EEG out of a session of several, which is called after the first: see `app.commands.export`. What stands
there in files of others is what was recorded (``sub-01_task-rest_eeg_raw.fif``), or how (``sub-01_rest_raw.fif``)."""
_FILE = re.compile(r"(.*), \d+ bytes")


def named_in(path: str) -> str:
    """Return whom a file's or folder's name names as BIDS and LabRecorder do (``sub-P002_...``), ``""`` if nobody.

    Of a path, whom the part nearest to its end names.
    """
    found = _EXPORTED.findall(path) or _SUBJECT.findall(path)
    return found[-1] if found else ""


def file_part(participant: str) -> str:
    """Return a participant's name as it stands in the name of a file, behind ``sub-``."""
    return re.sub(r"[/\\:]", "-", participant)


def is_named_in(participant: str, path: str) -> bool:
    """Return whether a file, or a folder that it is in, bears a participant's name.

    Whatever but a letter or digit may follow it; a name that is not of these alone ends with an underscore or a dot.
    """
    if exported := _EXPORTED.findall(path):
        return participant in exported
    end = r"(?![A-Za-z0-9])" if participant.isalnum() else r"(?=[_./\\]|$)"
    return re.search(rf"(?:^|[/\\_])sub-{re.escape(file_part(participant))}{end}", path) is not None


def participant_of_file(name: str) -> str:
    """Return whose a recorded file is by its name: whom it names, else the name itself without its ending.

    ``""`` for an XDF that names nobody: those are called after anything.
    """
    return named_in(name) or ("" if name.lower().endswith(".xdf") else PurePath(name).stem)


def participant_of_recording(name: str) -> str:
    """Return whose a recording is by what a model's header calls it.

    That is a session's run and when it began (``sub-P001_ses-01_..., 2026-...``), a file of another recorder and its
    size (``P001.edf, 5120 bytes``), or a person of a table of trials and the files (``P001, a.edf, b.edf``).
    """
    if (file := _FILE.fullmatch(name)) is not None:
        return participant_of_file(file[1])
    who = name.partition(", ")[0]
    return named_in(who) or who
