"""A line over the student's own inputs, beside the student: ``python -m benchmarks.line``.

The student reads how log power, of the window and of the last ten seconds, differs from the person's own past. Whether
what it does beyond a line is worth anything is seen only beside a line over the same numbers. Real EEG at rest and
under load (EEGMAT), people left out as in the tables of `benchmarks.distillation` (each in turn, some labels wrong),
`benchmarks.chosen` (six groups, a tenth of the trials labelled) and `benchmarks.queries` (three groups, trials drawn at
random); and the simulated participants of `benchmarks.distillation`. Both learn from ground truth alone and never see
a face. It goes on where it stopped. `benchmarks.noise` asks the same line about noisy EEG.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.distillation import ONLY, mark, sources_of
from benchmarks.eegmat import data_folder
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Ints, Pairs
from benchmarks.simulated_people import simulate
from benchmarks.thesis_student import Lessons, fit_student, predict
from core.models.eeg import MAX_CHANGE
from training import metrics
from training.intervals import signed_rank
from training.teacher import TaskHead

SHRINK = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Of the line, where its inputs have about unit spread and each class weighs 1."""
N_INSIDE = 3
Floats = NDArray[np.float64]
Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Case:
    """Who is left out and what may be learnt from the others."""

    groups: int
    """Into which people are dealt; 0: each is one."""
    wrong: float = 0.0
    """Share of the training trials whose label is wrong."""
    labelled: float = 1.0
    """Share of the training trials that have a label."""
    task: str = "pairs"
    """Of `benchmarks.distillation.TASKS`."""

    @property
    def discrete(self) -> bool:
        """Whether classes are told, or else valence and arousal."""
        return self.task != "affect"


