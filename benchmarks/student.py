"""The EEG student against a linear model and EEGNet: rest or mental load, people that it has never seen.

``python -m benchmarks.student`` goes on where it stopped and prints a table; ``--minutes`` says for how long. It needs
EEGMAT in ``eegmat`` under INSULA_DATA. One person is left out at a time; windows of a person never straddle the split;
whatever is normalised is normalised with other people's data or with the person's own past, except in the row that says
otherwise. No model knows how long a recording has lasted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.cells import Arrays, read_cell, run_cells
from benchmarks.eegmat import LOAD, REST, LoadWindows, data_folder, load, pretended
from benchmarks.load_models import MODELS, Material
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table

SEEDS = 5
TASKS = ("load", "time")
"""Rest against load, and early rest against late rest, which should be told no better than by chance."""
REFERENCE = "linear, past"
Floats = NDArray[np.float64]


class Score(NamedTuple):
    """How well one model does for each person, arrays of shape (n_people,)."""

    windows: Floats
    """Balanced accuracy over windows."""
    recordings: Floats
    """Share of the person's two recordings that are told right, each from the mean log odds of its windows."""


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", nargs="*", default=None, help="models, by name")
    args = parser.parse_args(argv)
    one_thread_each()
    windows = load(args.data, args.work / "eegmat.npz")
    folder = args.work / "student"
    names = args.only or list(MODELS)
    left = run_cells(folder, cells(windows, args.work, names, args.seeds), args.minutes)
    if left:
        print(f"{left} cells are still missing; the table is of those that are there. Run it again to go on.")
    print(describe_machine())
    print(f"\n{len(windows)} windows of {len(windows.people)} people, rest and load; chance is .500\n")
    print(report(windows, folder, names, args.seeds))


def cells(windows: LoadWindows, work: Path, names: Sequence[str], seeds: int) -> dict[str, Callable[[], Arrays]]:
    """Return what there is to compute: each model with each seed for each person, on load and on pretended load."""
    material = cache(partial(_material, windows, work / "eegmat-features.npz"))
    out: dict[str, Callable[[], Arrays]] = {}
    for task in TASKS:
        for seed in range(seeds if task == "load" else 1):
            for name in names:
                for person in windows.people if seed == 0 or MODELS[name].seeded else ():
                    out[cell(task, name, seed, int(person))] = partial(
                        leave_out, int(person), name, material, task, seed
                    )
    return out


def cell(task: str, name: str, seed: int, person: int) -> str:
    """Return the name of a cell's file."""
    return f"{task}-{name.replace(' ', '-').replace(',', '')}-{seed}-{person:02d}"


def leave_out(person: int, name: str, material: Callable[[str], Material], task: str, seed: int) -> Arrays:
    """Return the probability of load of one person's windows, from a model that was trained without them."""
    of = material(task)
    train, test = np.flatnonzero(of.person != person), np.flatnonzero(of.person == person)
    return {"probability": MODELS[name].predict(of, train, test, seed), "state": of.state[test]}


def _material(windows: LoadWindows, kept: Path, task: str) -> Material:
    material = Material.of(windows, kept)
    return material if task == "load" else material.of_rest(pretended(windows))


def score(folder: Path, task: str, name: str, seed: int, people: Sequence[int]) -> Score | None:
    """Return how good a model is for each person, None if it has not been computed for all."""
    kept = [read_cell(folder, cell(task, name, seed, person)) for person in people]
    windows, recordings = [], []
    for arrays in kept:
        if arrays is None:
            return None
        probability = arrays["probability"].clip(1e-6, 1 - 1e-6)
        odds = np.log(probability / (1 - probability))
        high, low = odds[arrays["state"] == LOAD], odds[arrays["state"] == REST]
        windows.append((np.mean(high > 0) + np.mean(low <= 0)) / 2)
        recordings.append((float(high.mean() > 0) + float(low.mean() <= 0)) / 2)
    return Score(np.array(windows), np.array(recordings))


def report(windows: LoadWindows, folder: Path, names: Sequence[str], seeds: int) -> str:
    """Return the table. Intervals resample people; seeds are averaged for each person before."""
    people = windows.people.tolist()
    reference = _mean_score(folder, "load", REFERENCE, people, seeds)
    rows = []
    for name in names:
        found, control = (_mean_score(folder, task, name, people, seeds) for task in TASKS)
        if found is None:
            continue
        row = [name, f"{found.windows.mean():.3f} {interval(found.windows)}", f"{found.recordings.mean():.3f}"]
        gain = None if reference is None or name == REFERENCE else found.windows - reference.windows
        row.append("" if gain is None else f"{gain.mean():+.3f} {interval(gain, '+')}")
        row.append("" if control is None else f"{control.windows.mean():.3f}")
        rows.append(row)
    return table(["model", "windows, balanced", "recordings", f"against {REFERENCE}", "time alone"], rows)


def interval(values: Floats, sign: str = "") -> str:
    """Return the 95 % interval of the mean over people, in brackets."""
    low, high = bootstrap(values, lambda x: float(x.mean()), 0)
    return f"[{low:{sign}.3f}, {high:{sign}.3f}]"


def _mean_score(folder: Path, task: str, name: str, people: Sequence[int], seeds: int) -> Score | None:
    scores = [one for seed in range(seeds) if (one := score(folder, task, name, seed, people)) is not None]
    if not scores:
        return None
    return Score(*(np.mean([getattr(one, key) for one in scores], axis=0) for key in Score._fields))


if __name__ == "__main__":
    main()
