"""EEG beside faces for the thesis: real ones, paired by class, and simulated participants, each with the wrong labels.

The real pairing is constructed: EEG at rest is put beside another person's neutral face and EEG under load beside that
person's smile (EEGMAT; Face Research Lab London Set, DeBruine & Jones 2017, CC BY 4.0). So the face knows the class far
better than the EEG, as the thesis assumes; nothing here is an emotion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.study.train_simulated import Plan
from benchmarks.eegmat import LoadWindows
from benchmarks.load_models import Material
from benchmarks.simulated_people import N_EMBEDDING, examples
from core.models.model_file import Architecture
from core.models.network import Network
from training.baselines import mean_power

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TRIAL_S = 20.0
"""Rest and load are cut in trials of this length: what one label is given to."""
GRAIN = 0.05
"""A face's embedding differs from window to window by this share of its spread over people."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Windows with the log power of their EEG and the embedding of their face."""

    power: Floats
    """(n_windows, n_power)."""
    face: Floats
    """(n_windows, n_embedding); zeros where there is none."""
    has_face: Bools
    label: Ints
    """(n_windows,)."""
    affect: Floats
    """(n_windows, 2): valence and arousal; NaN for real EEG."""
    person: Ints
    start: NDArray[np.float64]
    trial: Ints
    """(n_windows,): no two people share one."""

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return int(self.label.max()) + 1

    def mislabelled(self, share: float, seed: int, among: Ints) -> Pairs:
        """Return the same with other labels and affect for this share of the trials at `among`.

        A wrong class is any of the others; wrong affect is that of another trial, whole.
        """
        rng = np.random.default_rng([seed, round(1000 * share)])
        label, affect = self.label.copy(), self.affect.copy()
        trials = np.unique(self.trial[among])
        for one in rng.choice(trials, round(share * len(trials)), replace=False):
            rows = self.trial == one
            label[rows] = (self.label[rows] + rng.integers(1, self.n_classes)) % self.n_classes
            other = self.trial == rng.choice(trials[trials != one])
            affect[rows] = np.nanmean(self.affect[other], axis=0) if np.isfinite(self.affect[other]).any() else np.nan
        return replace(self, label=label, affect=affect)


def class_paired(windows: LoadWindows, material: Material, faces: Path, seed: int) -> Pairs:
    """Return real EEG, each person's beside the two faces of someone else, drawn anew with each seed.

    Parameters
    ----------
    windows : LoadWindows
    material : Material
        Of these windows.
    faces : Path
        A .npz file from `read_faces`.
    seed : int
    """
    with np.load(faces) as kept:
        neutral, smiling = kept["neutral"], kept["smiling"]
    rng = np.random.default_rng([seed, 11])
    partner = rng.choice(len(neutral), len(windows.people), replace=False)
    shown = np.stack([neutral, smiling])[windows.state, partner[np.searchsorted(windows.people, windows.person)]]
    grain = GRAIN * np.concatenate([neutral, smiling]).std(axis=0) * rng.standard_normal(shown.shape)
    trial = windows.person * 1000 + windows.state * 500 + (windows.start // TRIAL_S).astype(np.int64)
    return Pairs(
        material.power,
        (shown + grain).astype(np.float32),
        np.ones(len(windows), bool),
        windows.state,
        np.full((len(windows), 2), np.nan, np.float32),
        windows.person,
        windows.start,
        trial,
    )


def read_faces(folder: Path, cache: Path) -> Path:
    """Write the embeddings of all people whose two faces can be used to `cache`, unless it is there; return it."""
    if cache.exists():
        return cache
    import cv2

    from benchmarks.faces import look
    from core.models.face import FaceReader

    reader = FaceReader()
    found: dict[str, list[Floats]] = {"neutral": [], "smiling": []}
    for path in sorted((folder / "neutral").glob("*.jpg")):
        other = next((folder / "smiling").glob(f"{path.name[:3]}*.jpg"))
        seen = [
            look(reader, np.ascontiguousarray(np.asarray(cv2.imread(str(one)))[..., ::-1])) for one in (path, other)
        ]
        told = [one.embedding for one in seen if one.embedding is not None and not one.problem]
        if len(told) == 2:
            found["neutral"].append(told[0])
            found["smiling"].append(told[1])
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, neutral=np.stack(found["neutral"]), smiling=np.stack(found["smiling"]))
    return cache


def simulated(folder: Path, plan: Plan) -> Pairs:
    """Return simulated participants; their faces are one photograph, corrupted for part of the time."""
    known = examples(folder, plan)
    power = mean_power(Network(Architecture(n_embedding=N_EMBEDDING)), known)
    share = known.faces / np.maximum(known.faces.sum(axis=1, keepdims=True), 1)
    face = (share[:, :, None] * known.embeddings.astype(np.float32)).sum(axis=1)
    rows = np.flatnonzero(known.has_eeg)
    _, person = np.unique(known.participants, return_inverse=True)
    return Pairs(
        power[rows],
        face[rows].astype(np.float32),
        known.has_face[rows],
        known.label[rows],
        known.affect[rows],
        person[rows],
        known.start[rows],
        known.group[rows],
    )