CASES = {
    "each person left out": Case(0),
    "each person left out, 20 % wrong labels": Case(0, wrong=0.2),
    "each person left out, 40 % wrong labels": Case(0, wrong=0.4),
    "six groups, a tenth of the trials labelled": Case(6, labelled=0.1),
    "three groups, a tenth of the trials labelled": Case(3, labelled=0.1),
    "three groups, half of the trials labelled": Case(3, labelled=0.5),
    "three groups": Case(3),
    "each simulated participant left out": Case(0, task="simulated"),
    "each simulated participant left out, 20 % wrong labels": Case(0, wrong=0.2, task="simulated"),
    "each simulated participant left out, 40 % wrong labels": Case(0, wrong=0.4, task="simulated"),
    "the same, valence and arousal": Case(0, task="affect"),
    "the same, valence and arousal, 20 % wrong": Case(0, wrong=0.2, task="affect"),
    "the same, valence and arousal, 40 % wrong": Case(0, wrong=0.4, task="affect"),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    parser = arguments(__doc__, data_folder().parent)
    parser.add_argument("--people", type=int, default=10, help="simulated participants")
    args = parser.parse_args(argv)
    one_thread_each()
    plan = Plan(participants=args.people, face_every=1)
    if simulate(args.work / "simulated-people", plan, args.minutes):
        return
    folder, sources = args.work / "line", sources_of(args.data, args.work, plan)
    cells = {
        cell(name, seed): partial(both, sources["pairs" if case.task == "pairs" else "simulated"], case, seed)
        for seed in range(args.seeds)
        for name, case in CASES.items()
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(f"\nBy EEG alone: balanced accuracy; of valence and arousal mean CCC\n\n{report(folder, args.seeds)}")


def cell(name: str, seed: int) -> str:
    """Return the name of a cell's file."""
    return f"{'-'.join(name.replace(',', '').replace(' %', '').split())}-{seed}"


def both(source: Callable[[int], Pairs], case: Case, seed: int) -> Arrays:
    """Return what student and line score for each person, shape (n_people, 2)."""
    pairs = source(seed)
    people = np.unique(pairs.person)
    dealt = np.random.default_rng([seed, 6]).permutation(people)
    found: dict[int, list[float]] = {}
    for group in np.array_split(dealt, case.groups) if case.groups else people[:, None]:
        train = np.flatnonzero(~np.isin(pairs.person, group))
        lessons = Lessons(pairs.mislabelled(case.wrong, seed, train) if case.wrong else pairs, train, case.discrete)
        lessons.without_labels(unlabelled(pairs, train, case.labelled, seed))
        read = inputs(lessons.power.numpy(), lessons.baseline.numpy(), lessons.spread.numpy())
        # The student learns from ground truth alone, so its teacher is never asked.
        nobody = TaskHead(lessons.face.shape[1], lessons.n_outputs).eval()
        student, model = fit_student(lessons, train, nobody, ONLY, seed)
        line = fit_line(read, lessons.truth.numpy(), pairs.person, lessons.labelled(train))
        for person in group:
            test = np.flatnonzero(pairs.person == person)
            told = predict(lessons, student, model, nobody, test).student, with_one(read[test]) @ line
            found[int(person)] = [float(mark(said, pairs, test, case.discrete)[0]) for said in told]
    return {"scores": np.array([found[int(person)] for person in people])}


def unlabelled(pairs: Pairs, train: Ints, share: float, seed: int) -> Ints:
    """Return the windows at `train` whose trial has no label; both classes keep one."""
    trials = np.random.default_rng([seed, 4]).permutation(np.unique(pairs.trial[train]))
    of = np.array([pairs.label[pairs.trial == one][0] for one in trials])
    least = int(np.argmax(of != of[0])) + 1
    kept = trials[: max(round(share * len(trials)), least)]
    return np.asarray(train[~np.isin(pairs.trial[train], kept)])


def inputs(power: Array, baseline: Array, spread: Array) -> Floats:
    """Return what the student reads, shape (n_windows, 2 * n_power): see `core.models.eeg.EegEncoder.read`.

    `power` has the shape (n_windows, n_power), `baseline` (n_windows, 2, n_power), `spread` (2, n_power).
    """
    past, recent = baseline.swapaxes(0, 1)
    change = [(one - past) / wide for one, wide in zip((power, recent), spread, strict=True)]
    return np.concatenate([one.clip(-MAX_CHANGE, MAX_CHANGE) for one in change], axis=1).astype(float)


def with_one(read: Floats) -> Floats:
    """Return the inputs with a 1 behind them, for a line's constant."""
    return np.concatenate([read, np.ones((len(read), 1))], axis=1)


def fit_line(read: Floats, truth: Ints | Array, person: Ints, known: Ints) -> Floats:
    """Return a ridge-shrunk least-squares line over the student's inputs, shape (2 * n_power + 1, n_outputs).

    How much it is shrunk is chosen on the people of the known windows, some of whom are held out in turn.

    Parameters
    ----------
    read : array of shape (n_windows, 2 * n_power)
        Of all windows: see `inputs`.
    truth : array
        Classes, of shape (n_windows,), which are weighed alike, one output each; or ratings, (n_windows, n_outputs).
    person : array of shape (n_windows,)
    known : array of shape (n,)
        The windows that are learnt from.
    """
    read, discrete = with_one(read), truth.ndim == 1
    kind = truth if discrete else np.zeros(len(truth), np.int64)
    wanted = np.eye(int(truth.max()) + 1)[truth.astype(np.int64)] if discrete else truth
    parts = {}
    for one in np.unique(person[known]):
        for k in np.unique(kind[known]):
            some = known[(person[known] == one) & (kind[known] == k)]
            parts[int(one), int(k)] = (read[some].T @ read[some], read[some].T @ wanted[some], len(some))

    def solve(people: Ints, shrink: float) -> Floats:
        gram, right = np.zeros((read.shape[1],) * 2), np.zeros((read.shape[1], wanted.shape[1]))
        for k in np.unique(kind[known]):
            mine = [parts[int(one), int(k)] for one in people]
            weight = 1.0 / max(sum(count for _, _, count in mine), 1)
            gram += weight * np.sum([square for square, _, _ in mine], axis=0)
            right += weight * np.sum([total for _, total, _ in mine], axis=0)
        pull = shrink * np.eye(len(gram))
        pull[-1, -1] = 0.0
        return np.asarray(np.linalg.solve(gram + pull, right))

    people = np.unique(person[known])
    scores = np.zeros(len(SHRINK))
    for group in np.array_split(np.random.default_rng(0).permutation(people), N_INSIDE):
        held = known[np.isin(person[known], group)]
        for k, shrink in enumerate(SHRINK):
            said = read[held] @ solve(np.setdiff1d(people, group), shrink)
            scores[k] += (
                metrics.balanced_accuracy(truth[held].astype(np.int64), said.argmax(axis=1))
                if discrete
                else np.mean([metrics.ccc(*pair) for pair in zip(truth[held].T, said.T, strict=True)])
            )
    return solve(people, SHRINK[int(scores.argmax())])


def report(folder: Path, seeds: int) -> str:
    """Return the table. Intervals are over people; seeds are averaged for each before."""
    rows = []
    for name in CASES:
        kept = [one for seed in range(seeds) if (one := read_cell(folder, cell(name, seed))) is not None]
        if not kept:
            continue
        student, line = np.mean([one["scores"] for one in kept], axis=0).T
        cells = [f"{one.mean():.3f} {_interval(one)}" for one in (student, line)]
        gain = student - line
        rows.append([name, *cells, f"{gain.mean():+.3f} {_interval(gain, '+')}", f"{signed_rank(student, line):.2f}"])
        rows[-1].append(str(len(kept)))
    return table(["left out", "student", "line over its inputs", "student less line", "p", "seeds"], rows)


def _interval(values: Floats, sign: str = "") -> str:
    low, high = bootstrap(values, lambda x: float(x.mean()), 0)
    return f"[{low:{sign}.3f}, {high:{sign}.3f}]"


if __name__ == "__main__":
    main()
