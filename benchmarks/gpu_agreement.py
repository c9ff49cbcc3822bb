"""Whether a device says what the CPU says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.data import Array, Prediction
from core.models.face import FaceReader

WHOLE_WITHIN = 1e-4
"""What any number of a prediction may differ by in single precision."""
HALF_WITHIN = 2e-2
"""The same in half precision; probabilities, valence and arousal are shown in hundredths."""
_NUMBERS = (
    *("valence", "arousal", "valence_sd", "arousal_sd", "uncertainty", "aleatoric", "epistemic", "vacuity"),
    "disagreement",
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two devices say the same."""

    what: str
    n: int
    largest: float
    """Largest difference of any number."""
    within: float
    """What it may be."""
    n_status: int = 0
    """Windows with another status."""
    n_sets: int = 0
    """Windows with another prediction set."""
    n_missing: int = 0
    """Windows that only one of both predicted."""

    @property
    def holds(self) -> bool:
        """Whether they say the same."""
        return self.largest <= self.within and not self.n_status + self.n_sets + self.n_missing and self.n > 0

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        counts = (str(k) for k in (self.n_status, self.n_sets, self.n_missing))
        verdict = "yes" if self.holds else "**no**"
        return (self.what, str(self.n), f"{self.largest:.1e}", f"{self.within:.0e}", *counts, verdict)


def compare(ours: Sequence[Prediction], theirs: Sequence[Prediction], precision: torch.dtype) -> Agreement:
    """Return how far the predictions of a device, `theirs`, are those of the CPU.

    A GPU holds windows until those of everyone are there, so those that stop last may be missing from it alone.
    """
    last = max(one.stop for one in ours)
    a, b = ({(one.participant, one.stop): one for one in said if one.stop < last} for said in (ours, theirs))
    both = [(a[key], b[key]) for key in a if key in b]
    whole = precision is torch.float32
    return Agreement(
        f"predictions, {str(precision).removeprefix('torch.')}",
        len(both),
        max((_apart(one, other) for one, other in both), default=float("inf")),
        WHOLE_WITHIN if whole else HALF_WITHIN,
        sum(one.status != other.status for one, other in both),
        sum(one.prediction_set != other.prediction_set for one, other in both),
        len(a.keys() ^ b.keys()),
    )


def compare_faces(ours: FaceReader, theirs: FaceReader, seen: tuple[Array, Array, Array]) -> Agreement:
    """Return how far a reader on a device reads a face as the one on the CPU does, relative to the largest."""
    frame, crop, head = seen
    read = []
    for reader in (ours, theirs):
        (face,) = reader.detect(frame)
        embeddings, probabilities = reader.embed(np.repeat(crop[None], 8, axis=0))
        points, blendshapes, presence = reader.mesh(np.repeat(head[None], 8, axis=0))
        read.append((np.array(face.box), face.keypoints, embeddings, probabilities, points, blendshapes, presence))
    largest = max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(*read, strict=True))
    return Agreement("faces, 8 in a batch, float32", 8, largest, WHOLE_WITHIN)


def _apart(one: Prediction, other: Prediction) -> float:
    """Return the largest difference of their numbers: none where both are NaN, infinite where one is."""
    a, b = (_numbers(said) for said in (one, other))
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        return float("inf")
    return float(np.nan_to_num(np.abs(a - b)).max())


def _numbers(said: Prediction) -> Array:
    single = [getattr(said, name) for name in _NUMBERS]
    return np.array([*said.probabilities, *single, *said.weights, *said.noise], np.float64)
