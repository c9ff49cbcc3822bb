"""Fusion methods on real data, clean and with one modality spoilt at a time; ``python -m benchmarks.fusion DATA``.

Every method has the same encoders, the same schedule and the same noise to learn from (but where its name says so).
The best epoch is chosen on validation samples; each test set is looked at once. Cells are kept in a file, so that a
run may stop and go on; the tables are printed from what is there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.fusion_methods import ABLATION, BASELINES, DUAL, FORMS, IN_FAMILIES, METHODS
from benchmarks.fusion_tables import NOISE, REFERENCE, Cell, floor, gather, pairs, table
from training import metrics
from training.datasets.digits import load_digits
from training.datasets.mfeat import load_mfeat
from training.datasets.mosi import load_mosi
from training.datasets.views import Part, Task
from training.feature_network import FeatureNetwork
from training.fuse import FuseRecipe, only, said, teach
from training.view_noise import spoil

DATA: dict[str, Callable[[int], Task]] = {"mosi": load_mosi, "digits": load_digits, "mfeat": load_mfeat}
SEEDS = 5
Key = tuple[str, str, int, int]
"""Data, method, seed, epochs."""


def run_cell(data: str, method: str, seed: int, epochs: int) -> Cell:
    """Return the figures of one method on one split."""
    torch.set_num_threads(1)
    task = DATA[data](seed)
    modality = task.modalities.index(method.removeprefix("alone: ")) if method.startswith("alone: ") else None
    recipe = FuseRecipe() if modality is not None else METHODS[method]
    task_seen = task if modality is None else only(task, modality)
    network = teach(task_seen, replace(recipe, epochs=epochs), seed)

    def accuracy(part: Part) -> tuple[float, float]:
        shown = part if modality is None else Part((part.views[modality],), part.label)
        guess = said(network, shown).logits.argmax(1).numpy()
        return metrics.accuracy(part.label, guess), metrics.macro_f1(part.label, guess)

    clean, f1 = accuracy(task.test)
    cell = {"clean": clean, "macro-F1": f1}
    for m, name in enumerate(task.modalities):
        for kind, eps in NOISE:
            cell[f"{kind} {eps}: {name}"] = accuracy(spoil(task.test, m, kind, eps, seed))[0]
    if modality is None:
        cell |= _insight(network, task)
    return cell


def _insight(network: FeatureNetwork, task: Task) -> Cell:
    weights = said(network, task.test).weights.mean(dim=0)
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


def fill(data: str, path: Path, minutes: float, seeds: int, workers: int, chosen: Sequence[str], epochs: int) -> int:
    """Compute missing cells for so many minutes; return how many are missing still."""
    cells = read(path)
    todo = [
        (data, name, seed, epochs) for seed in range(seeds) for name in chosen if f"{data}/{name}/{seed}" not in cells
    ]
    started, done = time.monotonic(), 0
    with _pool(workers) as run:
        while done < len(todo):
            spent = time.monotonic() - started
            if done and spent * (1 + workers / done) > 60 * minutes:
                break
            some = todo[done : done + workers]
            for key, cell in zip(some, run(some), strict=True):
                cells["/".join(map(str, key[:3]))] = cell
            done += len(some)
            part = path.with_suffix(".part")
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(cells, indent=0, sort_keys=True))
            part.replace(path)
            left = (time.monotonic() - started) / done * (len(todo) - done)
            print(f"{data} {done}/{len(todo)}: {left:.0f} s left", flush=True)
    return len(todo) - done


@contextmanager
def _pool(workers: int) -> Iterator[Callable[[Sequence[Key]], Iterable[Cell]]]:
    if workers < 2:
        yield lambda keys: map(_run, keys)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield lambda keys: pool.map(_run, keys)


def _run(key: Key) -> Cell:
    return {name: round(value, 4) for name, value in run_cell(*key).items()}


def read(path: Path) -> dict[str, Cell]:
    """Return the cells that are there."""
    cells: dict[str, Cell] = json.loads(path.read_text()) if path.exists() else {}
    return cells


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(DATA))
    parser.add_argument("--results", type=Path, default=Path("runs/fusion.json"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=FuseRecipe().epochs)
    parser.add_argument("--only", nargs="*", help="names of methods; all by default")
    options = parser.parse_args(argv)
    rows = options.only or names(options.data)
    missing = fill(options.data, options.results, options.minutes, options.seeds, options.workers, rows, options.epochs)
    runs = gather(options.data, read(options.results), rows, options.seeds)
    alone = [name for name in rows if name.startswith("alone: ")]
    for part in (
        [*alone, *BASELINES, "UDML", "DUAL-M"],
        [*FORMS, *ABLATION],
        [*DUAL],
        [REFERENCE, "UDML", *IN_FAMILIES],
    ):
        print("\n".join(table(options.data, runs, part)), end="\n\n")
    print("\n".join([*pairs(runs), "", *floor(runs, alone)]), end="\n\n")
    if missing:
        print(f"{missing} cells are missing; run again to go on.")


if __name__ == "__main__":
    main()
