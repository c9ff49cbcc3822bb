"""Where this person's settings live on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.files import private, write_whole

__all__ = ["user_folder", "write_setting"]


def user_folder() -> Path:
    """Return the folder for Insula's settings; the environment variable ``INSULA_CONFIG_DIR`` overrides it."""
    if chosen := os.environ.get("INSULA_CONFIG_DIR"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "Insula"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Insula"
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "insula"


def write_setting(path: Path, text: str) -> None:
    """Write what is remembered on this machine, whole or not at all, in a folder that is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text, private)
