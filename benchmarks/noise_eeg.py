"""Real EEG with artefacts added: what a noise estimate makes of it. EEGMAT, see `benchmarks.eegmat`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.cells import Arrays
from benchmarks.eegmat import LoadWindows
from benchmarks.noise_curves import N_LEVELS, Curve, curve, read_kinds
from benchmarks.noise_reader import NoiseReader
from benchmarks.signal_statistics import eeg_statistics
from core.models.batch import MAX_SCALED
from core.models.checkpoint import load
from core.models.heads import Gaussian
from core.models.model_file import SHIPPED
from training.corruption import NAMES, corrupt

PER_PERSON = 48
N_FOLDS = 5
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corrupted:
    """Some windows of each person, clean and with each kind of noise at a level of their own."""

    clean: torch.Tensor
    """(n_windows, n_chans, n_times), in units of the running scale."""
    noisy: dict[str, torch.Tensor]
    mask: torch.Tensor
    positions: torch.Tensor
    level: Ints
    person: Ints

    @classmethod
    def of(cls, windows: LoadWindows) -> Corrupted:
        """Return windows drawn from each person, as many at each level."""
        rng = np.random.default_rng(0)
        people = [np.flatnonzero(windows.person == one) for one in windows.people]
        rows = np.concatenate([rng.choice(some, PER_PERSON, replace=False) for some in people])
        mask, level = windows.mask[rows], np.tile(np.arange(N_LEVELS), len(rows) // N_LEVELS)
        clean = np.clip(windows.eeg[rows] / windows.scale[rows, None, None], -MAX_SCALED, MAX_SCALED)
        clean = (clean * mask[..., None]).astype(np.float32)
        positions = np.broadcast_to(windows.positions, (len(rows), *windows.positions.shape))
        noisy = {
            kind: torch.from_numpy(corrupt(clean, positions, mask, level, rng, [k])) for k, kind in enumerate(NAMES)
        }
        places = torch.from_numpy(windows.positions).expand(len(rows), -1, -1)
        return cls(torch.from_numpy(clean), noisy, torch.from_numpy(mask), places, level, windows.person[rows])

    def by_level(self, noise: NDArray[np.floating], rows: NDArray[np.bool_]) -> Curve:
        """Return the curve of some windows."""
        return curve([noise[rows & (self.level == level)] for level in range(N_LEVELS)])

    def test(self, fold: int) -> NDArray[np.bool_]:
        """Return which windows are of the people that a fold leaves out."""
        return np.isin(self.person, np.unique(self.person)[fold::N_FOLDS])


@torch.inference_mode()
def by_model(material: Callable[[], Corrupted], fold: int) -> Arrays:
    """Return the curves of the model that ships, which was taught on simulated people, on the people of a fold."""
    corrupted = material()
    network = load(SHIPPED).network.eval()
    rows = corrupted.test(fold)
    mask, positions = corrupted.mask[rows], corrupted.positions[rows]
    usual = network.eeg.log_power(corrupted.clean[rows], positions, mask)
    person = torch.from_numpy(corrupted.person[rows])
    past = torch.stack([usual[person == one].mean(0) for one in person])
    out = {}
    for kind, noisy in corrupted.noisy.items():
        reading = network.eeg(noisy[rows], positions, mask, torch.stack([past, past], dim=1))
        head = network.eeg_head(reading.feature)
        nowhere = Gaussian(torch.zeros_like(head.mean), torch.zeros_like(head.log_variance))
        noise = np.zeros(len(rows))
        noise[rows] = network.fusion.noise((head, nowhere))[:, 0].clamp(min=1.0).numpy()
        out[f"EEG|model that ships|{kind}"] = corrupted.by_level(noise, rows)
    return out


def by_reader(material: Callable[[], Corrupted], fold: int) -> Arrays:
    """Return the curves of readers that were taught on the other people's windows."""
    corrupted = material()
    test = corrupted.test(fold)
    train = torch.from_numpy(~test)
    level = torch.from_numpy(corrupted.level).float()[train]
    statistics = {kind: eeg_statistics(noisy, corrupted.mask) for kind, noisy in corrupted.noisy.items()}
    clean = eeg_statistics(corrupted.clean, corrupted.mask)[train]

    def read_curve(reader: NoiseReader, kind: str) -> Curve:
        return corrupted.by_level(reader(statistics[kind]).numpy(), test)

    taught = {kind: (some[train], level) for kind, some in statistics.items()}
    return {f"EEG|{name}": one for name, one in read_kinds(clean, taught, read_curve, fold).items()}
