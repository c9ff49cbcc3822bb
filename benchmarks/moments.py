"""What a teacher that reads faces brings where trials are labelled and feeling changes within them.

``python -m benchmarks.moments`` goes on where it stopped and prints the tables; ``--minutes`` says for how long.
Simulated participants, whose face and EEG follow one and the same course of moods, moment by moment. What may be
learnt from is one label for each trial of 40 s: the mood that fills most of it, or its mean rating. What is asked is
the truth of the moment, by the EEG alone, of people left out.
The teacher has learnt from the same labels as the student.
Cross-fitted, it has not learnt from the people whose windows it teaches; one that has knows them by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.distillation import ONLY, mark, simulated_pairs
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Pairs
from benchmarks.simulated_people import simulate
from benchmarks.thesis_student import Lessons, fit_student, fit_teacher, fit_teachers, predict
from training.teacher import TaskHead, Teachers
from training.thesis import FAITHFUL, ThesisRecipe

TRIAL_S = 40.0
N_GROUPS = 6
TASKS = ("classes", "affect")
Floats = NDArray[np.float64]


class Row(NamedTuple):
    """A row of the table."""

    recipe: ThesisRecipe
    teacher: str = "cross-fitted"
    """``seen``: it has learnt from the windows it teaches; ``moments``: cross-fitted, on the truth of the moment."""
    labels: str = "trials"
    """``moments``: the student itself learns from the truth of the moment."""


KD = replace(ONLY, distillation=0.5)
BASE = "task alone"
ROWS = {
    BASE: Row(ONLY),
    "+ kd, teacher that has seen the windows, T = 1": Row(KD, "seen"),
    "+ kd, teacher that has seen the windows, T = 4": Row(replace(KD, softening=4.0), "seen"),
    "+ kd, cross-fitted, T = 1": Row(KD),
    "+ kd, cross-fitted, T = 2": Row(replace(KD, softening=2.0)),
    "+ kd, cross-fitted, T = 4": Row(replace(KD, softening=4.0)),
    "+ kd at 5, cross-fitted, T = 2": Row(replace(KD, distillation=5.0, softening=2.0)),
    "all, ours, cross-fitted, T = 2": Row(ThesisRecipe(softening=2.0)),
    "all, as the thesis words it, cross-fitted, T = 2": Row(replace(FAITHFUL, softening=2.0)),
    "own head, cross-fitted, T = 2": Row(replace(KD, distillation=1.0, own_head=True, softening=2.0)),
    "+ kd, cross-fitted on the truth of the moment, T = 2": Row(replace(KD, softening=2.0), "moments"),
    "task alone, taught the truth of the moment": Row(ONLY, labels="moments"),
}
TEACHERS = ("seen", "cross-fitted", "moments")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    parser = arguments(__doc__, Path())
    parser.add_argument("--people", type=int, default=24, help="simulated participants")
    args = parser.parse_args(argv)
    one_thread_each()
    plan = Plan(participants=args.people, face_every=1)
    if simulate(args.work / "simulated-people", plan, args.minutes):
        return
    source, folder = simulated_pairs(args.work, plan), args.work / "moments"
    cells = {cell(task, seed): partial(left_out, source, task, seed) for seed in range(args.seeds) for task in TASKS}
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    for task in TASKS:
        print(f"\n{task}\n\n{report(folder, task, args.seeds)}")


def cell(task: str, seed: int) -> str:
    """Return the name of a cell's file."""
    return f"{task}-{seed}"


def labelled_by_trial(pairs: Pairs) -> Pairs:
    """Return the same windows with one label for each trial: its most frequent class, and its mean affect."""
    label, affect = pairs.label.copy(), pairs.affect.copy()
    trial = pairs.person * 10_000 + (pairs.start // TRIAL_S).astype(np.int64)
    for one in np.unique(trial):
        rows = trial == one
        label[rows] = np.bincount(pairs.label[rows]).argmax()
        affect[rows] = pairs.affect[rows].mean(axis=0)
    return replace(pairs, label=label, affect=affect, trial=trial)


def left_out(source: Callable[[int], Pairs], task: str, seed: int) -> Arrays:
    """Return each person's scores by the truth of the moment, (n_people, n_rows + 3, 2 or 3), teachers last."""
    truth, discrete = source(seed), task == "classes"
    people = np.unique(truth.person)
    given = labelled_by_trial(truth)
    scores: dict[int, list[Floats]] = {}
    for tested in np.array_split(np.random.default_rng([seed, 8]).permutation(people), min(N_GROUPS, len(people))):
        train = np.flatnonzero(~np.isin(truth.person, tested))
        by_trial, by_moment = Lessons(given, train, discrete), Lessons(truth, train, discrete)
        fitted: dict[str, tuple[TaskHead | Teachers, NDArray[np.int64] | None]] = {
            "seen": (fit_teacher(by_trial, train, seed), None),
            "cross-fitted": fit_teachers(by_trial, train, seed),
            "moments": fit_teachers(by_moment, train, seed),
        }
        for name, row in ROWS.items():
            teacher, fold = fitted[row.teacher]
            lessons = by_moment if row.labels == "moments" else by_trial
            student, model = fit_student(lessons, train, teacher, row.recipe, seed, fold)
            for person in tested.tolist():
                index = np.flatnonzero(truth.person == person)
                told = predict(lessons, student, model, teacher, index)
                scores.setdefault(person, []).append(mark(told.student, truth, index, discrete))
                if name == list(ROWS)[-1]:
                    seen = truth.has_face[index]
                    for which in TEACHERS:
                        said = predict(lessons, student, model, fitted[which][0], index[seen]).teacher
                        scores[person].append(mark(said, truth, index[seen], discrete))
    return {"scores": np.array([scores[int(one)] for one in people])}


def report(folder: Path, task: str, seeds: int) -> str:
    """Return the table of a task. Intervals resample people; seeds are averaged for each person before."""
    kept = [one["scores"] for seed in range(seeds) if (one := read_cell(folder, cell(task, seed))) is not None]
    if not kept:
        return "nothing yet"
    found = np.mean(kept, axis=0)
    names = [*ROWS, *(f"teacher, {which}, face alone" for which in TEACHERS)]
    rows = []
    for k, name in enumerate(names):
        gain = found[:, k, 0] - found[:, list(ROWS).index(BASE), 0]
        low, high = bootstrap(gain, lambda x: float(x.mean()), 0)
        against = "" if name == BASE else f"{gain.mean():+.3f} [{low:+.3f}, {high:+.3f}]"
        rows.append([name, f"{found[:, k, 0].mean():.3f}", against, *(f"{one:.3f}" for one in found[:, k, 1:].mean(0))])
    head = ["", "balanced accuracy", "beside task alone", "macro-F1"]
    if task == "affect":
        head = ["", "CCC", "beside task alone", "PCC", "RMSE"]
    return f"{len(kept)} seeds, {len(found)} people\n\n{table(head, rows)}"


if __name__ == "__main__":
    main()
