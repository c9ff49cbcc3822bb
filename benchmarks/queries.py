"""Active learning over whole trials: which trials to ask about, and what the EEG student makes of the answers.

``python -m benchmarks.queries`` goes on where it stopped and prints the tables; ``--minutes`` says for how long. It
begins with a tenth of the training trials, drawn at random, and asks for more in rounds, up to 30, 50 and 70 % and all
of them; one answer labels every window of a trial. Teacher and student begin anew at each round, and the student's
distillation sees the unlabelled windows too. People are left out in groups; figures are by EEG alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.distillation import mark, sources_of
from benchmarks.eegmat import data_folder
from benchmarks.load_models import Student
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Pairs
from benchmarks.simulated_people import simulate
from benchmarks.thesis_student import Lessons, StudentOutputs, fit_student, fit_teacher, predict
from core.active.acquisition import by_trial, choose, combined
from core.uncertainty import disagreement, divergence, entropy
from training.selective import auroc
from training.teacher import TaskHead
from training.thesis import FAITHFUL, Distilled, ThesisRecipe

BUDGETS = (0.1, 0.3, 0.5, 0.7, 1.0)
N_FOLDS = 3
SPREAD = 0.5
RECIPES = {
    "alone": ThesisRecipe(0.0, 0.0, 0.0, 1.0, reweigh=False),
    "taught": ThesisRecipe(),
    "thesis": FAITHFUL,
}
"""The student without the face's teaching, with it, and with the thesis' weights of 1, which train the shared space
ten times as hard. Without, its vacuity and its place beside the face are untaught."""
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


class Told(NamedTuple):
    """What is known of the windows that may be asked about."""

    said: StudentOutputs
    consistency: Floats
    """(n,): mean cosine of the EEG with the faces of all other windows, the thesis' consistency."""


Scorer = Callable[[Told, Ints], Floats]


def _of_windows(window_score: Callable[[Told], Floats]) -> Scorer:
    return lambda told, trial: by_trial(window_score(told), trial)[1]


def _live(told: Told) -> Floats:
    """Return the score of a live session, see `core.active.query.score`."""
    unsure = entropy(told.said.student)
    return unsure + (1.0 - unsure) * disagreement(told.said.student, told.said.teacher)


