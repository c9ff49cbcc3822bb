"""The sources of a live session: devices, or simulated participants."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence

from acquisition.lsl import LslSource
from acquisition.lsl_awaited import AwaitedMarkers, AwaitedStream
from acquisition.lsl_search import eeg_streams, worn_eeg
from acquisition.lsl_watch import StreamWatch
from acquisition.simulator.streams import SimulatedFace
from acquisition.simulator.trajectory import subject_seed
from acquisition.source import Source
from acquisition.webcam import WebcamSource
from core.config import Config, EegConfig
from core.plugins import load_plugin
from core.recording.video import VideoCoder

_LIFE_S = 36_000.0
"""A simulated session begins at any moment of so many seconds."""
_LEAVE_S = 10.0
"""For simulated participants to end when they are asked to."""


def devices(people: Sequence[str], config: Config, watch: StreamWatch, ready: Callable[[], object]) -> list[Source]:
    """Return the EEG stream and the camera of each participant, and the markers of other programs.

    ``face.camera`` names the cameras with commas between; ``participants`` say who wears which stream. `watch` looks
    for streams, `ready` returns when cameras can be opened.
    """
    if config.participants:
        return _worn(config, watch, ready)
    without = config.eeg.name == "none" or bool(config.eeg.source)
    eeg = [config.eeg] if len(people) == 1 or without else eeg_streams(config.eeg, len(people))
    heads = [] if without else [LslSource(each, who, watch=watch) for each, who in zip(eeg, people, strict=True)]
    sources: list[Source] = [*_others(config, watch, heads), *heads]
    cameras = [name.strip() for name in config.face.camera.split(",")]
    for number, person in enumerate(people):
        if config.eeg.source:
            sources.append(load_plugin("insula.sources", config.eeg.source, "eeg.source")(person))
        camera = cameras[number] if number < len(cameras) else "none"
        if camera != "none":
            face = dataclasses.replace(config.face, camera=camera)
            sources.append(WebcamSource(face, person, config.record.crf, ready=ready))
    return sources


def _worn(config: Config, watch: StreamWatch, ready: Callable[[], object]) -> list[Source]:
    """Return what each participant wears, by name."""
    heads = [
        LslSource(worn_eeg(config.eeg, each.eeg), each.name, watch=watch)
        for each in config.participants
        if each.eeg != "none"
    ]
    faces = [
        WebcamSource(dataclasses.replace(config.face, camera=each.camera), each.name, config.record.crf, ready=ready)
        for each in config.participants
        if each.camera != "none"
    ]
    return [*_others(config, watch, heads), *heads, *faces]


def _others(config: Config, watch: StreamWatch, heads: Sequence[LslSource] = ()) -> list[Source]:
    """Return the markers and other streams that are wanted, whether they are there yet or not."""

    def eeg_is_open() -> bool:
        return all(head.is_open for head in heads)

    all_wanted = (*config.markers, *config.streams)
    markers = [AwaitedMarkers(wanted, watch, config.markers) for wanted in config.markers]
    streams = [AwaitedStream(wanted, watch, all_wanted, eeg_is_open=eeg_is_open) for wanted in config.streams]
    return [*markers, *streams]


@contextlib.contextmanager
def simulated(
    people: Sequence[str], config: Config, watch: StreamWatch, ready: Callable[[], object]
) -> Iterator[list[Source]]:
    """Give the sources of simulated participants whose EEG comes over LSL from a process of its own.

    The same names are the same people, each time at another moment of their lives: what was learnt of one can be used
    on the next day. The process id names the streams: no other simulation on this machine has the same.
    """
    import pylsl

    seed, stream = zlib.crc32(", ".join(people).encode()), f"insula-sim-{os.getpid()}"
    t0 = pylsl.local_clock() - _LIFE_S * random.random()
    command = [sys.executable, "-m", "insula", "simulate", "--names", *people, "--seed", str(seed), "--stream", stream]
    publisher = subprocess.Popen(
        [*command, f"--t0={t0!r}", "--parent", str(os.getpid())],
        env=dict(os.environ),  # its own: another thread may be setting one while the process begins
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        sources = _others(config, watch)
        for number, person in enumerate(people, start=1):
            source_id, wait = f"{stream}-{number}", max(config.eeg.wait, 20.0)
            eeg = dataclasses.replace(config.eeg, source_id=source_id, wait=wait)
            sources.append(LslSource(eeg, person, watch=watch))
            truth = EegConfig(source_id=f"{source_id}-truth", wait=wait)
            sources.append(LslSource(truth, person, "truth", watch=watch))
            if config.face.camera != "none":
                coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps, config.record.crf)
                subject = subject_seed(seed, number)
                sources.append(SimulatedFace(person, subject, t0, config.face, coder=coder, ready=ready))
        yield sources
    finally:
        _end(publisher)


def _end(publisher: subprocess.Popen[bytes]) -> None:
    publisher.terminate()
    try:
        publisher.wait(_LEAVE_S)
    except subprocess.TimeoutExpired:  # it must not outlive the session, whatever keeps it
        publisher.kill()
        publisher.wait()
