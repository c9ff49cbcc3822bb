"""Model files: safetensors with one JSON header, never pickle."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from core.errors import CheckpointError
from core.files import write_whole
from core.models.model_file import FORMAT, KEY, VERSION, Header, read_model
from core.models.network import Network


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
    write_whole(path, blob)
    return hashlib.sha256(blob).hexdigest()


def load(path: Path) -> Checkpoint:
    """Return the checkpoint at `path`, its network in evaluation mode on the CPU.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, foreign, of another version, or its weights do not fit its own header.
    """
    file = read_model(path)
    network = Network(file.header.architecture)
    try:
        network.load_state_dict(load_tensors(file.blob))
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"Model {path}: the weights do not fit its header. {error}") from error
    return Checkpoint(file.header, network.eval(), file.sha256)
