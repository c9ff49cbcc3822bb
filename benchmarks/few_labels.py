"""Never worse, and better where there is something to learn: 8 to 64 labels of people who differ from the population.

``python -m benchmarks.few_labels`` goes on where it stopped and prints the tables; ``--minutes`` says for how long.
Twenty simulated people whose own slopes spread by 1 round the population's mean of 1: one in six goes the other way.
Labels of four seconds are given in the first twenty minutes, at random, one by lot of each third of the base's
uncertainty in turn, or two of three by lot and one of which it is least sure, as `insula label` asks and a session
while it runs (`core.active.query`); what is then written is asked about the eighteen minutes that follow, beside the
base. People are the unit.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.trajectory import Trajectory
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.learning_people import Plan, examples, faces_along, looks, network, seed_of, simulate
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from core.calibration import probabilities
from core.data import MODALITIES
from core.models.model_file import SHIPPED, Header, read_model
from core.models.network import Network
from core.uncertainty import disagreement, entropy
from training.baselines import follow_baselines
from training.evaluation import CONDITIONS, predict
from training.examples import Examples
from training.personal_change import cross_entropy
from training.personalise import apply, fit_labels

DIFFER = Plan("differ", 20, 40, EegKnobs(slope_spread=1.0), 3000)
COUNTS = (8, 16, 32, 64)
STRATEGIES = ("random", "thirds in turn, by lot", "two of three by lot, one least sure")
LABEL_S = 4.0
LABELLED_S = 1200.0
LATER_S = 1320.0
STRIDE = 2
"""Every second window, which share no sample: half the time, and next to the same."""
SEEDS = 1
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    args = arguments(__doc__, Path(), SEEDS).parse_args(argv)
    one_thread_each()
    people, folder = args.work / "learning-people", args.work / "few-labels"
    left = looks(people, args.minutes) + simulate(people, DIFFER, args.minutes)
    if left:
        say_missing(left)
        return
    cells = {
        f"{number:02d}-{seed}": partial(one_person, people, number, seed)
        for seed in range(args.seeds)
        for number in range(DIFFER.people)
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(report(folder, args.seeds))


def one_person(people: Path, number: int, seed: int) -> Arrays:
    """Return what labels of one person bring, arrays of shape (n_strategies, n_counts, n_conditions).

    ``gain``: nats of log loss by which the base is better on later time; ``right``: accuracy; ``learnt``: of EEG and
    face, whether what was learnt is written.
    """
    eeg = read_cell(people, f"{DIFFER.name}-{number:03d}")
    if eeg is None:
        raise FileNotFoundError(f"{people} has nobody of number {number}.")
    eeg = {name: column[::STRIDE] for name, column in eeg.items()}
    trajectory = Trajectory(seed_of(DIFFER, number))
    made = examples([eeg], [faces_along(people, number, trajectory, eeg["start"], number)], simulated=True)
    truth = trajectory.index(made.start + 1.0)
    header = read_model(SHIPPED).header
    follow_baselines(network(), made)
    later = np.flatnonzero(made.start >= LATER_S)
    base = {name: _losses(network(), header, made, later, truth, name) for name in CONDITIONS}
    chosen = moments(network(), header, made, np.random.default_rng([number, seed, 9]))
    out: dict[str, list[list[list[float]]]] = {"gain": [], "right": [], "learnt": []}
    for strategy in STRATEGIES:
        rows: dict[str, list[list[float]]] = {name: [] for name in out}
        for k in COUNTS:
            for name, row in _after(header, made, later, truth, chosen[strategy][:k], base).items():
                rows[name].append(row)
        for name, found in rows.items():
            out[name].append(found)
    return {name: np.array(found) for name, found in out.items()} | {
        "base": np.array([[base[name][0].mean(), base[name][1].mean()] for name in CONDITIONS])
    }


def _after(
    header: Header, made: Examples, later: Ints, truth: Ints, slots: Ints, base: dict[str, tuple[Floats, Floats]]
) -> dict[str, list[float]]:
    made.label[:], made.trial[:] = -1, 0
    slot = ((made.start + 1.0) // LABEL_S).astype(np.int64)
    for trial, one in enumerate(slots, start=1):
        inside = slot == one
        # A label says what is seen in the middle of its four seconds.
        made.label[inside], made.trial[inside] = truth[inside][inside.sum() // 2], trial
    made.settle()
    personal = fit_labels(network(), header, made, ["recording"])
    mine = copy.deepcopy(network())
    apply(mine, personal)
    temperature = dict(header.calibration.temperature)
    for name, change in personal.changes.items():
        temperature[name] *= change.temperature
    header.calibration.temperature.update(temperature)
    follow_baselines(mine, made)
    after = {name: _losses(mine, header, made, later, truth, name) for name in CONDITIONS}
    for name, change in personal.changes.items():
        header.calibration.temperature[name] /= change.temperature
    return {
        "gain": [float((after[name][0] - base[name][0]).mean()) for name in CONDITIONS],
        "right": [float(after[name][1].mean()) for name in CONDITIONS],
        "learnt": [float(personal.changes[name].is_change) for name in MODALITIES],
    }


def _losses(
    of: Network, header: Header, made: Examples, index: Ints, truth: Ints, condition: str
) -> tuple[Floats, Floats]:
    said = predict(of, made, index, condition)
    beta = float(of.prototypes.beta().detach())
    p = probabilities(said.similarity, beta, header.calibration.temperature[condition])
    label = truth[said.index]
    return cross_entropy(p, np.eye(p.shape[1])[label]), (p.argmax(axis=1) == label).astype(float)


def moments(of: Network, header: Header, made: Examples, rng: np.random.Generator) -> dict[str, Ints]:
    """Return the moments that each strategy asks about, best first, as numbers of stretches of four seconds."""
    asked = np.flatnonzero(made.start + 2.0 <= LABELLED_S)
    beta = float(of.prototypes.beta().detach())
    both, eeg, face = (
        probabilities(predict(of, made, asked, name).similarity, beta, header.calibration.temperature[name])
        for name in ("both", "eeg", "face")
    )
    unsure = entropy(both)
    score = unsure + (1.0 - unsure) * disagreement(eeg, face)
    slots, member = np.unique(((made.start[asked] + 1.0) // LABEL_S).astype(np.int64), return_inverse=True)
    mean = np.bincount(member, score) / np.bincount(member)
    ranked, lot = slots[np.argsort(-mean, kind="stable")], rng.permutation(slots)
    thirds = np.array_split(ranked, 3)
    chosen = lot, in_turn([rng.permutation(third) for third in thirds]), in_turn([lot, ranked, lot[::-1]])
    return dict(zip(STRATEGIES, chosen, strict=True))


def in_turn(parts: Sequence[Ints]) -> Ints:
    """Return one of each part in turn, until all are there once."""
    every = (int(one) for row in zip_longest(*parts) for one in row if one is not None)
    return np.array(list(dict.fromkeys(every)), np.int64)


def report(folder: Path, seeds: int) -> str:
    """Return the tables; seeds are averaged for each person before."""
    people = []
    for number in range(DIFFER.people):
        kept = [read_cell(folder, f"{number:02d}-{seed}") for seed in range(seeds)]
        there = [one for one in kept if one is not None]
        if there:
            people.append({name: np.mean([one[name] for one in there], axis=0) for name in there[0]})
    found = {name: np.stack([one[name] for one in people]) for name in people[0]}
    rows = []
    for s, strategy in enumerate(STRATEGIES):
        for k, count in enumerate(COUNTS):
            row = [strategy, str(count)]
            for c in range(len(CONDITIONS)):
                change = found["gain"][:, s, k, c]
                low, high = bootstrap(change, lambda x: float(x.mean()), 0)
                gain = 100 * (found["right"][:, s, k, c] - found["base"][:, c, 1]).mean()
                row.append(f"{change.mean():+.3f} [{low:+.3f}, {high:+.3f}]; {gain:+.1f}")
            row += [f"{found['learnt'][:, s, k, m].mean():.0%}" for m in range(2)]
            rows.append(row)
    head = ["asked", "labels", *CONDITIONS, "EEG learnt", "face learnt"]
    base = ", ".join(f"{name} {loss:.3f} ({right:.1%})" for name, (loss, right) in
                     zip(CONDITIONS, found["base"].mean(axis=0), strict=True))  # fmt: skip
    against = []
    for k, count in enumerate(COUNTS):
        for s in range(1, len(STRATEGIES)):
            cells = []
            for c in range(len(CONDITIONS)):
                change = found["gain"][:, s, k, c] - found["gain"][:, 0, k, c]
                low, high = bootstrap(change, lambda x: float(x.mean()), 0)
                cells.append(f"{change.mean():+.3f} [{low:+.3f}, {high:+.3f}]")
            against.append([str(count), STRATEGIES[s], *cells])
    return "\n\n".join([
        f"{len(people)} people; base on later time, log loss (right): {base}",
        "Log loss against the base on later time, below 0 is better, and points of accuracy\n\n" + table(head, rows),
        "Log loss against labels given at random\n\n" + table(["labels", "asked", *CONDITIONS], against),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
