"""DUAL-S on single modalities, with the dip in early training looked for; ``python -m benchmarks.dual``.

Its paper reports 10 to 15 points below the baseline before about epoch 40. Spoken and written digits, each alone, and
pictures read by a convolutional network, there with a sweep of the prior on the feature's uncertainty. The same epochs
for all and none left out: the validation score by epoch, and the test accuracy of the best one. Each training is a
fold that is kept; ``--minutes`` says for how long, and the next call goes on.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets.digits import MODALITIES, load_digits
from benchmarks.datasets.pictures import SIDE, load_pictures
from benchmarks.fusion_tables import percent
from benchmarks.machine import one_thread_each, table
from training import metrics
from training.folds import run_folds
from training.fuse import FuseRecipe, fit_with_scores, only, predict
from training.loop import Report
from training.run import Run

METHODS = {
    "plain": FuseRecipe("none", noisy=False),
    "DFUM": FuseRecipe("none", noisy=False, dfum=True, prior=1e-3),
    "DAM": FuseRecipe("none", noisy=False, dam=True),
    "DUAL-S (both)": FuseRecipe("none", noisy=False, dfum=True, dam=True, prior=1e-3),
}
PICTURES = "pictures"
PRIORS = (1e-4, 1e-3, 1e-2)
SWEEP = {
    "plain": METHODS["plain"],
    "DAM": METHODS["DAM"],
    **{f"DFUM, lambda {prior:g}": replace(METHODS["DFUM"], prior=prior) for prior in PRIORS},
    **{f"DUAL-S, lambda {prior:g}": replace(METHODS["DUAL-S (both)"], prior=prior) for prior in PRIORS},
}
"""What is trained on pictures; lambda weighs KL of the uncertain part to a standard normal."""
TASKS = (*MODALITIES, PICTURES)
LOOKED_AT = (1, 2, 4, 8, 16, 32, 64)
EARLY = 40
"""Epochs in which the paper has its dip."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the figures, beside a fold's name."""

    epochs: int = 64


def fit_alone(plan: Plan, name: str, run: Run, report: Report) -> dict[str, Any]:
    """Return the validation score by epoch, and the test accuracy of the epoch that was best."""
    modality, method, seed = re.fullmatch(r"(\w+): (.+) (\d+)", name).groups()  # type: ignore[union-attr]
    recipe = replace(methods(modality)[method], epochs=plan.epochs, patience=plan.epochs, progressive=False)
    if modality == PICTURES:
        task, recipe = load_pictures(int(seed)), replace(recipe, picture=SIDE)
    else:
        task = only(load_digits(int(seed)), MODALITIES.index(modality))
    network, scores = fit_with_scores(task, recipe, int(seed), report)
    guess = predict(network, task.test).logits.argmax(1).numpy()
    return {"scores": scores, "test": metrics.accuracy(task.test.label, guess)}


def methods(task: str) -> dict[str, FuseRecipe]:
    """Return what is trained on a task."""
    return SWEEP if task == PICTURES else METHODS


def folds(modality: str, method: str, seeds: int) -> list[str]:
    """Return the names of the trainings behind one row."""
    return [f"{modality}: {method} {seed}" for seed in range(seeds)]


def results(plan: Plan, found: dict[str, dict[str, Any]], seeds: int) -> str:
    """Return the table of the rows whose trainings are all there, percent."""
    epochs = [one for one in LOOKED_AT if one <= plan.epochs]
    rows = []
    for modality in TASKS:
        done = {
            method: [found[name] for name in folds(modality, method, seeds)]
            for method in methods(modality)
            if all(name in found for name in folds(modality, method, seeds))
        }
        for method, runs in done.items() if "plain" in done else ():
            curve, plain = (np.mean([one["scores"] for one in some], axis=0) for some in (runs, done["plain"]))
            deepest = int((curve - plain)[:EARLY].argmin())
            tests = [one["test"] for one in runs]
            beside = [a - b["test"] for a, b in zip(tests, done["plain"], strict=True)]
            gaps = [np.subtract(a["scores"], b["scores"])[:EARLY] for a, b in zip(runs, done["plain"], strict=True)]
            early = ["", ""]
            if method != "plain":
                early = [
                    percent([gap.mean() for gap in gaps], "+"),
                    f"{100 * (curve - plain)[deepest]:+.1f} ({deepest + 1})",
                ]
            cells = [f"{100 * curve[one - 1]:.1f}" for one in epochs]
            rows.append([modality, method, *cells, *early, percent(tests), percent(beside, "+")])
    early = [f"to epoch {EARLY}, beside plain", "lowest (epoch)"]
    head = ["task", "method", *(f"epoch {one}" for one in epochs), *early, "test", "test, beside plain"]
    return table(head, rows)


def main(argv: Sequence[str] | None = None) -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--tasks", nargs="*", default=TASKS, choices=TASKS)
    options = parser.parse_args(argv)
    one_thread_each()
    plan = Plan(options.epochs)
    names = [
        folds(task, method, options.seeds)[seed]
        for seed in range(options.seeds)
        for task in options.tasks
        for method in methods(task)
    ]
    found = run_folds(fit_alone, plan, names, options.work / "dual", options.workers, print, options.minutes)
    print(f"\n{results(plan, found, options.seeds)}")


if __name__ == "__main__":
    main()
