"""A depthwise separable convolution with TensorFlow's padding, laid out so that one CPU core is quick at it.

For inference only: sums are written in place.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models.onnx_graph import OnnxGraph, Pads


class Separable(nn.Module):
    """A 3 x 3 convolution of each channel alone, then a mixture of the channels at each pixel.

    Channels last go in and come out: then the mixture is one matrix product over all pixels, four times as quick on one
    core as PyTorch's 1 x 1 convolution.

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    stride : int
        1 or 2.
    bias : bool
        Whether the first of the two has a bias.
    """

    def __init__(self, n_in: int, n_out: int, stride: int = 1, bias: bool = True) -> None:
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(n_in, n_in, 3, stride, padding=2 - stride, groups=n_in, bias=bias)
        self.pointwise = nn.Linear(n_in, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, n_out, height / stride, width / stride) of (batch, n_in, height, width)."""
        mixed: Tensor = self.pointwise(self._filter(x))
        return mixed.permute(0, 3, 1, 2)

    def onto(self, x: Tensor, total: Tensor) -> Tensor:
        """Return ``total + self(x)``, written over `total`, which may be `x`: half the time goes into moving pixels."""
        pixels = self._filter(x)
        over = total.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
        flat = over.view(-1, over.shape[-1])
        flat.addmm_(pixels.reshape(-1, pixels.shape[-1]), self.pointwise.weight.t()).add_(self.pointwise.bias)
        return over.permute(0, 3, 1, 2)

    def draw(self, graph: OnnxGraph, x: str) -> str:
        """Add it to a graph; return the name of what it gives."""
        pads: Pads = AT_END if self.stride == 2 else (1, 1, 1, 1)
        bias = self.depthwise.bias
        filtered = graph.convolve(
            x, self.depthwise.weight.numpy(force=True), None if bias is None else bias.numpy(force=True),
            self.stride, pads,
        )  # fmt: skip
        return mix(graph, filtered, self.pointwise)

    def _filter(self, x: Tensor) -> Tensor:
        filtered: Tensor = self.depthwise(pad_end(x) if self.stride == 2 else x)
        return filtered.permute(0, 2, 3, 1)


AT_END: Pads = (0, 0, 1, 1)
"""What `pad_end` adds, in the order of `OnnxGraph.convolve`."""


def mix(graph: OnnxGraph, x: str, layer: nn.Linear) -> str:
    """Add a mixture of the channels at each pixel to a graph; return the name of what it gives."""
    weight, bias = values_of(layer)
    return graph.convolve(x, weight[..., None, None], bias)


def values_of(layer: nn.Conv2d | nn.Linear) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weight and bias of a layer that has both."""
    assert layer.bias is not None
    return layer.weight.numpy(force=True), layer.bias.numpy(force=True)


def pad_end(x: Tensor) -> Tensor:
    """Return `x` with a row and a column of zeros at the end, where TensorFlow's SAME puts them for a stride of 2."""
    return functional.pad(x, (0, 1, 0, 1))
