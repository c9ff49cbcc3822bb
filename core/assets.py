"""Where the files that ship with Insula are: beside ``core/``, in the checkout and in the installed wheel alike."""

from __future__ import annotations

from pathlib import Path


def asset_path(name: str) -> Path:
    """Return the path of the file or folder `name`, such as ``face/detector.safetensors``, under ``assets/``."""
    return Path(__file__).resolve().parent.parent / "assets" / name
