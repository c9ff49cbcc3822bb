"""What noise in the EEG costs the answer: rest or mental load of people left out. EEGMAT, see `benchmarks.eegmat`.

A level says how corrupted a signal looks; this says what that does to what is read from it. Noise sets in all at once:
the person's past is clean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.cells import Arrays
from benchmarks.eegmat import STATES, LoadWindows
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


def harm(material: Callable[[], LoadWindows], seed: int, fold: int) -> Arrays:
    """Return what a student says of people whom it has not learnt from, clean and with each kind of noise."""
    windows = material()
    examples = windows.examples()
    recipe = PeopleRecipe(Architecture(classes=STATES, n_embedding=1), sensors="eeg", seed=seed)
    hold_front_end(Network(recipe.architecture), examples)
    test = np.isin(windows.person, windows.people[fold::N_FOLDS])
    network = fit_network(examples, Sides(np.flatnonzero(~test), None), recipe, Setting(), "student")
    rows = np.flatnonzero(test)[::EVERY]
    clean = np.clip(windows.eeg[rows] / windows.scale[rows, None, None], -MAX_SCALED, MAX_SCALED)
    clean = (clean * windows.mask[rows][..., None]).astype(np.float32)
    past = torch.from_numpy(examples.baseline[rows])
    positions = np.broadcast_to(windows.positions, (len(rows), *windows.positions.shape))
    rng = np.random.default_rng(seed)
    out: Arrays = {"person": windows.person[rows], "truth": windows.state[rows]}
    out[CLEAN] = _said(network, clean, windows, rows, past)
    for k, kind in enumerate(NAMES):
        for level in LEVELS:
            noisy = corrupt(clean, positions, windows.mask[rows], np.full(len(rows), level), rng, [k])
            out[f"{kind} {level}"] = _said(network, noisy, windows, rows, past)
    return out


@torch.inference_mode()
def _said(
    network: Network, eeg: NDArray[np.float32], windows: LoadWindows, rows: Ints, past: torch.Tensor
) -> NDArray[np.int64]:
    positions = torch.from_numpy(windows.positions).expand(len(rows), -1, -1)
    reading = network.eeg(torch.from_numpy(eeg), positions, torch.from_numpy(windows.mask[rows]), past)
    place = network.eeg_head(reading.feature)
    nowhere = Gaussian(torch.zeros_like(place.mean), torch.zeros_like(place.log_variance))
    guess: NDArray[np.int64] = network.prototypes(places_of((place, nowhere)))[:, 0].argmax(dim=-1).numpy()
    return guess


def results(cells: Sequence[Mapping[str, NDArray[np.int64]]]) -> str:
    """Return the table: balanced accuracy, seeds averaged for each person, 95 % over people."""
    person, truth = (np.concatenate([one[key] for one in cells]) for key in ("person", "truth"))
    said = {key: np.concatenate([one[key] for one in cells]) for key in cells[0] if key not in ("person", "truth")}
    names = np.unique(person)

    def each(guess: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray([balanced_accuracy(truth[person == one], guess[person == one]) for one in names])

    base = each(said[CLEAN])
    lines = []
    for kind in NAMES:
        cells_of = []
        for level in LEVELS:
            lost = each(said[f"{kind} {level}"]) - base
            found = cluster_bootstrap(lambda k, lost=lost: float(lost[k].mean()), names)  # type: ignore[misc]
            cells_of.append(f"{100 * found.value:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]")
        changed = [f"{100 * np.mean(said[f'{kind} {level}'] != said[CLEAN]):.0f}" for level in LEVELS]
        lines.append([kind, *cells_of, " ".join(changed)])
    levels = [f"level {level}" for level in LEVELS]
    head = [
        f"EEG corrupted ({100 * base.mean():.1f} clean)",
        *levels,
        f"answers changed, {', '.join(map(str, LEVELS))}",
    ]
    return table(head, lines)
