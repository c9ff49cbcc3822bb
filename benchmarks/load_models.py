"""The models that `benchmarks.student` compares: each learns from some people and tells rest from load of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import welch
from sklearn.linear_model import LogisticRegression
from torch import nn

from benchmarks.eegmat import LOAD, REST, LoadWindows
from core.models.baseline import Baseline
from core.models.batch import MAX_SCALED
from core.models.eeg import EegEncoder
from core.models.eegnet import EegNet
from core.models.heads import GaussianHead, Prototypes, concentration, expected_probabilities
from training.loop import fit

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
BANDS_HZ = ((1.0, 4.0), (4.0, 8.0), (8.0, 13.0), (13.0, 30.0), (30.0, 45.0))
RIDGE = 1e-3
"""Inverse strength of the linear models' penalty, for standardised features: chosen among 1e-3 and 1e-2."""
EPOCHS = 10
PER_EPOCH = 2048
BATCH = 128
SHRINK = 1e-2
N_CALM = 40
"""Windows at the middle of the batch in one go when nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the models read of the windows; computed once, since none of it is learnt."""

    eeg: Floats
    """(n_windows, n_chans, n_times), in units of the person's running scale; bad channels are zero."""
    bands: Floats
    """(n_windows, n_chans * n_bands): log band power."""
    bands_past: Floats
    """The same, minus the person's own past."""
    bands_recent: Floats
    """The last ten seconds' mean, minus the person's own past."""
    power: Floats
    """(n_windows, n_power): log power of the student's virtual channels and filters."""
    person: Ints
    start: NDArray[np.float64]
    state: Ints

    @classmethod
    def of(cls, windows: LoadWindows, cache: Path) -> Material:
        """Return the material of these windows, from `cache` (a .npz file) if it has been made before."""
        eeg = np.clip(windows.eeg / windows.scale[:, None, None], -MAX_SCALED, MAX_SCALED) * windows.mask[..., None]
        if not cache.exists():
            bands = band_power(windows.eeg)
            past = follow(bands, windows.person, windows.start, bands.mean(axis=0))
            power = student_power(eeg, windows)
            np.savez(cache, bands=bands, past=past, power=power)
        with np.load(cache) as kept:
            bands, past, power = kept["bands"], kept["past"], kept["power"]
        longer, recent = past[:, 0], past[:, 1]
        return cls(
            eeg.astype(np.float32),
            bands,
            bands - longer,
            recent - longer,
            power,
            windows.person,
            windows.start,
            windows.state,
        )

    def of_rest(self, rest: LoadWindows) -> Material:
        """Return the part that is at rest, with other states: see `benchmarks.eegmat.pretended`."""
        k = np.flatnonzero(self.state == REST)
        parts = {
            name: getattr(self, name)[k]
            for name in ("eeg", "bands", "bands_past", "bands_recent", "power", "person", "start")
        }
        return replace(self, **parts, state=rest.state)


@dataclass(frozen=True, slots=True)
class Model:
    """One way to tell rest from load."""

    predict: Callable[[Material, Ints, Ints, int], NDArray[np.float64]]
    """Trains on the windows at the first indices, returns the probabilities of load of those at the second."""
    seeded: bool = True
    """False where every seed gives the same."""


def band_power(eeg: Floats) -> Floats:
    """Return log band power, shape (n_windows, n_chans * n_bands), of EEG in µV."""
    freqs, density = welch(eeg, 128.0, nperseg=eeg.shape[-1], axis=-1)
    parts = [density[..., (freqs >= low) & (freqs < high)].mean(axis=-1) for low, high in BANDS_HZ]
    return np.log(np.stack(parts, axis=-1) + 1e-6).reshape(len(eeg), -1).astype(np.float32)


@torch.inference_mode()
def student_power(eeg: Floats, windows: LoadWindows) -> Floats:
    """Return the log power that the student's front end, which is not trained, makes of scaled EEG."""
    encoder = EegEncoder().eval()
    positions = torch.from_numpy(windows.positions)
    parts = []
    for start in range(0, len(eeg), N_CALM):
        some = torch.from_numpy(eeg[start : start + N_CALM].astype(np.float32))
        mask = torch.from_numpy(windows.mask[start : start + N_CALM])
        parts.append(encoder.log_power(some, positions.expand(len(some), -1, -1), mask).numpy())
    return np.concatenate(parts)


def follow(features: Floats, person: Ints, start: NDArray[np.float64], population: Floats) -> Floats:
    """Return each window's baseline from the person's own past, shape (n_windows, 2, n_features)."""
    out = np.zeros((len(features), 2, features.shape[1]), np.float32)
    for one in np.unique(person):
        baseline = Baseline(population)
        for k in np.flatnonzero(person == one):
            out[k] = baseline.before(float(start[k]))
            baseline.follow(float(start[k]), features[k])
    return out


def linear(read: Callable[[Material], Floats]) -> Callable[[Material, Ints, Ints, int], NDArray[np.float64]]:
    """Return a logistic regression on what `read` gives, standardised with the training people."""

    def predict(material: Material, train: Ints, test: Ints, seed: int) -> NDArray[np.float64]:
        features = read(material)
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-9
        model = LogisticRegression(C=RIDGE, class_weight="balanced", max_iter=500)
        model.fit((features[train] - mean) / spread, material.state[train])
        told: NDArray[np.float64] = model.predict_proba((features[test] - mean) / spread)[:, LOAD]
        return told

    return predict


