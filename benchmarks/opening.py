"""How long ``insula replay SESSION`` takes from the start of its process to a window with data.

``python -m benchmarks.opening SESSION WHEN`` is that process, which `benchmarks/seek.py` starts: it runs the command
itself, with a window that tells when it is shown and when the first EEG and the first prediction are on it, and closes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

STEPS = ("imports done", "window shown", "first EEG painted", "model loaded", "first prediction shown")


def opening(session: Path) -> dict[str, float]:
    """Return the seconds from the start of the process to each of its `STEPS`."""
    command = [sys.executable, "-m", "benchmarks.opening", str(session), repr(time.time())]
    env = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, env=env)
    told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if line.rsplit(" ", 1)[0] in STEPS)
    return {step: float(told[step]) for step in STEPS}


def main() -> int:
    """Run the command and tell when each step is done."""
    session, began = sys.argv[1], float(sys.argv[2])
    told: set[str] = set()

    def tell(step: str) -> None:
        if step not in told:
            told.add(step)
            sys.stdout.write(f"{step} {time.time() - began}\n")
        if told.issuperset(STEPS):
            QApplication.quit()

    # What the command imports on its way to the window, so that its own work can be told from that.
    from PyQt6.QtWidgets import QApplication

    import app.commands.replay
    import app.commands.replay_window
    import app.window
    from app.cli import main as insula
    from app.main_window import MainWindow

    class Watched(MainWindow):
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **settings)  # type: ignore[arg-type]
            self.traces.painted.connect(lambda *_: tell("first EEG painted"))
            args[0].model_loaded.connect(lambda _: tell("model loaded"))  # type: ignore[attr-defined]
            args[0].prediction_made.connect(lambda _: tell("first prediction shown"))  # type: ignore[attr-defined]

        def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
            super().showEvent(event)  # type: ignore[arg-type]
            tell("window shown")

    app.window.MainWindow = Watched  # type: ignore[attr-defined]
    tell("imports done")
    return insula(["replay", session])


if __name__ == "__main__":
    raise SystemExit(main())
