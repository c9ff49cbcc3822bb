"""What noise in the EEG costs the answer: rest or mental load of people left out. EEGMAT, see `benchmarks.eegmat`.

A level says how corrupted a signal looks; this says what that does to what is read from it. Noise sets in all at once:
the person's past is clean. Asked about the same windows are a student taught as `insula train people` does, one taught
without noise, and a line over the students' inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.cells import Arrays
from benchmarks.eegmat import STATES, LoadWindows
from benchmarks.line import fit_line, inputs, with_one
from benchmarks.machine import table
from core.models.batch import MAX_SCALED
from core.models.fusion import places_of
from core.models.heads import Gaussian
from core.models.model_file import Architecture
from core.models.network import Network
from training.baselines import hold_front_end
from training.corruption import NAMES, corrupt
from training.examples import Ints
from training.intervals import cluster_bootstrap
from training.metrics import balanced_accuracy
from training.people import PeopleRecipe, Setting, fit_network
from training.splits import Sides

LEVELS = (1, 3, 5)
N_FOLDS = 5
EVERY = 3
"""Of the windows that are asked about."""
CLEAN = "clean"
ASKED = ("student", "student, --noise none", "line over its inputs")
NO_ANSWERS = ("person", "truth")
Floats = NDArray[np.float64]


def harm(material: Callable[[], LoadWindows], seed: int, fold: int) -> Arrays:
    """Return what those of `ASKED` say of people whom they have not learnt from, clean and with each kind of noise.

    Arrays of shape (3, n_windows).
    """
    windows = material()
    examples = windows.examples()
    taught = PeopleRecipe(Architecture(classes=STATES, n_embedding=1), sensors="eeg", seed=seed)
    hold_front_end(Network(taught.architecture), examples)
    test = np.isin(windows.person, windows.people[fold::N_FOLDS])
    train = np.flatnonzero(~test)
    students = [
        fit_network(examples, Sides(train, None), recipe, Setting(), "student")
        for recipe in (taught, replace(taught, noise="none"))
    ]
    if examples.power is None:
        raise RuntimeError("the front end is not held")
    read = inputs(examples.power, examples.baseline, students[0].eeg.spread.numpy())
    line = fit_line(read, windows.state, windows.person, train)
    rows = np.flatnonzero(test)[::EVERY]
    clean = np.clip(windows.eeg[rows] / windows.scale[rows, None, None], -MAX_SCALED, MAX_SCALED)
    clean = (clean * windows.mask[rows][..., None]).astype(np.float32)
    past = torch.from_numpy(examples.baseline[rows])
    positions = np.broadcast_to(windows.positions, (len(rows), *windows.positions.shape))
    rng = np.random.default_rng(seed)
    out: Arrays = {"person": windows.person[rows], "truth": windows.state[rows]}
    out[CLEAN] = _said(students, line, clean, windows, rows, past)
    for k, kind in enumerate(NAMES):
        for level in LEVELS:
            noisy = corrupt(clean, positions, windows.mask[rows], np.full(len(rows), level), rng, [k])
            out[f"{kind} {level}"] = _said(students, line, noisy, windows, rows, past)
    return out


@torch.inference_mode()
def _said(
    students: Sequence[Network],
    line: Floats,
    eeg: NDArray[np.float32],
    windows: LoadWindows,
    rows: Ints,
    past: torch.Tensor,
) -> NDArray[np.int64]:
    positions = torch.from_numpy(windows.positions).expand(len(rows), -1, -1)
    power = students[0].eeg.log_power(torch.from_numpy(eeg), positions, torch.from_numpy(windows.mask[rows]))
    told = []
    for network in students:
        place = network.eeg_head(network.eeg.read(power, past).feature)
        nowhere = Gaussian(torch.zeros_like(place.mean), torch.zeros_like(place.log_variance))
        told.append(network.prototypes(places_of((place, nowhere)))[:, 0].argmax(dim=-1).numpy())
    read = inputs(power.numpy(), past.numpy(), students[0].eeg.spread.numpy())
    return np.stack([*told, (with_one(read) @ line).argmax(axis=1)])


def results(cells: Sequence[Mapping[str, NDArray[np.int64]]]) -> str:
    """Return the table: points of balanced accuracy, seeds averaged for each person, 95 % over people."""
    person, truth = (np.concatenate([one[key] for one in cells]) for key in ("person", "truth"))
    said = {key: np.concatenate([one[key] for one in cells], axis=-1) for key in cells[0] if key not in NO_ANSWERS}
    names = np.unique(person)

    def each(guess: NDArray[np.int64]) -> Floats:
        return np.asarray([balanced_accuracy(truth[person == one], guess[person == one]) for one in names])

    def mean(of: Floats) -> str:
        found = cluster_bootstrap(lambda k: float(of[k].mean()), names)
        return f"{100 * found.value:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"

    base = [each(guess) for guess in said[CLEAN]]
    beside = [mean(base[0] - one) for one in base[1:]]
    lines = [["nothing: what each reaches", *(f"{100 * one.mean():.1f}" for one in base), *beside, ""]]
    for kind in NAMES:
        for level in LEVELS:
            guess = said[f"{kind} {level}"]
            now = [each(one) for one in guess]
            lost = [mean(one - clean) for one, clean in zip(now, base, strict=True)]
            changed = 100 * np.mean(guess[0] != said[CLEAN][0])
            beside = [mean(now[0] - one) for one in now[1:]]
            lines.append([f"{kind}, level {level}", *lost, *beside, f"{changed:.0f}"])
    head = ["EEG corrupted", *ASKED, *(f"student less {one}" for one in ASKED[1:]), "student's answers changed, %"]
    return table(head, lines)
