"""All that a study holds of one participant: found, and erased."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acquisition.replay import readable
from app.study.derivatives import FOLDER, STATES
from app.study.person_tables import ENDINGS, PersonTable, read_table
from app.study.run_data import RunData
from app.study.session_about import read_about
from core.errors import CheckpointError, ConfigError, FileFormatError, RecordingError
from core.models.model_file import read_model
from core.recording.session import Session
from core.whose import is_named_in, participant_of_file
from training.cross_validation import WINDOWS

_PARTS = (".dat", ".eeg", ".fdt", ".json", ".tsv", ".vmrk")
"""Endings of what belongs to an EEG file of the same name."""
_CODINGS = ("utf-8", "utf-16-le", "utf-32-le")
"""In which a name may stand in a file: texts, tables of Excel, arrays of NumPy."""
_SQLITE = b"SQLite format 3\0"
_SHORT = 2
"""Letters of a name that stands in any file by chance."""


@dataclass(frozen=True)
class Traces:
    """What a study holds of one participant."""

    participant: str
    study: Path
    files: tuple[Path, ...]
    """Recordings, pictures, labels, tables and exports of this participant alone: they are erased."""
    tables: tuple[PersonTable, ...]
    """Tables, such as ``participants.tsv`` and ``trials.tsv``, with rows of the participant, which are taken out."""
    shared: tuple[Path, ...]
    """``session.json`` of recordings in which others took part as well, or that do not say who, and files that tables
    give to others, too: not touched."""
    models: tuple[Path, ...]
    """Models that learnt from the participant: they are not touched."""
    runs: tuple[Path, ...]
    """Training runs whose windows hold the participant's: they are not touched."""
    elsewhere: tuple[Path, ...]
    """Files outside of the study that its tables give to the participant: they are not touched."""
    mentions: tuple[Path, ...]
    """Other files with the name in them, or in theirs: they are not touched."""

    @property
    def n_bytes(self) -> int:
        """How much is erased."""
        return sum(path.lstat().st_size for path in self.files)


def find_traces(study: Path, participant: str) -> Traces:
    """Return what `study` holds of `participant`; files are looked at wherever they lie below it, and read through.

    A file is the participant's by what its session says, by its name or that of a folder, or by a row of a table.

    Raises
    ------
    ConfigError
        The name is none that a recording can have and stands in no table, or there is no such folder.
    """
    if not study.is_dir():
        raise ConfigError(f"There is no study in {study}. Name its folder with --study.")
    files = sorted(_all_files(study))
    tables = [table for path in files if path.suffix.lower() in ENDINGS and (table := read_table(path)) is not None]
    if not Session.names_well(participant) and not any(participant in table.people for table in tables):
        raise ConfigError(f"{participant!r} is no name of a participant. BIDS wants letters and digits, such as P007.")
    own, shared, kept = _of_sessions(files, study, participant)
    places = {path.resolve(): path for path in files}
    given = [(path.resolve(), is_alone) for table in tables for path, is_alone in table.files_of(participant)]
    shared |= {places[path] for path, is_alone in given if path in places and not is_alone}
    recordings = {places[path] for path, is_alone in given if path in places and is_alone}
    recordings |= {path for path in files if path.suffix.lower() in readable() and _is_called(participant, path)}
    own |= recordings | _parts_of(recordings, files)
    own |= {path for path in files if is_named_in(participant, str(path.relative_to(study)))}
    own -= shared | kept
    models = [path for path in files if path.suffix == ".safetensors" and participant in _learnt_from(path)]
    runs = [path.parent for path in files if path.name == WINDOWS and participant in _people_of_run(path.parent)]
    rows = [table for table in tables if table.path not in own | shared | kept and table.has_rows_of(participant)]
    told = own | shared | kept | {*models} | {path for path in files if any(run in path.parents for run in runs)}
    rewritten = {table.path: table.without(participant) for table in rows}
    return Traces(
        participant,
        study,
        files=tuple(sorted(own)),
        tables=tuple(rows),
        shared=tuple(sorted(shared)),
        models=tuple(path for path in models if path not in own),
        runs=tuple(run for run in runs if run / WINDOWS not in own),
        elsewhere=tuple(sorted({path for path, _ in given if path not in places and path.is_file()})),
        mentions=tuple(p for p in files if p not in told and _mentions(participant, p, study, rewritten.get(p))),
    )


