"""What each loss of the thesis brings to the EEG student, with right labels and with wrong ones.

``python -m benchmarks.distillation`` goes on where it stopped and prints the tables; ``--minutes`` says for how long.
Three tasks: rest and load beside constructed faces (see `benchmarks.pairs`), and simulated participants, their seven
classes and their valence and arousal. One person is left out at a time and asked about by EEG alone; the wrong labels
are those of a share of the training trials, and the face's teacher learns from them too. On the constructed pairs the
faces are of the right class whatever the label says: what a perfect face could do, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import data_folder, load
from benchmarks.load_models import Material
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Pairs, class_paired, read_faces, simulated
from benchmarks.simulated_people import simulate
from benchmarks.thesis_student import Lessons, fit_student, fit_teacher, predict
from training import metrics
from training.selective import auroc
from training.thesis import FAITHFUL, ThesisRecipe

Floats = NDArray[np.float64]
NOISE = (0.0, 0.2, 0.4)
MOST_FIRST = (0.0, 0.4, 0.2)
"""The order of computing."""
ONLY = ThesisRecipe(0.0, 0.0, 0.0, 1.0, reweigh=False)
OURS = ThesisRecipe()
RECIPES = {
    "task alone": ONLY,
    "+ kd": replace(ONLY, distillation=0.5),
    "+ sim": replace(ONLY, similarity=0.1),
    "+ unc": replace(ONLY, uncertainty=0.1, reweigh=True),
    "+ unc + kd": replace(OURS, similarity=0.0),
    "+ sim + kd": replace(OURS, uncertainty=0.0, reweigh=False),
    "all, ours": OURS,
    "all, as the thesis words it": FAITHFUL,
    "+ kd, pretrained teacher": replace(ONLY, distillation=0.5),
    "all, pretrained teacher": OURS,
    "all, no reweighing": replace(OURS, reweigh=False),
    "all, literal target": replace(OURS, target="literal"),
    "all, layer 0": replace(OURS, layer=0),
    "all, layer 2": replace(OURS, layer=2),
}
PRETRAINED = ("+ kd, pretrained teacher", "all, pretrained teacher")
"""Their teacher has learnt from right labels; else it learns from the same labels as the student."""
SWITCHES = (*PRETRAINED, "all, no reweighing", "all, literal target", "all, layer 0", "all, layer 2")
"""Compared at `SWITCHED_AT` alone."""
SWITCHED_AT = 0.4
TASKS = ("pairs", "simulated", "affect")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    parser = arguments(__doc__, data_folder().parent)
    parser.add_argument("--people", type=int, default=24, help="simulated participants")
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    args = parser.parse_args(argv)
    one_thread_each()
    plan = Plan(participants=args.people, face_every=1)
    if set(args.tasks) - {"pairs"} and simulate(args.work / "simulated-people", plan, args.minutes):
        return
    sources = sources_of(args.data, args.work, plan)
    folder = args.work / "distillation"
    say_missing(run_cells(folder, cells(sources, args.tasks, args.seeds), args.minutes))
    print(describe_machine())
    for task in args.tasks:
        print(f"\n{task}\n\n{report(folder, task, args.seeds)}")


def sources_of(data: Path, work: Path, plan: Plan) -> dict[str, Callable[[int], Pairs]]:
    """Return what gives the pairs of a seed, real ones and simulated ones."""
    return {"pairs": partial(real_pairs, data, work), "simulated": simulated_pairs(work, plan)}


@lru_cache(maxsize=1)
def real_pairs(data: Path, work: Path, seed: int) -> Pairs:
    """Return the constructed pairs of a seed."""
    windows = load(data / "eegmat", work / "eegmat.npz")
    material = Material.of(windows, work / "eegmat-features.npz")
    return class_paired(windows, material, read_faces(data / "london-faces", work / "london-faces.npz"), seed)


def simulated_pairs(work: Path, plan: Plan) -> Callable[[int], Pairs]:
    """Return what gives the simulated participants, whatever the seed."""
    kept = cache(partial(simulated, work / "simulated-people", plan))
    return lambda seed: kept()


def cells(
    sources: dict[str, Callable[[int], Pairs]], tasks: Sequence[str], seeds: int
) -> dict[str, Callable[[], Arrays]]:
    """Return what there is to compute, all recipes with one seed before the next seed."""
    out: dict[str, Callable[[], Arrays]] = {}
    for seed in range(seeds):
        for task in tasks:
            source = sources["pairs" if task == "pairs" else "simulated"]
            for noise in MOST_FIRST:
                for name in RECIPES if noise == SWITCHED_AT else [one for one in RECIPES if one not in SWITCHES]:
                    out[cell(task, name, noise, seed)] = partial(leave_one_out, source, name, task, noise, seed)
    return out


def cell(task: str, name: str, noise: float, seed: int) -> str:
    """Return the name of a cell's file."""
    words = name.replace("+", "and").replace(",", "").split()
    return f"{task}-{'-'.join(words)}-{noise:.0%}-{seed}".replace("%", "")


