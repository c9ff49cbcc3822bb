"""The face branch on 60 real people: how many faces are found, how well a smile is told, how long a frame takes.

``python benchmarks/faces.py`` prints Markdown tables. It needs the Face Research Lab London Set (DeBruine & Jones 2017,
CC BY 4.0) in ``london-faces/neutral`` and ``london-faces/smiling`` under INSULA_DATA; the times need no data.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.face_people import add_data
from core.assets import asset_path
from core.config import FaceConfig
from core.data import Array, Chunk, FaceObservation, StreamInfo
from core.face_geometry import align, cut_for_mesh, yaw_deg
from core.face_quality import judge
from core.faces import FaceStage
from core.models.face import FaceReader

CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
INFO = StreamInfo("camera", "video", "P001", "camera", width_px=640, height_px=480)
FACE_PX = 180
"""Width of a face in the data set's pictures of 512 pixels."""
SENSOR_NOISE = 3.0


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_data(parser)
    data = parser.parse_args().data / "london-faces"
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    reader = FaceReader()
    print(f"Machine: {platform.processor() or platform.machine()}, one thread, torch {torch.__version__}\n")
    show_times(reader)
    if not data.is_dir():
        print(f"\nSkipped: recall and expression, since {data} is not here. Set INSULA_DATA or --data.")
        return
    show_faces(reader, data)


def show_faces(reader: FaceReader, data: Path) -> None:
    """Print recall and the reading of smiles under changes of the picture."""
    paths = [sorted((data / kind).glob("*.jpg")) for kind in ("neutral", "smiling")]
    pictures = [np.ascontiguousarray(np.asarray(cv2.imread(str(path)))[..., ::-1]) for kind in paths for path in kind]
    smiling = np.repeat([False, True], [len(kind) for kind in paths])
    people = len({path.name[:3] for kind in paths for path in kind})
    print(f"\nLondon faces: {people} people, {len(pictures)} pictures, half neutral and half smiling, each alone\n")
    print("| picture | found | usable | AUC | happy > 0.5 | happy > neutral | own smile above own neutral |")
    print("|---|---|---|---|---|---|---|")
    for name, change in changes().items():
        seen = [look(reader, change(picture)) for picture in pictures]
        print(f"| {name} | {' | '.join(figures(seen, smiling))} |")
    print("\nMean probabilities, pictures as they are\n")
    print(f"| shown | {' | '.join(CLASSES)} |\n|---|{'---|' * len(CLASSES)}")
    read = [look(reader, picture).expression for picture in pictures]
    for name, chosen in (("neutral", ~smiling), ("smiling", smiling)):
        told = [one for one, pick in zip(read, chosen, strict=True) if pick and one is not None]
        print(f"| {name} | {' | '.join(f'{value:.3f}' for value in np.mean(told, axis=0))} |")


def changes() -> dict[str, Callable[[Array], Array]]:
    """Return what is done to a picture, by name; all but the first as a camera of 640 x 480 would see it."""
    found: dict[str, Callable[[Array], Array]] = {"as it is, 512 px": np.asarray}
    found |= {f"face {width} px in 640 x 480": partial(webcam, width=width) for width in (70, 100, 150, 200, 300)}
    found |= {f"rotated {turn}°, 200 px": partial(webcam, turn=turn) for turn in (-45, -30, -15, 15, 30, 45)}
    found |= {f"dark x{light}, 200 px": partial(webcam, light=light) for light in (0.5, 0.25, 0.12)}
    found |= {f"blurred by {blur} widths, 200 px": partial(webcam, blur=blur) for blur in (0.01, 0.02, 0.04)}
    return found


def webcam(picture: Array, width: int = 200, turn: float = 0.0, light: float = 1.0, blur: float = 0.0) -> Array:
    """Return the picture with its face `width` pixels wide in a frame of 640 x 480, turned, darkened, noisy."""
    scale = width / FACE_PX
    soft = max(blur * FACE_PX, 0.4 / scale if scale < 1 else 0.0)
    picture = cv2.GaussianBlur(picture, (0, 0), soft) if soft else picture
    matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), turn, scale)
    matrix[:, 2] += (320 - picture.shape[1] / 2, 240 - picture.shape[0] / 2)
    frame = cv2.warpAffine(picture, matrix, (640, 480), borderValue=(120, 120, 120))
    noise = np.random.default_rng(0).normal(0, SENSOR_NOISE, frame.shape)
    noisy: Array = np.clip(frame * light + noise, 0, 255).astype(np.uint8)
    return noisy