def erase(traces: Traces) -> None:
    """Erase what was found.

    Raises
    ------
    RecordingError
        Something could not be erased; what could be was.
    """
    failed = []
    for path in (*traces.files, *(_noted_states(traces.study) if traces.files else ())):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            failed.append(f"{path} ({error.strerror})")
    for table in traces.tables:
        try:
            table.take_out(traces.participant)
        except OSError as error:
            failed.append(f"{table.path} ({error.strerror})")
    _remove_empty(traces)
    if failed:
        raise RecordingError(f"Not erased: {'; '.join(failed)}. Mend the rights of the folder and ask again.")


def _all_files(study: Path) -> Iterator[Path]:
    """Give all files below a folder; a link to a folder is a file, and not gone into."""
    for folder, folders, names in os.walk(study):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in (*names, *links))


def _noted_states(study: Path) -> list[Path]:
    """Return where it is noted in which state files were: theirs as well, with their time; all is noted anew."""
    return [path for path in _all_files(study) if path.name == STATES and path.parent.parts[-2:] == FOLDER.parts]


def _of_sessions(files: Sequence[Path], study: Path, participant: str) -> tuple[set[Path], set[Path], set[Path]]:
    """Return what recordings say is of the participant alone, the ``session.json`` of the others, and their files.

    One that does not say is of its folder's name. Of one that is damaged nobody knows: it is not erased.
    """
    own: set[Path] = set()
    shared: set[Path] = set()
    kept: set[Path] = set()
    for path in files:
        if not path.name.endswith("_session.json"):
            continue
        named = is_named_in(participant, str(path.relative_to(study)))
        try:
            people = {*read_about(Session.described_by(path)).participants}
        except FileFormatError:
            people = {participant, ""} if named else set()
        if people == {participant}:
            own.update(_files_of(path))
        elif people and (named or participant in people):
            shared.add(path)
            kept.update(_files_of(path))
    return own, shared, kept


def _files_of(session_json: Path) -> Iterator[Path]:
    stem = session_json.name.removesuffix("_session.json")
    return (path for path in session_json.parent.rglob(f"{stem}_*") if path.is_file())


def _is_called(participant: str, path: Path) -> bool:
    return participant_of_file(path.name) == participant


def _parts_of(recordings: Iterable[Path], files: Sequence[Path]) -> set[Path]:
    """Return what lies beside EEG files under their names: other files of theirs, and what was exported of them."""
    names = {(path.parent, path.stem) for path in recordings}
    tables = {folder / f"{stem}_tables" for folder, stem in names}
    found = set()
    for path in files:
        is_part = path.suffix.lower() in _PARTS and (path.parent, path.stem) in names
        exported = re.fullmatch(r"(.*)_raw(?:-\d+)?\.fif", path.name)
        if is_part or path.parent in tables or (exported is not None and (path.parent, exported[1]) in names):
            found.add(path)
    return found


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


def _mentions(participant: str, path: Path, study: Path, left: bytes | None) -> bool:
    """Return whether a name stands in a file, or in its path; one that cannot be read may have it.

    Names of one or two letters or digits are looked for with ``sub-`` alone.
    """
    name = participant if len(participant) > _SHORT else f"sub-{participant}"
    if _stands_in(name, os.fsencode(path.relative_to(study))):  # names of files need not be UTF-8
        return True
    if left is not None:
        return _stands_in(name, left)
    if path.is_symlink() or not path.stat().st_size:
        return False
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _stands_in(name, content)
    except (OSError, ValueError):
        return True


def _stands_in(name: str, content: bytes | mmap.mmap) -> bool:
    """Return whether a name stands in bytes as a word of its own; in a data base, which parts no words, at all."""
    if content[: len(_SQLITE)] == _SQLITE:
        return content.find(name.encode()) >= 0
    for coding in _CODINGS:
        wanted, width = name.encode(coding), len("a".encode(coding))
        at = content.find(wanted)
        while at >= 0:
            around = content[max(0, at - width) : at], content[at + len(wanted) : at + len(wanted) + width]
            if not any(_is_letter(each, coding) for each in around):
                return True
            at = content.find(wanted, at + 1)
    return False


def _is_letter(cell: bytes, coding: str) -> bool:
    text = cell.decode(coding, "replace")
    return text.isascii() and text.isalnum()


def _remove_empty(traces: Traces) -> None:
    """Remove the participant's folders, as far as nothing is left in them."""
    emptied = {path.parent for path in traces.files}
    for place, _, _ in os.walk(traces.study, topdown=False):
        folder = Path(place)
        is_tables = folder in emptied and folder.name.endswith("_tables")
        if is_tables or is_named_in(traces.participant, str(folder.relative_to(traces.study))):
            with contextlib.suppress(OSError):
                folder.rmdir()
