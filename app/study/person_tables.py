"""Tables of a study, tab-separated or CSV, with rows of people: found, and taken out without a change to the rest."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import FileFormatError
from core.files import no_pipe, whole_file
from core.whose import is_named_in, participant_of_file

__all__ = ["ENDINGS", "PersonTable", "read_table"]

ENDINGS = (".tsv", ".csv")
_WHOSE = ("participant", "participant_id", "subject", "subject_id")
_FILES = ("file", "filename", "recording", "path")
_OWN_FILES = ("file", "video", "continuous")
"""Columns of a table of trials that name files of the person in the row."""
_READ = {*_WHOSE, *_FILES, *_OWN_FILES}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_LONGEST_HEAD = 1 << 20
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UNSEEN = "\ufeff\u200b\u200e\u200f\x00"


@dataclass(frozen=True, slots=True)
class _Row:
    first: int
    stop: int
    """It stands in lines [first, stop) of the file."""
    cells: dict[str, str]
    """Of the columns that say whose it is."""

    def is_of(self, participant: str) -> bool:
        """Return whether it is of a participant, by name or by a file that bears it."""
        whose = (self.cells.get(name, "") for name in _WHOSE)
        files = (self.cells.get(name, "") for name in _FILES)
        named = any(cell in (participant, f"sub-{participant}") for cell in whose)
        return named or any(is_named_in(participant, cell) or _is_called(participant, cell) for cell in files)


@dataclass(frozen=True)
class PersonTable:
    """A table that says whose its rows are, by name or by the files that they are of."""

    path: Path
    lines: tuple[str, ...]
    """With their ends."""
    coding: str
    rows: tuple[_Row, ...]

    @property
    def people(self) -> set[str]:
        """Who is named in a column of people."""
        named = (row.cells.get(name, "") for row in self.rows for name in _WHOSE)
        return {cell.removeprefix("sub-") for cell in named if cell}

    def has_rows_of(self, participant: str) -> bool:
        """Return whether a row is of the participant."""
        return any(row.is_of(participant) for row in self.rows)

    def files_of(self, participant: str) -> Iterator[tuple[Path, bool]]:
        """Give the files that rows give to the participant, and whether they give them to nobody else."""
        given: dict[Path, set[bool]] = {}
        for row in self.rows:
            if any(row.cells.get(name) for name in _WHOSE):
                for name in _OWN_FILES:
                    if cell := row.cells.get(name, ""):
                        given.setdefault(self.path.parent / cell, set()).add(row.is_of(participant))
        return ((path, whose == {True}) for path, whose in given.items() if True in whose)

    def without(self, participant: str) -> bytes:
        """Return the table without the participant's rows; the others are the same to the byte."""
        gone = {line for row in self.rows if row.is_of(participant) for line in range(row.first, row.stop)}
        left = "".join(line for number, line in enumerate(self.lines) if number not in gone)
        return left.encode(self.coding)

    def take_out(self, participant: str) -> None:
        """Write the table without the participant's rows.

        Raises
        ------
        OSError
            It cannot be written.
        """
        with whole_file(self.path) as file:
            shutil.copymode(self.path, file.name)
            file.write(self.without(participant))


def read_table(path: Path) -> PersonTable | None:
    """Return a table that has a column of people or of files; None of anything else, and of what cannot be read."""
    try:
        with no_pipe(path).open("rb") as file:
            head = file.read(_LONGEST_HEAD)
            if not _says_whose(path, head):
                return None
            text, coding = _decoded(head + file.read())
        lines = tuple(_LINE.findall(text))
        return PersonTable(path, lines, coding, tuple(_rows(path, lines)))
    except (FileFormatError, OSError, UnicodeDecodeError, csv.Error):
        return None


def _is_called(participant: str, path: str) -> bool:
    return participant_of_file(path.replace("\\", "/").rpartition("/")[2]) == participant


def _says_whose(path: Path, head: bytes) -> bool:
    """Return whether the first line names a column of people or files; samples of hours are not read for it."""
    first = _LINE.match(head.decode(_MARKS.get(head[:2], "latin-1"), "replace"))
    names: list[str] = next(_reader(path, [first[0]]), []) if first is not None else []
    return any(_cell(name).lower() in (*_WHOSE, *_FILES) for name in names)


def _decoded(content: bytes) -> tuple[str, str]:
    """Return the text, and how it is written; Latin-1 takes whatever is not UTF-8, and gives it back as it was."""
    if coding := _MARKS.get(content[:2], ""):
        return content.decode(coding), coding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _rows(path: Path, lines: Sequence[str]) -> Iterator[_Row]:
    reader = _reader(path, lines)
    names = [_cell(name).lower() for name in next(reader, [])]
    first = reader.line_num
    for cells in reader:
        told = {name: _cell(cell) for name, cell in zip(names, cells, strict=False) if name in _READ}
        yield _Row(first, reader.line_num, told)
        first = reader.line_num


def _reader(path: Path, lines: Sequence[str]) -> Any:  # csv has no public name for what its reader is
    if path.suffix.lower() == ".tsv":
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    head = lines[0] if lines else ""
    return csv.reader(lines, delimiter=max(",;\t", key=head.count))


def _cell(text: str) -> str:
    return text.strip().strip(_UNSEEN).strip().strip('"').strip()
