"""The folder of one training run: what it was asked to do, where it stands, and how it went.

``config.json``
    The configuration and the versions of the libraries.
``state-NAME.safetensors``
    Where a loop stands after its last whole epoch; never pickle.
``curves/``
    TensorBoard's event files, where `tensorboard` is installed (``pip install "insula[train]"``).
``metrics.json``, ``DONE``
    What came out, and that it is all there. A run without DONE goes on where it stood.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_tensors
from torch import Tensor

from core.errors import ConfigError, FileFormatError
from core.files import write_whole

CONFIG = "config.json"
_LIBRARIES = ("insula", "torch", "numpy", "scipy", "mne")
_KEY = "insula-run"
_RENAMED = {"apart": "split_by"}
"""Settings that runs of earlier versions call otherwise."""
_LATER = {
    "method": "udml", "one_stage": False, "teacher": "", "noise": "eeg", "softening": 1.0, "rank": 0.0,
    "evidential": False, "reweigh_task": False,
    "contrastive": 0.0, "dam": False, "align": 0.1, "dfum": False, "face_signal": False,
}  # fmt: skip
"""Settings that runs of earlier versions have not, and what they did."""
_DAMAGED = (
    ValueError, LookupError, TypeError, AttributeError, EOFError, RuntimeError, SafetensorError, zipfile.BadZipFile,
    zlib.error, NotImplementedError,
)  # fmt: skip
"""What comes of bytes in a run's folder that are not what they should be."""


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turn whatever comes of a damaged file or folder of a run into an error that names it.

    Raises
    ------
    FileFormatError
        With what to do.
    """
    try:
        yield
    except _DAMAGED as error:
        what = " ".join(str(error).split())[:200] or type(error).__name__
        raise FileFormatError(
            f"{path} is damaged: {what}. Delete it and give the command that made it again: what is missing is made "
            "anew."
        ) from error


class Stateful(Protocol):
    """What can be put away and taken up again: networks, optimisers, and whatever else a loss remembers."""

    def state_dict(self) -> dict[str, Any]:
        """Return tensors, numbers, texts and lists and dicts of them."""
        ...

    def load_state_dict(self, state: Any, /) -> Any:
        """Take up what `state_dict` returned."""
        ...


class Draws:
    """A numpy generator as something that a run can take up again.

    Parameters
    ----------
    rng : Generator
        Drawn from elsewhere as before.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def state_dict(self) -> dict[str, Any]:
        """Return where the generator stands."""
        return dict(self._rng.bit_generator.state)

    def load_state_dict(self, state: Any) -> None:
        """Set where the generator stands."""
        self._rng.bit_generator.state = state


