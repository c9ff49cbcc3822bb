"""The face mesh: MediaPipe's landmark network, 478 points of an upright face, rebuilt (weights: assets/face/README.md).

Kartynnik et al. 2019, Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs, arXiv:1907.06724. For
inference only: sums are written in place.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models.onnx_graph import OnnxGraph
from core.models.separable import AT_END, mix, pad_end, values_of

MESH_PX = 256
N_POINTS = 478
N_STEM, N_BLOCKS = 16, 4
_STAGES = ((16, 32), (32, 64), (64, 128), (64, 128), (64, 128), (64, 128))
"""Channels within and after the blocks of each stage that halves the picture."""


class FaceMesh(nn.Module):
    """Places of 478 points, and whether there is a face."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, N_STEM, 3, stride=2)
        self.stem_slope = nn.Parameter(torch.zeros(N_STEM))
        blocks: list[nn.Module] = [_Block(N_STEM, N_STEM // 2, N_STEM) for _ in range(N_BLOCKS)]
        n_in = N_STEM
        for n_within, n_out in _STAGES:
            blocks.append(_Block(n_in, n_within, n_out, halve=True))
            blocks.extend(_Block(n_out, n_within, n_out) for _ in range(N_BLOCKS))
            n_in = n_out
        self.blocks = nn.Sequential(*blocks)
        self.places = nn.Linear(4 * n_in, 3 * N_POINTS)
        self.presence = nn.Linear(4 * n_in, 1)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is known of upright faces.

        Parameters
        ----------
        faces : Tensor
            (batch, 3, 256, 256), RGB, 0 to 1.

        Returns
        -------
        points : Tensor
            (batch, 478, 3), pixels of the picture; depth, of which less is nearer, as large as a width.
        presence : Tensor
            (batch,), logit of there being a face.
        """
        x = self.blocks(_slope(self.stem(pad_end(faces)), self.stem_slope))
        cells = x.permute(0, 2, 3, 1).reshape(len(x), -1)
        return self.places(cells).reshape(-1, N_POINTS, 3), self.presence(cells).squeeze(1)

    def draw(self, graph: OnnxGraph) -> list[str]:
        """Add what it does to a graph; see `core.models.opencv_network.Drawable`."""
        weight, bias = values_of(self.stem)
        x = _draw_slope(graph, graph.convolve(graph.input, weight, bias, stride=2, pads=AT_END), self.stem_slope)
        for block in self.blocks:
            assert isinstance(block, _Block)
            x = block.draw(graph, x)
        # A linear layer of all pixels is a convolution as large as the map, whose channels come last here.
        side = round((self.places.in_features / _STAGES[-1][1]) ** 0.5)
        return [
            graph.convolve(x, weight.reshape(len(weight), side, side, -1).transpose(0, 3, 1, 2), bias)
            for weight, bias in (values_of(self.places), values_of(self.presence))
        ]

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        """Return points and presence as `forward` gives them, from the maps that are drawn."""
        return maps[0].reshape(-1, N_POINTS, 3), maps[1].reshape(-1)


class _Block(nn.Module):
    """Fewer channels, a 3 x 3 convolution of each alone, and the sum with what came in."""

    def __init__(self, n_in: int, n_within: int, n_out: int, halve: bool = False) -> None:
        super().__init__()
        self.halve = halve
        self.n_new = n_out - n_in
        self.enter = nn.Conv2d(n_in, n_within, 2, stride=2) if halve else nn.Linear(n_in, n_within)
        self.enter_slope = nn.Parameter(torch.zeros(n_within))
        self.depthwise = nn.Conv2d(n_within, n_within, 3, padding=1, groups=n_within)
        self.leave = nn.Linear(n_within, n_out)
        self.leave_slope = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: Tensor) -> Tensor:
        # Channels last, a 1 x 1 convolution is one matrix product over all pixels.
        within = self.enter(x) if self.halve else self.enter(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        within = self.depthwise(_slope(within, self.enter_slope)).permute(0, 2, 3, 1)
        total = functional.max_pool2d(x, 2) if self.halve else x
        if self.n_new:
            total = functional.pad(total, (0, 0, 0, 0, 0, self.n_new))
        total = total.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
        pixels = within.reshape(-1, within.shape[-1])
        total.view(-1, total.shape[-1]).addmm_(pixels, self.leave.weight.t()).add_(self.leave.bias)
        return _slope(total.permute(0, 3, 1, 2), self.leave_slope)

    def draw(self, graph: OnnxGraph, x: str) -> str:
        if isinstance(self.enter, nn.Linear):
            within, total = mix(graph, x, self.enter), x
        else:
            within, total = graph.convolve(x, *values_of(self.enter), stride=2), graph.halve(x)
        within = _draw_slope(graph, within, self.enter_slope)
        within = graph.convolve(within, *values_of(self.depthwise), pads=(1, 1, 1, 1))
        mixed = mix(graph, within, self.leave)
        total = graph.node("Add", [mixed, graph.add_channels(total, self.n_new)])
        return _draw_slope(graph, total, self.leave_slope)


def _draw_slope(graph: OnnxGraph, x: str, slope: Tensor) -> str:
    return graph.node("PRelu", [x, graph.weights(slope.numpy(force=True)[:, None, None])])


def _slope(x: Tensor, slope: Tensor) -> Tensor:
    """Return `x` where it is positive, else `x` times its channel's slope."""
    return functional.prelu(x, slope)
