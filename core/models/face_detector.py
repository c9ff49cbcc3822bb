"""The face detector: BlazeFace for back cameras, 256 px, rebuilt (weights: assets/face/README.md).

Bazarevsky et al. 2019, BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, arXiv:1907.05047.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.models.onnx_graph import OnnxGraph
from core.models.separable import Separable, mix, values_of

INPUT_PX = 256
N_KEYPOINTS = 6
"""Right eye, left eye, nose tip, mouth, right ear, left ear: right and left of the person, not of the picture."""
_GRIDS = ((16, 2), (8, 6))
_STAGES = ((24, 7), (24, 8), (48, 8), (96, 8))


class BlazeFace(nn.Module):
    """Boxes, keypoints and scores at the anchors of square pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 5, stride=2)
        blocks: list[nn.Module] = []
        n_in = 24
        for stage, (n_out, n_blocks) in enumerate(_STAGES):
            for i in range(n_blocks):
                blocks.append(_Block(n_in, n_out, stride=2 if stage and i == 0 else 1))
                n_in = n_out
        self.blocks = nn.Sequential(*blocks)
        self.last = Separable(96, 96, stride=2)
        self.scores = nn.ModuleList([nn.Linear(96, per_cell) for _, per_cell in _GRIDS])
        self.places = nn.ModuleList([nn.Linear(96, per_cell * (4 + 2 * N_KEYPOINTS)) for _, per_cell in _GRIDS])

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the network says at each anchor.

        Parameters
        ----------
        pictures : Tensor
            (batch, 3, side, side), RGB, -1 to 1. The network was taught on 256 pixels; any multiple of 32 will do,
            and has 896 * (side / 256)^2 anchors.

        Returns
        -------
        places : Tensor
            (batch, n_anchors, 16), pixels of the picture, relative to the anchor: box centre, box size, six keypoints.
        scores : Tensor
            (batch, n_anchors), logits.
        """
        fine = self.blocks(self.stem(functional.pad(pictures, (1, 2, 1, 2))).relu_())
        coarse = self.last(fine).relu_()
        places, scores = [], []
        for x, place, score in zip((fine, coarse), self.places, self.scores, strict=True):
            cells = x.permute(0, 2, 3, 1)
            places.append(place(cells).reshape(len(x), -1, 4 + 2 * N_KEYPOINTS))
            scores.append(score(cells).reshape(len(x), -1))
        return torch.cat(places, dim=1), torch.cat(scores, dim=1)

    def draw(self, graph: OnnxGraph) -> list[str]:
        """Add what it does to a graph; see `core.models.opencv_network.Drawable`."""
        stem = graph.convolve(graph.input, *values_of(self.stem), stride=2, pads=(1, 1, 2, 2))
        fine = graph.node("Relu", [stem])
        for block in self.blocks:
            assert isinstance(block, _Block)
            fine = block.draw(graph, fine)
        coarse = graph.node("Relu", [self.last.draw(graph, fine)])
        grids = list(zip((fine, coarse), self.places, self.scores, strict=True))
        return [mix(graph, x, head) for x, *heads in grids for head in heads if isinstance(head, nn.Linear)]

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        """Return places and scores as `forward` gives them, from the maps that are drawn."""
        cells = [each.transpose(0, 2, 3, 1) for each in maps]
        places = [each.reshape(1, -1, 4 + 2 * N_KEYPOINTS) for each in cells[::2]]
        return np.concatenate(places, axis=1), np.concatenate([each.reshape(1, -1) for each in cells[1::2]], axis=1)


class _Block(nn.Module):
    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.convolution = Separable(n_in, n_out, stride)
        self.stride = stride
        self.n_new = n_out - n_in

    def forward(self, x: Tensor) -> Tensor:
        skip = functional.max_pool2d(x, 2) if self.stride == 2 else x
        if self.n_new:
            skip = functional.pad(skip, (0, 0, 0, 0, 0, self.n_new))
        return self.convolution.onto(x, skip).relu_()

    def draw(self, graph: OnnxGraph, x: str) -> str:
        skip = graph.add_channels(graph.halve(x) if self.stride == 2 else x, self.n_new)
        return graph.node("Relu", [graph.node("Add", [self.convolution.draw(graph, x), skip])])


def anchors(side: int = INPUT_PX) -> NDArray[np.float32]:
    """Return the anchors' centres in a picture of `side` pixels, array of shape (n_anchors, 2), float32."""
    centres = []
    for cells, per_cell in _GRIDS:
        pitch = INPUT_PX // cells
        axis = np.arange(pitch / 2, side, pitch, dtype=np.float32)
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        centres.append(np.repeat(grid, per_cell, axis=0))
    return np.concatenate(centres)