class Run:
    """A run's folder, made or taken up again.

    Parameters
    ----------
    folder : Path
    config : dataclass or mapping
        All that decides what comes out.

    Raises
    ------
    ConfigError
        The folder holds a run of another configuration.
    """

    def __init__(self, folder: Path, config: Any) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        plain = plain_config(config)
        file = folder / CONFIG
        if file.exists() and (found := _as_of_old(read_config(folder)["config"])) != (plain := _as_of_old(plain)):
            different = sorted(k for k in {*found, *plain} if found.get(k) != plain.get(k))
            raise ConfigError(
                f"{folder} holds a run with other settings: {', '.join(different)}. Give another folder, or delete it."
            )
        if not file.exists():
            write_whole(file, json.dumps({"config": plain, "versions": versions()}, indent=1, sort_keys=True))
        self._writer: Any = None

    @property
    def done(self) -> bool:
        """Whether all of it is there."""
        return (self.folder / "DONE").exists()

    @property
    def metrics(self) -> dict[str, Any]:
        """What came out of a run that is done."""
        path = self.folder / "metrics.json"
        with damage_told(self.folder):
            found: dict[str, Any] = dict(json.loads(path.read_text(encoding="utf-8")))
        return found

    def curve(self, name: str, value: float, epoch: int) -> None:
        """Add a point to a curve; only where TensorBoard is installed."""
        if self._writer is None and util.find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(self.folder / "curves"), purge_step=epoch)
        if self._writer is not None:
            self._writer.add_scalar(name, value, epoch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        # TensorBoard writes on a thread of its own; a later point opens it again.
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def save_state(self, name: str, things: Mapping[str, Stateful], position: Mapping[str, Any]) -> None:
        """Keep where a loop stands, whole or not at all."""
        tensors: dict[str, Tensor] = {}
        tree = _apart({key: thing.state_dict() for key, thing in things.items()}, "", tensors)
        text = json.dumps({"things": tree, "told": dict(position)})
        write_whole(self._state(name), save_tensors(tensors, metadata={_KEY: text}))

    def load_state(self, name: str, things: Mapping[str, Stateful]) -> dict[str, Any] | None:
        """Bring `things` to where the loop stood and return what was told with them; None if it never began."""
        if not self._state(name).exists():
            return None
        with damage_told(self._state(name)):
            with safe_open(self._state(name), "pt") as file:
                kept = json.loads(file.metadata()[_KEY])
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
            for key, state in _together(kept["things"], tensors).items():
                things[key].load_state_dict(state)
            return dict(kept["told"])

    def finish(self, metrics: Mapping[str, Any]) -> None:
        """Write the figures and say that all of it is there."""
        write_whole(self.folder / "metrics.json", json.dumps(metrics, indent=1, sort_keys=True))
        for state in self.folder.glob("state-*"):
            state.unlink()
        (self.folder / "DONE").touch()

    def _state(self, name: str) -> Path:
        return self.folder / f"state-{name.replace(' ', '-')}.safetensors"


def read_config(folder: Path) -> dict[str, Any]:
    """Return what stands in a run's ``config.json``, with the settings of earlier versions by their names of now."""
    named_now = lambda tree: {_RENAMED.get(key, key): value for key, value in tree.items()}  # noqa: E731
    with damage_told(folder / CONFIG):
        found = dict(json.loads((folder / CONFIG).read_text(encoding="utf-8"), object_hook=named_now))
        return {"config": dict(found["config"]), "versions": dict(found.get("versions", {}))}


def plain_config(config: Any) -> dict[str, Any]:
    """Return a dataclass or mapping as what JSON reads back."""
    tree = dataclasses.asdict(config) if dataclasses.is_dataclass(config) and not isinstance(config, type) else config
    plain: dict[str, Any] = json.loads(json.dumps(dict(tree)))
    return plain


def _as_of_old(node: Any) -> Any:
    """Return settings without those of later versions that change nothing, at any depth."""
    if isinstance(node, dict):
        return {key: _as_of_old(value) for key, value in node.items() if key not in _LATER or value != _LATER[key]}
    return [_as_of_old(value) for value in node] if isinstance(node, list) else node


def versions() -> dict[str, str]:
    """Return the versions that a figure depends on."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _apart(node: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """Return `node` fit for JSON, its tensors moved to `tensors`."""
    if isinstance(node, Tensor):
        tensors[path] = node.detach().cpu().clone().contiguous()
        return {"tensor": path}
    if isinstance(node, Mapping):
        # Optimisers have numbers for keys, which JSON would make texts.
        return {"pairs": [[key, _apart(value, f"{path}/{key}", tensors)] for key, value in node.items()]}
    if isinstance(node, list | tuple):
        return [_apart(value, f"{path}/{k}", tensors) for k, value in enumerate(node)]
    return node


def _together(node: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(node, dict):
        if "tensor" in node:
            return tensors[node["tensor"]]
        return {key: _together(value, tensors) for key, value in node["pairs"]}
    return [_together(value, tensors) for value in node] if isinstance(node, list) else node


class TorchDraws:
    """The random numbers of torch, of the CPU and of all GPUs."""

    def state_dict(self) -> dict[str, Any]:
        """Return where they stand."""
        return {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all() if _cuda() else []}

    def load_state_dict(self, state: Any) -> None:
        """Set where they stand."""
        torch.set_rng_state(state["cpu"])
        if _cuda() and len(state["cuda"]) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(state["cuda"])


def _cuda() -> bool:
    return torch.cuda.is_available()
