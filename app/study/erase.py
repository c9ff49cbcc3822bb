"""All that a study holds of one participant: found, and erased."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.study.run_data import RunData
from app.study.session_about import read_about
from core.errors import CheckpointError, ConfigError, FileFormatError, RecordingError
from core.models.model_file import read_model
from core.recording.session import Session
from training.cross_validation import WINDOWS

_WHOSE = ("participant", "participant_id", "subject", "subject_id")
_FILES = ("file", "filename", "recording", "path")
"""Columns of tables, in small letters."""


@dataclass(frozen=True)
class Traces:
    """What a study holds of one participant."""

    participant: str
    study: Path
    files: tuple[Path, ...]
    """Recordings, pictures, labels, tables and exports of this participant alone: they are erased."""
    tables: tuple[Path, ...]
    """Tables, such as ``participants.tsv`` and ``trials.tsv``, with rows of the participant, which are taken out."""
    shared: tuple[Path, ...]
    """``session.json`` of recordings in which others took part as well, or that do not say who: not touched."""
    models: tuple[Path, ...]
    """Models that learnt from the participant: they are not touched."""
    runs: tuple[Path, ...]
    """Training runs whose windows hold the participant's: they are not touched."""

    @property
    def n_bytes(self) -> int:
        """How much is erased."""
        return sum(path.stat().st_size for path in self.files)


def find_traces(study: Path, participant: str) -> Traces:
    """Return what `study` holds of `participant`; files are looked at wherever they lie below it.

    Raises
    ------
    ConfigError
        The name is none that a recording can have, or there is no such folder.
    """
    if not Session.names_well(participant):
        raise ConfigError(f"{participant!r} is no name of a participant. BIDS wants letters and digits, such as P007.")
    if not study.is_dir():
        raise ConfigError(f"There is no study in {study}. Name its folder with --study.")
    shared = tuple(path for path in sorted(study.rglob("*_session.json")) if _has_others(path, participant))
    kept = {file for path in shared for file in _files_of(path)}
    folders = [path for path in sorted(study.rglob(f"sub-{participant}")) if path.is_dir() and not path.is_symlink()]
    files = {file for folder in folders for file in folder.rglob("*") if file.is_symlink() or file.is_file()}
    # Tools of others put what they make of a participant elsewhere, under the same name.
    named = (file for file in study.rglob(f"sub-{participant}*") if _is_under(participant, file.name))
    files |= {file for file in named if file.is_symlink() or file.is_file()}
    tables = [path for path in sorted(study.rglob("*.tsv")) if path not in files | kept]
    return Traces(
        participant,
        study,
        tuple(sorted(files - kept)),
        tuple(path for path in tables if _rows_of(participant, path)),
        shared,
        tuple(path for path in sorted(study.rglob("*.safetensors")) if participant in _learnt_from(path)),
        tuple(path.parent for path in sorted(study.rglob(WINDOWS)) if participant in _people_of_run(path.parent)),
    )


def erase(traces: Traces) -> None:
    """Erase what was found.

    Raises
    ------
    RecordingError
        Something could not be erased; what could be was.
    """
    failed = []
    for path in traces.files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            failed.append(f"{path} ({error.strerror})")
    for table in traces.tables:
        try:
            _take_out(traces.participant, table)
        except OSError as error:
            failed.append(f"{table} ({error.strerror})")
    for folder in sorted(traces.study.rglob(f"sub-{traces.participant}"), reverse=True):
        _remove_empty(folder)
    if failed:
        raise RecordingError(f"Not erased: {'; '.join(failed)}. Mend the rights of the folder and ask again.")


def _has_others(session_json: Path, participant: str) -> bool:
    """Return whether a recording is, or may be, of `participant` and of others.

    One that does not say is of its folder's name. Of one that is damaged nobody knows: it is not erased.
    """
    session = Session.described_by(session_json)
    try:
        people = read_about(session).participants
    except FileFormatError:
        return f"sub-{participant}" in session_json.parts
    return participant in people and any(other != participant for other in people)


def _files_of(session_json: Path) -> Iterator[Path]:
    stem = session_json.name.removesuffix("_session.json")
    return (path for path in session_json.parent.rglob(f"{stem}_*") if path.is_file())


def _learnt_from(model: Path) -> tuple[str, ...]:
    try:
        return read_model(model).header.people
    except CheckpointError:
        return ()  # the weights of something else


def _people_of_run(run: Path) -> tuple[str, ...]:
    try:
        return RunData.read(run).people
    except FileFormatError:
        return ()  # windows of something else


def _rows_of(participant: str, table: Path) -> list[int]:
    """Return which lines of a table are of a participant: by the column that says whose they are, or by its file."""
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    names = [name.strip().lower() for name in lines[0].split("\t")] if lines else []
    whose = [place for place, name in enumerate(names) if name in _WHOSE]
    files = [place for place, name in enumerate(names) if name in _FILES]
    found = []
    for number, line in enumerate(lines[1:], start=1):
        cells = [cell.strip().strip('"').strip() for cell in line.split("\t")]
        own = any(cells[k] in (participant, f"sub-{participant}") for k in whose if k < len(cells))
        if own or any(_is_under(participant, cells[k]) for k in files if k < len(cells)):
            found.append(number)
    return found


def _is_under(participant: str, file: str) -> bool:
    """Return whether a file, or a folder that it is in, bears the participant's name, whatever follows."""
    return re.search(rf"(?:^|[/\\_])sub-{participant}(?![A-Za-z0-9])", file) is not None


def _take_out(participant: str, table: Path) -> None:
    rows = set(_rows_of(participant, table))
    if not rows:
        return
    lines = table.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    draft = table.with_suffix(".tsv.part")
    draft.write_text("".join(line for number, line in enumerate(lines) if number not in rows), encoding="utf-8")
    draft.replace(table)


def _remove_empty(folder: Path) -> None:
    """Remove a folder and those in it, as far as nothing is left in them."""
    if not folder.is_dir() or folder.is_symlink():
        return
    for inner in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            inner.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()
