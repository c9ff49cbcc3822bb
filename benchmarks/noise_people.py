"""How far a model of ``insula train people`` trusts a face whose picture is corrupted, and how good its answers are.

``python -m benchmarks.noise_people`` goes on where it stopped and prints the table; ``--minutes`` says for how long.
Simulated participants in groups left out in turn. What is learnt from are the stretches in which the picture was clean;
what is asked about are all of them, clean or with grain, blur, darkness or something before the face, read by the live
chain. So the noise that is asked about is in the picture, and the one that is learnt from in the embeddings. With and
without ``--noise both``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import get_args

import numpy as np

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import data_folder
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.simulated_people import examples, simulate
from core.models.model_file import Architecture
from core.models.network import Network
from training import metrics
from training.baselines import hold_front_end
from training.corruption import N_LEVELS
from training.evaluation import predict
from training.examples import Examples
from training.people import Noise, PeopleRecipe, Setting, fit_network
from training.splits import Sides, deal_people

N_GROUPS = 4
TAUGHT = {"--noise eeg (default)": "eeg", "--noise both": "both"}


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    parser = arguments(__doc__, data_folder().parent, seeds=1)
    parser.add_argument("--people", type=int, default=24, help="simulated participants")
    args = parser.parse_args(argv)
    one_thread_each()
    plan, folder = Plan(participants=args.people, face_every=1), args.work / "noise-people"
    if simulate(args.work / "simulated-people", plan, args.minutes):
        return
    known = cache(partial(_read, partial(examples, args.work / "simulated-people", plan)))
    cells = {
        f"{noise}-{group}-{seed}": partial(left_out, known, noise, group, seed)
        for seed in range(args.seeds)
        for group in range(N_GROUPS)
        for noise in get_args(Noise)[:2]
    }
    say_missing(run_cells(folder, cells, args.minutes))
    kept = {name: arrays for name in cells if (arrays := read_cell(folder, name)) is not None}
    print(f"{describe_machine()}\n\n{report(kept)}\n\n{report_of_answers(kept)}")


def _read(load: Callable[[], Examples]) -> Examples:
    known = load()
    hold_front_end(Network(Architecture()), known)
    return known


def left_out(known: Callable[[], Examples], noise: Noise, group: int, seed: int, epochs: int = 10) -> Arrays:
    """Return weight and noise of the face, level of its picture, answer and truth of the people of a group left out."""
    given = known()
    held = deal_people(given, np.arange(len(given)), N_GROUPS, seed) == group
    train = np.flatnonzero(~held & (given.face_level == 0))
    recipe = PeopleRecipe(Architecture(face_signal=noise == "both"), noise=noise, seed=seed)
    network = fit_network(given, Sides(train, None), recipe, Setting(epochs), "all")
    said = predict(network, given, np.flatnonzero(held), "both")
    people = np.unique(given.participants, return_inverse=True)[1]
    return {
        "weight": said.weights[:, 1],
        "noise": said.noise[:, 1],
        "level": given.face_level[said.index],
        "person": people[said.index],
        "guess": said.similarity.argmax(axis=1),
        "truth": given.label[said.index],
    }


def report(kept: dict[str, Arrays]) -> str:
    """Return the table: means over people, and the fall from clean to the two highest levels with its interval."""
    rows = []
    for name, noise in TAUGHT.items():
        if (found := _together(kept, noise)) is None:
            continue
        weight, told, level, person = (found[key] for key in ("weight", "noise", "level", "person"))
        by_level = [(weight[level == k].mean(), told[level == k].mean()) for k in range(N_LEVELS)]
        falls = np.array([
            weight[(person == one) & (level == 0)].mean() - weight[(person == one) & (level >= N_LEVELS - 2)].mean()
            for one in np.unique(person)
            if ((person == one) & (level >= N_LEVELS - 2)).any() and ((person == one) & (level == 0)).any()
        ])  # fmt: skip
        low, high = bootstrap(falls, lambda x: float(x.mean()), 0)
        rows.append([
            name, " ".join(f"{w:.2f}" for w, _ in by_level), f"{falls.mean():+.3f} [{low:+.3f}, {high:+.3f}]",
            " ".join(f"{n:.1f}" for _, n in by_level), f"{metrics.rank_correlation(told, level):.2f}",
        ])  # fmt: skip
    head = [
        "taught with",
        "weight of the face by level, 0 to 5",
        "fall to levels 4 and 5",
        "noise by level",
        "Spearman",
    ]
    return table(head, rows)


def report_of_answers(kept: dict[str, Arrays]) -> str:
    """Return the table: balanced accuracy of each person with clean pictures and at the two highest levels, means."""
    rows, scores = [], {}
    for name, noise in TAUGHT.items():
        if (found := _together(kept, noise)) is None:
            continue
        guess, truth, level, person = (found[key] for key in ("guess", "truth", "level", "person"))
        parts = {"clean": level == 0, "levels 4, 5": level >= N_LEVELS - 2, "all": level >= 0}
        row = [name]
        for part, at in parts.items():
            mine = [at & (person == one) for one in np.unique(person)]
            score = np.array([metrics.balanced_accuracy(truth[of], guess[of]) if of.any() else np.nan for of in mine])
            row.append(f"{np.nanmean(score):.3f}")
            scores[noise, part] = score
            if noise == "both" and ("eeg", part) in scores:
                gain = score - scores["eeg", part]
                gain = gain[np.isfinite(gain)]
                low, high = bootstrap(gain, lambda x: float(x.mean()), 0)
                row[-1] += f" ({gain.mean():+.3f} [{low:+.3f}, {high:+.3f}])"
        rows.append(row)
    return table(["taught with", *(f"balanced accuracy, {part}" for part in ("clean", "levels 4, 5", "all"))], rows)


def _together(kept: dict[str, Arrays], noise: str) -> Arrays | None:
    """Return what was found with one kind of noise in training, all groups and seeds behind each other."""
    found = [arrays for cell, arrays in kept.items() if cell.startswith(f"{noise}-")]
    return {key: np.concatenate([one[key] for one in found]) for key in found[0]} if found else None


if __name__ == "__main__":
    main()
