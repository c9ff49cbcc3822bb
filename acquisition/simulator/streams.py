"""A simulated participant's EEG and face as Sources, without a network: in real time or as fast as they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Protocol, Self
from xml.etree import ElementTree

import numpy as np
import pylsl

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import CAP_32, EegGenerator
from acquisition.simulator.face import FaceGenerator, FaceKnobs
from acquisition.simulator.metadata import describe, describe_eeg
from acquisition.simulator.sample_grid import Clock, SampleGrid, Wait
from acquisition.simulator.trajectory import Trajectory
from core.config import FaceConfig
from core.data import Array, Channel, Chunk, StreamInfo, frozen
from core.montage import position

_CHUNK = 0.032
_LATE_FRAMES = 2


class Coder(Protocol):
    """What codes a frame for the recording and gives back what a replay will see of it."""

    def code(self, rgb: Array, time: float) -> tuple[bytes, Array]:
        """Return the coded packet and the frame decoded from it."""
        ...


class SimulatedEeg:
    """The EEG of one simulated participant, chunk by chunk.

    Parameters
    ----------
    participant : str
    seed : int
        The subject; see `acquisition.simulator.trajectory.subject_seed`.
    t0 : float
        LSL time of the first sample and of the trajectory's start.
    ch_names : sequence of str
    sfreq : float
    knobs : EegKnobs
    duration : float
        Seconds after which the stream ends.
    clock : callable, optional
        Gives the LSL time; None makes chunks as fast as they are read.
    wait : callable
        Waits for so many seconds.
    """

    def __init__(
        self,
        participant: str,
        seed: int,
        t0: float,
        ch_names: Sequence[str] = CAP_32,
        sfreq: float = 250.0,
        knobs: EegKnobs | None = None,
        duration: float = float("inf"),
        clock: Clock | None = pylsl.local_clock,
        wait: Wait | None = None,
    ) -> None:
        self._generator = EegGenerator(seed, ch_names, sfreq, Trajectory(seed), knobs)
        self._grid = SampleGrid(t0, sfreq, max(1, round(_CHUNK * sfreq)), duration, clock, wait)
        channels = tuple(Channel(name, name, unit="microvolts", position=position(name)) for name in ch_names)
        self.infos = (
            StreamInfo(
                key=f"simulated eeg {participant} {seed}",
                kind="eeg",
                participant=participant,
                name=f"Insula simulated {participant}",
                sfreq=sfreq,
                channels=channels,
                source_id=f"insula-sim-{seed}",
                simulated=True,
                desc=ElementTree.tostring(describe_eeg(ch_names, seed, t0), encoding="unicode"),
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout: float) -> Chunk | None:
        """Return the next chunk; None if it is not due within `timeout` or if the stream has dropped out."""
        grid = self._grid
        if not grid.due(timeout):
            return None
        first, n = grid.take()
        kept = np.flatnonzero(~self._generator.missing(first, n))
        if not len(kept):
            return None
        data = self._generator.block(first, n)[kept]
        return Chunk(self.infos[0].key, frozen(grid.stamps(first + kept)), frozen(data))


class SimulatedFace:
    """The camera picture of one simulated participant, frame by frame; a frame that comes too late is left out.

    Parameters
    ----------
    participant : str
    seed : int
        The same as the EEG's: then both follow the same trajectory.
    t0 : float
        LSL time of the trajectory's start, the same as the EEG's (`publish` writes it into the stream's ``desc``).
    config : FaceConfig
        Size and rate of the picture.
    knobs : FaceKnobs
    coder : Coder, optional
        Its packets go into the chunk and its decoded frames replace the drawn ones, as a webcam's do.
    duration : float
        Seconds after which the stream ends.
    clock : callable, optional
        Gives the LSL time; None makes frames as fast as they are read.
    wait : callable
        Waits for so many seconds.
    ready : callable
        Returns when there is time for frames, as for a webcam.
    trajectory : Trajectory, optional
        What the face shows, if not the same as the EEG.
    """

    def __init__(
        self,
        participant: str,
        seed: int,
        t0: float,
        config: FaceConfig | None = None,
        knobs: FaceKnobs | None = None,
        coder: Coder | None = None,
        duration: float = float("inf"),
        clock: Clock | None = pylsl.local_clock,
        wait: Wait | None = None,
        ready: Callable[[], object] = lambda: None,
        trajectory: Trajectory | None = None,
    ) -> None:
        config = config or FaceConfig()
        size = (config.width_px, config.height_px)
        self._generate = partial(FaceGenerator, seed, trajectory or Trajectory(seed), config.fps, size, knobs)
        self._grid = SampleGrid(t0, config.fps, 1, duration, clock, wait)
        self._coder = coder
        self._ready = ready
        self._opened_at: int | None = None
        self.infos = (
            StreamInfo(
                key=f"simulated face {participant} {seed}",
                kind="video",
                participant=participant,
                name=f"Insula simulated face {participant}",
                type="videostream",
                sfreq=config.fps,
                dtype="int8",
                source_id=f"insula-sim-face-{seed}",
                width_px=config.width_px,
                height_px=config.height_px,
                simulated=True,
                desc=ElementTree.tostring(describe(seed, t0), encoding="unicode"),
            ),
        )

    def __enter__(self) -> Self:
        self._ready()
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    @cached_property
    def _generator(self) -> FaceGenerator:
        """Made for the first frame, on the thread of the reader: it takes most of a second."""
        return self._generate()

    def read(self, timeout: float) -> Chunk | None:
        """Return the next frame, None if it is not due within `timeout`."""
        grid, generator = self._grid, self._generator  # made before the first frame is chosen, which would be late
        if not grid.due(timeout):
            return None
        grid.skip_late(_LATE_FRAMES)
        index, _ = grid.take()
        if self._opened_at is None:
            self._opened_at = index
        time = float(grid.stamps(index))
        frame = generator.frame(index)
        packets: tuple[bytes, ...] = ()
        if self._coder is not None:
            packet, frame = self._coder.code(frame, time)
            packets = (packet,)
        return Chunk(
            self.infos[0].key,
            frozen(np.array([time])),
            frozen(frame[None]),
            packets=packets,
            frame_index=index - self._opened_at,
        )
