"""How a session of hours is labelled by hand: until the first question, from each answer to the next, and in memory.

``python -m benchmarks.label_session`` writes a session of two hours (see `benchmarks/seek.py`), opens it with ``insula
label`` itself in a process of its own and answers by keys, each moment after a second and a half, which is sooner than
anybody does who looks at it. ``--quick`` is a smoke run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, one_thread_each, quantiles, resident_mb, table

_PAUSE_MS = 1500
_WATCH_MS = 2


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table, or be the process that is measured."""
    parser = argparse.ArgumentParser(description="Labelling a long session by hand.")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--session", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.session:
        label(Path(args.session), args.began, args.answers)
        return
    from benchmarks.seek import write
    from core.config import Config, FaceConfig

    hours, n = (0.02, 3) if args.quick else (args.hours, args.answers)
    one_thread_each()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        config = Config(face=FaceConfig(fps=8.0 if args.quick else 30.0))
        session = write(replace(config, record=replace(config.record, study=folder)), 3600 * hours)
        words = ["--session", str(session.xdf), "--began", repr(time.time()), "--answers", str(n)]
        env = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.label_session", *words],
            check=True, capture_output=True, text=True, timeout=600, env=env,
        )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    print(table(("insula label, a session of " + f"{hours:g} h with face", ""), rows(told)))


def rows(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was measured, in words."""
    p50, p95, longest = *quantiles(told["next"], (0.5, 0.95)), max(told["next"])
    return [
        ("from the start of its process: all is imported", f"{told['imported']:.1f} s"),
        ("its window is shown", f"{told['window']:.1f} s"),
        ("the first moment's EEG is drawn", f"{told['eeg']:.1f} s"),
        ("its pictures are there", f"{told['pictures']:.1f} s"),
        ("moments worth asking", str(told["questions"])),
        (
            "key to next moment drawn, p50 / p95 / longest",
            f"{1000 * p50:.0f} / {1000 * p95:.0f} / {1000 * longest:.0f} ms",
        ),
        ("of so many answers", str(len(told["next"]))),
        ("moments that were whole when they were asked", str(told["whole"])),
        ("memory with the first moment, and at the end", f"{told['mb'][0]:.0f}, {told['mb'][1]:.0f} MB"),
    ]


def label(session: Path, began: float, n_answers: int) -> None:
    """Run the command, answer, and print what was seen as JSON."""
    from PyQt6.QtCore import Qt, QTimer
    from PyQt6.QtTest import QTest
    from PyQt6.QtWidgets import QApplication

    import app.commands.label
    import app.window.run_window
    from app.cli import main as insula
    from app.window.main_window import MainWindow

    told: dict[str, Any] = {"imported": time.time() - began, "next": [], "whole": 0, "mb": []}
    press: Any = QTest.keyClick  # its type stubs do not say that it is static

    class Answered(MainWindow):
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **settings)  # type: ignore[arg-type]
            self._asked: object = None
            self._pressed = 0.0
            self._watch = QTimer(self)
            self._watch.timeout.connect(self._look)
            self._watch.start(_WATCH_MS)

        def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
            super().showEvent(event)  # type: ignore[arg-type]
            told.setdefault("window", time.time() - began)

        def _look(self) -> None:
            annotation, clip = self.labelling.annotation, self.labelling.playback._clip
            if annotation.current is None or clip is None:
                return
            if clip.has_eeg:
                told.setdefault("eeg", time.time() - began)
            if not told["next"] and not self._pressed:
                if clip.frames and not clip.lost:
                    told["pictures"], told["questions"] = time.time() - began, annotation.n_waiting
                    told["mb"].append(resident_mb())
                    self._answer()
            elif self._pressed and annotation.current is not self._asked:
                self.labelling.repaint()
                told["next"].append(time.perf_counter() - self._pressed)
                told["whole"] += bool(clip.frames) and not clip.lost
                self._pressed = 0.0
                if len(told["next"]) < min(n_answers, told["questions"] - 1):
                    QTimer.singleShot(_PAUSE_MS, self._answer)
                else:
                    told["mb"].append(resident_mb())
                    QApplication.quit()

        def _answer(self) -> None:
            self._asked, self._pressed = self.labelling.annotation.current, time.perf_counter()
            press(self, Qt.Key.Key_1)

    app.window.run_window.MainWindow = Answered  # type: ignore[attr-defined]
    insula(["label", str(session)])
    print(json.dumps(told))


if __name__ == "__main__":
    main()
