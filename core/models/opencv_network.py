"""A network run by OpenCV, which takes half to two thirds of the time that torch takes on one core.

OpenCV puts a convolution, its bias, the sum and the slope that follow into one pass over the pixels; torch, which may
not compile at run time, makes four of them. Both are given the same weights, and agree to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
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
        """Return what it says, from these maps, each of shape (1, n_channels, height, width) after a convolution."""
        ...


def of_picture(scale: float, mean: tuple[float, float, float]) -> Callable[[Array], NDArray[np.float32]]:
    """Return what turns a picture (side, side, 3), uint8, RGB, into ``scale * (picture - mean)``, channels first.

    Parameters
    ----------
    scale : float
    mean : tuple of float
        One for each of red, green and blue.
    """

    def prepare(picture: Array) -> NDArray[np.float32]:
        return np.asarray(cv2.dnn.blobFromImage(picture, scale, mean=mean), np.float32)

    return prepare


class OpencvNetwork:
    """What comes in, what a network says of it out; one at a time, so that none changes another's bits.

    It may be used by one thread at a time.

    Parameters
    ----------
    network : Drawable
    prepare : callable
        Gives what the network takes of one of what comes in, float32, its first axis of length 1.
    """

    def __init__(self, network: Drawable, prepare: Callable[[Array], NDArray[np.float32]]) -> None:
        self._network = network
        self._prepare = prepare
        self._nets: dict[tuple[int, ...], tuple[Any, list[str]]] = {}

    def __call__(self, given: Array) -> tuple[NDArray[np.float32], ...]:
        """Return what is said of each along the first axis, such as pictures: arrays whose first axis is as long."""
        each = [self._read(self._prepare(one)) for one in given]
        return tuple(np.concatenate(parts) for parts in zip(*each, strict=True))

    def _read(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        net, names = self._net(x.shape)
        net.setInput(x)
        return self._network.finish(net.forward(names))

    def _net(self, shape: tuple[int, ...]) -> tuple[Any, list[str]]:
        if shape not in self._nets:
            graph = OnnxGraph(shape)
            names = self._network.draw(graph)
            written = np.frombuffer(graph.to_bytes(names), np.uint8)
            self._nets[shape] = cv2.dnn.readNetFromONNX(written), names
        return self._nets[shape]
