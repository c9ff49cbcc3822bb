"""Real faces, corrupted: what a noise estimate makes of them. Face Research Lab London Set, see `benchmarks.faces`.

A face that is not found, or that the live chain refuses, is not used at all and counts as above the highest level.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.cells import Arrays
from benchmarks.noise_curves import N_LEVELS, REFUSED, Curve, curve, read_kinds
from benchmarks.noise_reader import NoiseReader
from benchmarks.signal_statistics import picture_statistics
from core.blendshapes import BLENDSHAPES
from core.config import FaceConfig
from core.face_geometry import align, cut_for_mesh, yaw_deg
from core.face_neutral import log_odds
from core.face_quality import judge
from core.face_track import largest
from core.models.checkpoint import load
from core.models.face import FaceReader
from core.models.face_sequence import N_FACES, Compared
from core.models.heads import Gaussian
from core.models.model_file import CLASSES, SHIPPED
from training import face_corruption

N_FOLDS = 5
GREY, CONTRAST = 128.0, 50.0
PIXELS = (1.0, 0.35, 0.22, 0.14, 0.09, 0.06)
"""Size of the picture before it is enlarged again, by level: a camera far away."""
GLARE = (1.0, 1.5, 2.2, 3.2, 5.0, 9.0)
"""Gain of a camera that is dazzled, by level."""
_COLUMNS = ("person", "level", "used", "quality", "embedding", "seen", "shown", "meshed", "rest")
Picture = NDArray[np.uint8]


def pixels(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it as of few pixels."""
    small = cv2.resize(picture, None, fx=PIXELS[level], fy=PIXELS[level], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def glare(picture: Picture, level: int, rng: np.random.Generator) -> Picture:
    """Return it dazzled."""
    return np.asarray(np.clip(picture * GLARE[level], 0, 255), np.uint8)


KINDS: dict[str, Callable[[Picture, int, np.random.Generator], Picture]] = {
    **{kind.__name__: kind for kind in face_corruption.KINDS},
    "pixels": pixels,
    "glare": glare,
}


def look(folder: Path, kind: str) -> Arrays:
    """Return what is seen of each person's neutral face, clean, and smile, corrupted, or the other way round."""
    reader, rng = FaceReader(), np.random.default_rng(0)
    paths = sorted((folder / "neutral").glob("*.jpg")) + sorted((folder / "smiling").glob("*.jpg"))
    rows: dict[str, list[object]] = {name: [] for name in _COLUMNS}
    for path in paths:
        picture = np.ascontiguousarray(np.asarray(cv2.imread(str(path)))[..., ::-1])
        for level in range(N_LEVELS):
            corrupted = KINDS[kind](picture, level, rng) if level else picture
            face = largest(reader.detect(corrupted))
            crop = np.zeros((112, 112, 3), np.uint8) if face is None else align(corrupted, face.keypoints)
            quality, embedding = 0.0, np.zeros(reader.n_embedding, np.float32)
            blendshapes, meshed = np.zeros(len(BLENDSHAPES), np.float32), False
            expression = np.full(len(CLASSES), 1 / len(CLASSES), np.float32)
            if face is not None:
                width = face.box[2] - face.box[0]
                quality = judge(crop, width, yaw_deg(face.keypoints), FaceConfig()).value
                (embedding,), (expression,) = reader.embed(crop[None])
                _, (blendshapes,), (presence,) = reader.mesh(cut_for_mesh(corrupted, face.keypoints)[None])
                meshed = presence > 0
            grey = (cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32) - GREY) / CONTRAST
            middle = picture_statistics(torch.from_numpy(grey[None]))[0].numpy()
            seen = np.array([*middle, grey.mean(), grey.std(), 0.0 if face is None else face.score], np.float32)
            shown = np.concatenate([blendshapes, log_odds(expression)])
            at_rest = path.parent.name == "neutral" and level == 0
            values = (int(path.name[:3]), level, quality > 0.0, quality, embedding, seen, shown, meshed, at_rest)
            for name, value in zip(rows, values, strict=True):
                rows[name].append(value)
    return {name: np.asarray(values) for name, values in rows.items()}


@torch.inference_mode()
def by_model(looks: dict[str, Arrays], fold: int) -> Arrays:
    """Return the curves of the model that ships, on the people of a fold, against their own neutral picture."""
    network = load(SHIPPED).network.eval()
    out = {}
    for kind, seen in looks.items():
        embeddings = torch.from_numpy(seen["embedding"])[:, None].expand(-1, N_FACES, -1)
        quality = torch.from_numpy(seen["quality"]).float()[:, None].expand(-1, N_FACES)
        compared = Compared(
            torch.from_numpy(seen["shown"][:, : len(BLENDSHAPES)]).float()[:, None].expand(-1, N_FACES, -1),
            torch.from_numpy(seen["meshed"])[:, None].expand(-1, N_FACES),
            torch.from_numpy(_at_rest(seen)).float(),
            torch.ones(len(quality)),
        )
        mask = torch.ones_like(quality, dtype=torch.bool)
        head = network.face_head(network.face(embeddings, quality, mask, compared))
        nowhere = Gaussian(torch.zeros_like(head.mean), torch.zeros_like(head.log_variance))
        noise = network.fusion.noise((nowhere, head))[:, 1].clamp(min=1.0).numpy()
        out[f"face|model that ships|{kind}"] = _by_level(seen, noise, _test(seen, fold))
    return out


def by_reader(looks: dict[str, Arrays], fold: int) -> Arrays:
    """Return the curves of readers that were taught on the other people's faces."""

    def training_part(seen: Arrays) -> tuple[torch.Tensor, torch.Tensor]:
        rows = ~_test(seen, fold) & seen["used"]
        return torch.from_numpy(seen["seen"][rows]), torch.from_numpy(seen["level"][rows]).float()

    def read_curve(reader: NoiseReader, kind: str) -> Curve:
        seen = looks[kind]
        return _by_level(seen, reader(torch.from_numpy(seen["seen"])).numpy(), _test(seen, fold))

    corrupted = {kind: training_part(seen) for kind, seen in looks.items()}
    statistics, level = next(iter(corrupted.values()))
    return {
        f"face|{name}": one for name, one in read_kinds(statistics[level == 0], corrupted, read_curve, fold).items()
    }


def refused(looks: dict[str, Arrays]) -> str:
    """Return in words how much of each kind at the highest level is not used at all."""
    shares = [f"{kind} {1 - seen['used'][seen['level'] == N_LEVELS - 1].mean():.0%}" for kind, seen in looks.items()]
    return "Not found or refused at level 5: " + ", ".join(shares)


def _at_rest(seen: Arrays) -> NDArray[np.float64]:
    """Return for each row what its person's clean neutral picture shows, shape (n, 52 + n_classes)."""
    shown = {person: row for person, row, rest in zip(seen["person"], seen["shown"], seen["rest"], strict=True) if rest}
    return np.array([shown[person] for person in seen["person"]])


def _test(seen: Arrays, fold: int) -> NDArray[np.bool_]:
    return np.isin(seen["person"], np.unique(seen["person"])[fold::N_FOLDS])


def _by_level(seen: Arrays, noise: NDArray[np.floating], rows: NDArray[np.bool_]) -> Curve:
    noise = np.where(seen["used"], noise, REFUSED)
    return curve([noise[rows & (seen["level"] == level)] for level in range(N_LEVELS)])
