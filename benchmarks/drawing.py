"""What one frame of all that is drawn over time costs, against channels and rate, beside other ways to draw EEG.

``python -m benchmarks.drawing`` prints the table; ``--quick`` is a smoke run. Drawn without a display, the traces 1000
by 600 pixels, 10 s of signal or 5 minutes. A frame is all that happens from the samples' arrival to the painted
picture; ours is the whole column, with the lanes of a prediction every 0.25 s above the traces, and "all anew" is the
one frame after a key has changed how many minutes are seen. Beside ours stand
pyqtgraph as a first program uses it, a curve for each channel set anew with each frame, and the scope of mne-lsl's
StreamViewer (its own buffer and pyqtgraph backend, fed by hand in the place of its inlet), where mne-lsl and qtpy are
installed. The StreamViewer draws means of its samples at about 64 Hz, so it draws less and loses peaks.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, quantiles, table
from core.data import Array, Channel, Chunk, Prediction, StreamInfo

_SIZE = (1000, 600)
_LANES = (1000, 190)
_SECONDS = 10.0
_BEFORE = 12.0
"""Seconds of signal that the StreamViewer has before the first frame that counts."""
_LONG = 300.0
_STEP = 0.25
"""Seconds from one prediction to the next."""


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
    ours = [Drawer("Insula", insula, 60), Drawer("Insula, sweeping", sweeping, 60)]
    ours += [Drawer("Insula, 5 min", minutes, 60), Drawer("Insula, 5 min, all anew", anew, 60)]
    drawers = [*ours, Drawer("pyqtgraph, plain", plain, 60)]
    if importlib.util.find_spec("mne_lsl") and importlib.util.find_spec("qtpy"):
        drawers.append(Drawer("mne-lsl StreamViewer", stream_viewer, 50))
    else:
        print("mne-lsl or qtpy is not installed (pip install insula[bench]): the StreamViewer's rows are left out.\n")
    sizes = [(8, 512.0), (64, 512.0)] if args.quick else [(n, 512.0) for n in (8, 32, 64, 128)] + [(64, 2048.0)]
    rows = []
    for n_chans, sfreq in sizes:
        for drawer in drawers:
            few = drawer not in ours or drawer.draw is anew
            n_frames = 4 if args.quick else args.frames // 10 if few else args.frames
            cost = drawer.draw(n_chans, sfreq, n_frames, drawer.fps)
            times = (f"{1000 * q:.1f}" for q in quantiles(cost.seconds))
            share = f"{100 * cost.cpu * drawer.fps:.0f} % at {drawer.fps} fps"
            rows.append((drawer.name, str(n_chans), f"{sfreq:g}", *times, f"{1000 * cost.cpu:.1f}", share))
    print(describe_machine())
    print(table(("what", "channels", "Hz", "p50 ms", "p95 ms", "p99 ms", "CPU ms a frame", "of one core"), rows))


def insula(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with Insula's column, scrolling."""
    return _insula(n_chans, sfreq, n_frames, fps)


def sweeping(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw with Insula's column, sweeping."""
    return _insula(n_chans, sfreq, n_frames, fps, sweep=True)


def minutes(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw the longest stretch there is with Insula's column."""
    return _insula(n_chans, sfreq, n_frames, fps, seconds=_LONG)


def anew(n_chans: int, sfreq: float, n_frames: int, fps: int) -> Frames:
    """Draw the longest stretch, and the next shorter one, in turn."""
    return _insula(n_chans, sfreq, n_frames, fps, seconds=_LONG, stretch=True)


def _insula(
    n_chans: int,
    sfreq: float,
    n_frames: int,
    fps: int,
    seconds: float = _SECONDS,
    sweep: bool = False,
    stretch: bool = False,
) -> Frames:
    from PyQt6.QtWidgets import QApplication

    from app.timeline.affect_lanes import AffectLanes
    from app.timeline.time_axis import TimeAxis
    from app.timeline.time_marks import TimeMarks
    from app.timeline.traces import Traces

    axis = TimeAxis()
    marks = TimeMarks(axis)
    lanes, traces = AffectLanes(axis, marks), Traces(axis, marks)
    axis.sweeping, axis.seconds = sweep, seconds
    for widget, size in ((lanes, _LANES), (traces, _SIZE)):
        widget.resize(*size)
        widget.show()
    traces.show_stream(StreamInfo("eeg", "eeg", "P001", "noise", sfreq=sfreq, channels=_channels(n_chans)))
    lead = 1.2 * seconds
    signal = _noise(int(sfreq * (_SECONDS + n_frames / fps + 1)), n_chans)

    def push(start: int, stop: int) -> None:
        """Give samples, always of the same seconds, and the prediction where one is due."""
        new = np.arange(start, stop)
        traces.push(Chunk("eeg", new / sfreq, signal[new % len(signal)]))
        for k in range(int(start / sfreq / _STEP) + 1, int(stop / sfreq / _STEP) + 1):
            lanes.show_prediction(_prediction(k * _STEP))

    edges = np.linspace(0, int(lead * sfreq), int(lead) + 1).astype(int)
    for start, stop in itertools.pairwise(edges.tolist()):
        push(start, stop)
    QApplication.processEvents()

    def frame(k: int) -> None:
        push(edges[-1] + round(k * sfreq / fps), edges[-1] + round((k + 1) * sfreq / fps))
        if stretch:
            axis.stretch(1 if k % 2 else -1)
        axis.move()
        QApplication.sendPostedEvents()  # both are painted in what has changed of them

    cost = _measure(frame, n_frames)
    lanes.close()
    traces.close()
    return cost


def _prediction(stop: float) -> Prediction:
    swing = 0.5 * math.sin(stop / 3)
    weight = 0.5 + 0.3 * swing
    return Prediction(
        participant="P001",
        start=stop - 2.0,
        stop=stop,
        status="ok",
        classes=tuple(f"class {k}" for k in range(7)),
        probabilities=(0.3 + 0.2 * swing, 0.2 - 0.2 * swing, *(0.1,) * 5),
        valence=swing,
        arousal=-swing,
        valence_sd=0.2,
        arousal_sd=0.3,
        uncertainty=0.9,
        aleatoric=0.7,
        epistemic=0.2,
        vacuity=0.2,
        disagreement=0.3,
        weights=(weight, 1 - weight),
        noise=(1.0, 1.0),
        prediction_set=(),
        coverage=0.9,
    )


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
    signal = _noise(int(sfreq * (_BEFORE + n_frames / fps + 1)), n_chans)
    inlet = _FedInlet(info, signal)
    scope = ScopeEEG(inlet)
    scope.init_bandpass_filter(1.0, 100.0)
    scope._apply_bandpass = True
    backend = _BackendPyQtGraph(scope, (0, 0, *_SIZE), int(_SECONDS), 100.0)
    inlet.until = int(sfreq * _BEFORE)
    backend._update_loop()
    QApplication.processEvents()

    def frame(k: int) -> None:
        inlet.until = int(sfreq * _BEFORE) + round((k + 1) * sfreq / fps)
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
