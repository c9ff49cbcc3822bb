"""The pretrained expression network: face-api's ``FaceExpressionNet``, rebuilt (weights: assets/face/README.md).

Four densely connected blocks of depthwise separable convolutions, an average over the last 7 x 7 map, and one linear
layer. What goes into that layer is the embedding, so ``softmax(W e + b)`` is exactly what the network says.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CROP_PX = 112
MEAN_RGB = (122.782, 117.001, 104.298)
N_EMBEDDING = 256


class ExpressionNet(nn.Module):
    """Embedding and class scores of aligned faces. The classes are in Insula's order, not in face-api's."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN_RGB).view(1, 3, 1, 1), persistent=False)
        self.blocks = nn.ModuleList(
            [
                _DenseBlock(nn.Conv2d(3, 32, 3, stride=2), 32),
                _DenseBlock(_Separable(32, 64, stride=2), 64),
                _DenseBlock(_Separable(64, 128, stride=2), 128),
                _DenseBlock(_Separable(128, 256, stride=2), 256),
            ]
        )
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


class _Separable(nn.Module):
    def __init__(self, n_in: int, n_out: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(n_in, n_in, 3, stride, padding=1 if stride == 1 else 0, groups=n_in, bias=False)
        self.pointwise = nn.Conv2d(n_in, n_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.pointwise(self.depthwise(x))
        return out


class _DenseBlock(nn.Module):
    """Halves the picture, then adds three layers that each see the sum of those before."""

    def __init__(self, first: nn.Module, n_features: int) -> None:
        super().__init__()
        self.first = first
        self.second = _Separable(n_features, n_features)
        self.third = _Separable(n_features, n_features)
        self.fourth = _Separable(n_features, n_features)

    def forward(self, x: Tensor) -> Tensor:
        # TensorFlow's SAME padding puts the odd row and column at the end.
        one: Tensor = self.first(functional.pad(x, (0, 1, 0, 1))).relu_()
        total = one + self.second(one)
        total = total + self.third(total.relu())
        total = total + self.fourth(total.relu())
        return functional.relu(total)
