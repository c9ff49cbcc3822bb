"""``insula train simulated``: simulated participants through the real chain, and the shipped model out of them."""

from __future__ import annotations

import dataclasses
import heapq
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np

from acquisition.simulator.face import FaceKnobs
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.simulator.trajectory import Trajectory, subject_seed
from acquisition.source import Source, items
from app.session.wiring import one_thread_each
from core.config import Config, EegConfig, FaceConfig, WindowConfig
from core.data import Chunk, FaceObservation, NeutralFace, Window
from core.face_neutral import read_neutral
from core.faces import FaceStage
from core.models.face import FaceReader
from core.models.face_sequence import N_FACES
from core.models.model_file import Header
from core.windowing import Windower
from training.examples import Examples, Truth
from training.face_corruption import KINDS, corrupt_picture
from training.loop import Report, silent
from training.run import Run
from training.simulated import SimulatedRecipe, train_simulated

MONTAGES: tuple[tuple[float, str], ...] = (
    (256.0, "TP9 AF7 AF8 TP10"),
    (250.0, "Fp1 Fp2 C3 C4 P7 P8 O1 O2"),
    (128.0, "AF3 F7 F3 FC5 T7 P7 O1 O2 P8 T8 FC6 F4 F8 AF4"),
    (500.0, "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2"),
    (
        250.0,
        "Fp1 AF3 F7 F3 FC1 FC5 T7 C3 CP1 CP5 P7 P3 Pz PO3 O1 Oz O2 PO4 P4 P8 CP6 CP2 C4 T8 FC6 FC2 F4 F8 AF4 Fp2 Fz Cz",
    ),
    (
        256.0,
        "Fp1 AF7 AF3 F1 F3 F5 F7 FT7 FC5 FC3 FC1 C1 C3 C5 T7 TP7 CP5 CP3 CP1 P1 P3 P5 P7 P9 PO7 PO3 O1 Iz Oz POz Pz "
        "CPz Fpz Fp2 AF8 AF4 AFz Fz F2 F4 F6 F8 FT8 FC6 FC4 FC2 FCz Cz C2 C4 C6 T8 TP8 CP6 CP4 CP2 P2 P4 P6 P8 P10 "
        "PO8 PO4 O2",
    ),
)
"""Rate and electrodes of a Muse, an 8-channel board, an Epoc, the 10-20 places, a cap of 32 and one of 64."""
STRETCH = 10.0
"""Seconds of one mood of the camera: clean, or corrupted in one way at one level."""
NO_NEUTRAL_EVERY = 3
"""Every third participant has not shown the own neutral face: then the running estimate stands in."""
_NEUTRAL_S = 6.0
FACE_RATE = 2.0
"""Frames a second that are drawn and read; each stands for the places of the live grid until the next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to simulate, and for how long."""

    participants: int = 180
    seconds: float = 240.0
    face_every: int = 4
    """Every n-th participant has a camera as well; faces cost most of the time."""
    step: float = 2.0
    corrupted: float = 0.4
    """Share of the time in which the picture is corrupted."""
    seed: int = 0
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)


def train(
    out: Path,
    plan: Plan | None = None,
    recipe: SimulatedRecipe | None = None,
    report: Report = silent,
    folder: Path | None = None,
) -> Header:
    """Simulate, train, write the checkpoint at `out` and return its header.

    Parameters
    ----------
    out : Path
    plan : Plan, optional
    recipe : SimulatedRecipe, optional
    report : callable
        Gets one line of progress at a time.
    folder : Path, optional
        Keeps the run: configuration, curves, and where it stands, so that it can be broken off and go on.
    """
    plan = plan or Plan()
    recipe = recipe or SimulatedRecipe(seed=plan.seed)
    # How many processes simulate changes nothing.
    config = {"plan": dataclasses.asdict(dataclasses.replace(plan, workers=0)), "recipe": dataclasses.asdict(recipe)}
    run = Run(folder, config) if folder else None
    architecture, reader = recipe.architecture, FaceReader()
    examples = Examples(_pairs(plan, report), architecture.n_embedding, architecture.n_times)
    words = (
        f"{plan.participants} simulated participants of {plan.seconds:g} s, {len(MONTAGES)} montages of 4 to 64 "
        f"channels; one in {plan.face_every} with a simulated face, which is one photograph, corrupted for "
        f"{plan.corrupted:.0%} of the time"
    )
    weights = (reader.classifier_weight, reader.classifier_bias)
    return train_simulated(examples, weights, out, recipe, words, report, run)


def _pairs(plan: Plan, report: Report) -> Iterator[tuple[Window, Truth]]:
    started = time.monotonic()
    make: Callable[[int], list[tuple[Window, Truth]]] = partial(simulate_participant, plan=plan)
    numbers = range(plan.participants)
    # Two threads of torch in each of two processes spin for each other's cores: ten times slower than one in each.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(plan.workers, context, initializer=one_thread_each) as pool:
        for done, pairs in enumerate(map(make, numbers) if plan.workers < 2 else pool.map(make, numbers), start=1):
            yield from pairs
            left = (time.monotonic() - started) / done * (plan.participants - done)
            report(f"simulating {done}/{plan.participants}: {left:.0f} s left")


