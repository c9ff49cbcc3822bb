"""The face branch over a window: what the pretrained expression network saw in each frame, drawn together.

The last layer of the pretrained network comes along. What it says of each frame is compared, together with the
blendshapes, with the person's neutral face (`core.models.face_reading`); in models from before there were blendshapes
it is taken as it is. Either is averaged over the window. Besides the expression the feature holds only what says how
far to trust it, and nothing of whose face it is: one simulated face must not teach it that other faces are noise.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.face_reading import FaceReading
from core.models.face_signal import FaceSignal
from core.models.own_encoders import FaceFrames

N_FACES = 16
N_STATISTICS = 5
N_SHAPES = 52


class Compared(NamedTuple):
    """What frames are compared by, and with what."""

    blendshapes: Tensor
    """(batch, n_faces, 52); zeros where there are none."""
    meshed: Tensor
    """(batch, n_faces), bool: where there are any."""
    neutral: Tensor
    """(batch, 52 + n_classes): the person's neutral face as far as it is known."""
    known: Tensor
    """(batch,): how far that is, 0 not at all to 1."""


class FaceSequence(nn.Module):
    """Feature of up to `N_FACES` observations of one face: ``[expression (n_classes), statistics (5)]``.

    The statistics are mean quality, share of usable frames, spread of the expression over the window, its peak and
    its entropy. With a signal, what noise leaves in the embeddings comes behind these `n_told` numbers.

    Parameters
    ----------
    n_embedding : int
        Size of a frame's embedding.
    n_classes : int
        Classes of the pretrained network's last layer.
    compares : bool
        Whether faces are compared with the person's neutral face.
    own : FaceFrames, optional
        Another's encoder, which says of each frame how likely each class is.
    signal : bool
        Whether `core.models.face_signal` is part of the feature.
    """

    def __init__(
        self,
        n_embedding: int = 256,
        n_classes: int = 7,
        compares: bool = False,
        own: FaceFrames | None = None,
        signal: bool = False,
    ) -> None:
        super().__init__()
        self.own = own
        self.reading = FaceReading() if compares else None
        self.classifier = nn.Linear(n_embedding, n_classes)
        self.recency = nn.Parameter(torch.zeros(()))
        self.trust = nn.Parameter(torch.zeros(()))
        self.signal = FaceSignal(n_embedding) if signal else None
        self.n_told = n_classes + N_STATISTICS
        self.n_features = self.n_told + (self.signal.n_numbers if self.signal is not None else 0)

    @torch.no_grad()
    def load_classifier(self, weight: Tensor, bias: Tensor) -> None:
        """Take over the pretrained network's last layer, weight (n_classes, n_embedding) and bias (n_classes,)."""
        self.classifier.weight.copy_(weight)
        self.classifier.bias.copy_(bias)

    def forward(
        self,
        embeddings: Tensor,
        quality: Tensor,
        mask: Tensor,
        compared: Compared | None = None,
        blendshapes: Tensor | None = None,
    ) -> Tensor:
        """Return the feature, shape (batch, n_features).

        Parameters
        ----------
        embeddings : Tensor
            (batch, n_faces, n_embedding), oldest first; zeros where the mask is False.
        quality : Tensor
            (batch, n_faces), 0 unusable to 1 good.
        mask : Tensor
            (batch, n_faces), bool: True where there is a usable observation.
        compared : Compared, optional
            What the reading compares; without it a network that compares reads the expression network alone.
        blendshapes : Tensor, optional
            (batch, n_faces, 52), for another's encoder; zeros where there are none.
        """
        share = mask.to(embeddings.dtype)
        age = torch.linspace(-1.0, 0.0, embeddings.shape[1], dtype=embeddings.dtype, device=embeddings.device)
        attention = (self.recency * age + self.trust * quality).masked_fill(~mask, -1e4).softmax(dim=-1) * share
        if self.own is not None:
            shapes = embeddings.new_zeros(*share.shape, N_SHAPES) if blendshapes is None else blendshapes
            frames = self.own(embeddings, shapes)
        else:
            frames = self._read(self.classifier(embeddings), compared)
        expression = (attention.unsqueeze(1) @ frames).squeeze(1)
        spread = (attention.unsqueeze(1) @ (frames - expression.unsqueeze(1)).square()).sum(dim=(1, 2))
        entropy = -(expression * (expression + 1e-6).log()).sum(dim=-1)
        statistics = torch.stack(
            [(attention * quality).sum(dim=-1), share.mean(dim=-1), spread, expression.amax(dim=-1), entropy], dim=-1
        )
        signal = [] if self.signal is None else [self.signal(embeddings, mask)]
        return torch.cat([expression, statistics, *signal], dim=-1)

    def _read(self, logits: Tensor, compared: Compared | None) -> Tensor:
        if self.reading is None or compared is None:
            return logits.softmax(dim=-1)
        read: Tensor = self.reading(compared.blendshapes, compared.meshed, logits, compared.neutral, compared.known)
        return read
