"""Digits, spoken and written, one of both corrupted: what a noise estimate makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.cells import Arrays
from benchmarks.datasets.digits import MODALITIES, N_BANDS, N_FRAMES, N_SIDE, load_digits
from benchmarks.fusion_methods import UDML
from benchmarks.noise_curves import N_LEVELS, Curve, curve, read_kinds
from benchmarks.noise_reader import NoiseReader
from benchmarks.picture_noise import KINDS, PictureNoise
from benchmarks.signal_statistics import picture_statistics
from training.fuse import fit_fusion, predict
from training.views import Floats, Part, Task

SIDES = ((N_FRAMES, N_BANDS), (N_SIDE, N_SIDE))
N_TAUGHT = 1500
"""Training samples that are corrupted in each kind, for the reader."""
NETWORKS = {"Gaussian": ("grain",), "mixture": ("grain", "cover", "blur")}


def by_network(seed: int, taught: str, epochs: int) -> Arrays:
    """Return the curves of UDML's own estimators, taught on these kinds."""
    task, out = load_digits(seed), Arrays()
    network = fit_fusion(task, replace(UDML, epochs=epochs), seed, corruption=PictureNoise(NETWORKS[taught], SIDES))
    for m, name in enumerate(MODALITIES):
        for kind in KINDS:
            noise = [np.ones((0, 2))] * N_LEVELS
            for level in range(N_LEVELS):
                levels = np.zeros((len(task.test), 2), np.int64)
                levels[:, m] = level
                views = PictureNoise((kind,), SIDES)(task.test, levels, np.random.default_rng([seed, level]))
                noise[level] = predict(network, Part(tuple(views), task.test.label)).noise.numpy()
            out[f"{name}|UDML taught on {taught}|{kind}"] = curve([one[:, m] for one in noise], noise[0][:, 1 - m])
    return out


def by_reader(seed: int) -> Arrays:
    """Return the curves of readers of both modalities, taught on training speakers and digits."""
    task, out = load_digits(seed), Arrays()
    for m, name in enumerate(MODALITIES):

        def read_curve(reader: NoiseReader, kind: str, m: int = m) -> Curve:
            rng, n = np.random.default_rng([seed, m, 1]), len(task.test)
            noise = [reader(_corrupt(task.test, m, kind, np.full(n, k), rng)).numpy() for k in range(N_LEVELS)]
            return curve(noise, float(np.median(noise[0])))

        found = read_kinds(*corrupted_statistics(task, m, tuple(KINDS), seed), read_curve, seed)
        out |= {f"{name}|{key}": one for key, one in found.items()}
    return out


def corrupted_statistics(
    task: Task, m: int, kinds: Sequence[str], seed: int
) -> tuple[torch.Tensor, dict[str, tuple[torch.Tensor, torch.Tensor]]]:
    """Return statistics of training samples of a modality: clean, and for each kind corrupted, with their levels."""
    train = Part(tuple(view[:N_TAUGHT] for view in task.train.views), task.train.label[:N_TAUGHT])
    rng = np.random.default_rng([seed, m])
    out = {}
    for kind in kinds:
        level = rng.integers(0, N_LEVELS, len(train))
        out[kind] = (_corrupt(train, m, kind, level, rng), torch.from_numpy(level).float())
    return statistics(train.views[m], m), out


def statistics(view: Floats, m: int) -> torch.Tensor:
    """Return the statistics of a modality's samples."""
    return picture_statistics(torch.from_numpy(view).view(-1, *SIDES[m]))


def _corrupt(part: Part, m: int, kind: str, level: NDArray[np.int64], rng: np.random.Generator) -> torch.Tensor:
    alone = Part((part.views[m],), part.label)
    return statistics(PictureNoise((kind,), SIDES[m : m + 1])(alone, level[:, None], rng)[0], m)
