"""The folder in which a model is made before it is whole, and what is left of one whose process was killed."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import time
from pathlib import Path

import psutil

_PREFIX = ".teaching-"
_DAY_S = 86_400.0


def own_prefix() -> str:
    """Return what the name of this process's folder begins with."""
    return f"{_PREFIX}{platform.node()}-{os.getpid()}-"


def clear_litter(models: Path) -> None:
    """Remove what a teaching has left in the folder that ended in the middle: killed, or without power.

    What may still be at work stays: a process of this machine that lives, and for a day whatever another one does.
    """
    for folder in models.glob(f"{_PREFIX}*"):
        host, _, number = folder.name.removeprefix(_PREFIX).rpartition("-")[0].rpartition("-")
        ours = host == platform.node() and number.isdigit()
        with contextlib.suppress(OSError):
            old = abs(time.time() - folder.stat().st_mtime) > _DAY_S  # noqa: TID251 - as the file system counts
            if old or (ours and not psutil.pid_exists(int(number))):
                shutil.rmtree(folder, ignore_errors=True)