_ENTROPY = _of_windows(lambda told: entropy(told.said.student))
_CONFLICT = _of_windows(lambda told: divergence(told.said.student, told.said.teacher))
_MATCHED = _of_windows(lambda told: -told.said.agreement)
_CROSS = _of_windows(lambda told: -told.consistency)
SCORERS: dict[str, Scorer] = {
    "entropy": _ENTROPY,
    "vacuity": _of_windows(lambda told: told.said.vacuity),
    "conflict": _CONFLICT,
    "conflict if sure": _of_windows(lambda told: disagreement(told.said.student, told.said.teacher)),
    "matched cosine": _MATCHED,
    "entropy + matched cosine": lambda told, trial: combined(_ENTROPY(told, trial), _MATCHED(told, trial)),
    "non-matched cosine": _CROSS,
    "entropy + non-matched cosine": lambda told, trial: combined(_ENTROPY(told, trial), _CROSS(told, trial)),
    "entropy + conflict": lambda told, trial: combined(_ENTROPY(told, trial), _CONFLICT(told, trial)),
    "entropy or conflict if sure": _of_windows(_live),
    "face entropy": _of_windows(lambda told: entropy(told.said.teacher)),
}
SIGNS: dict[str, Callable[[Told], Floats]] = {
    "entropy": lambda told: entropy(told.said.student),
    "vacuity": lambda told: told.said.vacuity,
    "less the matched cosine": lambda told: -told.said.agreement,
    "less the non-matched cosine": lambda told: -told.consistency,
}
"""What may be a sign of a wrong answer, window by window."""
STRATEGIES = ("random", *SCORERS, "entropy + conflict, spread")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    parser = arguments(__doc__, data_folder().parent)
    parser.add_argument("--people", type=int, default=24, help="simulated participants")
    parser.add_argument("--tasks", nargs="*", default=("pairs", "simulated"))
    parser.add_argument("--students", nargs="*", default=tuple(RECIPES))
    parser.add_argument("--by", nargs="*", default=STRATEGIES, help="what is asked by; `random` is always among it")
    args = parser.parse_args(argv)
    one_thread_each()
    plan = Plan(participants=args.people, face_every=1)
    if "simulated" in args.tasks and simulate(args.work / "simulated-people", plan, args.minutes):
        return
    sources = sources_of(args.data, args.work, plan)
    folder = args.work / "queries"
    strategies = [name for name in STRATEGIES if name == "random" or name in args.by]
    cells = {
        cell(task, how, strategy, seed): partial(curves, sources[task], RECIPES[how], strategy, seed)
        for seed in range(args.seeds)
        for task in args.tasks
        for how in args.students
        for strategy in strategies
    }
    cells |= {
        f"signs-{task}-{how}-{seed}": partial(signs, sources[task], RECIPES[how], seed)
        for seed in range(args.seeds)
        for task in args.tasks
        for how in args.students
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    for task in args.tasks:
        for how in args.students:
            print(f"\n{task}, student {how}: balanced accuracy\n\n{report(folder, task, how, strategies, args.seeds)}")
            print(f"\nAUROC for the student's wrong answers\n\n{report_of_signs(folder, task, how, args.seeds)}")


def cell(task: str, how: str, strategy: str, seed: int) -> str:
    """Return the name of a cell's file."""
    return f"{task}-{how}-{'-'.join(strategy.replace('+', 'and').replace(',', '').split())}-{seed}"


def curves(source: Callable[[int], Pairs], recipe: ThesisRecipe, strategy: str, seed: int) -> Arrays:
    """Return each person's score at each budget, shape (n_people, n_budgets)."""
    pairs = source(seed)
    people = np.unique(pairs.person)
    groups = np.array_split(np.random.default_rng([seed, 3]).permutation(people), N_FOLDS)
    found: dict[int, list[float]] = {}
    for group in groups:
        train, test = (np.flatnonzero(np.isin(pairs.person, group, invert=flip)) for flip in (True, False))
        found |= curve(pairs, train, test, recipe, strategy, seed)
    return {"scores": np.array([found[int(person)] for person in people])}


def signs(source: Callable[[int], Pairs], recipe: ThesisRecipe, seed: int) -> Arrays:
    """Return how well each of `SIGNS` tells wrong answers for each person left out, AUROC, shape (n_people, n_signs).

    All others teach, with all their labels; NaN for a person without wrong answers, or without right ones.
    """
    pairs = source(seed)
    people = np.unique(pairs.person)
    found: dict[int, list[float]] = {}
    for group in np.array_split(np.random.default_rng([seed, 3]).permutation(people), N_FOLDS):
        train = np.flatnonzero(~np.isin(pairs.person, group))
        lessons = Lessons(pairs, train, discrete=True)
        teacher = fit_teacher(lessons, train, seed)
        student, model = fit_student(lessons, train, teacher, recipe, seed)
        for person in group:
            mine = np.flatnonzero(pairs.person == person)
            told = ask(lessons, student, model, teacher, mine)
            wrong = told.said.student.argmax(axis=1) != pairs.label[mine]
            found[int(person)] = [auroc(sign(told), wrong) for sign in SIGNS.values()]
    return {"auroc": np.array([found[int(person)] for person in people])}


def report_of_signs(folder: Path, task: str, how: str, seeds: int) -> str:
    """Return the table of the seeds that are there; seeds are averaged for each person before."""
    kept = [one for seed in range(seeds) if (one := read_cell(folder, f"signs-{task}-{how}-{seed}")) is not None]
    rows = []
    for k, name in enumerate(SIGNS) if kept else ():
        each = np.mean([one["auroc"][:, k] for one in kept], axis=0)
        known = each[np.isfinite(each)]
        low, high = bootstrap(known, lambda x: float(x.mean()), 0)
        rows.append([name, f"{known.mean():.3f} [{low:.3f}, {high:.3f}]"])
    return table(["sign", "AUROC"], rows)


def curve(
    pairs: Pairs, train: Ints, test: Ints, recipe: ThesisRecipe, strategy: str, seed: int
) -> dict[int, list[float]]:
    """Return the scores of the people at `test` at each budget of the trials at `train`."""
    rng = np.random.default_rng([seed, 4])
    order = rng.permutation(np.unique(pairs.trial[train]))
    scores: dict[int, list[float]] = {int(person): [] for person in np.unique(pairs.person[test])}
    asked = order[: _first(pairs, order)]
    for k, budget in enumerate(BUDGETS):
        lessons = Lessons(pairs, train, discrete=True)
        lessons.without_labels(train[~np.isin(pairs.trial[train], asked)])
        teacher = fit_teacher(lessons, train, seed)
        student, model = fit_student(lessons, train, teacher, recipe, seed)
        told = predict(lessons, student, model, teacher, test)
        for person, row in scores.items():
            mine = pairs.person[test] == person
            row.append(float(mark(told.student[mine], pairs, test[mine], discrete=True)[0]))
        if budget == BUDGETS[-1]:
            break
        count = round(BUDGETS[k + 1] * len(order)) - len(asked)
        pool = train[~np.isin(pairs.trial[train], asked)]
        if strategy == "random":
            more = order[~np.isin(order, asked)][:count]
        else:
            more = _query(strategy, ask(lessons, student, model, teacher, pool), pairs, pool, count)
        asked = np.concatenate([asked, more])
    return scores


def ask(lessons: Lessons, student: Student, model: Distilled, teacher: TaskHead, index: Ints) -> Told:
    """Return what is known of the windows at `index`."""
    with torch.inference_mode():
        feature = student.feature(lessons.power[index], lessons.baseline[index])
        eeg, face = (
            torch.nn.functional.normalize(place(part), dim=-1).double().numpy()
            for place, part in ((model.place_student, feature), (model.place_teacher, lessons.face[index]))
        )
    return Told(
        predict(lessons, student, model, teacher, index), consistency(eeg, face, lessons.has_face[index].numpy())
    )


def consistency(eeg: Floats, face: Floats, has_face: NDArray[np.bool_]) -> Floats:
    """Return the mean cosine of each window's EEG with the faces of all other windows (methods, eq. 6), shape (n,).

    Parameters
    ----------
    eeg, face : array of shape (n, n_shared)
        Unit length.
    has_face : array of shape (n,), bool
        Faces that are not there are left out.
    """
    faces = face * has_face[:, None]
    others = faces.sum(axis=0) - faces
    count = has_face.sum() - has_face
    return np.asarray((eeg * others).sum(axis=1) / np.maximum(count, 1))


def report(folder: Path, task: str, how: str, strategies: Sequence[str], seeds: int) -> str:
    """Return the table of the seeds that have all rows. Intervals resample people; seeds are averaged before."""
    whole = [k for k in range(seeds) if all((folder / f"{cell(task, how, s, k)}.npz").exists() for s in strategies)]
    plain = _scores(folder, task, how, "random", whole)
    rows = []
    for strategy in strategies:
        found = _scores(folder, task, how, strategy, whole)
        if found is None or plain is None:
            continue
        row = [strategy, *(f"{value:.3f}" for value in found.mean(axis=0))]
        gain = found[:, BUDGETS.index(0.5)] - plain[:, BUDGETS.index(0.5)]
        low, high = bootstrap(gain, lambda x: float(x.mean()), 0)
        row.append("" if strategy == "random" else f"{gain.mean():+.3f} [{low:+.3f}, {high:+.3f}]")
        short = found[:, BUDGETS.index(0.5)] - plain[:, -1]
        low, high = bootstrap(short, lambda x: float(x.mean()), 0)
        rows.append([*row, f"{short.mean():+.3f} [{low:+.3f}, {high:+.3f}]"])
    return table(["asks by", *(f"{b:.0%}" for b in BUDGETS), "at 50 %, against random", "against all labels"], rows)


def _query(strategy: str, told: Told, pairs: Pairs, pool: Ints, count: int) -> Ints:
    trial = pairs.trial[pool]
    trials = np.unique(trial)
    score = combined(SCORERS[strategy.removesuffix(", spread")](told, trial))
    features = np.concatenate([told.said.student, told.said.teacher], axis=1)
    place = np.stack([features[trial == one].mean(axis=0) for one in trials])
    return np.asarray(trials[choose(score, place, count, SPREAD if strategy.endswith("spread") else 0.0)])


def _first(pairs: Pairs, order: Ints) -> int:
    """Return how many trials to begin with: a tenth, or as many more as it takes to have seen two classes."""
    label = np.array([pairs.label[pairs.trial == one][0] for one in order])
    return max(round(BUDGETS[0] * len(order)), int(np.argmax(label != label[0])) + 1)


def _scores(folder: Path, task: str, how: str, strategy: str, seeds: Sequence[int]) -> Floats | None:
    kept = [read_cell(folder, cell(task, how, strategy, seed)) for seed in seeds]
    found = [arrays["scores"] for arrays in kept if arrays is not None]
    return np.mean(found, axis=0) if found else None


if __name__ == "__main__":
    main()
