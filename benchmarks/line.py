"""A line over the student's own inputs, beside the student: ``python -m benchmarks.line``.

The student reads how log power, of the window and of the last ten seconds, differs from the person's own past. Whether
what it does beyond a line is worth anything is seen only beside a line over the same numbers. Real EEG at rest and
under load (EEGMAT), people left out as in the tables of `benchmarks.distillation` (each in turn, some labels wrong),
`benchmarks.chosen` (six groups, a tenth of the trials labelled) and `benchmarks.queries` (three groups, trials drawn at
random). Both learn from ground truth alone and never see a face. It goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.distillation import ONLY, mark, real_pairs
from benchmarks.eegmat import data_folder
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Ints, Pairs
from benchmarks.thesis_student import Lessons, fit_student, predict
from core.models.eeg import MAX_CHANGE
from training import metrics
from training.intervals import signed_rank
from training.teacher import TaskHead

SHRINK = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Of the line, where its inputs have about unit spread and each class weighs 1."""
N_INSIDE = 3
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """Who is left out and what may be learnt from the others."""

    groups: int
    """Into which people are dealt; 0: each is one."""
    wrong: float = 0.0
    """Share of the training trials whose label is wrong."""
    labelled: float = 1.0
    """Share of the training trials that have a label."""


CASES = {
    "each person left out": Case(0),
    "each person left out, 20 % wrong labels": Case(0, wrong=0.2),
    "each person left out, 40 % wrong labels": Case(0, wrong=0.4),
    "six groups, a tenth of the trials labelled": Case(6, labelled=0.1),
    "three groups, a tenth of the trials labelled": Case(3, labelled=0.1),
    "three groups, half of the trials labelled": Case(3, labelled=0.5),
    "three groups": Case(3),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, data_folder().parent).parse_args(argv)
    one_thread_each()
    folder, source = args.work / "line", partial(real_pairs, args.data, args.work)
    cells = {
        cell(name, seed): partial(both, source, case, seed)
        for seed in range(args.seeds)
        for name, case in CASES.items()
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(f"\nBalanced accuracy by EEG alone, 18 people\n\n{report(folder, args.seeds)}")


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
        lessons = Lessons(pairs.mislabelled(case.wrong, seed, train) if case.wrong else pairs, train, discrete=True)
        lessons.without_labels(unlabelled(pairs, train, case.labelled, seed))
        known = lessons.labelled(train)
        # The student learns from ground truth alone, so its teacher is never asked.
        nobody = TaskHead(lessons.face.shape[1], lessons.n_outputs).eval()
        student, model = fit_student(lessons, train, nobody, ONLY, seed)
        line = fit_line(lessons, known)
        for person in group:
            test = np.flatnonzero(pairs.person == person)
            told = predict(lessons, student, model, nobody, test).student, line(test)
            found[int(person)] = [float(mark(said, pairs, test, discrete=True)[0]) for said in told]
    return {"scores": np.array([found[int(person)] for person in people])}


def unlabelled(pairs: Pairs, train: Ints, share: float, seed: int) -> Ints:
    """Return the windows at `train` whose trial has no label; both classes keep one."""
    trials = np.random.default_rng([seed, 4]).permutation(np.unique(pairs.trial[train]))
    of = np.array([pairs.label[pairs.trial == one][0] for one in trials])
    least = int(np.argmax(of != of[0])) + 1
    kept = trials[: max(round(share * len(trials)), least)]
    return np.asarray(train[~np.isin(pairs.trial[train], kept)])


def inputs(lessons: Lessons) -> Floats:
    """Return what the student reads, shape (n_windows, 2 * n_power): see `core.models.eeg.EegEncoder.read`."""
    past, recent = lessons.baseline[:, 0], lessons.baseline[:, 1]
    change = [(one - past) / spread for one, spread in zip((lessons.power, recent), lessons.spread, strict=True)]
    return np.concatenate([one.clamp(-MAX_CHANGE, MAX_CHANGE).numpy() for one in change], axis=1).astype(float)


def fit_line(lessons: Lessons, known: Ints) -> Callable[[Ints], Floats]:
    """Return a ridge-shrunk least-squares line over the student's inputs, one output a class, classes weighed alike.

    How much it is shrunk is chosen on the people who are learnt from, some of whom are held out in turn.
    """
    read = np.concatenate([inputs(lessons), np.ones((len(lessons.truth), 1))], axis=1)
    truth, person = lessons.truth.numpy(), lessons.pairs.person
    n_classes = lessons.n_outputs
    parts = {}
    for one in np.unique(person[known]):
        for k in range(n_classes):
            some = read[known[(person[known] == one) & (truth[known] == k)]]
            parts[int(one), k] = (some.T @ some, some.sum(axis=0), len(some))

    def solve(people: Ints, shrink: float) -> Floats:
        gram, right = np.zeros((read.shape[1],) * 2), np.zeros((read.shape[1], n_classes))
        for k in range(n_classes):
            mine = [parts[int(one), k] for one in people]
            weight = 1.0 / max(sum(count for _, _, count in mine), 1)
            gram += weight * np.sum([square for square, _, _ in mine], axis=0)
            right[:, k] = weight * np.sum([total for _, total, _ in mine], axis=0)
        pull = shrink * np.eye(len(gram))
        pull[-1, -1] = 0.0
        return np.asarray(np.linalg.solve(gram + pull, right))

    people = np.unique(person[known])
    scores = np.zeros(len(SHRINK))
    for group in np.array_split(np.random.default_rng(0).permutation(people), N_INSIDE):
        held = known[np.isin(person[known], group)]
        for k, shrink in enumerate(SHRINK):
            guess = (read[held] @ solve(np.setdiff1d(people, group), shrink)).argmax(axis=1)
            scores[k] += metrics.balanced_accuracy(truth[held], guess)
    line = solve(people, SHRINK[int(scores.argmax())])
    return lambda index: np.asarray(read[index] @ line)


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
