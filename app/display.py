"""Whether a window can be opened here, asked without risk: Qt ends the whole process where it cannot start."""

from __future__ import annotations

import os
import subprocess
import sys

_PROBE = "from PyQt6.QtWidgets import QApplication; QApplication([])"


def why_no_window() -> str:
    """Return why no window can be opened, in words with the remedy; ``""`` if one can."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return ""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "No display. For the dashboard start Insula on a desktop, or under Xvfb."
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    said = " ".join(line for line in done.stderr.splitlines() if line.strip())[:300]
    return f"Qt cannot open a window: {said} On Debian, tools/setup.sh as root installs the libraries that it needs."
