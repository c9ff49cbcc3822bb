"""The pretrained face models behind one door: pictures in, boxes, keypoints and embeddings out, all numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from core.assets import asset_path
from core.blendshapes import MESH_POINTS
from core.errors import CheckpointError
from core.forked import compute_alone_when_forked
from core.models.face_blendshapes import BlendshapeNet
from core.models.face_detector import INPUT_PX, BlazeFace, anchors
from core.models.face_expression import CROP_PX, MEAN_RGB, N_EMBEDDING, ExpressionNet
from core.models.face_mesh import MESH_PX, FaceMesh
from core.models.opencv_network import OpencvNetwork, of_picture
from core.models.traced_network import TracedNetwork

NEAR_PX = 128
"""Side of the detector's input when it looks round the last place of a face."""
NEAR_REACH = 2.5
"""How far it looks then, in widths of the face."""
MIN_PX = 16
"""Side of the smallest picture in which a face is looked for."""
MIN_SCORE = 0.5
MERGE_OVERLAP = 0.3

Array = NDArray[Any]
Box = tuple[float, float, float, float]
_Network = TypeVar("_Network", bound=nn.Module)
_Reads = Callable[[Array], tuple[NDArray[np.float32], ...]]
"""From pictures (n, side, side, 3), uint8, or points (n, n_points, 2), float32, to what a network says of them."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One face in a picture."""

    box: Box
    """Left, top, right, bottom, pixels: from the brows to the chin."""
    keypoints: NDArray[np.float32]
    """Array of shape (6, 2), pixels: the person's right eye, left eye, nose tip, mouth, right ear, left ear."""
    score: float


class FaceReader:
    """Detector, expression network and face mesh, loaded. One thread at a time may use each of the three.

    A process that is forked from the one that made it may use it as well.

    Parameters
    ----------
    device : str or torch.device
        Where they run: on the CPU by OpenCV, elsewhere by torch.
    """

    def __init__(self, device: str | torch.device = "cpu") -> None:
        compute_alone_when_forked()
        self.device = torch.device(device)
        detector = _load(BlazeFace(), "face/detector.safetensors", self.device)
        expression = _load(ExpressionNet(), "face/expression.safetensors", self.device)
        mesh = _load(FaceMesh(), "face/mesh.safetensors", self.device)
        blendshapes = _load(BlendshapeNet(), "face/blendshapes.safetensors", self.device)
        self._detector: _Reads
        self._expression: _Reads
        self._mesh: _Reads
        self._blendshapes: _Reads
        if self.device.type == "cpu":
            self._detector = OpencvNetwork(detector, of_picture(1 / 127.5, (127.5, 127.5, 127.5)))
            self._expression = OpencvNetwork(expression, of_picture(1 / 255, MEAN_RGB))
            self._mesh = OpencvNetwork(mesh, of_picture(1 / 255, (0.0, 0.0, 0.0)))
            self._blendshapes = OpencvNetwork(blendshapes, lambda points: points[np.newaxis])
        else:
            self._detector = _on_device(_OfPictures(detector, 1 / 127.5, -1.0), self.device)
            self._expression = _on_device(_OfPictures(expression), self.device)
            self._mesh = _on_device(_OfPictures(mesh, 1 / 255), self.device)
            self._blendshapes = _on_device(blendshapes, self.device)
        self._anchors = {side: anchors(side) for side in (INPUT_PX, NEAR_PX)}
        last = expression.classifier
        self.n_embedding = N_EMBEDDING
        self.classifier_weight: NDArray[np.float32] = last.weight.detach().cpu().numpy()
        """Array of shape (7, n_embedding): with `classifier_bias`, the network's own last layer."""
        self.classifier_bias: NDArray[np.float32] = last.bias.detach().cpu().numpy()

    def warm_up(self) -> None:
        """Run each network once on black, so that the first true picture is not the slow one."""
        frame = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)
        self.detect(frame)
        self.detect(frame, near=(0.0, 0.0, 1.0, 1.0))
        self.embed(np.zeros((1, CROP_PX, CROP_PX, 3), np.uint8))
        self.mesh(np.zeros((1, MESH_PX, MESH_PX, 3), np.uint8))

    def detect(self, frame: Array, near: Box | None = None) -> list[Detection]:
        """Return the faces in a picture, the surest first.

        Parameters
        ----------
        frame : array of shape (height, width, 3), uint8, RGB
        near : box, optional
            Look only round here. A quarter of the work, and small faces are seen larger.

        Raises
        ------
        ValueError
            It is no such picture, or one of less than `MIN_PX` pixels a side.
        """
        if frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < MIN_PX or frame.dtype != np.uint8:
            raise ValueError(
                f"A picture must be RGB, 0 to 255, uint8, of shape (height, width, 3), at least {MIN_PX} pixels a "
                f"side, not {frame.dtype} of shape {frame.shape}."
            )
        (height, width), side = frame.shape[:2], INPUT_PX
        x0, y0, x1, y1, reach = 0.0, 0.0, width, height, 1.0
        if near is not None:
            (x0, y0, x1, y1), reach, side = near, NEAR_REACH, NEAR_PX
        size = max(round(reach * max(x1 - x0, y1 - y0)), 1)
        x, y = round((x0 + x1 - size) / 2), round((y0 + y1 - size) / 2)
        picture = cut_square(frame, x, y, size, side)
        places, logits = self._detector(picture[None])
        scores = 1 / (1 + np.exp(-np.clip(logits[0], -80, 80)))
        good = np.flatnonzero(scores > MIN_SCORE)
        points = places[0][good].reshape(-1, 8, 2)
        points[:, 0] += self._anchors[side][good]
        points[:, 2:] += self._anchors[side][good, None]
        half = points[:, 1] / 2
        points[:, 0], points[:, 1] = points[:, 0] - half, points[:, 0] + half
        return _merge(points * (size / side) + np.array([x, y], np.float32), scores[good])

    def embed(self, crops: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return embeddings (n, n_embedding) and class probabilities (n, 7) of aligned faces.

        Parameters
        ----------
        crops : array of shape (n, 112, 112, 3), uint8, RGB
        """
        _check_cuts("Faces", crops, CROP_PX)
        embeddings, probabilities = self._expression(crops)
        return embeddings, probabilities

    def mesh(self, heads: Array) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return the mesh's points (n, 478, 3), blendshapes (n, 52) and the logits of presence (n,) of upright heads.

        Points are in pixels of the cut. Blendshapes are read from them there, where the head is upright, while
        MediaPipe reads them as they lie in the frame: the network was not taught to be blind to a tilted head.

        Parameters
        ----------
        heads : array of shape (n, 256, 256, 3), uint8, RGB
            From `core.face_geometry.cut_for_mesh`.
        """
        _check_cuts("Heads", heads, MESH_PX)
        points, presence = self._mesh(heads)
        (blendshapes,) = self._blendshapes(points[:, MESH_POINTS, :2])
        return points, blendshapes, presence


def _check_cuts(what: str, cuts: Array, side: int) -> None:
    if cuts.shape[1:] != (side, side, 3) or cuts.dtype != np.uint8:
        raise ValueError(
            f"{what} must be RGB, 0 to 255, uint8, of shape (n, {side}, {side}, 3), not {cuts.dtype} of shape "
            f"{cuts.shape}."
        )


class _OfPictures(nn.Module):
    """A network that takes pictures as they come, (batch, height, width, 3), uint8."""

    def __init__(self, network: nn.Module, scale: float = 1.0, shift: float = 0.0) -> None:
        super().__init__()
        self.network = network
        self._scale = scale
        self._shift = shift

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        x = pictures.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last)
        outputs: tuple[Tensor, ...] = self.network(x.mul_(self._scale).add_(self._shift))
        return outputs


