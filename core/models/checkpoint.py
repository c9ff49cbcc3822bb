"""Model files: safetensors with one JSON header, never pickle.

The header tells what the model is, what it was taught on and how well it did; see docs/formats.md.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from core.config import Config
from core.errors import CheckpointError
from core.models.network import Architecture, Network

FORMAT = "insula-checkpoint"
VERSION = 2
"""2: the student reads the last seconds beside the window."""
KEY = "insula"
SHIPPED = Path(__file__).parents[2] / "assets" / "models" / "simulated.safetensors"


@dataclass(frozen=True, slots=True)
class TaughtOn:
    """Whose EEG the student has learnt from."""

    simulated: bool = False
    """Simulated participants."""
    population: bool = False
    """Enough people that the student is held to be fit for anyone."""
    participants: tuple[str, ...] = ()
    """Real participants by name, when the student is only for them."""

    def covers(self, participant: str, simulated: bool) -> bool:
        """Return whether the student has learnt from this participant, or from enough others."""
        return self.simulated if simulated else self.population or participant in self.participants


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted on subjects that training never saw."""

    temperature: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on beta, by which modalities are there."""
    affect_gain: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on valence and arousal: a mean of two places lies nearer to the middle than either of them."""
    affect_spread: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on their standard deviations."""
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Conformal scores by which modalities are there; see `core.calibration`."""


@dataclass(frozen=True, slots=True)
class Header:
    """Everything in a checkpoint but the weights."""

    architecture: Architecture
    taught_on: TaughtOn
    training_data: str
    """What it was trained on, in words."""
    step: float = 0.25
    """Seconds between windows that it was made for."""
    calibration: Calibration = field(default_factory=Calibration)
    metrics: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    """The recipe that made it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model file, read."""

    header: Header
    network: Network
    sha256: str


def save(path: Path, network: Network, header: Header) -> str:
    """Write a checkpoint and return its sha256. An existing file is replaced whole or not at all."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    text = json.dumps({"format": FORMAT, "version": VERSION, **dataclasses.asdict(header)}, sort_keys=True)
    blob = save_tensors(tensors, metadata={KEY: text})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(blob)
    part.replace(path)
    return hashlib.sha256(blob).hexdigest()


def load(path: Path) -> Checkpoint:
    """Return the checkpoint at `path`, its network in evaluation mode on the CPU.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, foreign, of another version, or its weights do not fit its own header.
    """
    try:
        blob = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"Model {path} cannot be read: {error.strerror}. Set model.path or --model.") from error
    header = read_header(blob, path)
    network = Network(header.architecture)
    try:
        network.load_state_dict(load_tensors(blob))
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"Model {path}: the weights do not fit its header. {error}") from error
    return Checkpoint(header, network.eval(), hashlib.sha256(blob).hexdigest())


def read_header(blob: bytes, path: Path) -> Header:
    """Return the header of a checkpoint's bytes; `path` is for errors."""
    try:
        size = int.from_bytes(blob[:8], "little")
        metadata = json.loads(blob[8 : 8 + size])["__metadata__"]
        tree = json.loads(metadata[KEY])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"Model {path} is damaged, or no Insula checkpoint. Give a file made by insula."
        ) from error
    found = (tree.pop("format", None), tree.pop("version", None))
    if found != (FORMAT, VERSION):
        raise CheckpointError(
            f"Model {path} is {found[0]!r} version {found[1]!r}, but this Insula reads {FORMAT!r} version {VERSION}."
        )
    try:
        return _header(tree)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"Model {path}: its header does not fit this version of Insula ({error}).") from error


def _header(tree: dict[str, Any]) -> Header:
    architecture = Architecture(**{**tree["architecture"], "classes": tuple(tree["architecture"]["classes"])})
    taught = TaughtOn(**{**tree["taught_on"], "participants": tuple(tree["taught_on"]["participants"])})
    scores = {condition: tuple(values) for condition, values in tree["calibration"]["scores"].items()}
    calibration = Calibration(**{**tree["calibration"], "scores": scores})
    return Header(**{**tree, "architecture": architecture, "taught_on": taught, "calibration": calibration})


def check_fits(header: Header, config: Config, path: Path) -> None:
    """Raise `CheckpointError`, with both values, where the configuration cuts other windows than the model reads."""
    a = header.architecture
    problems = []
    if a.sfreq != config.eeg.sfreq:
        problems.append(f"eeg.sfreq is {config.eeg.sfreq:g} Hz but the model reads {a.sfreq:g} Hz")
    n_times = round(config.window.length * config.eeg.sfreq)
    if a.n_times != n_times:
        problems.append(f"window.length gives {n_times} samples but the model reads {a.n_times}")
    if problems:
        raise CheckpointError(f"Model {path}: {'; '.join(problems)}. Change the configuration or the model.")
