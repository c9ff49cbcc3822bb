"""Noise on feature views: what networks learn from, and what they are tested with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.views import Floats, Part

STRENGTH = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Gaussian noise by level, in units of the spread of clean training samples."""
SALT = 3.0
Levels = NDArray[np.int64]
Noise = Callable[[Floats, float, np.random.Generator], Floats]


def gaussian(view: Floats, eps: float, rng: np.random.Generator) -> Floats:
    """Return the rows with Gaussian noise: 0.4 spreads per unit of eps, hence 2 at eps 5 and 4 at eps 10."""
    return (view + 0.4 * eps * rng.standard_normal(view.shape)).astype(np.float32)


def salt(view: Floats, eps: float, rng: np.random.Generator) -> Floats:
    """Return the rows with 4 % of the values per unit of eps set to plus or minus three spreads."""
    hit = rng.random(view.shape) < 0.04 * eps
    return np.where(hit, SALT * rng.choice([-1.0, 1.0], view.shape), view).astype(np.float32)


KINDS: dict[str, Noise] = {"gaussian": gaussian, "salt": salt}


def corrupt_view(part: Part, modality: int, kind: str, eps: float, seed: int, share: float = 0.5) -> Part:
    """Return the samples with one modality corrupted in a share of them, always the same way for a seed."""
    rng = np.random.default_rng([seed, modality, round(10 * eps), *kind.encode()])
    views = list(part.views)
    hit = rng.random(len(part)) < share
    views[modality] = np.where(hit[:, None], KINDS[kind](views[modality], eps, rng), views[modality])
    return Part(tuple(views), part.label)


def draw_levels(n_samples: int, n_modalities: int, rng: np.random.Generator) -> Levels:
    """Return noise levels 0 to 5, shape (n_samples, n_modalities): half of the samples clean in all of them."""
    levels = rng.integers(0, len(STRENGTH), (n_samples, n_modalities))
    return np.asarray(levels * (rng.random((n_samples, 1)) < 0.5), np.int64)


def at_levels(views: Sequence[Floats], levels: Levels, rng: np.random.Generator) -> list[Floats]:
    """Return the views with Gaussian noise at each sample's level."""
    strength = np.asarray(STRENGTH, np.float32)[levels]
    return [
        view + strength[:, m : m + 1] * rng.standard_normal(view.shape, dtype=np.float32)
        for m, view in enumerate(views)
    ]
