"""What ratings of valence and arousal teach of how a person uses the scale, and how often where there is nothing.

``python -m benchmarks.few_ratings`` needs the people of `benchmarks.few_labels` and prints the table. Ratings are of
the true mood by a person who stretches and shifts the scale by lot, or by one who does not, or they are drawn by lot;
the first two have noise of a standard deviation of 0.15. Moments of four seconds in the first twenty minutes are rated,
by lot; the eighteen minutes after that are asked. Faces alone are read: no EEG is taught on these people.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from acquisition.simulator.trajectory import Trajectory
from benchmarks.cells import arguments, read_cell
from benchmarks.few_labels import DIFFER, LABEL_S, LABELLED_S, LATER_S, STRIDE
from benchmarks.learning_people import examples, faces_along, looks, network, seed_of, simulate
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from core.models.model_file import SHIPPED, read_model
from training.evaluation import Floats, predict
from training.examples import Examples
from training.held_out import split
from training.personal_affect import DIMENSIONS, fit_scales, write_scales

COUNTS = (16, 32, 64)
KINDS = ("own scale", "the scale as it is", "by lot")
NOISE = 0.15


def main(argv: Sequence[str] | None = None) -> None:
    """Read the people that are missing, and print the table."""
    args = arguments(__doc__, Path()).parse_args(argv)
    one_thread_each()
    people = args.work / "learning-people"
    if not looks(people, args.minutes) and not simulate(people, DIFFER, args.minutes):
        print(describe_machine())
        print(report(people, DIFFER.people))


def report(people: Path, n_people: int) -> str:
    """Return the table over people."""
    rows = []
    found = np.stack([one_person(people, number) for number in range(n_people)])
    for k, kind in enumerate(KINDS):
        for c, count in enumerate(COUNTS):
            cells = []
            for d in range(len(DIMENSIONS)):
                change = found[:, k, c, d, 1] - found[:, k, c, d, 0]
                low, high = bootstrap(change, lambda x: float(x.mean()), 0)
                cells += [
                    f"{found[:, k, c, d, 0].mean():.3f}", f"{change.mean():+.3f} [{low:+.3f}, {high:+.3f}]",
                    f"{found[:, k, c, d, 2].mean():.0%}",
                ]  # fmt: skip
            rows.append([kind, str(count), *cells])
    head = ["rated by", "ratings"]
    head += [f"{name}, {what}" for name in DIMENSIONS for what in ("error before", "change", "written")]
    return table(head, rows)


def one_person(people: Path, number: int) -> Floats:
    """Return root mean square errors on later time and whether it was written, (n_kinds, n_counts, 2, 3)."""
    eeg = read_cell(people, f"{DIFFER.name}-{number:03d}")
    if eeg is None:
        raise FileNotFoundError(f"{people} has nobody of number {number}.")
    eeg = {name: column[::STRIDE] for name, column in eeg.items()}
    trajectory = Trajectory(seed_of(DIFFER, number))
    made = examples([eeg], [faces_along(people, number, trajectory, eeg["start"], number)])
    mood = np.stack(trajectory.at(made.start + 1.0), axis=1)
    truth_class = trajectory.index(made.start + 1.0)
    rng = np.random.default_rng([number, 9])
    slots = rng.permutation(int(LABELLED_S // LABEL_S))
    own = np.exp(rng.normal(0.0, 0.5, 2)), rng.normal(0.0, 0.3, 2)
    out = np.zeros((len(KINDS), len(COUNTS), len(DIMENSIONS), 3))
    for k, kind in enumerate(KINDS):
        rates = np.clip(own[0] * mood + own[1], -1, 1) if kind == KINDS[0] else mood
        for c, count in enumerate(COUNTS):
            out[k, c] = _after(made, rates, kind == KINDS[2], truth_class, slots[:count], [number, k, c])
    return out


def _after(
    made: Examples, rates: Floats, by_lot: bool, truth_class: np.ndarray, slots: np.ndarray, seed: Sequence[int]
) -> Floats:
    rng = np.random.default_rng(seed)
    made.label[:], made.trial[:], made.affect[:] = -1, 0, np.nan
    slot = ((made.start + 1.0) // LABEL_S).astype(np.int64)
    for trial, one in enumerate(slots, start=1):
        inside = np.flatnonzero(slot == one)
        middle = inside[len(inside) // 2]
        given = rng.uniform(-1, 1, 2) if by_lot else np.clip(rates[middle] + NOISE * rng.standard_normal(2), -1, 1)
        made.affect[inside], made.label[inside], made.trial[inside] = given, truth_class[middle], trial
    made.settle()
    of, header = copy.deepcopy(network()), read_model(SHIPPED).header
    parts = split(made, np.flatnonzero(made.label >= 0), ["recording"], header)
    later = np.flatnonzero(made.start >= LATER_S)
    gain = header.calibration.affect_gain["face"]
    before = gain * predict(of, made, later, "face").affect
    scales = fit_scales(of, header, made, parts)
    write_scales(scales, of.affect)
    after = gain * predict(of, made, later, "face").affect
    rows = [np.sqrt(((np.clip(said, -1, 1) - rates[later]) ** 2).mean(axis=0)) for said in (before, after)]
    return np.stack([*rows, [float(scales[name].better) for name in DIMENSIONS]], axis=1)


if __name__ == "__main__":
    main()
