"""The model that ships in the benchmark of uncertainty: ``python -m benchmarks.uncertainty_live``, after that one.

On the test people of each split of `benchmarks.uncertainty`, whom the model has not learnt from, through the live
predictor: how well it tells wrong answers and corrupted inputs, what its prediction sets keep, how often it abstains.
Networks of that benchmark stand beside it, with sets calibrated on their own validation people. They have learnt the
one photograph that simulated faces are made of; the live model reads it as it reads any face.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import confidence
from benchmarks.cells import Arrays, read_cell, run_cells
from benchmarks.fusion_tables import percent
from benchmarks.machine import describe_machine, one_thread_each, table
from benchmarks.simulated_people import pairs
from benchmarks.uncertainty import CLEAN, NOISY, PEOPLE, Plans, answers
from benchmarks.uncertainty_tasks import WORST, Bench
from core.calibration import AdaptiveSets, condition_of, lac_scores
from core.config import Config
from core.data import Window
from core.predictor import Predictor
from training import metrics, selective
from training.corruption import corrupt
from training.intervals import cluster_bootstrap

COVERAGE = 0.9
CONDITIONS = ("clean", "artefacts, eeg", "corrupted picture, face")
PASSES = ("clean", "artefacts", "eeg alone", "face alone")
LIVE = "live model"
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one way says of the samples of a condition."""

    probability: Floats
    """NaN where it abstains."""
    uncertainty: dict[str, Floats]
    sets: Bools
    """(n, n_classes)."""
    truth: Ints
    corrupted: Bools

    @property
    def answered(self) -> Bools:
        """Which samples have an answer."""
        there: Bools = np.isfinite(self.probability[:, 0])
        return there


def listen(plans: Plans, work: Path, name: str) -> Arrays:
    """Return what the live predictor says of all windows, in their order, on one pass."""
    config = Config()
    predictor = Predictor("", config)
    sets = AdaptiveSets(COVERAGE, predictor.calibration_scores)
    rng = np.random.default_rng(4)
    k = len(predictor.classes)
    rows: list[dict[str, Any]] = []
    for window, _ in pairs(work / PEOPLE, plans.simulation):
        hit = name == "artefacts" and rng.random() < 0.5
        said = predictor.predict([_changed(window, name, hit, rng)])[0]
        chosen = sets.sets(said.probabilities, condition_of(said.weights)) if said.status == "ok" else range(k)
        rows.append({
            "probability": said.probabilities if said.status == "ok" else (np.nan,) * k, "hit": hit,
            "set": np.isin(np.arange(k), chosen), "entropy": said.uncertainty, "epistemic": said.epistemic,
            "vacuity": said.vacuity, "disagreement": said.disagreement, "noise level": np.nanmax([0.0, *said.noise]),
        })  # fmt: skip
    return {key: np.asarray([row[key] for row in rows]) for key in rows[0]}


def _changed(window: Window, name: str, hit: bool, rng: np.random.Generator) -> Window:
    if name == "eeg alone":
        return replace(window, faces=(), face_problem="missing")
    if name == "face alone":
        return replace(window, eeg=None)
    if not hit or window.eeg is None or window.positions is None or window.eeg_mask is None:
        return window
    positions = np.asarray(window.positions, np.float32)
    eeg = corrupt(window.eeg[None], positions[None], window.eeg_mask[None], np.array([WORST + 1]), rng)
    return replace(window, eeg=eeg[0])


def heard_live(passes: dict[str, Arrays], bench: Bench) -> dict[str, dict[str, Heard]]:
    """Return what the live model says under each condition, with both sensors and with one."""
    found: dict[str, dict[str, Heard]] = {}
    for condition in bench.conditions:
        if condition.index is None:
            continue
        names = {LIVE: "artefacts" if condition.name.startswith("artefacts") else "clean"}
        if not condition.name.startswith("artefacts"):
            names[f"{LIVE}, face alone"] = "face alone"
        if condition.name == "clean":
            names[f"{LIVE}, EEG alone"] = "eeg alone"
        for row, name in names.items():
            said = {key: column[condition.index] for key, column in passes[name].items()}
            p = said["probability"]
            ways = {"highest probability": 1.0 - p.max(axis=1)}
            ways |= {way: said[way] for way in ("entropy", "epistemic", "vacuity", "noise level")}
            if name in ("clean", "artefacts"):
                ways["disagreement"] = said["disagreement"]
            corrupted = said["hit"] if name == "artefacts" else condition.corrupted
            found.setdefault(row, {})[condition.name] = Heard(p, ways, said["set"], condition.part.label, corrupted)
    return found


def heard_networks(kept: dict[str, list[Arrays]], bench: Bench) -> dict[str, dict[str, Heard]]:
    """Return what the plain networks say, one with its temperature, and five together."""
    truth = bench.task.validation.label
    found: dict[str, dict[str, Heard]] = {}
    for method in (CLEAN, NOISY):
        for n in (1, len(kept[method])):
            members = kept[method][:n]
            calm = [confidence.temperature(one["validation/logits"], truth) for one in members] if n == 1 else [1.0] * n
            name = f"{method}: temperature" if n == 1 else f"{method}: {n} networks"
            scores = lac_scores(_mean(members, "validation", calm), truth)
            sets = AdaptiveSets(COVERAGE, scores.tolist())
            for condition in (one for one in bench.conditions if one.index is not None):
                p = _mean(members, condition.name, calm)
                chosen = np.stack([np.isin(np.arange(p.shape[1]), sets.sets(row)) for row in p])
                ways = {"highest probability": confidence.doubt(p), "entropy": confidence.entropy(p)}
                heard = Heard(p, ways, chosen, condition.part.label, condition.corrupted)  # type: ignore[arg-type]
                found.setdefault(name, {})[condition.name] = heard
    return found


