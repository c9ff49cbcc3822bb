"""How an estimated noise follows the true level: the figures of one kind of noise, and their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.cells import Arrays
from benchmarks.fusion_tables import interval
from benchmarks.noise_reader import NoiseReader, fit_noise_reader
from training.metrics import rank_correlation
from training.view_noise import STRENGTH

N_LEVELS = len(STRENGTH)
POWERS = (1.0, 2.0)
REFUSED = 7.0
"""Noise of what the live chain refuses to use: above that of the highest level, 6."""
TAUGHT, UNTAUGHT = "reader, kind taught", "reader, kind not taught"
Curve = NDArray[np.float64]
Reading = Sequence[NDArray[np.floating]]
"""Estimated noise of test samples, one array for each level."""


def curve(noise: Reading, other: NDArray[np.floating] | float = 1.0) -> Curve:
    """Return Spearman over single samples, then by level the median noise and the mean weight with either power.

    The weight is that of the corrupted modality beside a clean one that is read as `other`.
    """
    true = np.repeat(np.arange(N_LEVELS), [len(one) for one in noise])
    weights = [[np.mean(1.0 / (1.0 + (one / other) ** power)) for one in noise] for power in POWERS]
    parts = [[rank_correlation(np.concatenate(noise), true)], [np.median(one) for one in noise], *weights]
    return np.concatenate([np.asarray(part, np.float64) for part in parts])


def read_kinds(
    clean: Tensor,
    corrupted: Mapping[str, tuple[Tensor, Tensor]],
    asked: Callable[[NoiseReader, str], Curve],
    seed: int,
) -> Arrays:
    """Return the curve of each kind, by a reader that was taught all kinds and by one that was taught all others.

    Parameters
    ----------
    clean : Tensor
        Statistics of clean training signals.
    corrupted : mapping of str to (Tensor, Tensor)
        Statistics of training signals with each kind of noise, and their levels, 0 clean.
    asked : callable
        Gives what a reader makes of the test signals with one kind of noise.
    seed : int
    """

    def reader(kinds: Iterable[str]) -> NoiseReader:
        both = [torch.cat(some) for some in zip(*(corrupted[kind] for kind in kinds), strict=True)]
        return fit_noise_reader(clean, both[0], both[1], seed)

    all_taught = reader(corrupted)
    out = {f"{TAUGHT}|{kind}": asked(all_taught, kind) for kind in corrupted}
    for kind in corrupted:
        out[f"{UNTAUGHT}|{kind}"] = asked(reader(one for one in corrupted if one != kind), kind)
    return out


def tables(found: Mapping[str, Sequence[Curve]]) -> str:
    """Return both Markdown tables of curves, each named ``corrupted|estimator|kind``, one per split."""
    names = [name.split("|") for name in found]
    estimators = list(dict.fromkeys(name[1] for name in names))
    rows = list(dict.fromkeys((name[0], name[2]) for name in names))
    lines = ["| corrupted | kind | " + " | ".join(estimators) + " |", "|---" * (len(estimators) + 2) + "|"]
    for where, kind in rows:
        curves = [found.get(f"{where}|{estimator}|{kind}") for estimator in estimators]
        lines.append(f"| {where} | {kind} | " + " | ".join(_spearman(some) for some in curves) + " |")
    powers = " | ".join(f"ends, power {power:.0f}" for power in POWERS)
    head = ["corrupted", "kind", *(f"{name}: noise | means rise | {powers}" for name in (TAUGHT, UNTAUGHT))]
    lines += ["", "| " + " | ".join(head) + " |", "|---" * 10 + "|"]
    for where, kind in rows:
        both = [found.get(f"{where}|{estimator}|{kind}") for estimator in (TAUGHT, UNTAUGHT)]
        lines.append(f"| {where} | {kind} | " + " | ".join(_levels(some) for some in both) + " |")
    return "\n".join(lines)


def _spearman(curves: Sequence[Curve] | None) -> str:
    if not curves:
        return ""
    mean, half = interval([one[0] for one in curves])
    return f"{mean:.2f} ± {half:.2f}"


def _levels(curves: Sequence[Curve] | None) -> str:
    if not curves:
        return " |  |  | "
    noise, *weights = np.mean(curves, axis=0)[1:].reshape(1 + len(POWERS), N_LEVELS)
    rises = rank_correlation(noise, np.arange(N_LEVELS))
    ends = " | ".join(f"{weight[-1]:.3f}" for weight in weights)
    return " ".join(f"{value:.1f}" for value in noise) + f" | {rises:.2f} | {ends}"