def _on_device(network: nn.Module, device: torch.device) -> _Reads:
    """Return what runs a network by torch."""
    recorded = TracedNetwork(network)

    def read(given: Array) -> tuple[NDArray[np.float32], ...]:
        return tuple(output.cpu().numpy() for output in recorded(torch.tensor(given, device=device)))

    return read


def cut_square(frame: Array, left: int, top: int, size: int, side: int) -> Array:
    """Return the square of a picture, (side, side, 3), that begins at (left, top); black where there is no picture."""
    height, width = frame.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, width), min(top + size, height)
    square = np.zeros((side, side, 3), np.uint8)
    scale = side / size
    to_x0, to_y0, to_x1, to_y1 = (round((v - o) * scale) for v, o in ((x0, left), (y0, top), (x1, left), (y1, top)))
    if x1 > x0 and y1 > y0 and to_x1 > to_x0 and to_y1 > to_y0:
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        part = cv2.resize(frame[y0:y1, x0:x1], (to_x1 - to_x0, to_y1 - to_y0), interpolation=interpolation)
        square[to_y0:to_y1, to_x0:to_x1] = part
    return square


def _merge(points: NDArray[np.float32], scores: Array) -> list[Detection]:
    """Return one detection for each heap of overlapping ones, their mean weighted by score (BlazeFace, section 3.4)."""
    found = []
    left = np.argsort(-scores, kind="stable")
    while len(left):
        together = _overlap(points[left[0], :2], points[left, :2]) > MERGE_OVERLAP
        together[0] = True
        weights = scores[left[together], None, None]
        mean = (points[left[together]] * weights).sum(axis=0) / weights.sum()
        x0, y0, x1, y1 = (float(value) for value in mean[:2].ravel())
        found.append(Detection((x0, y0, x1, y1), mean[2:].astype(np.float32), float(scores[left[0]])))
        left = left[~together]
    return found


def _overlap(box: Array, boxes: Array) -> Array:
    """Return intersection over union of a box (2, 2) with boxes (n, 2, 2)."""
    low, high = np.maximum(box[0], boxes[:, 0]), np.minimum(box[1], boxes[:, 1])
    common = np.clip(high - low, 0, None).prod(axis=-1)
    union = (box[1] - box[0]).prod() + (boxes[:, 1] - boxes[:, 0]).prod(axis=-1) - common
    share: Array = common / np.maximum(union, 1e-9)
    return share


def _load(network: _Network, name: str, device: torch.device) -> _Network:
    path = asset_path(name)
    try:
        network.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"The face model {path} cannot be loaded ({error}). Install Insula again.") from error
    network.eval().requires_grad_(False).to(device)
    # Channels last is the faster order for depthwise convolutions, on the CPU by a third.
    convert_conv2d_weight_memory_format(network, torch.channels_last)
    return network