def _mean(members: Sequence[Arrays], where: str, calm: Sequence[float]) -> Floats:
    scaled = [confidence.scaled(one[f"{where}/logits"], t) for one, t in zip(members, calm, strict=True)]
    return np.asarray(np.mean(scaled, axis=0), np.float64)


def failure_figures(heard: dict[str, Heard], way: str) -> dict[str, float]:
    """Return the figures of one way to be unsure, over the samples that have an answer."""
    out: dict[str, float] = {}
    for name, one in heard.items():
        there = one.answered
        p, doubt, truth = one.probability[there], one.uncertainty[way][there], one.truth[there]
        right = p.argmax(axis=1) == truth
        where = name.split(",")[0]
        out[f"finds wrong, {where}"] = selective.failure_auroc(doubt, right)
        out[f"AUGRC, {where}"] = selective.augrc(doubt, right)
        if name != "clean":
            out[f"finds {where}"] = selective.auroc(doubt, one.corrupted[there])
    return out


def keep(heard: dict[str, Heard]) -> dict[str, float]:
    """Return accuracy and calibration, what the sets hold, how large they are, and how often there is no answer."""
    out: dict[str, float] = {}
    for name, one in heard.items():
        there, where = one.answered, name.split(",")[0]
        p, truth, sets = one.probability[there], one.truth[there], one.sets[there]
        out[f"accuracy, {where}"] = metrics.accuracy(truth, p.argmax(axis=1))
        out[f"ECE, {where}"] = metrics.calibration_error(p, truth)
        held, size = metrics.set_coverage([np.flatnonzero(one).tolist() for one in sets], truth)
        out[f"coverage, {where}"], out[f"size, {where}"] = held, size / 100
        out[f"abstains, {where}"] = float(1.0 - there.mean())
    return out


def by_person(passes: dict[str, Arrays], person: NDArray[Any], truth: Ints) -> str:
    """Return what the live model's sets hold of all people, with the interval over people, and of single ones."""
    names, rows = np.unique(person), []
    for name in ("clean", "face alone", "eeg alone"):
        p, sets = passes[name]["probability"], passes[name]["set"]
        there = np.flatnonzero(np.isfinite(p[:, 0]) & (truth >= 0))
        if not len(there):
            continue
        held, size = sets[there, truth[there]], sets[there].sum(axis=1).mean()
        found = cluster_bootstrap(lambda k, held=held: float(held[k].mean()), person[there])  # type: ignore[misc]
        each = [held[person[there] == one].mean() for one in names if (person[there] == one).any()]
        middle = f"{100 * found.value:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"
        rows.append([name, middle, f"{100 * min(each):.0f}", f"{100 * max(each):.0f}", f"{size:.1f}"])
    head = [f"live model, {len(names)} people", "coverage", "lowest person", "highest", "size"]
    return table(head, rows)


def main(argv: Sequence[str] | None = None) -> None:
    """Ask the live model what it has not been asked yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--people", type=int, default=Plans().people)
    parser.add_argument("--epochs", type=int, default=Plans().epochs)
    args = parser.parse_args(argv)
    one_thread_each()
    plans, folder = Plans(args.people, args.epochs), args.work / "uncertainty-live"
    left = run_cells(folder, {name: partial(listen, plans, args.work, name) for name in PASSES}, args.minutes)
    if left:
        print(f"{left} passes are still missing; run it again to go on.")
        return
    print(describe_machine())
    print("\n".join(report(plans, args.work, args.seeds)))


def report(plans: Plans, work: Path, seeds: int) -> Iterator[str]:
    """Give both tables, over the splits whose networks are all there."""
    passes = {name: read_cell(work / "uncertainty-live", name) or {} for name in PASSES}
    splits = []
    for seed in range(seeds):
        kept = answers("simulated", seed, work / "uncertainty")
        if kept is not None:
            bench = plans.bench("simulated", seed, work)
            splits.append({**heard_networks(kept, bench), **heard_live(passes, bench)})
    yield f"\nlive model, {len(splits)} splits\n"
    if splits:
        ways = [(name, way) for name, heard in splits[0].items() for way in heard["clean"].uncertainty]
        yield _table("finds", [(f"{n}: {w}", [failure_figures(one[n], w) for one in splits]) for n, w in ways])
        yield ""
        yield _table("sets", [(name, [keep(one[name]) for one in splits]) for name in splits[0]])
        yield "\nPercent; the size of a set in classes. AUGRC smaller is better.\n"
    truths = [(window.participant, truth.label) for window, truth in pairs(work / PEOPLE, plans.simulation)]
    person, truth = zip(*truths, strict=True)
    yield by_person(passes, np.asarray(person), np.asarray(truth))


def _table(head: str, rows: Sequence[tuple[str, list[dict[str, float]]]]) -> str:
    columns = list(dict.fromkeys(column for _, runs in rows for column in runs[0]))
    cells = [[name, *(_cell(runs, column) for column in columns)] for name, runs in rows]
    return table([head, *columns], cells)


def _cell(runs: Sequence[dict[str, float]], column: str) -> str:
    return percent([run[column] for run in runs]) if column in runs[0] else ""


if __name__ == "__main__":
    main()
