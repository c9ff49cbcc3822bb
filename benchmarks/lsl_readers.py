"""The processes of `benchmarks/latency.py`: one outlet, and one reader at a time that says when it had what.

Each runs in a process of its own and talks to the benchmark through a pipe: it sends that it is ready, measures from
the first word that comes until the second, and sends what it has measured. All stamps are of the LSL clock, which every
process of a machine shares. A whole session is in `benchmarks/timed_session.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np
import pylsl

from acquisition.lsl import LslSource
from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.trajectory import Trajectory
from benchmarks.machine import one_thread_each, thread_seconds
from benchmarks.material import montage
from core.config import Config, EegConfig, FaceConfig, RecordConfig
from core.data import Array, Chunk, Window
from core.models.batch import collate
from core.models.checkpoint import load
from core.models.model_file import SHIPPED
from core.montage import positions
from core.windowing import Windower

_TILE = 60.0
POLL = 0.1
STEP = 0.25


@dataclass(frozen=True, slots=True)
class Setup:
    """What is sent, and where a session is recorded."""

    source_id: str
    n_chans: int
    sfreq: float
    chunk: int
    """Samples that the outlet pushes at a time."""
    seed: int
    folder: str
    camera: str = "none"
    """A video file, shown at its own pace."""

    @property
    def config(self) -> Config:
        """Insula's configuration for it."""
        return Config(
            eeg=EegConfig(source_id=self.source_id),
            face=FaceConfig(camera=self.camera),
            record=RecordConfig(self.folder),
        )


@dataclass(slots=True)
class Reading:
    """What one reader measured."""

    cpu: Array = field(default_factory=lambda: np.zeros(0))
    """Array of shape (n,): processor seconds a second, all its threads, about a second each."""
    chunks: Array = field(default_factory=lambda: np.zeros((0, 2)))
    """Array of shape (n_chunks, 2): last stamp, and when it was there."""
    windows: Array = field(default_factory=lambda: np.zeros((0, 2)))
    """Array of shape (n_windows, n_marks): stop, and when what was reached; see each reader."""
    threads: dict[str, float] = field(default_factory=dict)
    """Processor seconds a second of each thread, by its name; empty where the system has no /proc."""


Reader = Callable[[Connection, Setup], None]


class Meter:
    """Tells a reader how long to go on, and takes its processor time between the two words of the benchmark."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._marks: list[tuple[float, float]] = []
        self._by_thread: list[dict[str, float]] = []
        pipe.send("ready")

    @property
    def begun(self) -> bool:
        """Whether the first word has come."""
        return bool(self._marks)

    def running(self) -> bool:
        """Return False once it is over."""
        if self._pipe.poll():
            self._pipe.recv()
            self._mark()
            self._by_thread.append(thread_seconds())
            return len(self._marks) == 1
        if self._marks and time.perf_counter() - self._marks[-1][0] >= 1.0:
            self._mark()
        return True

    def cpu(self) -> Array:
        """Return processor seconds a second, one value for each second that passed."""
        steps = np.diff(np.array(self._marks), axis=0)
        whole = steps[steps[:, 0] > 0.5]
        return np.asarray(whole[:, 1] / whole[:, 0])

    def threads(self) -> dict[str, float]:
        """Return processor seconds a second of each thread, by its name."""
        (before, after), lasted = self._by_thread, self._marks[-1][0] - self._marks[0][0]
        return {name: (spent - before.get(name, 0.0)) / lasted for name, spent in after.items()}

    def _mark(self) -> None:
        self._marks.append((time.perf_counter(), time.process_time()))


def publish(pipe: Connection, setup: Setup) -> None:
    """Send simulated EEG in real time until a word comes; then send the last stamp and the time of each push."""
    n = round(_TILE * setup.sfreq) // setup.chunk * setup.chunk
    names = montage(setup.n_chans)
    data = np.ascontiguousarray(EegGenerator(setup.seed, names, setup.sfreq, Trajectory(setup.seed)).block(0, n))
    info = pylsl.StreamInfo("benchmark", "EEG", len(names), setup.sfreq, "float32", setup.source_id)
    info.set_channel_labels(list(names))
    info.set_channel_types("EEG")
    info.set_channel_units("microvolts")
    info.desc().append_child_value("simulated", "true")
    outlet = pylsl.StreamOutlet(info, chunk_size=setup.chunk)
    rows: list[tuple[float, float]] = []
    pipe.send("ready")
    start = pylsl.local_clock()
    while not pipe.poll():
        index = len(rows) * setup.chunk + np.arange(setup.chunk)
        stamps = start + index / setup.sfreq
        time.sleep(max(0.0, stamps[-1] + 1 / setup.sfreq - pylsl.local_clock()))
        rows.append((float(stamps[-1]), pylsl.local_clock()))
        outlet.push_chunk(data[index % n], stamps.tolist())
    pipe.send(np.array(rows))


def bare(pipe: Connection, setup: Setup) -> None:
    """Read with pylsl alone and run the network once for each step of the grid: nothing can be quicker.

    Marks of a window: stop, chunk read, network done.
    """
    one_thread_each()
    checkpoint = load(SHIPPED)
    a, network = checkpoint.header.architecture, checkpoint.network
    window = Window("", 0.0, 2.0, *_noise(setup.n_chans, a.n_times), simulated=True)
    past = np.tile(network.eeg.population.cpu().numpy(), (1, 2, 1))
    import torch

    inlet = pylsl.StreamInlet(_find(setup), max_buflen=30, recover=False, as_numpy=True)
    inlet.open_stream(10.0)
    reading = Rows(pipe)
    with torch.inference_mode():
        while reading.running():
            stamps = inlet.pull_chunk(POLL, 1024, min_samples=setup.chunk)[1]
            if not len(stamps):
                continue
            arrival = reading.chunk(stamps)
            if (stop := reading.crossed(stamps)) is not None:
                network(collate([window], a, np.ones((1, 2), bool), past, torch.device("cpu")))
                reading.windows.append((stop, arrival, pylsl.local_clock()))
    reading.send()


def insula_reads(pipe: Connection, setup: Setup) -> None:
    """Read with Insula's LslSource alone."""
    with LslSource(setup.config.eeg, "P001") as source:
        reading = Rows(pipe)
        while reading.running():
            if isinstance(item := source.read(POLL), Chunk):
                reading.chunk(item.timestamps)
    reading.send()