def simulate_participant(number: int, plan: Plan) -> list[tuple[Window, Truth]]:
    """Return the windows of one simulated participant, cut by the real chain, with their truth."""
    seed = subject_seed(plan.seed + 1, number + 1)
    name = f"sim{number + 1:03d}"
    sfreq, montage = MONTAGES[number % len(MONTAGES)]
    config = Config(
        eeg=EegConfig(notch=50.0), face=FaceConfig(fps=FACE_RATE, rate=FACE_RATE), window=WindowConfig(step=plan.step)
    )
    eeg = SimulatedEeg(name, seed, 0.0, montage.split(), sfreq, duration=plan.seconds, clock=None)
    camera = SimulatedFace(name, seed, 0.0, config.face, FaceKnobs.clean(), duration=plan.seconds, clock=None)
    corruptor = _PictureCorruptor(seed, plan)
    # Montages and cameras repeat with different periods, so every montage meets a face.
    with_face = (number // len(MONTAGES) + number) % plan.face_every == 0
    sources: list[Source] = [eeg, camera] if with_face else [eeg]
    infos = [info for source in sources for info in source.infos]
    windower = Windower(name, infos, config)
    stage = FaceStage(camera.infos[0], config.face, _face_reader())
    if with_face and number % NO_NEUTRAL_EVERY:
        windower.take_neutral(_neutral_face(name, seed, config.face))
    windows: list[Window] = []
    for chunk in heapq.merge(*map(_chunks, sources), key=lambda chunk: float(chunk.times[-1])):
        faces: list[FaceObservation] = []
        if chunk.stream == camera.infos[0].key:
            chunk = corruptor.corrupt(chunk)
            faces = stage.push(chunk)
        windows += [event for event in windower.push(chunk, faces) if isinstance(event, Window)]
    trajectory = Trajectory(seed)
    pairs = [(_held(window), _truth(window, trajectory, corruptor)) for window in windows]
    return [(window, truth) for window, truth in pairs if truth is not None]


def _neutral_face(name: str, seed: int, config: FaceConfig) -> NeutralFace:
    """Return the participant's own neutral face, shown before the session."""
    at_rest, clean = Trajectory(seed, classes=["neutral"]), FaceKnobs.clean()
    camera = SimulatedFace(name, seed, 0.0, config, clean, duration=_NEUTRAL_S, clock=None, trajectory=at_rest)
    stage = FaceStage(camera.infos[0], config, _face_reader())
    seen = [face for chunk in _chunks(camera) for face in stage.push(chunk)]
    return read_neutral(name, 0.0, _NEUTRAL_S, seen)


class _PictureCorruptor:
    """Corrupts the camera's picture stretch by stretch."""

    def __init__(self, seed: int, plan: Plan) -> None:
        rng = np.random.default_rng([seed, 7])
        count = int(plan.seconds / STRETCH) + 2
        self._level = np.where(rng.random(count) < plan.corrupted, rng.integers(1, 6, count), 0)
        self._kind = rng.integers(0, len(KINDS), count)
        self._rng = rng

    def level(self, t: float) -> int:
        return int(self._level[int(t // STRETCH)])

    def corrupt(self, chunk: Chunk) -> Chunk:
        at = int(float(chunk.times[0]) // STRETCH)
        kind, level = int(self._kind[at]), int(self._level[at])
        data = np.stack([corrupt_picture(frame, kind, level, self._rng) for frame in chunk.data])
        return dataclasses.replace(chunk, data=data)


def _truth(window: Window, trajectory: Trajectory, corruptor: _PictureCorruptor) -> Truth | None:
    """Return what is true at the window's middle; None where the picture changes within it."""
    if window.start // STRETCH != (window.stop - 1e-6) // STRETCH:
        return None
    middle = (window.start + window.stop) / 2
    valence, arousal = trajectory.at(middle)
    level = corruptor.level(window.start) if window.faces else 0
    return Truth(
        int(trajectory.index(middle)), float(valence), float(arousal), int(window.start // STRETCH), face_level=level
    )


def _held(window: Window) -> Window:
    """Return the window with each observation standing for all places of the live grid until the next one."""
    times = max(1, round(N_FACES / (FACE_RATE * (window.stop - window.start))))
    return dataclasses.replace(window, faces=tuple(face for face in window.faces for _ in range(times)))


def _chunks(source: Source) -> Iterator[Chunk]:
    with source:
        yield from (item for item in items(source, 0.0) if isinstance(item, Chunk))


@cache
def _face_reader() -> FaceReader:
    return FaceReader()
