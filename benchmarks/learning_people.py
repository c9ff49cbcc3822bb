"""People to learn from, read once and kept: log power of their EEG by the shipped front end, and faces beside it.

Simulated EEG goes through the live chain (`core.windowing`), real EEG comes from EEGMAT. Faces are drawn and read for a
few people along one trajectory each; any other trajectory takes, at each moment, a frame whose expression is among the
nearest. So any face can stand beside any EEG, and hundreds of sessions cost what a few do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.face import FaceGenerator, FaceKnobs
from acquisition.simulator.streams import SimulatedEeg
from acquisition.simulator.trajectory import Trajectory, subject_seed
from app.study.filmed_files import cut_files
from benchmarks.cells import Arrays, read_cell, run_cells
from core.config import Config, EegConfig, FaceConfig, WindowConfig
from core.data import Chunk, StreamInfo, Window
from core.faces import FaceStage
from core.models.batch import eeg_input
from core.models.checkpoint import load
from core.models.face import FaceReader
from core.models.face_sequence import N_FACES
from core.models.model_file import SHIPPED
from core.models.network import Network
from core.status import eeg_problem
from core.windowing import Windower
from training.examples import UNKNOWN, Examples, KeptEeg
from training.muscle import over_muscle

CAP_19 = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8"),
    *("P7", "P3", "Pz", "P4", "P8", "O1", "O2"),
)
EPOC = ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4", "F8", "AF4")
LOOKS = 20
"""People whose face is drawn and read."""
LOOK_S = 300.0
STEP_S = 1.0
_NEAREST = 5
_CHUNK_S = 2.0
"""Chunks of any size give the same windows; large ones cost a third."""
Floats = NDArray[np.float32]


class Shown(Protocol):
    """What a face shows over time, as a `Trajectory` does."""

    def expression(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the intensity of each class, shape (..., n_classes)."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of simulated person and how many of them."""

    name: str
    people: int
    minutes: float
    knobs: EegKnobs = field(default_factory=EegKnobs)
    first: int = 0
    """Number of the first: people of different plans differ unless it is the same."""


def simulate(folder: Path, plan: Plan, minutes: float = 1e9) -> int:
    """Read the people that are not in `folder` yet; return how many are missing still."""
    cells = {f"{plan.name}-{k:03d}": partial(read_person, plan, k) for k in range(plan.people)}
    return run_cells(folder, cells, minutes)


def seed_of(plan: Plan, number: int) -> int:
    """Return the seed of a person and of what they feel."""
    return subject_seed(900, plan.first + number)


def read_person(plan: Plan, number: int) -> Arrays:
    """Return the log power of one simulated person's windows, and when they began."""
    montage, sfreq = ((CAP_19, 250.0), (EPOC, 128.0))[number % 2]
    config = Config(eeg=EegConfig(notch=50.0), window=WindowConfig(step=STEP_S))
    seed, n_times = seed_of(plan, number), round(60.0 * plan.minutes * sfreq)
    info = SimulatedEeg("one", seed, 0.0, montage, sfreq, clock=None).infos[0]
    generator = EegGenerator(seed, montage, sfreq, Trajectory(seed), plan.knobs)
    windower = Windower("one", [info], config)
    windows: list[Window] = []
    size = round(_CHUNK_S * sfreq)
    for first in range(0, n_times, size):
        chunk = Chunk(info.key, generator.times(first, size), generator.block(first, size))
        windows += [event for event in windower.push(chunk) if isinstance(event, Window)]
    return powers(windows)


def powers(windows: list[Window]) -> Arrays:
    """Return log power of the windows with all electrodes and without those near muscles, and when they began."""
    good = [window for window in windows if not eeg_problem(window)]
    return {
        "start": np.array([window.start for window in good]),
        "power": read_power(good),
        "central": read_power(good, away=True),
    }


@torch.inference_mode()
def read_power(windows: list[Window], away: bool = False) -> Floats:
    """Return log power, shape (n_windows, n_power), with all electrodes or without those over muscles."""
    encoder = network().eeg
    rows = []
    for start in range(0, len(windows), 128):
        inputs = [eeg_input(window) for window in windows[start : start + 128]]
        eeg, places, mask = (torch.from_numpy(np.stack(part)) for part in zip(*inputs, strict=True))
        if away:
            mask = mask & torch.from_numpy(np.stack([~over_muscle(one[1]) for one in inputs]))
            eeg = eeg * mask.unsqueeze(-1)
        rows.append(encoder.log_power(eeg, places, mask).numpy())
    return np.concatenate(rows).astype(np.float32)


@cache
def network() -> Network:
    """Return the network that ships."""
    return load(SHIPPED).network


def looks(folder: Path, minutes: float = 1e9) -> int:
    """Draw and read the faces that are not in `folder` yet; return how many are missing still."""
    return run_cells(folder, {f"look-{k:02d}": partial(read_look, k) for k in range(LOOKS)}, minutes)


