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
from collections.abc import Callable, Sequence

READ = "times read"


def opening(steps: Sequence[str], *words: str, counts: bool = False) -> dict[str, float]:
    """Return the seconds from the start of the process that runs ``insula`` with these words to each of the steps.

    They are "imports done", "first screen shown", "window shown", "first EEG painted", "model loaded" and "first
    prediction shown". If that `counts`, which takes time itself, under `READ` stands how often recordings were gone
    through meanwhile: the bytes of XDF that were stepped over or read, over those that there are.
    """
    with tempfile.TemporaryDirectory() as settings:
        env = {**os.environ, "INSULA_CONFIG_DIR": settings}
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
        wanted = (*steps, READ) if counts else tuple(steps)
        command = [sys.executable, "-m", "benchmarks.opening", repr(time.time()), ",".join(wanted), *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900, env=env)
    told = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if line.rsplit(" ", 1)[0] in wanted)
    return {step: float(told[step]) for step in wanted}


def main() -> int:
    """Run the command and tell when each step is reached."""
    began, steps, words = float(sys.argv[1]), set(sys.argv[2].split(",")), sys.argv[3:]

    counts = READ in steps
    steps.discard(READ)

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
    read = _counted() if counts else None
    print_step("imports done")
    code = insula(words)
    if read is not None:
        sys.stdout.write(f"{READ} {read()}\n")
    return code


def _counted() -> Callable[[], float]:
    """Count what is gone through of XDF files from now on; return what tells how often that is the whole file."""
    from core.recording.xdf_reader import _Reader

    spans: dict[int, list[int]] = {}
    readers: list[_Reader] = []
    chunk, step_over = _Reader._chunk, _Reader._behind_passed_over

    def note(reader: _Reader, start: int, stop: int) -> None:
        if id(reader) not in spans:
            readers.append(reader)  # so that no other gets its number
            spans[id(reader)] = [len(reader._whole), start, stop]
        found = spans[id(reader)]
        found[1], found[2] = min(found[1], start), max(found[2], stop)

    def counted_chunk(self: _Reader, at: int) -> tuple[int, int, int]:
        found = chunk(self, at)
        note(self, at, found[2])
        return found

    def counted_step(self: _Reader, at: int, stop: float) -> int:
        behind = step_over(self, at, stop)
        if behind > at:
            note(self, at, behind)
        return behind

    _Reader._chunk, _Reader._behind_passed_over = counted_chunk, counted_step  # type: ignore[method-assign]
    return lambda: sum((stop - start) / size for size, start, stop in spans.values())


if __name__ == "__main__":
    raise SystemExit(main())
