"""Blendshapes of a face from its mesh: MediaPipe's network, rebuilt (weights: assets/face/README.md).

An MLP mixer (Tolstikhin et al. 2021, arXiv:2105.01601) over places on the face and one token that gathers the answer;
Google, Model card: Blendshape V2.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.blendshapes import BLENDSHAPES, MESH_POINTS
from core.models.onnx_graph import OnnxGraph
from core.models.separable import values_of

N_TOKENS, N_WIDTH, N_LAYERS = 96, 64, 4
_EPSILON = 1e-6


class BlendshapeNet(nn.Module):
    """What the face does, 52 values from 0 to 1 in the order of `core.blendshapes.BLENDSHAPES`."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Linear(len(MESH_POINTS), N_TOKENS)
        self.width = nn.Linear(2, N_WIDTH)
        self.answer = nn.Parameter(torch.zeros(N_WIDTH))
        self.layers = nn.Sequential(*(_Layer() for _ in range(N_LAYERS)))
        self.last = nn.Linear(N_WIDTH, len(BLENDSHAPES))

    def forward(self, points: Tensor) -> tuple[Tensor]:
        """Return blendshapes (batch, 52), alone in a tuple as `core.models.traced_network` has it.

        Parameters
        ----------
        points : Tensor
            (batch, 146, 2): the mesh's `MESH_POINTS`, x and y, in pixels of the frame. Where the face lies and how
            large it is are taken out.
        """
        centred = points - points.mean(dim=1, keepdim=True)
        scaled = centred / centred.norm(dim=2, keepdim=True).mean(dim=1, keepdim=True)
        places = self.width(self.tokens(scaled.transpose(1, 2) * 0.5).transpose(1, 2))
        x = torch.cat([self.answer.expand(len(places), 1, -1), places], dim=1)
        return (self.last(self.layers(x)[:, 0]).sigmoid(),)

    def draw(self, graph: OnnxGraph) -> list[str]:
        """Add what it does to a graph, of one face; see `core.models.opencv_network.Drawable`."""
        centred = graph.node("Sub", [graph.input, graph.mean(graph.input, 1)])
        squares = graph.mean(graph.node("Mul", [centred, centred]), 2)
        # The mean length, of which `forward` takes a half; a mean of two squares is half of their sum.
        length = graph.mean(graph.node("Sqrt", [squares]), 1)
        scaled = graph.node("Div", [centred, graph.node("Mul", [length, graph.weights(np.array([8**0.5]))])])
        places = _draw_along(graph, _draw_across(graph, scaled, self.tokens), self.width)
        answer = graph.weights(self.answer.numpy(force=True).reshape(1, 1, -1))
        x = graph.node("Concat", [answer, places], axis=1)
        for layer in self.layers:
            assert isinstance(layer, _Layer)
            x = layer.draw(graph, x, n_kept=1 if layer is self.layers[-1] else N_TOKENS + 1)
        return [graph.node("Sigmoid", [_draw_along(graph, x, self.last)])]

    def finish(self, maps: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        """Return blendshapes as `forward` gives them, from the map that is drawn."""
        return (maps[0].reshape(1, -1),)


class _Layer(nn.Module):
    """Mixes the tokens, then the values of each."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(N_WIDTH, eps=_EPSILON, bias=False) for _ in range(2)])
        self.across = nn.Sequential(nn.Linear(N_TOKENS + 1, 384), nn.ReLU(), nn.Linear(384, N_TOKENS + 1))
        self.along = nn.Sequential(nn.Linear(N_WIDTH, 256), nn.ReLU(), nn.Linear(256, N_WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.across(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
        mixed: Tensor = x + self.along(self.norms[1](x))
        return mixed

    def draw(self, graph: OnnxGraph, x: str, n_kept: int) -> str:
        """Add it to a graph; return the name of its first `n_kept` tokens, for of the last layer one is read."""
        enter, _, leave = self.across
        within = graph.node("Relu", [_draw_across(graph, _draw_norm(graph, x, self.norms[0]), enter)])
        if n_kept <= N_TOKENS:
            x = graph.node("Gather", [x, graph.weights(np.arange(n_kept))], axis=1)
        x = graph.node("Add", [x, _draw_across(graph, within, leave, n_kept)])
        enter, _, leave = self.along
        within = graph.node("Relu", [_draw_along(graph, _draw_norm(graph, x, self.norms[1]), enter)])
        return graph.node("Add", [x, _draw_along(graph, within, leave)])


def _draw_across(graph: OnnxGraph, x: str, layer: nn.Module, n_kept: int | None = None) -> str:
    """Add a linear layer that mixes the tokens of (1, n_tokens, n_width); of what it gives the first `n_kept`."""
    assert isinstance(layer, nn.Linear)
    weight, bias = values_of(layer)
    mixed = graph.node("MatMul", [graph.weights(weight[None, :n_kept]), x])
    return graph.node("Add", [mixed, graph.weights(bias[None, :n_kept, None])])


def _draw_along(graph: OnnxGraph, x: str, layer: nn.Module) -> str:
    """Add a linear layer that mixes the values of each token."""
    assert isinstance(layer, nn.Linear)
    weight, bias = values_of(layer)
    return graph.node("Add", [graph.node("MatMul", [x, graph.weights(weight.T)]), graph.weights(bias)])


def _draw_norm(graph: OnnxGraph, x: str, norm: nn.Module) -> str:
    assert isinstance(norm, nn.LayerNorm)
    centred = graph.node("Sub", [x, graph.mean(x, 2)])
    variance = graph.mean(graph.node("Mul", [centred, centred]), 2)
    spread = graph.node("Sqrt", [graph.node("Add", [variance, graph.weights(np.array([_EPSILON]))])])
    return graph.node("Mul", [graph.node("Div", [centred, spread]), graph.weights(norm.weight.numpy(force=True))])
