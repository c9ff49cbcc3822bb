"""Does uncertainty find wrong answers and corrupted inputs, and is it calibrated? ``python -m benchmarks.uncertainty``.

Networks with any fusion beside the simple ways: highest probability, entropy, temperature scaling, five networks.
Each trained network is a fold: its answers are kept, so that a run may stop at any moment and go on.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks import confidence
from benchmarks.fusion_methods import METHODS
from benchmarks.fusion_tables import percent
from benchmarks.machine import describe_machine, one_thread_each, table
from benchmarks.simulated_people import simulate
from benchmarks.uncertainty_tasks import Bench, Condition, digits, simulated
from training import metrics, selective
from training.feature_network import FeatureNetwork
from training.folds import fold_folder, run_folds
from training.fuse import FuseRecipe, fit_fusion
from training.loop import Report
from training.run import Run
from training.views import Part

MEMBERS = 5
CLEAN, NOISY, LIVE = "static, clean data only", "static concatenation", "UDML, as it is live"
NETWORKS = {CLEAN: MEMBERS, NOISY: MEMBERS, LIVE: 1, "UDML": 1, "TMC": 1, "DUAL-M": 1}
"""How many of each are trained on each split."""
UNSEEN = 100
PEOPLE = "unseen-people"
Floats = NDArray[np.floating[Any]]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Plans:
    """What decides the answers: how many simulated participants there are, and how long is trained."""

    people: int = 24
    epochs: int = FuseRecipe().epochs

    @property
    def simulation(self) -> Plan:
        """Whom to simulate: people that the model which ships has not learnt from."""
        return Plan(participants=self.people, face_every=1, seed=UNSEEN)

    def bench(self, task: str, seed: int, work: Path) -> Bench:
        """Return the task on this seed's split; simulated participants lie in a folder of `work`."""
        return digits(seed) if task == "digits" else simulated(work / PEOPLE, self.simulation, seed)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one way to be unsure says of the samples of a condition."""

    probability: Floats
    uncertainty: Floats


def answer(plans: Plans, name: str, run: Run, report: Report) -> dict[str, Any]:
    """Train one network and keep what it says of the validation samples and of each condition."""
    task, method, split, member = re.fullmatch(r"(\w+): (.+) (\d+)-(\d+)", name).groups()  # type: ignore[union-attr]
    bench = plans.bench(task, int(split), run.folder.parents[1])
    recipe = replace(METHODS[method], epochs=plans.epochs)
    network = fit_fusion(bench.task, recipe, seed=1000 * int(split) + int(member), report=report)
    arrays = {f"validation/{key}": one for key, one in listen(network, bench.task.validation).items()}
    for condition in bench.conditions:
        arrays |= {f"{condition.name}/{key}": one for key, one in listen(network, condition.part).items()}
    np.savez(run.folder / "answers.npz", **arrays)  # type: ignore[arg-type]
    guess = arrays["clean/logits"].argmax(axis=1)
    return {"accuracy": metrics.accuracy(bench.task.test.label, guess)}


@torch.inference_mode()
def listen(network: FeatureNetwork, part: Part) -> Arrays:
    """Return the logits of a part, and all that the network says of how sure it is."""
    network.eval()
    reading = network.read([torch.from_numpy(view) for view in part.views])
    fused, logits = network.fuse(reading, torch.ones(len(part), len(part.views), dtype=torch.bool))
    variance = torch.stack([one.log_variance.exp().mean(dim=1) for one in reading.gaussians], dim=1)
    found = {"logits": logits, "noise": fused.noise, "variance": variance}
    if fused.evidence is not None:
        found["evidence"] = fused.evidence
    return {key: one.numpy().astype(np.float32) for key, one in found.items()}


def opinions(kept: dict[str, list[Arrays]], where: str, truth: Any) -> dict[str, Opinion]:
    """Return what each way says of one condition; `truth` is that of the validation samples.

    Parameters
    ----------
    kept : dict of str to list of arrays
        By network, the answers of its members.
    where : str
        The condition.
    truth : array of shape (n_validation,)
    """
    found: dict[str, Opinion] = {}
    for method, members in kept.items():
        first = members[0]
        p = confidence.scaled(first[f"{where}/logits"], 1.0)
        if method == CLEAN:
            found[SIMPLEST] = Opinion(p, confidence.doubt(p))
        found[f"{method}: entropy"] = Opinion(p, confidence.entropy(p))
        scaled = confidence.scaled(first[f"{where}/logits"], confidence.temperature(first["validation/logits"], truth))
        found[f"{method}: temperature"] = Opinion(scaled, confidence.entropy(scaled))
        if len(members) > 1:
            mean, apart = confidence.ensemble([confidence.scaled(one[f"{where}/logits"], 1.0) for one in members])
            found[f"{method}: {len(members)} networks, entropy"] = Opinion(mean, confidence.entropy(mean))
            found[f"{method}: {len(members)} networks, disagreement"] = Opinion(mean, apart)
        if method.startswith("UDML"):
            found[f"{method}: noise level"] = Opinion(p, first[f"{where}/noise"].max(axis=1))
        if method == "DUAL-M":
            found["DUAL-M: variance of its features"] = Opinion(p, first[f"{where}/variance"].max(axis=1))
        if f"{where}/evidence" in first:
            evidence = first[f"{where}/evidence"]
            lack = evidence.shape[1] / (evidence.shape[1] + evidence.sum(axis=1))
            found[f"{method}: vacuity"] = Opinion(p, lack)
    return found


def judge(opinion: Opinion, condition: Condition) -> dict[str, float]:
    """Return the figures of one way on one condition."""
    truth = condition.part.label
    right = opinion.probability.argmax(axis=1) == truth
    return {
        "accuracy": float(right.mean()),
        "wrong": selective.failure_auroc(opinion.uncertainty, right),
        "corrupted": selective.auroc(opinion.uncertainty, condition.corrupted),
        "augrc": selective.augrc(opinion.uncertainty, right),
        "ece": metrics.calibration_error(opinion.probability, truth),
    }


COLUMNS: dict[str, tuple[str, Callable[[Condition], bool]]] = {
    "accuracy": ("accuracy", lambda c: c.name == "clean"),
    "finds wrong, clean": ("wrong", lambda c: c.name == "clean"),
    "finds wrong, corrupted": ("wrong", lambda c: c.name != "clean"),
    "finds corrupted, seen": ("corrupted", lambda c: c.name != "clean" and c.seen),
    "finds corrupted, other": ("corrupted", lambda c: not c.seen),
    "AUGRC, corrupted": ("augrc", lambda c: c.name != "clean"),
    "ECE, clean": ("ece", lambda c: c.name == "clean"),
    "ECE, corrupted": ("ece", lambda c: c.name != "clean"),
}
"""Columns of the table: which figure, and the mean over which conditions."""
BESIDE = ("finds wrong, corrupted", "AUGRC, corrupted", "ECE, corrupted")
"""Columns that are also told as differences from the simplest way, split by split."""
SIMPLEST = f"{CLEAN}: highest probability"


def figures(plans: Plans, task: str, seed: int, folder: Path) -> dict[str, dict[str, float]] | None:
    """Return the columns of each way on one split; None while a network is missing."""
    kept = answers(task, seed, folder)
    if kept is None:
        return None
    bench = plans.bench(task, seed, folder.parent)
    judged: dict[str, dict[str, dict[str, float]]] = {}
    for condition in bench.conditions:
        for way, opinion in opinions(kept, condition.name, bench.task.validation.label).items():
            judged.setdefault(way, {})[condition.name] = judge(opinion, condition)
    return {
        way: {
            column: float(np.nanmean([by[c.name][figure] for c in bench.conditions if which(c)]))
            for column, (figure, which) in COLUMNS.items()
        }
        for way, by in judged.items()
    }


def answers(task: str, seed: int, folder: Path) -> dict[str, list[Arrays]] | None:
    """Return the answers of each method's networks on one split; None while one is missing."""
    kept: dict[str, list[Arrays]] = {}
    for name in folds(task, [seed]):
        where = fold_folder(folder, name)
        if not (where / "DONE").exists():
            return None
        with np.load(where / "answers.npz") as file:
            kept.setdefault(name.split(": ", 1)[1].rsplit(" ", 1)[0], []).append({k: file[k] for k in file.files})
    return kept