def of_all_time(material: Material) -> Floats:
    """Return band power standardised over all that there is of each person, the future included."""
    out = np.empty_like(material.bands)
    for one in np.unique(material.person):
        rows = material.person == one
        out[rows] = (material.bands[rows] - material.bands[rows].mean(axis=0)) / material.bands[rows].std(axis=0)
    return out


def eegnet(material: Material, train: Ints, test: Ints, seed: int) -> NDArray[np.float64]:
    """Train EEGNet."""
    torch.manual_seed(seed)
    network = EegNet(material.eeg.shape[1], material.eeg.shape[2], 2)
    eeg, state = torch.from_numpy(material.eeg), torch.from_numpy(material.state)

    def loss(k: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(network(eeg[k]), state[k])

    fit_network(network, loss, material.state, train, seed, EPOCHS, batch=64)
    with torch.inference_mode():
        told: NDArray[np.float64] = network(eeg[test]).softmax(dim=-1)[:, LOAD].double().numpy()
    return told


class Student(nn.Module):
    """The live student's way from log power to class probabilities."""

    def __init__(self, n_classes: int = 2) -> None:
        super().__init__()
        self.encoder = EegEncoder()
        self.head = GaussianHead(self.encoder.n_features, 64)
        self.prototypes = Prototypes(n_classes, 64)

    def feature(self, power: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
        """Return the feature for affect, shape (batch, n_features)."""
        feature: torch.Tensor = self.encoder.read(power, baseline).feature[:, : self.encoder.n_features]
        return feature

    def forward(self, power: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
        """Return class probabilities, shape (batch, n_classes)."""
        similarity: torch.Tensor = self.prototypes(self.head(self.feature(power, baseline)).mean)
        return expected_probabilities(concentration(similarity, self.prototypes.beta()))

    def shrinkage(self) -> torch.Tensor:
        """Return the sum of squares of the weights that read the changes."""
        reader = self.encoder.reader
        return sum((one.weight.square().sum() for one in (reader.line, reader.hidden, reader.out)), torch.zeros(()))


def settle(encoder: EegEncoder, material: Material, train: Ints) -> Floats:
    """Set what the encoder knows of the population from the windows at `train`; return all windows' baselines."""
    population = material.power[train].mean(axis=0)
    baseline = follow(material.power, material.person, material.start, population)
    past, recent = baseline[train, 0], baseline[train, 1]
    change = np.stack([material.power[train] - past, recent - past])
    encoder.population.copy_(torch.from_numpy(population))
    encoder.spread.copy_(torch.from_numpy(np.sqrt((change**2).mean(axis=1)) + 1e-3))
    return baseline


def student(without: str = "", epochs: int = EPOCHS) -> Callable[[Material, Ints, Ints, int], NDArray[np.float64]]:
    """Return the live student; `without` names what is taken from it: ``recent``, ``past`` or ``hidden``."""

    def predict(material: Material, train: Ints, test: Ints, seed: int) -> NDArray[np.float64]:
        torch.manual_seed(seed)
        network = Student()
        baseline = settle(network.encoder, material, train)
        if without == "recent":
            baseline[:, 1] = baseline[:, 0]
        if without == "past":
            baseline[:] = network.encoder.population.numpy()
        if without == "hidden":
            network.encoder.reader.out.requires_grad_(False)
        power, past = torch.from_numpy(material.power), torch.from_numpy(baseline)
        state = torch.from_numpy(material.state)

        def loss(k: torch.Tensor) -> torch.Tensor:
            right: torch.Tensor = network(power[k], past[k]).gather(1, state[k].unsqueeze(1))
            return -right.clamp(min=1e-8).log().mean() + SHRINK * network.shrinkage()

        fit_network(network, loss, material.state, train, seed, epochs)
        with torch.inference_mode():
            told: NDArray[np.float64] = network(power[test], past[test])[:, LOAD].double().numpy()
        return told

    return predict


def fit_network(
    network: nn.Module,
    loss: Callable[[torch.Tensor], torch.Tensor],
    state: Ints,
    train: Ints,
    seed: int,
    epochs: int = EPOCHS,
    rate: float = 1e-3,
    batch: int = BATCH,
) -> None:
    """Train on as many windows of either state, for a fixed time: few people make a poor judge of when to stop."""
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=rate, weight_decay=1e-2)
    share = 1.0 / np.bincount(state[train])[state[train]]

    def losses(epoch: int) -> Iterator[torch.Tensor]:
        for _ in range(PER_EPOCH // batch):
            yield loss(torch.from_numpy(rng.choice(train, batch, p=share / share.sum())))

    fit(network, optimiser, epochs, losses)


MODELS: dict[str, Model] = {
    "linear, absolute": Model(linear(lambda material: material.bands), seeded=False),
    "linear, past": Model(linear(lambda material: material.bands_past), seeded=False),
    "linear, past and recent": Model(
        linear(lambda material: np.concatenate([material.bands_past, material.bands_recent], axis=1)), seeded=False
    ),
    "linear, all time of the person": Model(linear(of_all_time), seeded=False),
    "student": Model(student()),
    "student without recent": Model(student("recent")),
    "student without past": Model(student("past")),
    "student without hidden": Model(student("hidden")),
    "EEGNet": Model(eegnet),
}
