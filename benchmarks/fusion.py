"""Fusion methods on real data, clean and with one modality corrupted at a time; ``python -m benchmarks.fusion DATA``.

Every method has the same encoders, the same schedule and the same noise to learn from (but where its name says so).
The best epoch is chosen on validation samples; each test set is looked at once. Each training is kept, so that a run
may stop and go on; the tables are printed from what is there.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.datasets.digits import SPEAKERS, load_digits
from benchmarks.datasets.mfeat import load_mfeat
from benchmarks.datasets.mosi import load_mosi
from benchmarks.fusion_methods import (
    ABLATION,
    BASELINES,
    DUAL,
    FORMS,
    IN_FAMILIES,
    METHODS,
    OTHERS,
    PAPER_ABLATION,
)
from benchmarks.fusion_tables import EVERY, NOISE, REFERENCE, Cell, floor, gather, pairs, table
from training import metrics
from training.feature_network import FeatureNetwork
from training.folds import run_folds
from training.fuse import FuseRecipe, fit_fusion, only, predict
from training.loop import Report
from training.run import Run
from training.view_noise import corrupt_view
from training.views import Part, Task

DATA: dict[str, Callable[[int], Task]] = {"mosi": load_mosi, "digits": load_digits, "mfeat": load_mfeat}
UNIT: dict[str, Callable[[int], int]] = {"digits": lambda seed: seed % len(SPEAKERS)}
"""What a split is tested on that other splits are, too: such splits are averaged before there is an interval."""
UNITS = {
    "digits": "speakers to test with",
    "mosi": "trainings, all tested on the same videos",
    "mfeat": "random splits",
}
SEEDS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the figures, beside a fold's name."""

    epochs: int = FuseRecipe().epochs


def fold_name(data: str, method: str, seed: int) -> str:
    """Return the name of the training of one method on one split."""
    return f"{data}: {method} {seed}"


def run_cell(plan: Plan, name: str, run: Run, report: Report) -> dict[str, Any]:
    """Return the figures of one method on one split."""
    data, method, split = re.fullmatch(r"(\w+): (.+) (\d+)", name).groups()  # type: ignore[union-attr]
    seed = int(split)
    task = DATA[data](seed)
    modality = task.modalities.index(method.removeprefix("alone: ")) if method.startswith("alone: ") else None
    recipe = FuseRecipe() if modality is not None else METHODS[method]
    task_seen = task if modality is None else only(task, modality)
    network = fit_fusion(task_seen, replace(recipe, epochs=plan.epochs), seed, report)

    def accuracy(part: Part) -> tuple[float, float]:
        shown = part if modality is None else Part((part.views[modality],), part.label)
        guess = predict(network, shown).logits.argmax(1).numpy()
        return metrics.accuracy(part.label, guess), metrics.macro_f1(part.label, guess)

    clean, f1 = accuracy(task.test)
    cell = {"clean": clean, "macro-F1": f1}
    for kind, eps in NOISE:
        every = task.test
        for m, name in enumerate(task.modalities):
            cell[f"{kind} {eps}: {name}"] = accuracy(corrupt_view(task.test, m, kind, eps, seed))[0]
            every = corrupt_view(every, m, kind, eps, seed)
        cell[f"{EVERY}{kind} {eps}"] = accuracy(every)[0]
    if modality is None:
        cell |= _insight(network, task)
    return {key: round(value, 4) for key, value in cell.items()}


def _insight(network: FeatureNetwork, task: Task) -> Cell:
    weights = predict(network, task.test).weights.mean(dim=0)
    kappa = network.fusion.state_dict().get("kappa") if network.fusion is not None else None
    out = {f"weight: {name}": float(weights[m]) for m, name in enumerate(task.modalities)}
    if kappa is not None:
        out |= {f"kappa: {name}": float(kappa[m]) for m, name in enumerate(task.modalities)}
    return out


def names(data: str) -> list[str]:
    """Return all rows for a data set."""
    modalities = {
        "mosi": ("text", "audio", "video"),
        "digits": ("spoken", "written"),
        "mfeat": ("fac", "fou", "kar", "mor", "pix", "zer"),
    }[data]
    return [*(f"alone: {name}" for name in modalities), *METHODS]


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(DATA))
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=FuseRecipe().epochs)
    parser.add_argument("--only", nargs="*", help="names of methods; all by default")
    options = parser.parse_args(argv)
    rows = options.only or names(options.data)
    folds = {row: [fold_name(options.data, row, seed) for seed in range(options.seeds)] for row in rows}
    source = [UNIT.get(options.data, int)(seed) for seed in range(options.seeds)]
    wanted = [folds[row][seed] for seed in range(options.seeds) for row in rows]
    plan, folder = Plan(options.epochs), options.work / "fusion"
    found = run_folds(run_cell, plan, wanted, folder, options.workers, print, options.minutes)
    runs = gather(found, folds, source)
    print(f"Intervals are over {UNITS[options.data]}: {len(set(source))}.\n")
    alone = [name for name in rows if name.startswith("alone: ")]
    for part in (
        [*alone, *BASELINES, "UDML", "DUAL-M"],
        [*FORMS, *ABLATION, *OTHERS],
        [REFERENCE, *PAPER_ABLATION],
        [*DUAL],
        [REFERENCE, "UDML", *IN_FAMILIES],
    ):
        print("\n".join(table(options.data, runs, part)), end="\n\n")
    print("\n".join([*pairs(runs), "", *floor(runs, alone)]), end="\n\n")
    if len(found) < len(wanted):
        print(f"{len(wanted) - len(found)} cells are missing; run again to go on.")


if __name__ == "__main__":
    main()
