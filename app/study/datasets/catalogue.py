"""The data sets that can be imported, by name: those of this package, and those that other packages give."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points

from app.study.datasets.dataset import Dataset
from core.errors import ConfigError

GROUP = "insula.datasets"
OWN = {
    "amigos": "amigos", "bids": "bids", "dasps": "dasps", "deap": "deap", "dreamer": "dreamer", "eav": "eav",
    "faced": "faced", "mahnob-hci": "mahnob_hci", "seed": "seed", "seed-v": "seed_v",
}  # fmt: skip
"""Name on the command line, and module."""


def known_datasets() -> tuple[str, ...]:
    """Return the names of all that can be imported."""
    return tuple(sorted({*OWN, *(point.name for point in entry_points(group=GROUP))}))


def find_dataset(name: str) -> Dataset:
    """Return a data set by its name.

    Raises
    ------
    ConfigError
        There is none of that name, or what gives it cannot be loaded.
    """
    wanted = name.lower()
    if wanted in OWN:
        found: Dataset = importlib.import_module(f".{OWN[wanted]}", __package__).DATASET
        return found
    for point in entry_points(group=GROUP):
        if point.name.lower() == wanted:
            try:
                given = point.load()
            except Exception as error:  # whatever another package raises
                raise ConfigError(
                    f"{point.value}, which gives the data set {name}, cannot be loaded: {error}."
                ) from error
            loaded: Dataset = given() if isinstance(given, type) else given
            return loaded
    raise ConfigError(f"There is no data set {name!r}. Known are {', '.join(known_datasets())}.")
