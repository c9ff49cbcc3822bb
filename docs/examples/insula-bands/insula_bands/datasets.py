"""A data set: which of its stretches is what. `insula import csv-folder FOLDER --study STUDY` makes a study of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insula import FileFormatError, ImportedTrial


class CsvFolder:
    """A folder of tables such as ``P1_calm.csv``, which `read_csv` reads: a file a trial, named by person and class."""

    title = "A folder of tables"
    terms = "Made by whoever has it."

    def trials(self, source: Path, made: Any) -> Iterator[ImportedTrial]:
        """Give the trials, person by person.

        Parameters
        ----------
        source : Path
            The folder.
        made
            Writes what Insula cannot read; nothing here.
        """
        files = sorted(source.glob("*_*.csv"))
        if not files:
            raise FileFormatError(f"{source} has no tables such as P1_calm.csv.")
        for file in files:
            person, label = file.stem.split("_", 1)
            seconds = [line.partition(",")[0] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
            yield ImportedTrial(person, file, float(seconds[0]), float(seconds[-1]), label=label)
