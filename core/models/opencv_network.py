"""A network of convolutions run by OpenCV, which takes half of the time that torch takes on one core.

OpenCV puts a convolution, its bias, the sum and the slope that follow into one pass over the pixels; torch, which may
not compile at run time, makes four of them. Both are given the same weights, and agree to rounding.
"""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data import Array
from core.models.onnx_graph import OnnxGraph


class Drawable(Protocol):
    """A network that can be written down."""

    def draw(self, graph: OnnxGraph) -> list[str]:
        """Add what it does to a graph; return the names of the maps that it ends with."""
        ...

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        """Return what it says, from these maps, each of shape (1, n_channels, height, width)."""
        ...


class OpencvNetwork:
    """Pictures in, what a network says of them out; one picture at a time, so that none changes another's bits.

    It may be used by one thread at a time.

    Parameters
    ----------
    network : Drawable
    scale : float
    mean : tuple of float
        A picture goes in as ``scale * (picture - mean)``, a mean for each of red, green and blue.
    """

    def __init__(self, network: Drawable, scale: float, mean: tuple[float, float, float]) -> None:
        self._network = network
        self._scale = scale
        self._mean = mean
        self._nets: dict[int, tuple[Any, list[str]]] = {}

    def __call__(self, pictures: Array) -> tuple[NDArray[np.float32], ...]:
        """Return what is said of pictures (n, side, side, 3), uint8, RGB: arrays whose first axis has n."""
        each = [self._read(picture) for picture in pictures]
        return tuple(np.concatenate(parts) for parts in zip(*each, strict=True))

    def _read(self, picture: Array) -> tuple[NDArray[np.float32], ...]:
        net, names = self._net(len(picture))
        net.setInput(cv2.dnn.blobFromImage(picture, self._scale, mean=self._mean))
        return self._network.finish(net.forward(names))

    def _net(self, side: int) -> tuple[Any, list[str]]:
        if side not in self._nets:
            graph = OnnxGraph((1, 3, side, side))
            names = self._network.draw(graph)
            written = np.frombuffer(graph.to_bytes(names), np.uint8)
            self._nets[side] = cv2.dnn.readNetFromONNX(written), names
        return self._nets[side]
