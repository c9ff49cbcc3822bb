"""``labels.sqlite``: every answer and every continuous rating ever given, never changed and never lost."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence

from core.data import Label, Rating
from core.files import no_pipe, private
from core.recording.label_reader import FIELDS, PAIRS, RATED, TYPES, LabelReader

__all__ = ["RATED", "LabelStore"]

_RATING = ("uid", "participant", "annotator", "role", "scale", "segment", "device", "speed", "time", "value", "given")
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS labels (number INTEGER PRIMARY KEY AUTOINCREMENT,
    {", ".join(f"{name} {kind}" for name, kind in TYPES.items())}, UNIQUE (uid));
CREATE TABLE IF NOT EXISTS ratings (number INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT, participant TEXT,
    annotator TEXT, role TEXT, scale TEXT, segment TEXT, device TEXT, speed REAL, time REAL, value REAL, given REAL,
    UNIQUE (uid, time));
""" + "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_are_kept_as_given BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are never changed: add one that supersedes it'); END;
CREATE TRIGGER IF NOT EXISTS {table}_are_never_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are never deleted'); END;
"""
    for table in ("labels", "ratings")
)
_VERSION = 4
"""1: without ``response_time``, ``n_plays`` and the table of ratings; 2: without ``shares``; 3: without ``scales``."""


class LabelStore(LabelReader):
    """The labels of one run, append-only: what `add` returned from is on disk, whatever happens next.

    WAL with ``synchronous=FULL``: a killed process and a power cut both leave the file whole with every committed row.
    A file of an older version gets the columns that it lacks; its rows stay as they are.

    Parameters
    ----------
    path : Path
        Made if it is not there.

    Raises
    ------
    RecordingError
        The file cannot be written, or is no label file.
    """

    def _connected(self) -> sqlite3.Connection:
        # SQLite gives the files beside it the rights of this one.
        if not no_pipe(self._path).exists():
            os.close(private(str(self._path), os.O_WRONLY | os.O_CREAT))
        self._db = sqlite3.connect(self._path)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._grow()
        except sqlite3.Error:
            self._db.close()
            raise
        return self._db

    def add(self, thing: Label | Rating) -> None:
        """Keep a label or a piece of a rating; on return it is on disk. The same again changes nothing."""
        if isinstance(thing, Label):
            self._insert("labels", FIELDS, [_row(thing)])
            return
        about = (thing.uid, thing.participant, thing.annotator, thing.role, thing.scale, thing.segment, thing.device)
        samples = zip(thing.times, thing.values, strict=True)
        self._insert("ratings", _RATING, [(*about, thing.speed, at, value, thing.time) for at, value in samples])

    def _grow(self) -> None:
        """Make what the file lacks; nothing is written to one that is complete."""
        if self._db.execute("PRAGMA user_version").fetchone()[0] >= _VERSION:
            return
        self._db.executescript(_SCHEMA)
        there = {row[1] for row in self._db.execute("PRAGMA table_info(labels)")}
        for name in FIELDS:
            if name not in there:
                self._db.execute(f"ALTER TABLE labels ADD COLUMN {name} {TYPES[name]}")
        self._db.execute(f"PRAGMA user_version = {_VERSION}")
        self._db.commit()

    def _insert(self, table: str, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * len(names))
        try:
            with self._db:
                self._db.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
        except sqlite3.Error as error:
            raise self._failed(error) from error


def _row(label: Label) -> tuple[object, ...]:
    """Return a label's cells; names with numbers are JSON, in their order."""
    return tuple(_pairs(getattr(label, name)) if name in PAIRS else getattr(label, name) for name in FIELDS)


def _pairs(pairs: Sequence[tuple[str, float]]) -> str:
    return json.dumps(dict(pairs), ensure_ascii=False) if pairs else ""