def leave_one_out(source: Callable[[int], Pairs], name: str, task: str, noise: float, seed: int) -> Arrays:
    """Return each person's score by EEG alone, and the teacher's by face alone, when trained without the person."""
    pairs = source(seed)
    discrete = task != "affect"
    found = []
    for person in np.unique(pairs.person):
        train, test = np.flatnonzero(pairs.person != person), np.flatnonzero(pairs.person == person)
        lessons = Lessons(pairs.mislabelled(noise, seed, train), train, discrete)
        teacher = fit_teacher(Lessons(pairs, train, discrete) if name in PRETRAINED else lessons, train, seed)
        student, model = fit_student(lessons, train, teacher, RECIPES[name], seed)
        told = predict(lessons, student, model, teacher, test)
        seen = pairs.has_face[test]
        both = ((told.student, test), (told.teacher[seen], test[seen]))
        wrong = told.student.argmax(axis=1) != pairs.label[test]
        row = [mark(said, pairs, index, discrete) for said, index in both]
        found.append([*np.concatenate(row), auroc(told.vacuity, wrong) if discrete else np.nan])
    return {"scores": np.array(found)}


def mark(said: Floats, pairs: Pairs, index: NDArray[np.int64], discrete: bool) -> Floats:
    """Return balanced accuracy and macro-F1; or concordance, correlation and error, means of valence and arousal."""
    if discrete:
        truth, guess = pairs.label[index], said.argmax(axis=1)
        recalls = [np.mean(guess[truth == k] == k) for k in np.unique(truth)]
        return np.array([np.mean(recalls), metrics.macro_f1(truth, guess)])
    truths = pairs.affect[index].astype(float)
    both = [(truths[:, k], said[:, k]) for k in range(2)]
    ccc = np.mean([metrics.ccc(*pair) for pair in both])
    pcc = np.mean([np.corrcoef(*pair)[0, 1] for pair in both])
    return np.array([ccc, pcc, np.sqrt(np.mean((truths - said) ** 2))])


def report(folder: Path, task: str, seeds: int) -> str:
    """Return the table of a task. Intervals resample people; seeds are averaged for each person before."""
    plain = {noise: _scores(folder, task, "task alone", noise, seeds) for noise in NOISE}
    rows = []
    for name in RECIPES:
        row = [name]
        for noise in NOISE:
            found = _scores(folder, task, name, noise, seeds)
            base = _scores(folder, task, "task alone", noise, seeds, beside=name)
            if found is None or base is None:
                row.append("")
                continue
            gain = found[:, 0] - base[:, 0]
            low, high = bootstrap(gain, lambda x: float(x.mean()), 0)
            against = "" if name == "task alone" else f" ({gain.mean():+.3f} [{low:+.3f}, {high:+.3f}])"
            row.append(f"{found[:, 0].mean():.3f}{against}")
        clean = _scores(folder, task, name, NOISE[0], seeds)
        if clean is not None and task == "affect":
            row.append(f"{clean[:, 1].mean():.3f}, {clean[:, 2].mean():.3f}")
        elif clean is not None:
            row.append(f"{clean[:, 1].mean():.3f}, {np.nanmean(clean[:, -1]):.3f}")
        rows.append([*row, *[""] * (5 - len(row))])
    teacher = ["teacher, face alone"]
    for noise in NOISE:
        base = plain[noise]
        teacher.append("" if base is None else f"{np.nanmean(base[:, 3 if task == 'affect' else 2]):.3f}")
    head = ["CCC" if task == "affect" else "balanced accuracy"]
    head += [f"{noise:.0%} wrong labels" for noise in NOISE]
    head.append("PCC, RMSE at 0 %" if task == "affect" else "macro-F1, AUROC of vacuity for errors at 0 %")
    return table(head, [*rows, [*teacher, ""]])


def _scores(folder: Path, task: str, name: str, noise: float, seeds: int, beside: str = "") -> Floats | None:
    """Return the mean over the seeds that this recipe, and the one that it is compared with, have been run with."""
    also = [(folder / f"{cell(task, beside or name, noise, seed)}.npz").exists() for seed in range(seeds)]
    kept = [read_cell(folder, cell(task, name, noise, seed)) for seed in range(seeds) if also[seed]]
    found = [arrays["scores"] for arrays in kept if arrays is not None]
    return np.mean(found, axis=0) if found else None


if __name__ == "__main__":
    main()
