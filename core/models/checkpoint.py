"""Model files: safetensors with one JSON header, never pickle."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from core.errors import CheckpointError, PluginError
from core.files import write_whole
from core.models.model_file import FORMAT, KEY, VERSION, Header, check_encoders, read_model
from core.models.network import Network
from core.plugins import requirement


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model file, read."""

    header: Header
    network: Network
    sha256: str


def save(path: Path, network: Network, header: Header) -> str:
    """Write a checkpoint and return its sha256. An existing file is replaced whole or not at all."""
    needs = tuple(dict.fromkeys(requirement("insula.encoders", name) for name in header.architecture.encoders))
    header = dataclasses.replace(header, needs=needs)
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
    check_encoders(file.header, path)
    own = file.header.architecture.encoders
    try:
        stored = load_tensors(file.blob)
        # A damaged header may describe a network of any size; others' code may not work without memory.
        with torch.device("meta") if not own else contextlib.nullcontext():
            described = Network(file.header.architecture).state_dict()
    except PluginError as error:
        raise CheckpointError(f"Model {path}: {error}") from error
    except SafetensorError as error:
        raise CheckpointError(f"Model {path}: the weights do not fit its header. {error}") from error
    except Exception as error:  # whatever a network of sizes that do not go together stumbles over
        raise CheckpointError(f"Model {path}: its header describes no network ({error}).") from error
    unlike = {name for name in {*stored, *described} if _shape(stored, name) != _shape(described, name)}
    if unlike:
        raise CheckpointError(
            f"Model {path}: the weights do not fit its header: {', '.join(sorted(unlike)[:3])}. Give another file."
        )
    if broken := [name for name, tensor in stored.items() if tensor.isnan().any()]:
        raise CheckpointError(f"Model {path} is damaged: {broken[0]} has values that are no numbers.")
    network = Network(file.header.architecture)
    network.load_state_dict(stored)
    return Checkpoint(file.header, network.eval(), file.sha256)


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None
