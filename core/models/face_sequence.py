"""The face branch over a window: what the pretrained expression network saw in each frame, drawn together.

The last layer of the pretrained network comes along frozen, so that before any training a face is read exactly as the
network reads it, averaged over the window. What is learnt stands beside that reading, and starts at zero.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

N_FACES = 16
N_STATISTICS = 4


class FaceSequence(nn.Module):
    """Feature of up to `N_FACES` observations of one face.

    The feature is ``[expression (n_classes), hidden (n_hidden), statistics (4)]``.

    Parameters
    ----------
    n_embedding : int
        Size of a frame's embedding.
    n_classes : int
        Classes of the pretrained network's last layer.
    n_hidden : int
        Channels of the learnt causal convolution.
    """

    def __init__(self, n_embedding: int = 256, n_classes: int = 7, n_hidden: int = 32) -> None:
        super().__init__()
        self.classifier = nn.Linear(n_embedding, n_classes).requires_grad_(False)
        self.recency = nn.Parameter(torch.zeros(()))
        self.trust = nn.Parameter(torch.zeros(()))
        self.convolution = nn.Conv1d(n_embedding, n_hidden, 3)
        self.n_features = n_classes + n_hidden + N_STATISTICS

    def forward(self, embeddings: Tensor, quality: Tensor, mask: Tensor) -> Tensor:
        """Return the feature, shape (batch, n_features).

        Parameters
        ----------
        embeddings : Tensor
            (batch, n_faces, n_embedding), oldest first; zeros where the mask is False.
        quality : Tensor
            (batch, n_faces), 0 unusable to 1 good.
        mask : Tensor
            (batch, n_faces), bool: True where there is a usable observation.
        """
        share = mask.to(embeddings.dtype)
        age = torch.linspace(-1.0, 0.0, embeddings.shape[1], dtype=embeddings.dtype, device=embeddings.device)
        attention = (self.recency * age + self.trust * quality).masked_fill(~mask, -1e9).softmax(dim=-1) * share
        frames = self.classifier(embeddings).softmax(dim=-1)
        expression = (attention.unsqueeze(-1) * frames).sum(dim=1)
        spread = (attention.unsqueeze(-1) * (frames - expression.unsqueeze(1)).square()).sum(dim=(1, 2))
        sequence = nn.functional.pad(embeddings.transpose(1, 2), (2, 0))
        hidden = torch.relu(self.convolution(sequence)).transpose(1, 2)
        hidden = (attention.unsqueeze(-1) * hidden).sum(dim=1)
        mean_quality = (attention * quality).sum(dim=-1)
        peak = expression.amax(dim=-1)
        statistics = torch.stack([mean_quality, share.mean(dim=-1), spread, peak], dim=-1)
        return torch.cat([expression, hidden, statistics], dim=-1)
