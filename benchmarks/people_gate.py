"""How often the gate over people calls a model of everyone fit for someone new where the labels say nothing.

``python -m benchmarks.people_gate`` goes on where it stopped and prints the table; ``--minutes`` says for how long.
Real EEG of 18 people (EEGMAT, 12 trials of 20 s each), read once. In each run the labels of every trial are dealt
anew within people, networks are taught on two thirds of them and asked about the others, and `training.people_gate`
decides, as in `insula train people --out`; of the settings that this chooses from, the first alone is used. ``true``
are the labels as they are. Intervals are Clopper and Pearson's, 95 %.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from app.study.labelled_data import TABLE, read_labelled
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import data_folder, trials
from benchmarks.gates import share
from benchmarks.machine import describe_machine, one_thread_each, table
from core.config import Config, EegConfig
from core.models.model_file import Architecture
from core.models.network import Network
from training.baselines import hold_front_end
from training.examples import UNKNOWN, Examples
from training.gate import Tells
from training.kept_examples import keep, kept
from training.people import PeopleRecipe, Setting, choose
from training.people_gate import PeopleVerdict, judge_people
from training.splits import Sides

N_RUNS = 200
PER_CELL = 5
RECIPE = PeopleRecipe(Architecture(classes=("load", "rest")), "eeg", settings=(Setting(4),), per_epoch=1024)
WINDOWS = "windows.npz"
_FIGURES = ("population", "together", "over people", "people", "of people", "gain", "weight")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, data_folder()).parse_args(argv)
    one_thread_each()
    folder = args.work / "people-gate"
    prepare(args.data, folder)
    cells = {"true-000": partial(several, folder, None)} | {
        f"dealt-{first:03d}": partial(several, folder, first) for first in range(0, N_RUNS, PER_CELL)
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(report(folder))


def prepare(data: Path, folder: Path) -> None:
    """Cut the windows of all people and keep them, unless they are there."""
    if (folder / WINDOWS).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLE).write_text(trials(data), encoding="utf-8")
    found = read_labelled(folder, Config(eeg=EegConfig(notch=50.0)), lambda line: print(line, flush=True))
    keep(found.examples, folder / WINDOWS)


@cache
def windows(folder: Path) -> Examples:
    """Return the windows with their EEG read."""
    examples = kept(folder / WINDOWS)
    hold_front_end(Network(RECIPE.architecture), examples)
    return examples


def several(folder: Path, first: int | None) -> Arrays:
    """Return the figures of some runs, one row each; with the true labels where `first` is None."""
    if first is None:
        return {"figures": figures(one_run(windows(folder)))[None]}
    seeds = range(first, first + PER_CELL)
    return {"figures": np.stack([figures(one_run(deal(windows(folder), seed))) for seed in seeds])}


def deal(examples: Examples, seed: int) -> Examples:
    """Return the windows with each person's labels dealt anew over their trials."""
    rng = np.random.default_rng([seed, 11])
    dealt = copy.copy(examples)
    dealt.label = examples.label.copy()
    for person in np.unique(examples.participants):
        mine = np.flatnonzero((examples.participants == person) & (examples.label != UNKNOWN))
        _, first, trial = np.unique(examples.group[mine], return_index=True, return_inverse=True)
        dealt.label[mine] = rng.permutation(examples.label[mine[first]])[trial]
    return dealt


def one_run(examples: Examples) -> PeopleVerdict:
    """Return what the gate says after networks were taught on some of the people and asked about the others."""
    labelled = np.flatnonzero(examples.label != UNKNOWN)
    chosen = choose(examples, Sides(labelled, None), RECIPE, None)
    return judge_people(chosen.eeg, examples, chosen.calibration)


def figures(verdict: PeopleVerdict) -> np.ndarray:
    """Return the figures of a verdict in the order of `_FIGURES`."""
    yes = sum(one.tells == Tells.YES for one in verdict.people.values())
    return np.array([
        verdict.population, verdict.together.tells == Tells.YES, verdict.at_least > 0.0, yes, len(verdict.people),
        verdict.gain, verdict.weight,
    ], float)  # fmt: skip


def report(folder: Path) -> str:
    """Return the table of what is there."""
    rows = []
    for name, words in (("dealt", "labels dealt anew"), ("true", "true labels, rest always first")):
        kept_cells = [read_cell(folder, path.stem) for path in sorted(folder.glob(f"{name}-*.npz"))]
        there = [one["figures"] for one in kept_cells if one is not None]
        if there:
            found = dict(zip(_FIGURES, np.concatenate(there).T, strict=True))
            n = len(found["gain"])
            rows.append([
                words, *(share(int(found[key].sum()), n) for key in ("population", "together", "over people")),
                share(int(found["people"].sum()), int(found["of people"].sum())), f"{found['gain'].mean():+.3f}",
            ])  # fmt: skip
    head = ["runs", "held fit for anyone", "all together told", "mean over people above 0", "single people", "gain"]
    return table(head, rows)


if __name__ == "__main__":
    main()
