"""The pretrained expression network: face-api's ``FaceExpressionNet``, rebuilt (weights: assets/face/README.md).

Four densely connected blocks of depthwise separable convolutions, an average over the last 7 x 7 map, and one linear
layer. What goes into that layer is the embedding, so ``softmax(W e + b)`` is exactly what the network says.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from core.models.onnx_graph import OnnxGraph
from core.models.separable import AT_END, Separable, pad_end, values_of

CROP_PX = 112
MEAN_RGB = (122.782, 117.001, 104.298)
N_EMBEDDING = 256


class ExpressionNet(nn.Module):
    """Embedding and class probabilities of aligned faces. The classes are in Insula's order, not in face-api's."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN_RGB).view(1, 3, 1, 1), persistent=False)
        self.blocks = nn.ModuleList([_Block(3, 32), _Block(32, 64), _Block(64, 128), _Block(128, 256)])
        self.classifier = nn.Linear(N_EMBEDDING, 7)

    def embed(self, faces: Tensor) -> Tensor:
        """Return embeddings (batch, 256) of RGB faces (batch, 3, 112, 112), 0 to 255."""
        out = (faces - self.mean) / 255.0
        for block in self.blocks:
            out = block(out)
        embeddings: Tensor = out.mean(dim=(2, 3))
        return embeddings

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return embeddings (batch, 256) and class probabilities (batch, 7)."""
        embeddings = self.embed(faces)
        return embeddings, self.classifier(embeddings).softmax(dim=-1)

    def draw(self, graph: OnnxGraph) -> list[str]:
        """Add what it does to a graph, of pictures less `MEAN_RGB`, over 255; see `core.models.opencv_network`."""
        out = graph.input
        for block in self.blocks:
            assert isinstance(block, _Block)
            out = block.draw(graph, out)
        return [out]

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        """Return embeddings and class probabilities as `forward` gives them, from the map that is drawn."""
        embeddings = maps[0].mean(axis=(2, 3))
        weight, bias = values_of(self.classifier)
        return embeddings, softmax(embeddings @ weight.T + bias, axis=-1)


class _Block(nn.Module):
    """Halves the picture, then adds three layers that each see the sum of those before."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.whole = n_in == 3
        self.first = nn.Conv2d(3, n_out, 3, stride=2) if self.whole else Separable(n_in, n_out, stride=2, bias=False)
        self.second = Separable(n_out, n_out, bias=False)
        self.third = Separable(n_out, n_out, bias=False)
        self.fourth = Separable(n_out, n_out, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        one: Tensor = self.first(pad_end(x) if self.whole else x).relu_()
        total = self.second.onto(one, one)
        total = self.third.onto(total.relu(), total)
        return self.fourth.onto(total.relu(), total).relu_()

    def draw(self, graph: OnnxGraph, x: str) -> str:
        if isinstance(self.first, Separable):
            first = self.first.draw(graph, x)
        else:
            first = graph.convolve(x, *values_of(self.first), stride=2, pads=AT_END)
        one = graph.node("Relu", [first])
        total = graph.node("Add", [self.second.draw(graph, one), one])
        total = graph.node("Add", [self.third.draw(graph, graph.node("Relu", [total])), total])
        total = graph.node("Add", [self.fourth.draw(graph, graph.node("Relu", [total])), total])
        return graph.node("Relu", [total])
