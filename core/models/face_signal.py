"""What noise leaves in the embeddings of a face, whatever the face shows: what its variance head may read as well.

The feature that classes are told from says little of it: a network that reads expressions reads them in noise, too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.models.signal_power import RANGE, SignalPower

_FLOOR = 1e-6


class FaceSignal(nn.Module):
    """Power of embeddings along the principal components of clean ones, and how far they jump from frame to frame.

    Each in units of its spread over clean faces. `fit` takes these from the faces that are learnt from.

    Parameters
    ----------
    n_embedding : int
    """

    usual: Tensor
    spread: Tensor

    def __init__(self, n_embedding: int) -> None:
        super().__init__()
        self.power = SignalPower(n_embedding)
        self.register_buffer("usual", torch.zeros(()))
        self.register_buffer("spread", torch.ones(()))
        self.n_numbers = self.power.n_bands + 1

    @torch.no_grad()
    def fit(self, embeddings: Tensor, mask: Tensor) -> None:
        """Take from clean faces what is usual: (n_windows, n_faces, n_embedding), and (n_windows, n_faces), bool."""
        embeddings, mask = embeddings[mask.any(dim=1)], mask[mask.any(dim=1)]
        if len(mask) < 2:
            return
        self.power.fit(embeddings[mask])
        jump = self._jump(embeddings, mask)
        self.usual.copy_(jump.mean())
        self.spread.copy_(jump.std().clamp(min=0.1))

    def forward(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Return the numbers of windows, (batch, n_numbers), means over the frames of the mask; shapes as for `fit`."""
        share = mask / mask.sum(dim=1, keepdim=True).clamp(min=1)
        power = self.power(embeddings)
        jump = ((self._jump(embeddings, mask) - self.usual) / self.spread).clamp(-RANGE, RANGE) / RANGE
        return torch.cat([(share.unsqueeze(1) @ power).squeeze(1), jump.unsqueeze(1)], dim=-1)

    def _jump(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Return the log of the mean squared step between neighbouring frames, shape (batch,)."""
        both = mask[:, 1:] & mask[:, :-1]
        step = embeddings.diff(dim=1).square().mean(dim=-1) * both
        return (step.sum(dim=1) / both.sum(dim=1).clamp(min=1) + _FLOOR).log()
