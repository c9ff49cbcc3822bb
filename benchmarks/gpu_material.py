"""What the GPU is measured on: a session of simulated participants with faces, its windows, examples to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import Source
from benchmarks.material import T0, in_time, montage
from core.assets import asset_path
from core.config import Config
from core.data import Array, Item, Prediction, StreamInfo, Window
from core.face_geometry import align, cut_for_mesh
from core.face_reading import reading_of
from core.faces import FaceStage
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor
from training.examples import Examples, Truth


@dataclass(frozen=True, slots=True)
class Played:
    """A session and what it shows, the faces read from its pictures already."""

    infos: Sequence[StreamInfo]
    items: Sequence[Item]


def session(config: Config, reader: FaceReader, people: int, seconds: float) -> Played:
    """Return a session of simulated participants with 32 channels at 250 Hz and a camera each."""
    names = [f"P{k + 1:03d}" for k in range(people)]
    sources: list[Source] = []
    for seed, name in enumerate(names, start=1):
        sources.append(SimulatedEeg(name, seed, T0, montage(32), 250.0, duration=seconds, clock=None))
        sources.append(SimulatedFace(name, seed, T0, config.face, duration=seconds, clock=None))
    reading = reading_of(config.face)
    infos = [info for source in sources for info in source.infos]
    infos = [replace(info, face_reading=reading) if info.kind == "video" else info for info in infos]
    stages = {info.key: FaceStage(info, config.face, reader) for info in infos if info.kind == "video"}
    items: list[Item] = []
    for chunk in in_time(sources):
        if chunk.stream not in stages:
            items.append(chunk)
            continue
        items.append(replace(chunk, data=np.zeros((len(chunk.times), 0), np.uint8)))
        items.extend(stages[chunk.stream].push(chunk))
    return Played(infos, items)


def play(
    played: Played, predictor: Predictor, config: Config, reader: FaceReader
) -> tuple[list[Window], list[Prediction]]:
    """Return the windows of a session and what is predicted of them, through the live path."""
    pipeline = Pipeline(played.infos, predictor, config, reader)
    events = [event for item in played.items for event in pipeline.push(item)]
    windows = [event for event in events if isinstance(event, Window)]
    return windows, [event for event in events if isinstance(event, Prediction)]


def together(windows: Sequence[Window], n: int) -> list[Window]:
    """Return windows of so many participants that stop together, made of those of a few."""
    last = windows[-1]
    return [
        replace(windows[k % len(windows)], participant=f"P{k + 1:03d}", start=last.start, stop=last.stop)
        for k in range(n)
    ]


def examples_of(windows: Sequence[Window], n: int, n_times: int, n_embedding: int, n_classes: int) -> Examples:
    """Return so many examples, each told a class: the cost of a step hangs on no truth."""
    rng = np.random.default_rng(0)
    pairs = [
        (
            replace(windows[k % len(windows)], start=float(k), stop=k + 2.0),
            Truth(int(rng.integers(n_classes)), float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1)), trial=k // 8),
        )
        for k in range(n)
    ]
    return Examples(pairs, n_embedding, n_times)


def pictures(reader: FaceReader) -> tuple[Array, Array, Array]:
    """Return a frame of 640 × 480 with a face, the face as the expression network reads it, and as the mesh does."""
    picture = np.asarray(cv2.imread(str(asset_path("simulated/astronaut.png"))))[..., ::-1]
    frame = np.full((480, 640, 3), 110, np.uint8)
    frame[:, :576] = cv2.resize(picture, (576, 480))
    (face,) = reader.detect(frame)
    return frame, align(frame, face.keypoints), cut_for_mesh(frame, face.keypoints)