def insula_windows(pipe: Connection, setup: Setup) -> None:
    """Read with Insula's LslSource and cut filtered, judged windows. Marks of a window: stop, cut."""
    one_thread_each()
    with LslSource(setup.config.eeg, "P001") as source:
        windower = Windower("P001", source.infos, setup.config)
        reading = Rows(pipe)
        while reading.running():
            if isinstance(item := source.read(POLL), Chunk):
                reading.chunk(item.timestamps)
                for event in windower.push(item):
                    if isinstance(event, Window):
                        reading.windows.append((event.stop, pylsl.local_clock()))
    reading.send()


def mne_lsl(pipe: Connection, setup: Setup) -> None:
    """Read with MNE-LSL's StreamLSL as it comes, nothing done to the data."""
    _stream_lsl(pipe, setup, filtered=False)


def mne_lsl_windows(pipe: Connection, setup: Setup) -> None:
    """Read with MNE-LSL's StreamLSL, its band-pass and notch on, and take 2 s out of it every 0.25 s."""
    _stream_lsl(pipe, setup, filtered=True)


class Rows(Meter):
    """A meter that also gathers rows."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__(pipe)
        self.windows: list[tuple[float, ...]] = []
        self._chunks: list[tuple[float, float]] = []
        self._cell: int | None = None

    def chunk(self, stamps: Array) -> float:
        """Note that these samples are there now; return when that is."""
        now = float(pylsl.local_clock())
        self._chunks.append((float(stamps[-1]), now))
        return now

    def crossed(self, stamps: Array) -> float | None:
        """Return the stop of the window that these samples complete, if they do."""
        before, self._cell = self._cell, int(stamps[-1] // STEP)
        return self._cell * STEP if before is not None and self._cell > before else None

    def send(self) -> None:
        """Hand everything to the benchmark."""
        reading = Reading(self.cpu(), threads=self.threads())
        if self._chunks:
            reading.chunks = np.array(self._chunks)
        if self.windows:
            reading.windows = np.array(self.windows)
        self._pipe.send(reading)


def _find(setup: Setup) -> pylsl.StreamInfo:
    found = pylsl.resolve_byprop("source_id", setup.source_id, timeout=10.0)
    if not found:
        raise SystemExit("The benchmark's own outlet is not to be found on LSL. Is a firewall in between?")
    return found[0]


def _noise(n_chans: int, n_times: int) -> tuple[Array, Array, tuple[str, ...], Array]:
    """Return EEG, mask, names and positions of a window of noise."""
    names = montage(n_chans)
    rng = np.random.default_rng(0)
    eeg = 10 * rng.standard_normal((n_chans, n_times), dtype=np.float32)
    return eeg, np.ones(n_chans, bool), names, positions(names).astype(np.float32)


def _stream_lsl(pipe: Connection, setup: Setup, filtered: bool) -> None:
    from mne_lsl.stream import StreamLSL

    rows: list[Array] = []

    def note(data: Array, stamps: Array, info: object) -> tuple[Array, Array]:
        reading.chunk(stamps)
        return data, stamps

    eeg = setup.config.eeg
    stream = StreamLSL(bufsize=2.0, source_id=setup.source_id).connect(timeout=10.0)
    if filtered:
        stream.notch_filter(50.0)
        stream.filter(eeg.highpass, eeg.lowpass)
    reading = Rows(pipe)
    stream.add_callback(note)
    due = pylsl.local_clock()
    while reading.running():
        due += STEP
        time.sleep(max(0.0, due - pylsl.local_clock()))
        if filtered:
            rows[:] = [stream.get_data(2.0)[0]]
    stream.disconnect()
    reading.send()
