"""What one frame of the EEG traces costs, against channels and rate, beside other ways to draw them.

``python -m benchmarks.drawing`` prints the table; ``--quick`` is a smoke run. Drawn without a display, 1000 by 600
pixels, 10 s of signal. A frame is all that happens from the samples' arrival to the painted picture. Beside ours stand
pyqtgraph as a first program uses it, a curve for each channel set anew with each frame, and the scope of mne-lsl's
StreamViewer (its own buffer and pyqtgraph backend, fed by hand in the place of its inlet), where mne-lsl and qtpy are
installed. The StreamViewer draws means of its samples at about 64 Hz, so it draws less and loses peaks.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, quantiles, table
from core.data import Array, Channel, Chunk, StreamInfo

_SIZE = (1000, 600)
_SECONDS = 10.0
_LEAD = 12.0
"""Seconds of signal before the first frame that counts."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What some frames cost."""

    seconds: Sequence[float]
    """Of each frame."""
    cpu: float
    """Processor seconds of a frame, all threads, mean."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """One way to draw, and the frames a second that it asks for of itself."""

    name: str
    draw: Callable[[int, float, int, int], Frames]
    fps: int


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of a frame of the EEG traces.")
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    one_thread_each()
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    assert application is not None  # it must outlive what is drawn
    drawers = [Drawer("Insula", insula, 60), Drawer("Insula, sweeping", sweeping, 60)]
    drawers.append(Drawer("pyqtgraph, plain", plain, 60))
    if importlib.util.find_spec("mne_lsl") and importlib.util.find_spec("qtpy"):
        drawers.append(Drawer("mne-lsl StreamViewer", stream_viewer, 50))
    else:
        print("mne-lsl or qtpy is not installed (pip install insula[bench]): the StreamViewer's rows are left out.\n")
    sizes = [(8, 512.0), (64, 512.0)] if args.quick else [(n, 512.0) for n in (8, 32, 64, 128)] + [(64, 2048.0)]
    rows = []
    for n_chans, sfreq in sizes:
        for drawer in drawers:
            n_frames = 4 if args.quick else args.frames if drawer.draw in (insula, sweeping) else args.frames // 10
            cost = drawer.draw(n_chans, sfreq, n_frames, drawer.fps)
            times = (f"{1000 * q:.1f}" for q in quantiles(cost.seconds))
            share = f"{100 * cost.cpu * drawer.fps:.0f} % at {drawer.fps} fps"
            rows.append((drawer.name, str(n_chans), f"{sfreq:g}", *times, f"{1000 * cost.cpu:.1f}", share))
    print(describe_machine())
    print(table(("what", "channels", "Hz", "p50 ms", "p95 ms", "p99 ms", "CPU ms a frame", "of one core"), rows))


def insula(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with Insula's traces, scrolling."""
    return _insula(n_chans, sfreq, n_frames, fps, sweep=False)


def sweeping(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with Insula's traces, sweeping."""
    return _insula(n_chans, sfreq, n_frames, fps, sweep=True)


def _insula(n_chans: int, sfreq: float, n_frames: int, fps: int, sweep: bool) -> Frames:
    from PyQt6.QtWidgets import QApplication

    from app.widgets.traces import Traces

    traces = Traces()
    traces.axis.sweeping = sweep
    traces.axis.seconds = _SECONDS
    traces.resize(*_SIZE)
    traces.show()
    traces.show_stream(StreamInfo("eeg", "eeg", "P001", "noise", sfreq=sfreq, channels=_channels(n_chans)))
    signal = _noise(int(sfreq * (_LEAD + n_frames / fps + 1)), n_chans)
    times = np.arange(len(signal)) / sfreq
    done = int(sfreq * _LEAD)
    traces.push(Chunk("eeg", times[:done], signal[:done]))
    QApplication.processEvents()

    def frame(k: int) -> None:
        new = slice(done + round(k * sfreq / fps), done + round((k + 1) * sfreq / fps))
        traces.push(Chunk("eeg", times[new], signal[new]))
        traces.draw_new()
        traces.repaint()

    cost = _measure(frame, n_frames)
    traces.close()
    return cost


def plain(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with as many curves of pyqtgraph, each set anew."""
    import pyqtgraph
    from PyQt6.QtWidgets import QApplication

    plot = pyqtgraph.PlotWidget()
    plot.resize(*_SIZE)
    plot.show()
    curves = [plot.plot() for _ in range(n_chans)]
    signal = _noise(int(sfreq * _SECONDS), n_chans) / 100
    times = np.arange(len(signal)) / sfreq
    QApplication.processEvents()

    def frame(k: int) -> None:
        for channel, curve in enumerate(curves):
            curve.setData(times, np.roll(signal[:, channel], -k * int(sfreq / fps)) + channel)
        QApplication.processEvents()
        plot.viewport().repaint()

    cost = _measure(frame, n_frames)
    plot.close()
    return cost


def stream_viewer(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with the scope and backend of mne-lsl's StreamViewer, its high-pass on as ours is."""
    os.environ["QT_API"] = "pyqt6"
    from mne_lsl.lsl import StreamInfo as LslInfo
    from mne_lsl.stream_viewer.backends.pyqtgraph import _BackendPyQtGraph
    from mne_lsl.stream_viewer.scope.scope_eeg import ScopeEEG
    from PyQt6.QtWidgets import QApplication

    info = LslInfo("noise", "EEG", n_chans, sfreq, "float32", "drawing")
    info.set_channel_names([channel.name for channel in _channels(n_chans)])
    info.set_channel_types("eeg")
    info.set_channel_units("microvolts")
    signal = _noise(int(sfreq * (_LEAD + n_frames / fps + 1)), n_chans)
    inlet = _FedInlet(info, signal)
    scope = ScopeEEG(inlet)
    scope.init_bandpass_filter(1.0, 100.0)
    scope._apply_bandpass = True
    backend = _BackendPyQtGraph(scope, (0, 0, *_SIZE), int(_SECONDS), 100.0)
    inlet.until = int(sfreq * _LEAD)
    backend._update_loop()
    QApplication.processEvents()

    def frame(k: int) -> None:
        inlet.until = int(sfreq * _LEAD) + round((k + 1) * sfreq / fps)
        backend._update_loop()
        QApplication.processEvents()
        backend._win.viewport().repaint()

    cost = _measure(frame, n_frames)
    backend.close()
    return cost


class _FedInlet:
    """Stands in the place of mne-lsl's inlet and gives the samples up to `until`."""

    def __init__(self, info: Any, signal: Array) -> None:
        self._info = info
        self._signal = signal
        self._given = 0
        self.until = 0

    def get_sinfo(self) -> Any:
        return self._info

    def pull_chunk(self) -> tuple[Array, Array]:
        new = slice(self._given, self.until)
        self._given = self.until
        return self._signal[new].copy(), np.arange(new.start, new.stop)


def _measure(frame: Callable[[int], None], n_frames: int) -> Frames:
    seconds = []
    watch = Stopwatch()
    for k in range(n_frames):
        start = time.perf_counter()
        frame(k)
        seconds.append(time.perf_counter() - start)
    return Frames(seconds, watch.read()[1] / n_frames)


def _channels(n_chans: int) -> tuple[Channel, ...]:
    return tuple(Channel(f"E{k + 1}", f"E{k + 1}") for k in range(n_chans))


def _noise(n_times: int, n_chans: int) -> Array:
    return (20 * np.random.default_rng(0).standard_normal((n_times, n_chans))).astype(np.float32)


if __name__ == "__main__":
    main()
