"""UDML (arXiv 2603.19681): weights from the estimated noise level and from how much the output leans on each modality.

Paper and released code differ; each form is a switch of `UdmlForm`, and `PAPER` and `REPO` set them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from core.models.fusion.interface import Fusion, participation, register
from core.models.heads import Gaussian, NoiseEstimator

EVERYTHING = (0.02, 1e3)


@dataclass(frozen=True, slots=True)
class UdmlForm:
    """The switches of UDML's weights."""

    power: float = 2.0
    """w ~ 1 / p ** power: 1 in the paper, 2 in the code. With 1 a fully corrupted modality keeps over a quarter of
    the weight when the other one is depended on, which contradicts the paper's own Fig. 3."""
    kappa_range: tuple[float, float] = (0.8, 1.25)
    """Bounds of the dependency kappa; neither paper nor code has any. Narrow on purpose: the correction favours the
    modality that the output leans on least. Where that one is merely weak, as EEG beside a face, a wide range handed
    it most of the weight and cost seven points of fused accuracy."""
    estimator: bool = True
    """Use the noise level; off in the ablation."""
    dependency: bool = True
    """Use kappa; off in the ablation."""
    residual: bool = False
    """Gain 1 + M w in place of M w, as in the code: what is corrupted then never goes to zero."""
    held: bool = True
    """No gradient through the weights. The code lets the task teach the estimators too."""
    participation: bool = True
    """Count evidence by the participation ratio of the weights; else the most trusted modality counts once."""
    competence: bool = False
    """A factor per modality learnt with the task, ours: how much a modality tells when it is clean."""
    of_logits: bool = False
    """The dependency is the change of the logits, as in the paper (eq. 12); else that of the probabilities, which a
    network that is very sure cannot stretch. Read by whoever calls `dependency`."""


PAPER = UdmlForm(power=1.0, kappa_range=EVERYTHING)
REPO = UdmlForm(power=2.0, kappa_range=EVERYTHING, residual=True, held=False)
LIVE = UdmlForm(power=1.0, dependency=False, participation=False)
"""What the live model uses: noise alone. Beside a strong face the dependency handed a weak EEG most of the weight; on
simulated participants fusion lost to the face alone with it and beats it without."""
SQUARE = UdmlForm(power=2.0, dependency=False, participation=False)
DEPENDENCY = UdmlForm(power=1.0, participation=False)
"""The live form with one thing changed each, to compare with."""


class UdmlFusion(Fusion):
    """Reliability weights w_m ~ 1 / (p_m ** power * kappa_m), normalised to sum 1 (UDML, eq. 7).

    Dependency kappa is an exponential mean over clean training batches, kept as a buffer and never moved at inference.
    """

    kappa: Tensor

    def __init__(self, n_modalities: int, n_shared: int, mixing: str = "mean", form: UdmlForm | None = None) -> None:
        super().__init__(n_modalities, n_shared, mixing)
        self.form = form or UdmlForm()
        self.estimators = nn.ModuleList(NoiseEstimator(n_shared) for _ in range(n_modalities))
        self.register_buffer("kappa", torch.ones(n_modalities))
        if self.form.competence:
            self.log_competence = nn.Parameter(torch.zeros(n_modalities))

    def noise(self, gaussians: Sequence[Gaussian]) -> Tensor:
        """Return the estimated noise level of each modality, shape (batch, M)."""
        levels = [estimate(one.log_variance) for estimate, one in zip(self.estimators, gaussians, strict=True)]
        return torch.stack(levels, dim=-1)

    def raw_weights(self, noise: Tensor, gaussians: Sequence[Gaussian], logits: Tensor | None) -> Tensor:
        """Return 1 / (p ** power * kappa), shape (batch, M)."""
        form = self.form
        raw = noise.clamp(min=1.0) ** -form.power if form.estimator else torch.ones_like(noise)
        if form.dependency:
            raw = raw / self.kappa.clamp(*form.kappa_range)
        raw = raw.detach() if form.held else raw
        return raw * self.log_competence.exp() if form.competence else raw

    def gain(self, weights: Tensor, mask: Tensor) -> Tensor:
        """Return M w_m, or 1 + M w_m in the residual form, shape (batch, M)."""
        gain = super().gain(weights, mask)
        return gain + mask if self.form.residual else gain

    def strength(self, weights: Tensor) -> Tensor:
        """Return the factor on the evidence of the fused feature, shape (batch, 1)."""
        return participation(weights) if self.form.participation else super().strength(weights)

    @torch.no_grad()
    def follow_dependency(self, change: Tensor, decay: float = 0.98) -> None:
        """Move kappa towards ``M d_m / sum d``, where `change` d, shape (M,), is how much the output leans on each."""
        kappa = self.n_modalities * change / change.sum().clamp(min=1e-9)
        self.kappa.mul_(decay).add_((1.0 - decay) * kappa)


@torch.no_grad()
def dependency(outputs_all: Tensor, outputs_without: Sequence[Tensor]) -> Tensor:
    """Return d_m = mean over the batch of | y_all - y_without_m |, shape (M,); outputs are (batch, n_classes)."""
    return torch.stack([(outputs_all - one).abs().sum(dim=-1).mean() for one in outputs_without])


@register("udml")
def build_udml(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML in our form."""
    return UdmlFusion(n_modalities, n_shared, mixing)


@register("udml-noise")
def build_live(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML's noise weights without the dependency."""
    return UdmlFusion(n_modalities, n_shared, mixing, LIVE)


@register("udml-square")
def build_square(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML as it is live, with 1 / p ** 2."""
    return UdmlFusion(n_modalities, n_shared, mixing, SQUARE)


@register("udml-dependency")
def build_dependency(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML as it is live, with the dependency."""
    return UdmlFusion(n_modalities, n_shared, mixing, DEPENDENCY)


@register("udml-competence")
def build_competence(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML's noise levels with a learnt competence in place of the dependency."""
    return UdmlFusion(n_modalities, n_shared, mixing, UdmlForm(dependency=False, competence=True))


@register("udml-paper")
def build_paper(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML as its paper has it, the dependency that of the logits."""
    return UdmlFusion(n_modalities, n_shared, mixing, replace(PAPER, of_logits=True))


@register("udml-repo")
def build_repo(n_modalities: int, n_shared: int, mixing: str) -> UdmlFusion:
    """Return UDML as its released code has it."""
    return UdmlFusion(n_modalities, n_shared, mixing, REPO)
