"""How often the gate over people calls a model of everyone fit for someone new where the labels say nothing.

``python -m benchmarks.people_gate`` goes on where it stopped and prints the table; ``--minutes`` says for how long.
Real EEG of 18 people (EEGMAT, 12 trials of 20 s each), read once. In each run the labels of every trial are dealt
anew within people, networks are taught on two thirds of them and asked about the others, and `training.people_gate`
decides, as in `insula train people --out`; of the settings that this chooses from, the first alone is used. Before
them come many runs in which a ridge-shrunk line on the same changes of log power stands in for the networks: features
are the same in all of them, so one costs a second. ``true`` are the labels as they are. Intervals are Clopper and
Pearson's, 95 %.
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
from training.baselines import fit_population, follow_baselines, hold_front_end
from training.evaluation import WindowOutputs, calibrate_predicted
from training.examples import UNKNOWN, Examples
from training.gate import Tells
from training.kept_examples import keep, kept
from training.people import PeopleRecipe, Setting, choose
from training.people_gate import PeopleVerdict, judge_people
from training.splits import Sides

N_RUNS = 200
PER_CELL = 5
N_LINES = 1000
LINES_PER_CELL = 100
RIDGE = 1000.0
RECIPE = PeopleRecipe(
    Architecture(classes=("load", "rest")), "eeg", settings=(Setting(4),), per_epoch=1024, noise="none"
)
"""Without noise, as what is published was measured; it is three times as quick."""
WINDOWS = "windows.npz"
_FIGURES = ("population", "together", "over people", "people", "of people", "gain", "weight")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, data_folder()).parse_args(argv)
    one_thread_each()
    folder = args.work / "people-gate"
    prepare(args.data, folder)
    cells = {"true-000": partial(several, folder, None)}
    cells |= {
        f"{name}-{first:03d}": partial(several_lines, folder, first, name == "even")
        for name in ("line", "even")
        for first in range(0, N_LINES, LINES_PER_CELL)
    }
    cells |= {f"dealt-{first:03d}": partial(several, folder, first) for first in range(0, N_RUNS, PER_CELL)}
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


def several_lines(folder: Path, first: int, even: bool) -> Arrays:
    """Return the figures of some runs in which a line reads, one row each."""
    examples = windows(folder)
    line = _Line(examples)
    seeds = range(first, first + LINES_PER_CELL)
    return {"figures": np.stack([figures(line.one_run(deal(examples, seed, even))) for seed in seeds])}


class _Line:
    """A ridge-shrunk line on how log power differs from the person's past, each third of the people held out."""

    def __init__(self, examples: Examples) -> None:
        if examples.power is None:
            raise ValueError("the EEG has not been read: see `windows`")
        network = Network(RECIPE.architecture)
        usable = np.flatnonzero((examples.label != UNKNOWN) & examples.has_eeg)
        fit_population(network, examples, usable)
        follow_baselines(network, examples)
        power, past, recent = examples.power[usable], examples.baseline[usable, 0], examples.baseline[usable, 1]
        x = np.concatenate([power - past, recent - past], axis=1).astype(float)
        x = np.clip((x - x.mean(axis=0)) / x.std(axis=0), -5.0, 5.0)
        names, person = np.unique(examples.participants[usable], return_inverse=True)
        group = np.random.default_rng(RECIPE.seed).permutation(np.arange(len(names)) % RECIPE.n_inner)[person]
        self._usable = usable
        self._parts = []
        for number in range(RECIPE.n_inner):
            train, held = np.flatnonzero(group != number), np.flatnonzero(group == number)
            gram = x[train].T @ x[train] + RIDGE * np.eye(x.shape[1])
            self._parts.append((train, held, x[held] @ np.linalg.solve(gram, x[train].T)))

    def one_run(self, examples: Examples) -> PeopleVerdict:
        """Return what the gate says of the labels of `examples`."""
        target = np.where(examples.label[self._usable] == 1, 1.0, -1.0)
        said = np.zeros(len(target))
        for train, held, weights in self._parts:
            # Classes weigh alike, as they are drawn for the networks.
            balanced = target[train] / np.where(
                target[train] > 0, (target[train] > 0).mean(), (target[train] < 0).mean()
            )
            said[held] = weights @ balanced
        similarity = np.stack([-said, said], axis=1)
        nothing = np.zeros((len(said), 2))
        predicted = WindowOutputs(self._usable, similarity, nothing, nothing, nothing, nothing)
        return judge_people(predicted, examples, calibrate_predicted({"eeg": predicted}, examples, 1.0))


def deal(examples: Examples, seed: int, even: bool = False) -> Examples:
    """Return the windows with each person's labels dealt anew over their trials; `even`, as many of either class."""
    rng = np.random.default_rng([seed, 11])
    dealt = copy.copy(examples)
    dealt.label = examples.label.copy()
    for person in np.unique(examples.participants):
        mine = np.flatnonzero((examples.participants == person) & (examples.label != UNKNOWN))
        _, first, trial = np.unique(examples.group[mine], return_index=True, return_inverse=True)
        labels = np.arange(len(first)) % 2 if even else examples.label[mine[first]]
        dealt.label[mine] = rng.permutation(labels)[trial]
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
    for name, words in (
        ("line", "labels dealt anew, a line"),
        ("even", "the same, as many of either class"),
        ("dealt", "labels dealt anew, networks"),
        ("true", "true labels, rest always first, networks"),
    ):
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
