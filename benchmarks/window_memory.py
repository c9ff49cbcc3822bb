"""Whether the window's memory stays flat: hours of data through engine and window, as fast as they go.

``python -m benchmarks.window_memory`` prints the memory of the process along the way, without a display and without a
recorder; ``--quick`` is a smoke run. The engine waits for the window, so that every chunk is drawn.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import numpy as np
import pylsl

from benchmarks.machine import describe_machine, one_thread_each, resident_mb, table
from benchmarks.material import T0
from benchmarks.memory import Endless, tile_of
from core.config import Config, FaceConfig


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Memory of the window over a long session.")
    parser.add_argument("--hours", type=float, default=2.0, help="of data")
    parser.add_argument("--face", action="store_true", help="with a face, 8 frames a second")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    if args.quick:
        args.hours = 0.01
    one_thread_each()
    print(describe_machine())
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from app.session.engine import Engine
    from app.session.wiring import pipelines
    from app.window.bridge import Bridge
    from app.window.main_window import MainWindow
    from app.window.shown_session import ShownSession
    from core.predictor import Predictor

    config = Config(face=FaceConfig(fps=8.0))
    predictor = Predictor("", config)
    infos, tile = tile_of(config, args.face)
    application = QApplication.instance() or QApplication([])
    source = Endless(infos, tile, 3600 * args.hours)
    marks: list[tuple[float, float]] = []
    with Engine([source], pipelines(config, predictor), config, pylsl.local_clock, lossless=True) as engine:
        bridge = Bridge(engine.outbox, interval_ms=0)
        window = MainWindow(bridge, ShownSession(predictor.classes, engine.put, pylsl.local_clock))
        bridge.session_ended.connect(lambda _: application.exit())

        def mark() -> None:
            ring = window.traces.ring
            if ring is not None:
                marks.append(((ring.newest - T0) / 3600, resident_mb()))

        timer = QTimer()
        timer.timeout.connect(mark)
        timer.start(500)
        window.show()
        application.exec()
        mark()
        bridge.stop()
    at, mb = np.array(marks).T
    late = at >= 0.25 * at[-1]
    slope = float(np.polyfit(at[late], mb[late], 1)[0]) if np.ptp(at[late]) > 0 else float("nan")
    picked = marks[:: max(1, len(marks) // 10)]
    print("\n" + table(("data, h", "MB"), [(f"{hour:.2f}", f"{held:.0f}") for hour, held in picked]))
    print(f"\nSlope after the first quarter: {slope:+.1f} MB an hour of data, {len(marks)} marks.")


if __name__ == "__main__":
    main()
