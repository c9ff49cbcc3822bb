"""``labels.sqlite``: every answer ever given, never changed and never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from types import TracebackType
from typing import Self

from core.data import Label
from core.errors import RecordingError

_FIELDS = tuple(field.name for field in fields(Label))
_REAL = {"start", "stop", "time", "valence", "arousal", "confidence"}
_COLUMNS = ", ".join(
    f"{name} {'REAL' if name in _REAL else 'INTEGER' if name == 'prediction_shown' else 'TEXT'}" for name in _FIELDS
)
_SCHEMA = f"""
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS labels (number INTEGER PRIMARY KEY AUTOINCREMENT, {_COLUMNS}, UNIQUE (uid));
CREATE TRIGGER IF NOT EXISTS labels_are_kept_as_given BEFORE UPDATE ON labels
BEGIN SELECT RAISE(ABORT, 'labels are never changed: add one that supersedes it'); END;
CREATE TRIGGER IF NOT EXISTS labels_are_never_deleted BEFORE DELETE ON labels
BEGIN SELECT RAISE(ABORT, 'labels are never deleted'); END;
"""


class LabelStore:
    """The labels of one run, append-only: what `add` returned from is on disk, whatever happens next.

    WAL with ``synchronous=FULL``: a killed process and a power cut both leave the file whole with every committed row.

    Parameters
    ----------
    path : Path
        Made if it is not there.

    Raises
    ------
    RecordingError
        The file cannot be written, or is no label file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, label: Label) -> None:
        """Keep a label; on return it is on disk. The same label again changes nothing."""
        marks = ", ".join("?" * len(_FIELDS))
        try:
            with self._db:
                self._db.execute(
                    f"INSERT OR IGNORE INTO labels ({', '.join(_FIELDS)}) VALUES ({marks})", astuple(label)
                )
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def all(self) -> list[Label]:
        """Return every answer in the order in which they were given, undone and superseded ones too."""
        try:
            rows = self._db.execute(f"SELECT {', '.join(_FIELDS)} FROM labels ORDER BY number").fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return [_label(row) for row in rows]

    def current(self) -> list[Label]:
        """Return the answers that stand: neither undone nor superseded, and themselves no undo and no skip."""
        given = self.all()
        gone = {label.supersedes for label in given if label.supersedes}
        return [label for label in given if label.uid not in gone and label.answer not in ("undo", "skip")]

    def _failed(self, error: sqlite3.Error) -> RecordingError:
        return RecordingError(
            f"Labels in {self._path} cannot be kept or read: {error}. Free the disk or mend its rights."
        )


def _label(row: Sequence[object]) -> Label:
    values = dict(zip(_FIELDS, row, strict=True))
    for name in _REAL:
        # SQLite keeps NaN as NULL.
        values[name] = float("nan") if values[name] is None else values[name]
    values["prediction_shown"] = bool(values["prediction_shown"])
    return Label(**values)  # type: ignore[arg-type]
