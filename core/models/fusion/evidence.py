"""TMC (Han et al., ICLR 2021): each modality's opinion over the classes, combined by Dempster's rule."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import ConfigError
from core.models.fusion.interface import Fused, Fusion, normalised, places_of, register
from core.models.heads import MAX_EXPONENT, Gaussian


@register("tmc")
class TmcFusion(Fusion):
    """Trusted multi-view classification. Decides by itself: `Fused.evidence` holds the combined evidence.

    The weights that are shown are the modalities' beliefs, one minus their vacuity. Dempster's rule drops conflict, so
    two modalities that contradict each other with confidence still give a confident answer.
    """

    staged = False

    def forward(
        self,
        gaussians: Sequence[Gaussian],
        mask: Tensor,
        samples: Sequence[Tensor] | None = None,
        logits: Tensor | None = None,
        trust: Tensor | None = None,
    ) -> Fused:
        """Fuse what the mask allows; needs `logits`. Trust is a factor on the evidence."""
        if logits is None:
            raise ConfigError("The fusion 'tmc' decides from what each modality says alone, and was not given it.")
        evidence = logits.clamp(max=MAX_EXPONENT).exp() * (mask if trust is None else mask * trust).unsqueeze(-1)
        weights = normalised(1.0 - vacuity(evidence), mask)
        noise = self.noise(gaussians)
        feature = self.mix(places_of(gaussians, samples), self.gain(weights, mask), mask)
        return Fused(feature, weights, noise, combine(evidence))


def vacuity(evidence: Tensor) -> Tensor:
    """Return K / (K + sum of evidence), shape (...), of evidence (..., n_classes)."""
    n_classes = evidence.shape[-1]
    return n_classes / (n_classes + evidence.sum(dim=-1))


def combine(evidence: Tensor) -> Tensor:
    """Return the combined evidence, (batch, n_classes), of (batch, M, n_classes); no evidence changes nothing."""
    n_classes = evidence.shape[-1]
    u = vacuity(evidence)
    b = evidence / n_classes * u.unsqueeze(-1)
    belief, doubt = b[:, 0], u[:, :1]
    for m in range(1, evidence.shape[1]):
        other, unsure = b[:, m], u[:, m : m + 1]
        agree = belief * other
        conflict = belief.sum(-1, keepdim=True) * other.sum(-1, keepdim=True) - agree.sum(-1, keepdim=True)
        rest = (1.0 - conflict).clamp(min=1e-8)
        belief, doubt = (agree + belief * unsure + other * doubt) / rest, doubt * unsure / rest
    return torch.clamp(belief * n_classes / doubt.clamp(min=1e-8), min=1e-8)
