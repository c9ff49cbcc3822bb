"""Does it find wrong answers that EEG and face contradict each other? Ways to measure it, alone and beside entropy.

``python -m benchmarks.conflict`` goes on where it stopped and prints the tables; ``--minutes`` says for how long. Two
worlds: simulated participants whom the shipped model has not seen, where the EEG tells little; and the real pairs of
`benchmarks.pairs` with the wrong face in a fifth of the trials of the people left out, where it tells much. There both
modalities are fused by the product of their probabilities. Half of the people are to choose by, half to report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.cells import Arrays, arguments, read_cell, run_cells
from benchmarks.distillation import ONLY, real_pairs
from benchmarks.eegmat import data_folder
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from benchmarks.pairs import Pairs
from benchmarks.simulated_people import examples, simulate
from benchmarks.thesis_student import Lessons, fit_student, fit_teacher, predict
from core.calibration import probabilities
from core.models.checkpoint import load
from core.models.model_file import SHIPPED
from core.uncertainty import disagreement, divergence, entropy
from training.baselines import follow_baselines
from training.evaluation import CONDITIONS
from training.evaluation import predict as predict_network
from training.selective import auroc

PLAN = Plan(participants=12, seconds=180.0, face_every=1, seed=1001)
"""Other seeds than the shipped model's."""
SEEDS, N_FOLDS, WRONG_FACES = 5, 6, 0.2
Floats = NDArray[np.floating[Any]]
Way = Callable[[Floats, Floats], Floats]


def dempster(first: Floats, second: Floats) -> Floats:
    """Return Dempster's conflict of what each probability exceeds the least by (Jøsang 2016: uncertainty at most)."""
    p, q = (one - one.min(axis=-1, keepdims=True) for one in (first, second))
    return np.asarray(p.sum(axis=-1) * q.sum(axis=-1) - (p * q).sum(axis=-1))


def both_certain(first: Floats, second: Floats) -> Floats:
    """Return the divergence times both certainties."""
    return np.asarray(divergence(first, second) * (1.0 - entropy(first)) * (1.0 - entropy(second)))


WAYS: dict[str, Way] = {
    "divergence": divergence,
    "divergence x both certainties": both_certain,
    "Dempster": dempster,
    "divergence x their geometric mean (live)": disagreement,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    args = arguments(__doc__, data_folder().parent, SEEDS).parse_args(argv)
    one_thread_each()
    people, folder = args.work / "conflict-people", args.work / "conflict"
    if simulate(people, PLAN, args.minutes):
        return
    source = partial(real_pairs, args.data, args.work)
    worlds = {"simulated": [("simulated", partial(of_shipped, people))]}
    worlds["pairs"] = [
        (f"pairs-{f}-{s}", partial(of_pairs, source, f, s)) for s in range(args.seeds) for f in range(N_FOLDS)
    ]
    for name, cells in worlds.items():
        if run_cells(folder, dict(cells), args.minutes):
            return
        kept = [one for cell, _ in cells if (one := read_cell(folder, cell)) is not None]
        print(f"\n{name}\n\n{report({key: np.concatenate([one[key] for one in kept]) for key in kept[0]})}")
    print(f"\n{describe_machine()}")


def of_shipped(folder: Path) -> Arrays:
    """Return what the shipped model says of simulated participants by EEG, by face and by both."""
    known, shipped = examples(folder, PLAN), load(SHIPPED)
    network, temperature = shipped.network, shipped.header.calibration.temperature
    follow_baselines(network, known)
    index = np.flatnonzero(known.has_eeg & known.has_face)
    beta = float(network.prototypes.beta().detach())
    said = {
        condition: probabilities(
            predict_network(network, known, index, condition).similarity, beta, temperature[condition]
        )
        for condition in CONDITIONS
    }
    _, person = np.unique(known.participants[index], return_inverse=True)
    return {**said, "label": known.label[index], "person": person}


def of_pairs(source: Callable[[int], Pairs], fold: int, seed: int) -> Arrays:
    """Return the same of people left out, some of whose trials show the face of the other class."""
    pairs = source(seed)
    people = np.random.default_rng([seed, 8]).permutation(np.unique(pairs.person))
    left_out = np.isin(pairs.person, np.array_split(people, N_FOLDS)[fold])
    train, test = np.flatnonzero(~left_out), np.flatnonzero(left_out)
    lessons = Lessons(pairs, train, discrete=True)
    teacher = fit_teacher(lessons, train, seed)
    student, model = fit_student(lessons, train, teacher, ONLY, seed)
    rng = np.random.default_rng([seed, 9])
    trials = np.unique(pairs.trial[test])
    hidden = trials[rng.random(len(trials)) < WRONG_FACES]
    face = pairs.face.copy()
    for k in test[np.isin(pairs.trial[test], hidden)]:
        others = test[(pairs.person[test] == pairs.person[k]) & (pairs.label[test] != pairs.label[k])]
        face[k] = pairs.face[rng.choice(others)]
    told = predict(Lessons(replace(pairs, face=face), train, discrete=True), student, model, teacher, test)
    product = told.student * told.teacher
    both = product / product.sum(axis=1, keepdims=True)
    truth = {"label": pairs.label[test], "person": pairs.person[test]}
    return {"eeg": told.student, "face": told.teacher, "both": both, **truth}


def report(said: Arrays) -> str:
    """Return the table: AUROC for wrong answers, what a way adds to entropy, people resampled, and what it asks."""
    unsure = entropy(said["both"])
    scores = {"entropy alone": (unsure, unsure)}
    conflict = divergence(said["eeg"], said["face"])
    scores["mean of entropy and divergence (before)"] = (conflict, (unsure + conflict) / 2)
    for name, way in WAYS.items():
        conflict = way(said["eeg"], said["face"])
        scores[name] = (conflict, unsure + (1.0 - unsure) * conflict)
    wrong, person = said["both"].argmax(axis=1) != said["label"], said["person"]
    people = np.unique(person)
    rows = []
    for name, (alone, score) in scores.items():
        row = [name]
        for some in (people[::2], people[1::2]):
            at = np.isin(person, some)
            row += [f"{auroc(one[at], wrong[at]):.3f}" for one in (alone, score)]
        low, high = bootstrap(people[1::2], partial(_gain, score, unsure, wrong, person), 0)
        beside = "" if name == "entropy alone" else f"[{low:+.3f}, {high:+.3f}]"
        asked = score > np.quantile(score, 0.75)
        rows.append([*row, beside, f"{asked.mean():.0%}, {wrong[asked].sum() / max(asked.sum(), 1):.0%}"])
    right = [np.mean(said[key].argmax(axis=1) == said["label"]) for key in CONDITIONS]
    words = ", ".join(f"{key} {value:.3f}" for key, value in zip(CONDITIONS, right, strict=True))
    head = ["conflict by", "to choose: alone", "in the score", "to report: alone", "in the score", "against entropy"]
    return f"accuracy: {words}; {len(wrong)} windows\n\n{table([*head, 'upper quarter, wrong among them'], rows)}"


def _gain(score: Floats, plain: Floats, wrong: NDArray[np.bool_], person: Floats, drawn: Floats) -> float:
    at = np.concatenate([np.flatnonzero(person == one) for one in drawn])
    return auroc(score[at], wrong[at]) - auroc(plain[at], wrong[at])


if __name__ == "__main__":
    main()
