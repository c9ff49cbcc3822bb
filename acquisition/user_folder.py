"""Where this person's settings live on this machine."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

__all__ = ["user_folder", "write_whole"]


def user_folder() -> Path:
    """Return the folder for Insula's settings; the environment variable ``INSULA_CONFIG_DIR`` overrides it."""
    if chosen := os.environ.get("INSULA_CONFIG_DIR"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "Insula"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Insula"
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "insula"


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` so that another process reads the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
