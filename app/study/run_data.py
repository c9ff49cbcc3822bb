"""``data.json`` in the folder of a run: what its windows are of."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from core.files import write_whole
from core.reading import json_file

_FILE = "data.json"


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What the order of the classes gives away; see `training.order.Order`."""

    in_blocks: tuple[str, ...]
    n_people: int
    by_time: float | None
    chance: float


@dataclass(frozen=True, slots=True)
class RunData:
    """What the windows of a run are of."""

    title: str
    classes: tuple[str, ...]
    n_recordings: int
    minutes: float
    annotators: tuple[str, ...]
    simulated: bool
    people: tuple[str, ...]
    """Who has usable labelled windows."""
    windows: int
    """Labelled ones."""
    trials: dict[str, int]
    """Usable ones by class."""
    recordings: tuple[str, ...] = ()
    """By the names that a model's header knows them by; none in runs of an older Insula."""
    folds: tuple[str, ...] = ()
    """Who, or what part of trials or stimuli, is left out in turn; none in runs of an older Insula."""
    n_stimuli: int = 0
    """0 where it is not told of every trial what was shown."""
    scales: tuple[str, ...] = ("valence", "arousal")
    """That were learnt as numbers."""
    thresholds: tuple[tuple[str, float | None, bool], ...] = ()
    """Scale, threshold (None: the median of what is learnt from) and whether a rating on it is high, of classes that
    were made of ratings."""
    by_ccc: bool = False
    """Whether settings were chosen by the concordance of ratings."""
    fused: int | None = None
    """Labelled windows that have both EEG and face, of the sensors that are read; None in runs of an older Insula."""
    order: RunOrder | None = None
    """None in runs of an older Insula."""
    source: dict[str, str] = dataclasses.field(default_factory=dict)
    """By name what tells a table, and each file that it names, from a changed one; none for sessions and older runs."""

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Return whether a folder holds the data of a run."""
        return (folder / _FILE).exists()

    @classmethod
    def read(cls, folder: Path) -> RunData:
        """Return what stands in a run's folder.

        Raises
        ------
        FileFormatError
            It is not there, or damaged.
        """
        return json_file(folder / _FILE, cls)

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        write_whole(folder / _FILE, json.dumps(dataclasses.asdict(self), indent=1))
