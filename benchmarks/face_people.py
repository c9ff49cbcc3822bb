"""Real people as a webcam would show them, neutral and smiling: what the face benchmarks and the fit are made on.

The Face Research Lab London Set (DeBruine & Jones 2017, CC BY 4.0), one neutral and one smiling photograph a person,
each as several frames of a camera that differ in size, tilt, place, light and noise.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.config import FaceConfig
from core.data import Array, Chunk, FaceObservation, StreamInfo
from core.face_neutral import log_odds
from core.faces import FaceStage
from core.models.face import FaceReader
from core.models.model_file import CLASSES
from training.face_fit import Pictures

INFO = StreamInfo("camera", "video", "P001", "camera", width_px=640, height_px=480)
FACE_PX = 180
"""Width of a face in the set's pictures of 512 pixels."""
N_NEUTRAL, N_TESTED = 2, 4
"""Frames of the neutral photograph that show the own neutral face, and frames of each photograph that are read."""
KINDS = ("neutral", "smiling")
SEED = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame of a person, read."""

    person: str
    smiling: bool
    for_neutral: bool
    """Whether it shows the own neutral face, rather than being read."""
    observation: FaceObservation


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the data sets lie."""
    default = Path(os.environ.get("INSULA_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="folder that holds london-faces")


def london_faces(options: argparse.Namespace) -> Path | None:
    """Return the folder of the set and have one core read it; None, said, where it is not."""
    folder: Path = options.data / "london-faces"
    if not folder.is_dir():
        print(f"Skipped: {folder} is not here. Set INSULA_DATA or --data.")
        return None
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    return folder


def webcam_frame(
    picture: Array,
    rng: np.random.Generator,
    width_px: float | None = None,
    turn_deg: float | None = None,
    light: float | None = None,
) -> Array:
    """Return a picture as one frame of a camera: face 110 to 230 px, tilt sd 7 degrees, light .45 to 1.15, noise.

    Those that are given are as they are given.
    """
    width, turn = rng.uniform(110, 230), rng.normal(0, 7)
    width, turn = width if width_px is None else width_px, turn if turn_deg is None else turn_deg
    scale = width / FACE_PX
    soft = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale) if scale < 1 else picture
    matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), turn, scale)
    matrix[0, 2] += 320 - picture.shape[1] / 2 + rng.uniform(-60, 60)
    matrix[1, 2] += 240 - picture.shape[0] / 2 + rng.uniform(-20, 20)
    frame = cv2.warpAffine(soft, matrix, (640, 480), borderValue=(120, 120, 120))
    noise = rng.normal(0, rng.uniform(2, 5), frame.shape)
    usual = rng.uniform(0.45, 1.15)
    return np.asarray(np.clip(frame * (usual if light is None else light) + noise, 0, 255).astype(np.uint8))


def look(reader: FaceReader, frame: Array, time: float = 0.0) -> FaceObservation:
    """Return what one frame shows, as the live path sees it at first."""
    (seen,) = FaceStage(INFO, FaceConfig(), reader).push(Chunk("camera", np.array([time]), frame[None]))
    return seen


def people(folder: Path, reader: FaceReader) -> Iterator[Seen]:
    """Give every frame of every person in ``london-faces``, always the same."""
    for path in sorted((folder / "neutral").glob("*.jpg")):
        name = path.name[:3]
        rng = np.random.default_rng([SEED, int(name)])
        for smiling, kind in enumerate(KINDS):
            found = next((folder / kind).glob(f"{name}_*.jpg"), None)
            if found is None:
                continue
            picture = np.ascontiguousarray(np.asarray(cv2.imread(str(found)))[..., ::-1])
            for k in range(N_TESTED if smiling else N_NEUTRAL + N_TESTED):
                first = not smiling and k < N_NEUTRAL
                yield Seen(name, bool(smiling), first, look(reader, webcam_frame(picture, rng)))


def pictures_of(seen: Sequence[Seen], reader: FaceReader) -> Pictures:
    """Return the usable frames that are to be read, each with the mean of its person's neutral ones."""
    usable = [one for one in seen if one.observation.blendshapes is not None]
    at_rest: dict[str, list[Array]] = {}
    for one in usable:
        if one.for_neutral:
            at_rest.setdefault(one.person, []).append(values(one.observation))
    neutral = {name: np.mean(shown, axis=0) for name, shown in at_rest.items()}
    read = [one for one in usable if not one.for_neutral and one.person in neutral]
    embeddings = np.array([one.observation.embedding for one in read], float)
    return Pictures(
        np.array([one.person for one in read]),
        np.array([CLASSES.index("happy" if one.smiling else "neutral") for one in read]),
        np.array([one.observation.blendshapes for one in read], float),
        np.asarray(embeddings @ reader.classifier_weight.T + reader.classifier_bias, np.float64),
        np.array([neutral[one.person] for one in read]),
    )


def genders(folder: Path) -> dict[str, str]:
    """Return ``female`` or ``male`` for each person's name, as the set tells it."""
    with (folder / "london_info.csv").open(encoding="utf-8") as file:
        return {row["face_id"]: row["face_gender"] for row in csv.DictReader(file)}


def groups(folder: Path) -> dict[str, set[str]]:
    """Return the names of the people of each gender, ethnicity and half of ages, as the set tells them."""
    out: dict[str, set[str]] = {}
    with (folder / "london_info.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            age = float(row["face_age"]) if row["face_age"].replace(".", "").isdigit() else np.nan
            ages = ["30 or older" if age >= 30 else "under 30"] if np.isfinite(age) else []
            for name in (row["face_gender"], row["face_eth"], *ages):
                out.setdefault(name, set()).add(row["face_id"])
    return out


def folds(person: NDArray[np.str_], n_folds: int = 10, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each row, so that nobody is in two."""
    names = np.unique(person)
    order = np.random.default_rng(seed).permutation(len(names))
    return np.asarray(order[np.searchsorted(names, person)] % n_folds)


def values(face: FaceObservation) -> Array:
    """Return blendshapes and log odds of a face that has them, shape (52 + n_classes,)."""
    assert face.blendshapes is not None
    assert face.expression is not None
    return np.concatenate([face.blendshapes, log_odds(face.expression)])
