"""Blendshapes of a face from its mesh: MediaPipe's network, rebuilt (weights: assets/face/README.md).

An MLP mixer (Tolstikhin et al. 2021, arXiv:2105.01601) over places on the face and one token that gathers the answer;
Google, Model card: Blendshape V2.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.blendshapes import BLENDSHAPES, MESH_POINTS

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