def folds(task: str, seeds: Sequence[int]) -> list[str]:
    """Return the names of all networks to train."""
    return [f"{task}: {method} {seed}-{k}" for seed in seeds for method, n in NETWORKS.items() for k in range(n)]


def results(plans: Plans, task: str, seeds: int, folder: Path) -> str:
    """Return the table of a task, over the splits whose networks are all there."""
    found = [one for seed in range(seeds) if (one := figures(plans, task, seed, folder)) is not None]
    if not found:
        return f"{task}: no split is done yet."
    rows = []
    for way in found[0]:
        beside = [percent([one[way][c] - one[SIMPLEST][c] for one in found], sign="+") for c in BESIDE]
        rows.append([way, *(percent([one[way][column] for one in found]) for column in COLUMNS), *beside])
    head = [task, *COLUMNS, *(f"{column}, beside" for column in BESIDE)]
    return f"{task}, {len(found)} splits\n\n{table(head, rows)}"


def main(argv: Sequence[str] | None = None) -> None:
    """Train what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--people", type=int, default=24, help="simulated participants")
    parser.add_argument("--epochs", type=int, default=FuseRecipe().epochs)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tasks", nargs="*", default=["digits", "simulated"])
    args = parser.parse_args(argv)
    one_thread_each()
    plans, folder = Plans(args.people, args.epochs), args.work / "uncertainty"
    tasks = list(args.tasks)
    if "simulated" in tasks and simulate(args.work / PEOPLE, plans.simulation, args.minutes):
        tasks.remove("simulated")
        print("Simulated participants are still missing; run it again to go on.")
    for task in tasks:
        run_folds(answer, plans, folds(task, range(args.seeds)), folder, args.workers, print, args.minutes)
    print(describe_machine())
    for task in tasks:
        print(f"\n{results(plans, task, args.seeds, folder)}")


if __name__ == "__main__":
    main()
