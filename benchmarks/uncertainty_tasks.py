"""What the uncertainty benchmark is run on: tasks of two modalities, with their test samples clean and corrupted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.datasets.digits import N_BANDS, N_FRAMES, N_SIDE, load_digits
from benchmarks.datasets.preparing import split, whitened
from benchmarks.picture_noise import PictureNoise
from benchmarks.simulated_people import N_EMBEDDING, examples
from core.models.model_file import Architecture
from core.models.network import Network
from training.baselines import fit_population, follow_baselines
from training.examples import Examples, Ints, split_participants
from training.view_noise import corrupt_view
from training.views import Floats, Part, Task

SIDES = ((N_FRAMES, N_BANDS), (N_SIDE, N_SIDE))
SHARES = (0.6, 0.15, 0.25)
"""Of simulated participants to train, validate and test with."""
WORST = 3
"""Level of noise from which on a simulated face or EEG counts as corrupted."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Test samples of which some are corrupted."""

    name: str
    seen: bool
    """Whether networks that learn from noise learn from noise of this kind."""
    part: Part
    corrupted: NDArray[np.bool_]
    """Which samples are."""
    index: Ints | None = None
    """Which of the simulated windows they are; None for digits."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A task and its corrupted test samples; the clean ones come first."""

    task: Task
    conditions: list[Condition]


def digits(seed: int) -> Bench:
    """Return spoken and written digits: Gaussian noise is seen, salt and covers are not; one modality at a time."""
    task = load_digits(seed)
    found = [Condition("clean", True, task.test, np.zeros(len(task.test), bool))]
    for m, name in enumerate(task.modalities):
        found.append(_mixed(f"gaussian 5, {name}", True, task.test, corrupt_view(task.test, m, "gaussian", 5, seed)))
        found.append(_mixed(f"salt 10, {name}", False, task.test, corrupt_view(task.test, m, "salt", 10, seed)))
        rng = np.random.default_rng([seed, m])
        levels = np.zeros((len(task.test), 2), np.int64)
        levels[:, m] = 4 * (rng.random(len(task.test)) < 0.5)
        covered = Part(tuple(PictureNoise(("cover",), SIDES)(task.test, levels, rng)), task.test.label)
        found.append(_mixed(f"covered, {name}", False, task.test, covered))
    return Bench(task, found)


def _mixed(name: str, seen: bool, clean: Part, part: Part) -> Condition:
    changed = [(a != b).any(axis=1) for a, b in zip(clean.views, part.views, strict=True)]
    return Condition(name, seen, part, np.any(changed, axis=0))


def simulated(folder: Path, plan: Plan, seed: int) -> Bench:
    """Return simulated participants: change of log power, and the face's embedding. Real artefacts are not seen."""
    known, clean_power, dirty_power = _simulated(folder, plan)
    there = known.has_eeg & known.has_face
    names = split_participants(known.participants.tolist(), SHARES, seed)
    clean = there & (known.face_level == 0)
    parts = [np.flatnonzero(clean & np.isin(known.participants, list(part))) for part in names]
    share = known.faces / np.maximum(known.faces.sum(axis=1, keepdims=True), 1)
    face = (share[:, :, None] * known.embeddings.astype(np.float32)).sum(axis=1).astype(np.float32)
    views = whitened((clean_power, face), parts[0])
    task = Task("simulated", ("eeg", "face"), 7, *split(views, known.label, parts))
    mean, spread = clean_power[parts[0]].mean(axis=0), np.maximum(clean_power[parts[0]].std(axis=0), 1e-6)
    dirty = ((dirty_power - mean) / spread).clip(-10.0, 10.0).astype(np.float32)
    found = [Condition("clean", True, task.test, np.zeros(len(task.test), bool), parts[2])]
    for m, name in enumerate(task.modalities):
        found.append(_mixed(f"gaussian 5, {name}", True, task.test, corrupt_view(task.test, m, "gaussian", 5, seed)))
    hit = np.random.default_rng(seed).random(len(parts[2])) < 0.5
    eeg = np.where(hit[:, None], dirty[parts[2]], task.test.views[0])
    found.append(Condition("artefacts, eeg", False, Part((eeg, task.test.views[1]), task.test.label), hit, parts[2]))
    bad = np.flatnonzero(there & (known.face_level >= WORST) & np.isin(known.participants, list(names[2])))
    both = np.concatenate([parts[2], bad])
    part = Part(tuple(view[both] for view in views), known.label[both])
    found.append(Condition("corrupted picture, face", False, part, np.arange(len(both)) >= len(parts[2]), both))
    return Bench(task, found)


@cache
def _simulated(folder: Path, plan: Plan) -> tuple[Examples, Floats, Floats]:
    """Return the windows and the change of their log power against the person's past, clean and with artefacts."""
    torch.set_num_threads(1)
    known = examples(folder, plan)
    network = Network(Architecture(n_embedding=N_EMBEDDING))
    fit_population(network, known, np.arange(len(known)))
    follow_baselines(network, known)
    past = known.baseline[:, 0]
    powers = [_power(network, known, level) - past for level in (0, WORST + 1)]
    return known, powers[0], powers[1]


@torch.inference_mode()
def _power(network: Network, known: Examples, level: int) -> Floats:
    rng = np.random.default_rng(5)
    rows: list[Any] = []
    for start in range(0, len(known), 256):
        index: Ints = np.arange(start, min(start + 256, len(known)))
        reading = network.read_eeg(known.corrupted(index, np.full(len(index), level), rng).inputs)
        if reading is None:
            raise ValueError("simulated participants have EEG")
        rows.append(reading.power.numpy())
    out: Floats = np.concatenate(rows)
    return out
