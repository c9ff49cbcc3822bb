"""What a student taught rest before load says where load came first: people left out in turn, their files swapped.

``python -m benchmarks.swapped_order`` goes on where it stopped and prints the table. EEGMAT, as in `insula train
people --leave-out subject --sensors eeg`; the setting is the one that all folds of that chose (ten epochs at 0.001), so
none is chosen here. Each person is read twice, in the order in which they were recorded and in the other one: the same
samples, but for what a person's past makes of them. Accuracy over trials of 20 s; intervals over people.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from app.study.labelled_data import STEP_S, TABLE
from app.study.trials_files import recordings_of_table
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import STATES, data_folder, trials
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from core.calibration import probabilities
from core.config import Config, EegConfig, WindowConfig
from core.models.model_file import Architecture
from core.models.network import Network
from training.baselines import hold_front_end
from training.evaluation import predict
from training.examples import UNKNOWN, Examples
from training.kept_examples import keep, kept
from training.metrics import balanced_accuracy
from training.own_recordings import Recording, examples_of
from training.people import PeopleRecipe, Setting, fit_network
from training.splits import Sides

RECIPE = PeopleRecipe(Architecture(classes=STATES), "eeg", noise="none")
"""Without noise, as what is published was measured."""
SETTING = Setting(10, 1e-3)
TEMPERATURE = 2.0
ORDERS = ("as taught", "swapped")


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, data_folder(), 1).parse_args(argv)
    one_thread_each()
    folder = args.work / "swapped-order"
    prepare(args.data, folder)
    people = [str(name) for name in np.unique(windows(folder / f"{ORDERS[0]}.npz").participants)]
    cells = {name: partial(one_person, folder, name) for name in people}
    say_missing(run_cells(folder / "people", cells, args.minutes))
    print(describe_machine())
    print(report([one for name in people if (one := read_cell(folder / "people", name)) is not None]))


def prepare(data: Path, folder: Path) -> None:
    """Cut the windows of all people in both orders and keep them, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLE).write_text(trials(data), encoding="utf-8")
    config = dataclasses.replace(Config(eeg=EegConfig(notch=50.0)), window=WindowConfig(step=STEP_S))
    a = RECIPE.architecture
    for order in ORDERS:
        if not (folder / f"{order}.npz").exists():
            found = recordings_of_table(folder / TABLE, config, lambda _: None, order == "swapped")
            recordings = [Recording(one.name, one.windows, one.labels) for one in found]
            keep(examples_of(recordings, STATES, a.n_embedding, a.n_times), folder / f"{order}.npz")


@cache
def windows(path: Path) -> Examples:
    """Return the windows of one order with their EEG read."""
    examples = kept(path)
    hold_front_end(Network(RECIPE.architecture), examples)
    return examples


def one_person(folder: Path, name: str) -> Arrays:
    """Return truth and answer of each trial of a person whom the network has not seen, in both orders."""
    taught = windows(folder / f"{ORDERS[0]}.npz")
    train = np.flatnonzero((taught.label != UNKNOWN) & (taught.participants != name) & taught.has_eeg)
    network = fit_network(taught, Sides(train, None), RECIPE, SETTING, name)
    out = {}
    for order in ORDERS:
        asked = windows(folder / f"{order}.npz")
        mine = np.flatnonzero((asked.label != UNKNOWN) & (asked.participants == name))
        said = predict(network, asked, mine, "eeg")
        p = probabilities(said.similarity, float(network.prototypes.beta().detach()), TEMPERATURE)
        _, first, trial = np.unique(asked.group[said.index], return_index=True, return_inverse=True)
        mean = np.stack([np.bincount(trial, column) for column in p.T], axis=1)
        out[order] = np.stack([asked.label[said.index[first]], mean.argmax(axis=1)])
    return out


def report(people: Sequence[Arrays]) -> str:
    """Return the table over people."""
    rows, accuracy = [], {}
    for order in ORDERS:
        right = np.array([float((one[order][0] == one[order][1]).mean()) for one in people])
        balanced = np.array([balanced_accuracy(*one[order]) for one in people])
        as_load = np.array([float((one[order][1] == STATES.index("load")).mean()) for one in people])
        accuracy[order] = right
        rows.append([order, *(_over_people(values) for values in (right, balanced, as_load))])
    change = accuracy["swapped"] - accuracy["as taught"]
    low, high = bootstrap(change, lambda x: float(x.mean()), 0)
    head = ["load is tested", "right", "balanced", "called load"]
    return f"{table(head, rows)}\n\nswapped less as taught: {change.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def _over_people(values: np.ndarray) -> str:
    low, high = bootstrap(values, lambda x: float(x.mean()), 0)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
