"""Long runs in small pieces: each cell is one file, so that a run can stop at any moment and go on later."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import whole_file

Arrays = dict[str, NDArray[Any]]


def run_cells(folder: Path, cells: Mapping[str, Callable[[], Arrays]], minutes: float) -> int:
    """Compute the cells that are not in `folder` yet, for about so many minutes; return how many are missing still."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in cells if not (folder / f"{name}.npz").exists()]
    started, done = time.monotonic(), 0
    for name in missing:
        if done and (time.monotonic() - started) * (1 + 1 / done) > 60 * minutes:
            break
        arrays = cells[name]()
        with whole_file(folder / f"{name}.npz") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        done += 1
        each = (time.monotonic() - started) / done
        left = len(missing) - done
        print(f"{done}/{len(missing)} {name}: {each:.1f} s each, {left * each / 60:.1f} min left", flush=True)
    return len(missing) - done


def arguments(doc: str | None, data: Path, seeds: int = 5) -> argparse.ArgumentParser:
    """Return what a benchmark in pieces understands; `doc` begins with what it is, `data` is where its data lie."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=1e9, help="how long to go on")
    parser.add_argument("--seeds", type=int, default=seeds)
    return parser


def say_missing(left: int) -> None:
    """Say so where tables are not of everything yet."""
    if left:
        print(f"{left} cells are still missing; the tables are of those that are there. Run it again to go on.")


def read_cell(folder: Path, name: str) -> Arrays | None:
    """Return the arrays of a cell, None if it has not been computed."""
    path = folder / f"{name}.npz"
    if not path.exists():
        return None
    with np.load(path) as kept:
        return {key: kept[key] for key in kept.files}