def read_look(number: int) -> Arrays:
    """Return embeddings of one person's face and the expression at each."""
    seed = subject_seed(901, number)
    trajectory = Trajectory(seed)
    config = FaceConfig(fps=2.0, rate=2.0)
    face = FaceGenerator(seed, trajectory, config.fps, (config.width_px, config.height_px), FaceKnobs.clean())
    info = StreamInfo("face", "video", "one", "face")
    stage = FaceStage(info, config, _reader())
    times, seen = [], []
    for k in range(int(LOOK_S * config.fps)):
        for one in stage.push(Chunk("face", np.array([k / config.fps]), face.frame(k)[None])):
            if not one.problem and one.embedding is not None:
                times.append(one.time)
                seen.append((one.embedding, one.quality))
    return {
        "embedding": np.stack([one for one, _ in seen]).astype(np.float16),
        "quality": np.array([one for _, one in seen], np.float32),
        "expression": trajectory.expression(np.array(times)),
    }


@cache
def _reader() -> FaceReader:
    return FaceReader()


def faces_along(folder: Path, look: int, trajectory: Shown, starts: NDArray[np.float64], seed: int) -> Arrays:
    """Return embeddings (n, N_FACES, 256) and quality (n, N_FACES) of windows of two seconds along a trajectory.

    Four frames a window, each standing for four places of the live grid, as in `app.train_simulated`.
    """
    bank = read_cell(folder, f"look-{look % LOOKS:02d}")
    if bank is None:
        raise FileNotFoundError(f"{folder} has no look {look % LOOKS}. Run `looks` first.")
    times = starts[:, None] + (np.arange(4) + 0.5) / 2.0
    wanted = trajectory.expression(times.ravel())
    rng = np.random.default_rng([seed, 5])
    shown = bank["expression"]
    far = (shown**2).sum(axis=1) - 2.0 * wanted @ shown.T  # the squared distance but for what is the same in a row
    near = np.argpartition(far, _NEAREST, axis=1)[:, :_NEAREST]
    chosen = near[np.arange(len(near)), rng.integers(_NEAREST, size=len(near))].reshape(times.shape)
    chosen = np.repeat(chosen, N_FACES // 4, axis=1)
    return {"embedding": bank["embedding"][chosen], "quality": bank["quality"][chosen]}


def read_real(folder: Path, data: Path, minutes: float = 1e9) -> int:
    """Read the people of EEGMAT in `data` that are not in `folder` yet; return how many are missing still."""
    rests = sorted(data.glob("Subject*_1.edf"))
    cells = {f"real-{k:03d}": partial(_real_person, rest) for k, rest in enumerate(rests)}
    return run_cells(folder, cells, minutes)


def _real_person(rest: Path) -> Arrays:
    config = Config(eeg=EegConfig(notch=50.0), window=WindowConfig(step=STEP_S))
    return powers(
        [window for _, _, window in cut_files("one", (rest, rest.with_name(f"{rest.name[:-5]}2.edf")), config)]
    )


def between(eeg: Arrays, start: float, stop: float) -> Arrays:
    """Return the windows that lie within a stretch of a person's time, s, which begins at 0 from now on."""
    inside = (eeg["start"] >= start) & (eeg["start"] + 2.0 <= stop)
    cut = {name: column[inside] for name, column in eeg.items()}
    return {**cut, "start": cut["start"] - start}


def examples(
    recordings: Sequence[Arrays],
    faces: Sequence[Arrays] | None = None,
    participant: str = "one",
    simulated: bool = False,
) -> Examples:
    """Return windows as training material whose EEG is read already; without `faces` there are none."""
    made = Examples((), 256, 256)
    n = sum(len(one["start"]) for one in recordings)
    nothing = KeptEeg(np.zeros((1, 256), np.float16), np.zeros((1, 3), np.float32), np.ones(1, bool))
    made.eeg = [nothing] * n
    made.power = np.concatenate([one["power"] for one in recordings])
    made.start = np.concatenate([one["start"] for one in recordings])
    made.recording = np.repeat(np.arange(len(recordings)), [len(one["start"]) for one in recordings])
    if faces is None:
        made.embeddings = np.zeros((n, N_FACES, 256), np.float16)
        made.quality = np.zeros((n, N_FACES), np.float32)
    else:
        made.embeddings = np.concatenate([one["embedding"] for one in faces])
        made.quality = np.concatenate([one["quality"] for one in faces])
    made.faces = np.full((n, N_FACES), faces is not None)
    made.label, made.trial = np.full(n, UNKNOWN), np.zeros(n, np.int64)
    made.affect, made.face_level = np.full((n, 2), np.nan, np.float32), np.zeros(n, np.int64)
    made.simulated, made.participants = np.full(n, simulated), np.full(n, "one")
    made.blendshapes = np.zeros((n, *made.blendshapes.shape[1:]), np.float16)
    made.meshed = np.zeros((n, N_FACES), bool)
    made.neutral = np.zeros((n, *made.neutral.shape[1:]), np.float32)
    made.baseline = np.zeros((n, 2, made.power.shape[1]), np.float32)
    made.known, made.movement = np.zeros(n, np.float32), np.zeros(n, np.float32)
    made.length_s = 2.0
    made.settle()
    return made
