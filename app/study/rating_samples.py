"""Ratings that were given all along, as a file of samples beside ``trials.tsv``.

Tab-separated: a column ``time``, s of the EEG file, and a column for each scale that was rated, in the row's ``scale``.
A window has what was rated at its middle, between two samples in proportion; before the first and behind the last
sample, and where samples are further apart than `LONGEST_GAP_S`, nothing was rated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.study.rating_scale import Scale
from core.errors import TableError
from core.files import no_pipe

LONGEST_GAP_S = 2.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Ratings of one person over time."""

    participant: str
    start: float
    """s of the recording, from where on they count."""
    stop: float
    times: Floats
    """Array of shape (n_times,), s of the recording."""
    values: Mapping[str, Floats]
    """By scale, arrays of shape (n_times,), -1 to 1."""

    def at(self, name: str, time: float) -> float:
        """Return what was rated at `time`; NaN where nothing was."""
        values = self.values.get(name)
        if values is None or not self.start <= time <= self.stop:
            return math.nan
        after = int(np.searchsorted(self.times, time))
        if after < len(self.times) and self.times[after] == time:
            return float(values[after])
        if after == 0 or after == len(self.times) or self.times[after] - self.times[after - 1] > LONGEST_GAP_S:
            return math.nan
        return float(np.interp(time, self.times[after - 1 : after + 1], values[after - 1 : after + 1]))


def read_samples(path: Path, scale: Scale) -> tuple[Floats, dict[str, Floats]]:
    """Return times, s, and the ratings at these by scale, -1 to 1.

    Raises
    ------
    TableError
        It cannot be read, or a value lies outside of the scale: with its line.
    """
    try:
        lines = no_pipe(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path} cannot be read: {error}.") from error
    names = [name.strip().lower() for name in (lines or [""])[0].split("\t")]
    if "time" not in names or len(names) < 2:
        raise TableError(f"{path} needs a column `time` and one for each scale, separated by tabs; it has {names}.")
    if twice := [name for name in names if names.count(name) > 1]:
        raise TableError(f"{path} has two columns {twice[0]}. Leave one.")
    rows: list[dict[str, float]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = dict(zip(names, map(_number, line.split("\t")), strict=True))
        except ValueError as error:
            raise TableError(f"{where}: it is not {len(names)} numbers.") from error
        if not math.isfinite(row["time"]) or (rows and row["time"] <= rows[-1]["time"]):
            raise TableError(f"{where}: its time does not follow the one before.")
        rows.append({name: v if name == "time" else scale.mapped(where, name, v) for name, v in row.items()})
    column = {name: np.array([row[name] for row in rows]) for name in names}
    return column.pop("time"), column


def _number(cell: str) -> float:
    """Return a number, NaN where nothing was rated."""
    return math.nan if cell.strip().lower() in ("", "n/a") else float(cell)
