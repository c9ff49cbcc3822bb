"""Samples that several modalities see, as one view each: what a fusion can be fitted to without a signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Some samples: one row each in every view."""

    views: tuple[Floats, ...]
    """One array of shape (n_samples, n_features) per modality, in units of the training samples' spread."""
    label: Ints

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True, slots=True)
class Task:
    """A classification task, split so that no source of a sample is on two sides."""

    name: str
    modalities: tuple[str, ...]
    n_classes: int
    train: Part
    validation: Part
    test: Part
