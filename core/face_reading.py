"""What reads faces, as one hash: what was read with the same is the same, and need not be read again."""

from __future__ import annotations

import hashlib
from functools import cache

from core.assets import asset_path
from core.config import FaceConfig

_VERSION = 1
"""Another number for each change of `core.faces` and what it uses that changes what is read of a picture.

Rounding apart: another processor, or another library for the same networks, gives other last bits of the same numbers,
and what was read live is what a recording replays."""
_SETTINGS = ("rate", "min_size_px", "max_yaw_deg", "min_light")
"""Keys of `FaceConfig` on which it hangs."""


def reading_of(config: FaceConfig) -> str:
    """Return the hash of the face models that ship, and of the settings that they are used with."""
    settings = [(name, getattr(config, name)) for name in _SETTINGS]
    return hashlib.sha256(f"{_VERSION} {_models()} {settings}".encode()).hexdigest()


@cache
def _models() -> str:
    files = sorted(asset_path("face").glob("*.safetensors"))
    return " ".join(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)