def look(reader: FaceReader, picture: Array) -> FaceObservation:
    """Return what one picture shows, as the pipeline would see it."""
    (seen,) = FaceStage(INFO, FaceConfig(), reader).push(Chunk("camera", np.zeros(1), picture[None]))
    return seen


def figures(seen: Sequence[FaceObservation], smiling: NDArray[np.bool_]) -> list[str]:
    """Return the cells of one row; the last four are of the usable pictures."""
    found = np.mean([one.box is not None for one in seen])
    usable = np.array([not one.problem for one in seen])
    cells = [f"{found:.1%}", f"{usable.mean():.1%}"]
    if min((usable & smiling).sum(), (usable & ~smiling).sum()) < len(seen) / 10:
        return [*cells, "", "", "", ""]
    told = np.array([np.full(7, np.nan) if one.expression is None else one.expression for one in seen])
    neutral, happy = told[:, 0], told[:, 1]
    pairs = usable[smiling] & usable[~smiling]
    return [
        *cells,
        f"{area_under_curve(happy[usable], smiling[usable]):.3f}",
        f"{((happy > 0.5) == smiling)[usable].mean():.3f}",
        f"{((happy > neutral) == smiling)[usable].mean():.3f}",
        f"{(happy[smiling] > happy[~smiling])[pairs].mean():.3f}",
    ]


def area_under_curve(score: Array, positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive one scores above a negative one."""
    n = int(positive.sum())
    return float((rankdata(score)[positive].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))


def show_times(reader: FaceReader) -> None:
    """Print what each step of a frame costs on one core, by the processor's clock."""
    picture = np.asarray(cv2.imread(str(asset_path("simulated/astronaut.png"))))[..., ::-1]
    frame = np.full((480, 640, 3), 110, np.uint8)
    frame[:, :576] = cv2.resize(picture, (576, 480))
    (face,) = reader.detect(frame)
    crop = align(frame, face.keypoints)
    head = cut_for_mesh(frame, face.keypoints)
    video = Chunk("camera", np.arange(40) / 8, np.repeat(frame[None], 40, axis=0))
    steps: dict[str, Callable[[], object]] = {
        "detect, whole frame": lambda: reader.detect(frame),
        "detect, round the last place": lambda: reader.detect(frame, near=face.box),
        "align": lambda: align(frame, face.keypoints),
        "judge": lambda: judge(crop, 150.0, yaw_deg(face.keypoints), FaceConfig()),
        "embed": lambda: reader.embed(crop[None]),
        "cut for the mesh": lambda: cut_for_mesh(frame, face.keypoints),
        "mesh and blendshapes": lambda: reader.mesh(head[None]),
        "whole path, first look": lambda: look(reader, frame),
    }
    print("| step, 640 x 480 | p50, ms | p95, ms |\n|---|---|---|")
    for name, step in steps.items():
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in cost(step))} |")
    stage = FaceStage(INFO, FaceConfig(), reader)
    looks = iter([Chunk("camera", video.timestamps[i : i + 1], video.data[i : i + 1]) for i in range(40)])
    following = cost(lambda: stage.push(next(looks)), n=35)
    print(f"| whole path, following | {' | '.join(f'{value:.2f}' for value in following)} |")


def cost(step: Callable[[], object], n: int = 100) -> tuple[float, float]:
    """Return the median and the 95th percentile of what `step` takes, ms of processor time."""
    for _ in range(5):
        step()
    spent = []
    for _ in range(n):
        start = time.process_time()
        step()
        spent.append(1000 * (time.process_time() - start))
    return float(np.median(spent)), float(np.percentile(spent, 95))


if __name__ == "__main__":
    main()
