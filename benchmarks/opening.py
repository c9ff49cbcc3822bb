"""How long a command with a window takes from the start of its process to what its window shows.

``python -m benchmarks.opening WHEN STEPS COMMAND...`` is that process, which `benchmarks/seek.py` and `starting.py`
start: it runs the command itself, with windows that tell when each of the steps is reached, and closes at the last.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence


def opening(steps: Sequence[str], *words: str) -> dict[str, float]:
    """Return the seconds from the start of the process that runs ``insula`` with these words to each of the steps.

    They are "imports done", "first screen shown", "window shown", "first EEG painted", "model loaded" and "first
    prediction shown".
    """
    with tempfile.TemporaryDirectory() as settings:
        env = {**os.environ, "INSULA_CONFIG_DIR": settings}
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, "-m", "benchmarks.opening", repr(time.time()), ",".join(steps), *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900, env=env)
    told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if line.rsplit(" ", 1)[0] in steps)
    return {step: float(told[step]) for step in steps}


def main() -> int:
    """Run the command and tell when each step is reached."""
    began, steps, words = float(sys.argv[1]), set(sys.argv[2].split(",")), sys.argv[3:]

    def print_step(step: str) -> None:
        if step in steps:
            steps.remove(step)
            sys.stdout.write(f"{step} {time.time() - began}\n")
        if not steps:
            QTimer.singleShot(0, QApplication.closeAllWindows)

    # What the command imports on its way to the window, so that its own work can be told from that.
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    import app.commands.replay_window
    import app.start.start_flow
    import app.window.run_window
    from app.cli import main as insula
    from app.start.start_window import StartWindow
    from app.window.main_window import MainWindow

    class WatchedStart(StartWindow):
        def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
            super().showEvent(event)  # type: ignore[arg-type]
            print_step("first screen shown")

    class WatchedWindow(MainWindow):
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **settings)  # type: ignore[arg-type]
            self.traces.painted.connect(lambda *_: print_step("first EEG painted"))
            args[0].model_loaded.connect(lambda _: print_step("model loaded"))  # type: ignore[attr-defined]
            args[0].prediction_made.connect(lambda _: print_step("first prediction shown"))  # type: ignore[attr-defined]

        def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
            super().showEvent(event)  # type: ignore[arg-type]
            print_step("window shown")

    app.start.start_flow.StartWindow = WatchedStart  # type: ignore[attr-defined]
    app.window.run_window.MainWindow = WatchedWindow  # type: ignore[attr-defined]
    print_step("imports done")
    return insula(words)


if __name__ == "__main__":
    raise SystemExit(main())
