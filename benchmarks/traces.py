"""What one frame of the EEG traces costs, against channels and rate, beside plain pyqtgraph curves.

``python -m benchmarks.traces`` prints the table of `docs/performance.md`; ``--quick`` is a smoke run. Drawn without a
display, 1000 by 600 pixels, 10 s of signal, 30 new frames a second of data; a frame is the new columns and the picture.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.machine import describe_machine, one_thread_each, quantiles, table
from core.data import Array, Channel, Chunk, StreamInfo

_SIZE = (1000, 600)
_SECONDS = 10.0
_FPS = 30


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of a frame of the EEG traces.")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    one_thread_each()
    from PyQt6.QtWidgets import QApplication

    application = QApplication([])
    frames = 10 if args.quick else args.frames
    sizes = [(64, 512.0)] if args.quick else [(8, 512.0), (32, 512.0), (64, 512.0), (128, 512.0), (64, 2048.0)]
    rows = []
    for n_chans, sfreq in sizes:
        cost = insula_frames(n_chans, sfreq, frames)
        rows.append(("Insula", str(n_chans), f"{sfreq:g}", *(f"{1000 * q:.1f}" for q in quantiles(cost))))
    plain = pyqtgraph_frames(64, 512.0, min(frames, 30))
    rows.append(("pyqtgraph, plain", "64", "512", *(f"{1000 * q:.1f}" for q in quantiles(plain))))
    print(describe_machine())
    print(table(("what", "channels", "Hz", "p50 ms", "p95 ms", "p99 ms"), rows))
    application.quit()


def insula_frames(n_chans: int, sfreq: float, frames: int) -> list[float]:
    """Return the seconds of each frame of the traces."""
    from PyQt6.QtWidgets import QApplication

    from app.widgets.traces import Traces

    traces = Traces()
    traces.resize(*_SIZE)
    traces.show()
    traces.show_stream(StreamInfo("eeg", "eeg", "P001", "noise", sfreq=sfreq, channels=_channels(n_chans)))
    signal = _noise(int(sfreq * (_SECONDS + 2 + frames / _FPS)), n_chans)
    times = np.arange(len(signal)) / sfreq
    done = int(sfreq * (_SECONDS + 2))
    traces.push(Chunk("eeg", times[:done], signal[:done]))
    QApplication.processEvents()
    cost = []
    for _ in range(frames):
        new = slice(done, done + int(sfreq / _FPS))
        done = new.stop
        start = time.perf_counter()
        traces.push(Chunk("eeg", times[new], signal[new]))
        traces.draw_new()
        traces.repaint()
        cost.append(time.perf_counter() - start)
    traces.close()
    return cost


def pyqtgraph_frames(n_chans: int, sfreq: float, frames: int) -> list[float]:
    """Return the seconds of each frame of as many curves whose data are set anew, as a first program does it."""
    import pyqtgraph
    from PyQt6.QtWidgets import QApplication

    plot = pyqtgraph.PlotWidget()
    plot.resize(*_SIZE)
    plot.show()
    curves = [plot.plot() for _ in range(n_chans)]
    signal = _noise(int(sfreq * _SECONDS), n_chans) / 100
    times = np.arange(len(signal)) / sfreq
    QApplication.processEvents()
    cost = []
    for frame in range(frames):
        start = time.perf_counter()
        for k, curve in enumerate(curves):
            curve.setData(times, np.roll(signal[:, k], -frame * int(sfreq / _FPS)) + k)
        QApplication.processEvents()
        plot.viewport().repaint()
        cost.append(time.perf_counter() - start)
    plot.close()
    return cost


def _channels(n_chans: int) -> tuple[Channel, ...]:
    return tuple(Channel(f"E{k + 1}", f"E{k + 1}") for k in range(n_chans))


def _noise(n_times: int, n_chans: int) -> Array:
    return (20 * np.random.default_rng(0).standard_normal((n_times, n_chans))).astype(np.float32)


if __name__ == "__main__":
    main()
