"""What a data set is to `insula import`, and what its trials are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.study.datasets.made_files import Made


def electrodes(names: str) -> tuple[str, ...]:
    """Return the electrodes that stand in a text, with spaces between."""
    return tuple(names.split())


@dataclass(frozen=True, slots=True)
class ImportedTrial:
    """One row of ``trials.tsv``; see `app.study.trials_table.Trial`."""

    participant: str
    file: Path
    start: float
    """s of the EEG file."""
    stop: float
    label: str = ""
    """Class, ``""`` where people only rated."""
    ratings: Mapping[str, float] = field(default_factory=dict)
    """By scale, as they were given."""
    scale: str = ""
    """From where to where they run, such as ``1 to 9``."""
    stimulus: str = ""
    group: str = ""
    video: Path | None = None
    video_offset: float = 0.0
    """s of the video at the EEG's first sample."""
    video_fps: float = 0.0
    """Hz; 0 where the file's own times hold."""
    continuous: Path | None = None

    def __post_init__(self) -> None:
        """Refuse, for its file alone, what no table may hold."""
        times = self.start, self.stop, self.video_offset, self.video_fps
        if not (all(map(math.isfinite, times)) and self.start < self.stop and self.video_fps >= 0.0):
            start, stop, offset, fps = times
            raise ValueError(
                f"a trial from {start:g} to {stop:g} s, its film {offset:g} s off, of {fps:g} pictures a second"
            )


class Dataset(Protocol):
    """A published data set.

    A module of this package has one as ``DATASET``; another package gives one as an entry point of the group
    ``insula.datasets``, by the name that it is imported by.
    """

    title: str
    terms: str
    """Where it is had, and what its licence asks: a line that is printed with each import."""

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give the trials of a copy of the data set, person by person.

        Parameters
        ----------
        source : Path
            Where the copy lies.
        made : Made
            Writes what no reader of Insula's reads, and takes what is left out.

        Raises
        ------
        FileFormatError
            The copy is not what it should be: other channels, rates, numbers of trials or labels.
        """
        ...
