"""``labels.sqlite`` read, row by row: a damaged row costs itself, and nothing is written by who only reads."""

from __future__ import annotations

import contextlib
import math
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.data import Label
from core.errors import FileFormatError, RecordingError
from core.label_rules import standing
from core.reading import from_json

FIELDS = tuple(field.name for field in fields(Label))
_REAL = {"start", "stop", "time", "valence", "arousal", "confidence", "response_time", "speed", "value", "given"}
_WHOLE = {"prediction_shown", "n_plays"}
TYPES = {name: "REAL" if name in _REAL else "INTEGER" if name in _WHOLE else "TEXT" for name in FIELDS}
PAIRS = ("shares", "scales")
"""Columns that hold names with a number each, as JSON."""
RATED = ("participant", "annotator", "role", "scale", "segment", "device", "speed", "time", "value", "uid")
"""What `LabelReader.ratings` tells of each sample."""
_NEEDED = {"uid", "segment", "participant", "start", "stop", "time", *RATED}
"""What every version of the file has."""
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)
"""SQLite's own messages quote what is damaged, and Python may not be able to read them."""
_LONGEST = 2**24
"""Bytes of a value; more is no answer of a person, and would be gigabytes when damaged."""
_PATIENCE = 500
"""Millions of steps that SQLite may take for one question: a million answers take sixty."""


class LabelReader:
    """The answers and ratings of one file, which is never written to.

    A folder on read-only media is enough. Of a file whose newest answers wait in SQLite's log, as a killed session
    leaves it, a copy is read where the log itself cannot be.

    Parameters
    ----------
    path : Path
    tell : callable
        Hears of each row that cannot be read.

    Raises
    ------
    RecordingError
        The file is no label file, or damaged as a whole.
    """

    _db: sqlite3.Connection

    def __init__(self, path: Path, tell: Callable[[str], object] = lambda _: None) -> None:
        self._path = path
        self._tell = tell
        self._opened = contextlib.ExitStack()
        try:
            self._db = self._connected()
        except (*_DAMAGED, OSError) as error:
            self._opened.close()
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._opened.close()

    def all(self) -> list[Label]:
        """Return every answer in the order in which they were given, undone and superseded ones too."""
        return [Label(**values) for values in self._rows("labels", FIELDS)]

    def current(self) -> list[Label]:
        """Return the answers that stand: neither undone nor superseded, and themselves no undo and no skip."""
        return standing(self.all())

    def ratings(self, names: Sequence[str] = RATED) -> list[tuple[str | float, ...]]:
        """Return every sample of the continuous ratings, in the order given: its cells are those of `names`."""
        return [tuple(values[name] for name in names) for values in self._rows("ratings", names)]

    def _connected(self) -> sqlite3.Connection:
        log = self._path.with_name(self._path.name + "-wal")
        if not log.exists() or not log.stat().st_size:
            return _open(self._path, "mode=ro&immutable=1", self._tell)
        try:
            return _open(self._path, "mode=ro", self._tell)
        except sqlite3.OperationalError:
            folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory()))
            for file in (self._path, log):
                shutil.copyfile(file, folder / file.name)
            return _open(folder / self._path.name, "mode=ro", self._tell)

    def _rows(self, table: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give the rows of a table as values by name; those that are damaged are told and passed over."""
        try:
            self._db.text_factory = bytes
            columns = self._db.execute(f"PRAGMA table_info({table})").fetchall()
            there = {bytes(row[1]).decode("utf-8", "replace") for row in columns}
            if table == "ratings" and not there:
                return  # an older file has none
            known = [name for name in names if name in there]
            if lacking := _NEEDED.intersection(names).difference(there):
                raise sqlite3.DatabaseError(f"it has no {', '.join(sorted(lacking))} of {table}")
            rows = self._raw_rows(f"SELECT number, {', '.join(known)} FROM {table}")
        except _DAMAGED as error:
            raise self._failed(error) from error
        finally:
            self._db.text_factory = str
        for number, row in rows:
            try:
                values = {name: _value(name, cell) for name, cell in zip(known, row, strict=True)}
                yield {name: value for name, value in values.items() if value is not None}
            except (ValueError, TypeError, FileFormatError) as error:
                self._tell(f"Row {number} of the {table} in {self._path} is damaged ({error}) and is passed over.")

    def _raw_rows(self, question: str) -> list[tuple[int, Sequence[Any]]]:
        """Return numbers and cells, texts as bytes; past a damaged page the rows are read from the other end."""
        found: dict[int, Sequence[Any]] = {}
        for order in ("ASC", "DESC"):
            try:
                for number, *cells in self._db.execute(f"{question} ORDER BY number {order}"):
                    found[number if isinstance(number, int) else -len(found)] = cells
                break
            except _DAMAGED as error:
                if isinstance(error, sqlite3.OperationalError) or (order == "DESC" and not found):
                    raise
                self._tell(f"{self._path} is damaged ({error}): {len(found)} rows could be read so far.")
        return sorted(found.items())

    def _failed(self, error: Exception) -> RecordingError:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            return RecordingError(f"The disk is full. Make room. (Labels in {self._path})")
        return RecordingError(
            f"Labels in {self._path} cannot be kept or read: {error}. Free the disk, mend its rights, or, if it is "
            "damaged, move it away: the recording can be read without it."
        )


def _open(path: Path, how: str, tell: Callable[[str], object]) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
    try:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        steps = iter(range(_PATIENCE))
        db.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
        db.execute("PRAGMA trusted_schema = OFF")
        try:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except _DAMAGED:
            # What stands beside the tables may be damaged, such as what keeps them from being changed.
            db.execute("PRAGMA writable_schema = ON")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            tell(f"{path} is damaged; its rows are read as far as they can be.")
    except _DAMAGED:
        db.close()
        raise
    return db


def _value(name: str, cell: Any) -> str | float | int | bool | tuple[tuple[str, float], ...] | None:
    """Return a cell as what its column holds, None of one that an older version did not have; else `ValueError`."""
    if name in PAIRS and (cell is None or isinstance(cell, bytes)):
        return tuple(from_json(cell, dict[str, float], name).items()) if cell else None
    if name in _REAL and (cell is None or isinstance(cell, int | float)):
        value = math.nan if cell is None else float(cell)  # SQLite keeps NaN as NULL
        if name in ("start", "stop") and not math.isfinite(value):
            raise ValueError(f"{name} is {cell}")
        return value
    if name in _WHOLE and (cell is None or isinstance(cell, int)):
        return bool(cell) if name == "prediction_shown" else cell
    if name not in _REAL | _WHOLE and isinstance(cell, bytes):
        return cell.decode()
    raise ValueError(f"{name} is {str(cell)[:40]!r}")
