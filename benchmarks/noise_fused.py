"""What a better noise estimate does to the fused answer: digits, the live form of UDML, levels from elsewhere.

The network is taught on Gaussian noise as in `benchmarks.fusion`, and so is one reader; another is taught all kinds.
The mean mixes what each modality says, so that weights can be exchanged without training anything anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from benchmarks.cells import Arrays
from benchmarks.datasets.digits import load_digits
from benchmarks.fusion_methods import METHODS
from benchmarks.fusion_tables import LIVE, NOISE, interval
from benchmarks.noise_digits import SIDES, corrupted_statistics, statistics
from benchmarks.noise_reader import NoiseReader, fit_noise_reader
from benchmarks.picture_noise import KINDS, PictureNoise
from training.feature_network import FeatureNetwork
from training.fuse import fit_fusion
from training.metrics import accuracy
from training.view_noise import corrupt_view
from training.views import Part, Task

OTHERS = ("cover", "blur", "stripes", "fade")
"""Kinds that the network has not met; each at level 4 in half of the samples."""
COLUMNS = ("clean", "gaussian", "salt", "other kinds", "worst")
OWN = "its own, power 1"


def by_weights(seed: int, epochs: int) -> Arrays:
    """Return the accuracy, one for each of `COLUMNS`, with each source of the weights."""
    task = load_digits(seed)
    network = fit_fusion(task, replace(METHODS[LIVE], epochs=epochs), seed).eval()
    tests = _tests(task, seed)
    sources: dict[str, Callable[[Part], Tensor] | None] = {"its own": None, "equal": _equal}
    for name, kinds in (("reader taught Gaussian", ("grain",)), ("reader taught all kinds", tuple(KINDS))):
        readers = [_reader(task, m, kinds, seed) for m in range(len(SIDES))]
        sources[name] = partial(_read, readers)
    out = {}
    for name, source in sources.items():
        for power in (1, 2) if source is not _equal else (1,):
            found = {test: _accuracy(network, part, source, power) for test, part in tests.items()}
            several = [[v for k, v in found.items() if k.startswith(column)] for column in COLUMNS[:-1]]
            means = [float(np.mean(values)) for values in several]
            out[f"{name}, power {power}"] = np.array([*means, min(found.values())])
    return out


def table(found: Mapping[str, Sequence[np.ndarray]]) -> str:
    """Return a Markdown table, percent; the second figure of a cell is the difference from UDML's own weights."""
    lines = ["| levels from | " + " | ".join(COLUMNS) + " |", "|---" * (1 + len(COLUMNS)) + "|"]
    for name, runs in found.items():
        cells = []
        for k in range(len(COLUMNS)):
            apart = interval([100 * (one[k] - own[k]) for one, own in zip(runs, found[OWN], strict=True)])
            cells.append(f"{100 * np.mean([one[k] for one in runs]):.1f} ({apart[0]:+.1f} ± {apart[1]:.1f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _tests(task: Task, seed: int) -> dict[str, Part]:
    out = {"clean": task.test}
    rng = np.random.default_rng([seed, 9])
    for m, name in enumerate(task.modalities):
        out |= {f"{kind} {eps} {name}": corrupt_view(task.test, m, kind, eps, seed) for kind, eps in NOISE}
        for kind in OTHERS:
            levels = np.zeros((len(task.test), len(SIDES)), np.int64)
            levels[:, m] = 4 * (rng.random(len(task.test)) < 0.5)
            views = PictureNoise((kind,), SIDES)(task.test, levels, rng)
            out[f"other kinds {kind} {name}"] = Part(tuple(views), task.test.label)
    return out


def _reader(task: Task, m: int, kinds: Sequence[str], seed: int) -> NoiseReader:
    usual, corrupted = corrupted_statistics(task, m, kinds, seed)
    both = [torch.cat(some) for some in zip(*corrupted.values(), strict=True)]
    return fit_noise_reader(usual, both[0], both[1], seed)


def _read(readers: Sequence[NoiseReader], part: Part) -> Tensor:
    return torch.stack([reader(statistics(part.views[m], m)) for m, reader in enumerate(readers)], dim=1)


def _equal(part: Part) -> Tensor:
    return torch.ones(len(part), len(part.views))


@torch.inference_mode()
def _accuracy(network: FeatureNetwork, part: Part, levels: Callable[[Part], Tensor] | None, power: int) -> float:
    reading = network.read([torch.from_numpy(view) for view in part.views])
    fusion = network.fusion
    if fusion is None:
        raise ValueError("a network of one view has no weights")
    level = fusion.noise(reading.gaussians) if levels is None else levels(part)
    weights = level.clamp(min=1.0) ** -power
    gain = len(part.views) * weights / weights.sum(dim=1, keepdim=True)
    places = torch.stack([one.mean for one in reading.gaussians], dim=1)
    feature = fusion.mix(places, gain, torch.ones_like(gain, dtype=torch.bool))
    return accuracy(part.label, network.classifier(feature).argmax(1).numpy())
