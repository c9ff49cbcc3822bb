"""Does the estimated noise follow the true level, also for kinds it never saw? ``python -m benchmarks.noise``.

Digits, spoken and written. UDML learns from Gaussian noise alone, as published, or from a mixture of kinds; both are
asked about kinds they saw and kinds they did not. One modality is spoilt at a time, the other is clean.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.fusion_methods import UDML
from benchmarks.fusion_tables import interval
from training import metrics
from training.datasets.digits import N_BANDS, N_FRAMES, N_SIDE, load_digits
from training.datasets.views import Part, Task
from training.feature_network import FeatureNetwork
from training.fuse import said, teach
from training.picture_noise import KINDS, PictureNoise
from training.view_noise import STRENGTH

SIDES = ((N_FRAMES, N_BANDS), (N_SIDE, N_SIDE))
TAUGHT = {"Gaussian": ("grain",), "mixture": ("grain", "cover", "blur")}
N_LEVELS = len(STRENGTH)


@dataclass(frozen=True, slots=True)
class Curve:
    """How one modality's noise and weight follow the level of one kind."""

    spearman: float
    """Over single samples of all levels."""
    noise: list[float]
    """Median by level."""
    weight: list[float]
    """Mean by level."""


def follow(network: FeatureNetwork, task: Task, modality: int, kind: str, seed: int) -> Curve:
    """Return how noise and weight of a modality follow the level of one kind of noise in it."""
    noise, weight = [], []
    for level in range(N_LEVELS):
        levels = np.zeros((len(task.test), 2), np.int64)
        levels[:, modality] = level
        views = PictureNoise((kind,), SIDES)(task.test, levels, np.random.default_rng([seed, level]))
        heard = said(network, Part(tuple(views), task.test.label))
        noise.append(heard.noise[:, modality].numpy())
        weight.append(float(heard.weights[:, modality].mean()))
    true = np.repeat(np.arange(N_LEVELS), len(task.test))
    rho = metrics.rank_correlation(np.concatenate(noise), true)
    return Curve(rho, [float(np.median(one)) for one in noise], weight)


def main(argv: Sequence[str] | None = None) -> None:
    """Train, ask and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=UDML.epochs)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    curves: dict[tuple[str, str, str], list[Curve]] = {}
    for seed in range(options.seeds):
        task = load_digits(seed)
        for taught, kinds in TAUGHT.items():
            network = teach(task, replace(UDML, epochs=options.epochs), seed, spoiler=PictureNoise(kinds, SIDES))
            for m, name in enumerate(task.modalities):
                for kind in KINDS:
                    curves.setdefault((taught, name, kind), []).append(follow(network, task, m, kind, seed))
    for taught, kinds in TAUGHT.items():
        print(f"\nUDML taught on {taught}\n")
        print("| spoilt | kind | seen | Spearman, samples | level means rise | noise, levels 0 to 5 | weight | ends |")
        print("|---" * 8 + "|")
        for (where, name, kind), found in curves.items():
            if where == taught:
                print(_row(name, kind, "yes" if kind in kinds else "no", found))


def _row(name: str, kind: str, seen: str, found: Sequence[Curve]) -> str:
    rho = interval([one.spearman for one in found])
    noise = np.mean([one.noise for one in found], axis=0)
    weight = np.mean([one.weight for one in found], axis=0)
    rises = metrics.rank_correlation(noise, np.arange(N_LEVELS))
    cells = [
        name, kind, seen, f"{rho[0]:.2f} ± {rho[1]:.2f}", f"{rises:.2f}", " ".join(f"{v:.1f}" for v in noise),
        " ".join(f"{v:.2f}" for v in weight), f"{weight[-1]:.3f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
