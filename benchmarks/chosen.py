"""Where the thesis should help: few labels, or wrong ones and a face that knows better; the recipe chosen elsewhere.

``python -m benchmarks.chosen`` goes on where it stopped and prints the tables; ``--minutes`` says for how long.
It takes the real pairs of `benchmarks.pairs` and leaves six groups of people out in turn. Which recipe is best is
decided inside the other people, three groups of whom are left out in turn, and only what was chosen is asked about the
people left out first: so its row pays for the choice, which the best of the other rows does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.distillation import mark, real_pairs
from benchmarks.eegmat import data_folder
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Ints, Pairs
from benchmarks.thesis_student import Lessons, fit_student, fit_teacher, predict
from training.thesis import ThesisRecipe

N_FOLDS, N_INNER = 6, 3
LABELLED, WRONG = 0.1, 0.4
CASES = {
    "few": "a tenth of the labels, for the teacher too",
    "few, pretrained": "a tenth of the labels, a teacher that had all",
    "wrong, pretrained": "all labels, 40 % of them wrong, a teacher that had the right ones",
}
ONLY = ThesisRecipe(0.0, 0.0, 0.0, 1.0, reweigh=False)
RECIPES = {
    "task alone": ONLY,
    "+ kd": replace(ONLY, distillation=0.5),
    "+ kd, ten times": replace(ONLY, distillation=5.0),
    "all, ours": ThesisRecipe(),
    "all, ten times": ThesisRecipe(1.0, 1.0, 5.0, 1.0),
    "labels doubted": replace(ONLY, doubt=True),
    "own head": replace(ONLY, distillation=1.0, own_head=True),
    "own head, labels doubted": replace(ONLY, distillation=1.0, own_head=True, doubt=True),
}
BY = ("right labels", "the labels at hand")
"""What the choice inside is made by."""
Floats = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    args = arguments(__doc__, data_folder().parent).parse_args(argv)
    one_thread_each()
    folder, source = args.work / "chosen", partial(real_pairs, args.data, args.work)
    cells = {
        cell(case, fold, seed): partial(left_out, source, case, fold, seed)
        for seed in range(args.seeds)
        for case in CASES
        for fold in range(N_FOLDS)
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(f"\nBalanced accuracy of the EEG alone\n\n{report(folder, args.seeds)}")


def cell(case: str, fold: int, seed: int) -> str:
    """Return the name of a cell's file."""
    return f"{'-'.join(case.replace(',', '').split())}-{fold}-{seed}"


def left_out(source: Callable[[int], Pairs], case: str, fold: int, seed: int) -> Arrays:
    """Return what each recipe scores for each person of a fold, and inside the other people by either kind of label.

    Also which people these are, and what the teacher scores for them by the face alone.
    """
    pairs = source(seed)
    people = np.random.default_rng([seed, 6]).permutation(np.unique(pairs.person))
    tested = np.array_split(people, N_FOLDS)[fold]
    others = people[~np.isin(people, tested)]
    given = labels(pairs, case, seed, np.flatnonzero(np.isin(pairs.person, others)))
    inside = [scores(pairs, given, case, some, seed, others) for some in np.array_split(others, N_INNER)]
    outside = scores(pairs, given, case, tested, seed, people)
    return {
        "inside": np.nanmean(np.concatenate([one[:, :-1] for one in inside]), axis=0),
        "outside": outside[:, :-1, 0],
        "teacher": outside[:, -1, 0],
        "person": np.sort(tested),
    }


def labels(pairs: Pairs, case: str, seed: int, among: Ints) -> Ints:
    """Return the labels that may be learnt from, -1 for those that are not given."""
    if case.startswith("wrong"):
        return pairs.mislabelled(WRONG, seed, among).label
    rng = np.random.default_rng([seed, 4])
    trials = rng.permutation(np.unique(pairs.trial[among]))
    kept = trials[: round(LABELLED * len(trials))]
    return np.where(np.isin(pairs.trial, kept), pairs.label, -1)


def scores(pairs: Pairs, given: Ints, case: str, tested: Ints, seed: int, people: Ints) -> Floats:
    """Return the scores of the `tested` after learning from the other `people`.

    Array of shape (n_tested, n_recipes + 1, 2): the teacher comes last; by the right labels and by those at hand, NaN
    for people who have none of one class.
    """
    train = np.flatnonzero(np.isin(pairs.person, people) & ~np.isin(pairs.person, tested))
    lessons = Lessons(replace(pairs, label=np.where(given < 0, 0, given)), train, discrete=True)
    lessons.without_labels(np.flatnonzero(given < 0))
    teacher = fit_teacher(Lessons(pairs, train, True) if case.endswith("pretrained") else lessons, train, seed)
    where = {int(one): np.flatnonzero(pairs.person == one) for one in np.sort(tested)}
    columns = []
    for recipe in RECIPES.values():
        student, model = fit_student(lessons, train, teacher, recipe, seed)
        told = {one: predict(lessons, student, model, teacher, index) for one, index in where.items()}
        columns.append([list(_both(told[one].student, pairs, given, index)) for one, index in where.items()])
    columns.append([list(_both(told[one].teacher, pairs, given, index)) for one, index in where.items()])
    return np.array(columns).swapaxes(0, 1)


def _both(said: Floats, pairs: Pairs, given: Ints, index: Ints) -> Iterator[float]:
    yield float(mark(said, pairs, index, discrete=True)[0])
    known = given[index] >= 0
    two = len(np.unique(given[index][known])) == 2
    yield float(mark(said[known], replace(pairs, label=given), index[known], True)[0]) if two else float("nan")


def report(folder: Path, seeds: int) -> str:
    """Return the table of the seeds whose folds are all there. Intervals resample people; seeds are averaged before."""
    rows = [[name] for name in (*RECIPES, *(f"chosen inside, by {by}" for by in BY), "teacher, face alone")]
    head, often = [""], []
    for case, words in CASES.items():
        kept = [[read_cell(folder, cell(case, fold, seed)) for fold in range(N_FOLDS)] for seed in range(seeds)]
        whole = [[one for one in folds if one is not None] for folds in kept if all(one is not None for one in folds)]
        if not whole:
            continue
        head.append(f"{words}; {len(whole)} seeds")
        found = np.mean([_seed(folds) for folds in whole], axis=0)
        for row, column in zip(rows, found.T, strict=True):
            gain = column - found[:, 0]
            low, high = bootstrap(gain, lambda x: float(x.mean()), 0)
            plain = row[0].startswith(("task alone", "teacher"))
            row.append(f"{column.mean():.3f}" + ("" if plain else f" ({gain.mean():+.3f} [{low:+.3f}, {high:+.3f}])"))
        for k, by in enumerate(BY):
            names = Counter(list(RECIPES)[int(one["inside"][:, k].argmax())] for folds in whole for one in folds)
            chosen = ", ".join(f"{name} ({count})" for name, count in names.most_common())
            often.append(f"{case}, chosen by {by}: {chosen}")
    return "\n".join([table(head, rows), "", *often])


def _seed(folds: Sequence[Arrays]) -> Floats:
    """Return what each person scores in one seed by each recipe, by what was chosen, and by the teacher."""
    rows = []
    for one in folds:
        best = [one["outside"][:, [int(one["inside"][:, k].argmax())]] for k in range(len(BY))]
        rows.append(np.concatenate([one["outside"], *best, one["teacher"][:, None]], axis=1))
    order = np.argsort(np.concatenate([one["person"] for one in folds]))
    return np.asarray(np.concatenate(rows)[order])


if __name__ == "__main__":
    main()
