"""The EEG student against a linear model and EEGNet: rest or mental load, people that it has never seen.

``python -m benchmarks.student`` goes on where it stopped and prints a table; ``--minutes`` says for how long. It needs
EEGMAT in ``eegmat`` under INSULA_DATA. One person is left out at a time; windows of a person never straddle the split;
whatever is normalised is normalised with other people's data or with the person's own past, except in the row that says
otherwise. No model knows how long a recording has lasted. The last row pays for having chosen the student's design: for
each person, the design that was best inside the others, three groups of whom are left out in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import LOAD, LoadWindows, data_folder, load, pretended
from benchmarks.load_models import MODELS, Material
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from core.models.baseline import RECENT_S

SEEDS = 5
TASKS = ("load", "time")
"""Rest against load, and early rest against late rest, which should be told no better than by chance."""
REFERENCE = "linear, past"
DESIGNS = ("linear, past", "linear, past and recent", *(name for name in MODELS if name.startswith("student")))
"""What the student's design is chosen among."""
CHOSEN = "chosen inside the others"
N_INSIDE = 3
Floats = NDArray[np.float64]


class Score(NamedTuple):
    """How well one model does for each person, arrays of shape (n_people,)."""

    windows: Floats
    """Balanced accuracy over windows."""
    recent: Floats
    """The same of the mean log odds of the last ten seconds: then no model knows more of the past than the student."""
    recordings: Floats
    """Share of the person's two recordings that are told right, each from the mean log odds of its windows."""


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    parser = arguments(__doc__, data_folder(), SEEDS)
    parser.add_argument("--only", nargs="*", default=None, help="models, by name")
    args = parser.parse_args(argv)
    one_thread_each()
    windows = load(args.data, args.work / "eegmat.npz")
    folder = args.work / "student"
    names = args.only or list(MODELS)
    missing = cells(windows, args.work, names, args.seeds)
    if args.only is None:
        missing |= choices(windows, args.work)
    say_missing(run_cells(folder, missing, args.minutes))
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


def choices(windows: LoadWindows, work: Path) -> dict[str, Callable[[], Arrays]]:
    """Return what else there is to compute: how good each design is inside the others, for each person left out."""
    material = cache(partial(_material, windows, work / "eegmat-features.npz", "load"))
    return {cell("choice", CHOSEN, 0, int(one)): partial(inside, int(one), material) for one in windows.people}


def inside(person: int, material: Callable[[], Material]) -> Arrays:
    """Return the balanced accuracy of each design over the people that are not `person`, some left out in turn."""
    of = material()
    others = np.random.default_rng([person, 2]).permutation(np.unique(of.person[of.person != person]))
    found = []
    for group in np.array_split(others, N_INSIDE):
        train = np.flatnonzero(np.isin(of.person, others) & ~np.isin(of.person, group))
        test = np.flatnonzero(np.isin(of.person, group))
        for name in DESIGNS:
            odds = MODELS[name].predict(of, train, test, 0) - 0.5
            mine = [of.person[test] == one for one in group]
            found.append([_balanced(odds[rows], of.state[test][rows] == LOAD) for rows in mine])
    designs = [found[k :: len(DESIGNS)] for k in range(len(DESIGNS))]
    return {"scores": np.array([np.concatenate(one).mean() for one in designs])}


def score_of_chosen(folder: Path, seed: int, starts: dict[int, Floats]) -> tuple[Score, list[str]] | None:
    """Return how good what was chosen inside the others is for each person, and what it was; None if not computed."""
    scores, names = [], []
    for person, start in starts.items():
        kept = read_cell(folder, cell("choice", CHOSEN, 0, person))
        if kept is None:
            return None
        name = DESIGNS[int(kept["scores"].argmax())]
        one = score(folder, "load", name, seed if MODELS[name].seeded else 0, {person: start})
        if one is None:
            return None
        scores.append(one)
        names.append(name)
    return Score(*np.concatenate(scores, axis=1)), names


def _material(windows: LoadWindows, kept: Path, task: str) -> Material:
    material = Material.of(windows, kept)
    return material if task == "load" else material.of_rest(pretended(windows))


def score(folder: Path, task: str, name: str, seed: int, starts: dict[int, Floats]) -> Score | None:
    """Return how good a model is for each person, None if it has not been computed for all.

    `starts` holds when each person's windows begin.
    """
    rows = []
    for person, start in starts.items():
        arrays = read_cell(folder, cell(task, name, seed, person))
        if arrays is None:
            return None
        probability, load = arrays["probability"].clip(1e-6, 1 - 1e-6), arrays["state"] == LOAD
        odds = np.log(probability / (1 - probability))
        recent = np.array([odds[(start > now - RECENT_S) & (start <= now)].mean() for now in start])
        means = np.array([odds[~load].mean(), odds[load].mean()])
        rows.append([_balanced(odds, load), _balanced(recent, load), _balanced(means, np.array([False, True]))])
    return Score(*np.array(rows).T)


def _balanced(odds: Floats, load: NDArray[np.bool_]) -> float:
    return float(np.mean(odds[load] > 0) + np.mean(odds[~load] <= 0)) / 2


def report(windows: LoadWindows, folder: Path, names: Sequence[str], seeds: int) -> str:
    """Return the table. Intervals resample people; seeds are averaged for each person before."""
    starts = {"load": _starts(windows), "time": _starts(pretended(windows))}
    reference = _mean_score(folder, "load", REFERENCE, starts, seeds)
    rows = []
    chosen = [one for seed in range(seeds) if (one := score_of_chosen(folder, seed, starts["load"])) is not None]
    scores = {name: [_mean_score(folder, task, name, starts, seeds) for task in TASKS] for name in names}
    if chosen:
        often = Counter(chosen[0][1]).most_common()
        words = ", ".join(f"{name} {count}" for name, count in often)
        scores[f"{CHOSEN} ({words})"] = [Score(*np.mean([one for one, _ in chosen], axis=0)), None]
    for name, (found, control) in scores.items():
        if found is None:
            continue
        row = [name, *(f"{part.mean():.3f} {interval(part)}" for part in found[:2]), f"{found.recordings.mean():.3f}"]
        gain = None if reference is None or name == REFERENCE else found.windows - reference.windows
        row.append("" if gain is None else f"{gain.mean():+.3f} {interval(gain, '+')}")
        row.append("" if control is None else f"{control.windows.mean():.3f}")
        rows.append(row)
    return table(
        ["model", "windows of 2 s", "mean of 10 s", "recordings", f"windows, against {REFERENCE}", "time alone"], rows
    )


def interval(values: Floats, sign: str = "") -> str:
    """Return the 95 % interval of the mean over people, in brackets."""
    low, high = bootstrap(values, lambda x: float(x.mean()), 0)
    return f"[{low:{sign}.3f}, {high:{sign}.3f}]"


def _starts(windows: LoadWindows) -> dict[int, Floats]:
    return {int(person): windows.start[windows.person == person] for person in windows.people}


def _mean_score(folder: Path, task: str, name: str, starts: dict[str, dict[int, Floats]], seeds: int) -> Score | None:
    scores = [one for seed in range(seeds) if (one := score(folder, task, name, seed, starts[task])) is not None]
    if not scores:
        return None
    return Score(*np.mean(scores, axis=0))


if __name__ == "__main__":
    main()
