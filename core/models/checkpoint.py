"""Model files: safetensors with one JSON header, never pickle."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from core.errors import CheckpointError, PluginError
from core.files import write_whole
from core.models.model_file import FORMAT, KEY, VERSION, Architecture, Header, check_encoders, read_model
from core.models.network import Network
from core.plugins import requirement

_SIZES = tuple(
    field.name for field in dataclasses.fields(Architecture) if field.type == "int" and field.name != "n_times"
)
"""What the sizes of the weights follow from."""
_SMALL = 1024
"""Up to this size nothing takes much memory."""


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
    try:
        stored = load_tensors(file.blob)
        if oversized := _oversized(file.header.architecture, stored):
            raise CheckpointError(f"Model {path}: the weights do not fit its header: {oversized}. Give another file.")
        network = Network(file.header.architecture)
    except CheckpointError:
        raise
    except PluginError as error:
        raise CheckpointError(f"Model {path}: {error}") from error
    except SafetensorError as error:
        raise CheckpointError(f"Model {path}: the weights do not fit its header. {error}") from error
    except Exception as error:  # whatever a network of sizes that do not go together stumbles over
        raise CheckpointError(f"Model {path}: its header describes no network ({error}).") from error
    described = network.state_dict()
    unlike = {name for name in {*stored, *described} if _shape(stored, name) != _shape(described, name)}
    if unlike:
        raise CheckpointError(
            f"Model {path}: the weights do not fit its header: {', '.join(sorted(unlike)[:3])}. Give another file."
        )
    if broken := [name for name, tensor in stored.items() if tensor.isnan().any()]:
        raise CheckpointError(f"Model {path} is damaged: {broken[0]} has values that are no numbers.")
    network.load_state_dict(stored)
    return Checkpoint(file.header, network.eval(), file.sha256)


def _oversized(architecture: Architecture, stored: Mapping[str, Tensor]) -> str:
    """Return what a damaged header makes larger than the weights can be, ``""`` if nothing, before memory is taken.

    torch can describe a network without memory (device ``meta``), but imports its compiler for that, which takes
    seconds and sets environment variables while other threads may read them.
    """
    limit = max([_SMALL, *(max(tensor.shape, default=0) for tensor in stored.values())])
    sizes = {name: getattr(architecture, name) for name in _SIZES}
    return next((f"{name} is {size}" for name, size in sizes.items() if size > limit), "")


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None
