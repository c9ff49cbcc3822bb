"""The whole network: EEG student, face branch, further encoders, fusion and heads, met in one shared space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.eeg import EegEncoder, EegReading
from core.models.face_sequence import Compared, FaceSequence
from core.models.fusion import DfumHead, Fused, build_fusion, places_of
from core.models.heads import CIRCUMPLEX, AffectHead, Gaussian, GaussianHead, Prototypes
from core.models.model_file import Architecture
from core.models.own_encoders import FurtherEncoder, eeg_encoder, face_encoder, further_encoder

UNDECIDED = 0.3
MOVEMENT_DOUBT = 0.9
"""Share of a face's evidence that a mouth takes away which goes to and fro: speaking and chewing are no emotion."""


class Batch(NamedTuple):
    """Windows as tensors, padded to the largest montage. A modality that no window has may be None.

    M is how many modalities the network has: EEG, face, and those of `Architecture.further`.
    """

    eeg: Tensor | None
    """(batch, n_chans, n_times), in units of the participant's running scale."""
    positions: Tensor | None
    """(batch, n_chans, 3), metres."""
    channels: Tensor | None
    """(batch, n_chans), bool: True where the channel may be trusted."""
    baseline: Tensor | None
    """(batch, 2, n_power): the person's log power so far and in the last seconds; see `core.models.baseline`."""
    embeddings: Tensor | None
    """(batch, N_FACES, n_embedding)."""
    quality: Tensor | None
    """(batch, N_FACES)."""
    faces: Tensor | None
    """(batch, N_FACES), bool."""
    use: Tensor
    """(batch, M), bool: which modalities may enter the fusion."""
    power: Tensor | None = None
    """(batch, n_power): the EEG's log power where it is known already; then the EEG is not read, but see `anew`."""
    trust: Tensor | None = None
    """(batch, M): factor on each modality's weight and evidence, 0 to 1; None is 1 everywhere."""
    blendshapes: Tensor | None = None
    """(batch, N_FACES, 52)."""
    meshed: Tensor | None = None
    """(batch, N_FACES), bool: where there are blendshapes."""
    neutral: Tensor | None = None
    """(batch, 52 + n_classes): the person's neutral face, see `core.models.face_sequence.Compared`."""
    known: Tensor | None = None
    """(batch,): how far it is known."""
    movement: Tensor | None = None
    """(batch,): how much the mouth goes to and fro, 0 to 1; see `core.face_movement`."""
    numbers: Tensor | None = None
    """(batch, n_numbers): those of all further modalities, one behind the other; 0 where one is missing."""
    anew: Tensor | None = None
    """(n_anew,), int64: the windows whose EEG is read although there is `power`, whose rows of these count for nothing;
    `eeg`, `positions` and `channels` then hold these windows alone."""

    def to(self, device: torch.device) -> Batch:
        """Return the same on another device."""
        return Batch._make(None if part is None else part.to(device) for part in self)


class Output(NamedTuple):
    """What the network says of a batch."""

    fused: Fused
    similarity: Tensor
    """(batch, n_classes): fused feature against the prototypes, times how many modalities speak."""
    each: Tensor
    """(batch, M, n_classes): each modality alone against the prototypes."""
    affect: Tensor
    """(batch, 2): mean valence and arousal."""
    affect_log_variance: Tensor
    """(batch, 2)."""
    power: Tensor
    """(batch, n_power): log power of the EEG, for the baseline to follow; the population's without EEG."""
    familiarity: Tensor
    """(batch,): factor on the evidence, 1 where all that is used is like what was learnt from, towards 0 if not."""


class Network(nn.Module):
    """EEG, face and further modalities to class similarities, valence, arousal, reliability weights, noise levels."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = architecture
        self.architecture = a
        n_classes = len(a.classes)
        own_eeg = eeg_encoder(a.eeg_encoder, a.sfreq, a.n_times)
        own_face = face_encoder(a.face_encoder, a.classes)
        self.eeg = EegEncoder(a.sfreq, a.n_eeg_features, a.n_absolute, a.n_virtual, a.width, a.dropout, own_eeg)
        self.face = FaceSequence(a.n_embedding, n_classes, a.compares_faces, own_face, a.face_signal)
        head: type[GaussianHead] | type[DfumHead] = DfumHead if a.dfum else GaussianHead
        self.eeg_head = head(a.n_eeg_features + a.n_absolute, a.n_shared, a.n_eeg_features)
        self.face_head = head(self.face.n_features, a.n_shared, self.face.n_told)
        encoders = {name: further_encoder(name) for name in a.further}
        self.further = nn.ModuleDict(encoders)
        self.further_heads = nn.ModuleDict(
            {name: head(encoder.n_features, a.n_shared) for name, encoder in encoders.items()}
        )
        self.fusion = build_fusion(a.fusion, len(a.modalities), a.n_shared)
        self.prototypes = Prototypes(n_classes, a.n_shared)
        anchors = torch.tensor([CIRCUMPLEX.get(name, (0.0, 0.0)) for name in a.classes])
        self.affect = AffectHead(self.prototypes.unit().detach(), anchors)
        self._read_face_as_pretrained()

    @torch.no_grad()
    def _read_face_as_pretrained(self) -> None:
        # Orthogonal prototypes plus one constant direction outside their span: the cosine with prototype k then grows
        # with the expression network's probability of k, and a flat expression stays far from every prototype.
        prototypes = self.prototypes.unit()
        outside = torch.randn(prototypes.shape[1], generator=torch.Generator().manual_seed(3))
        outside -= prototypes.T @ (prototypes @ outside)
        self.face_head.mean.weight.zero_()
        self.face_head.mean.weight[:, : prototypes.shape[0]] = prototypes.T
        self.face_head.mean.bias.copy_(UNDECIDED * outside / outside.norm())

    def read_eeg(self, batch: Batch) -> EegReading | None:
        """Return what the EEG encoder makes of the batch; None if no window has EEG."""
        power = batch.power
        if batch.baseline is None:
            return None
        if power is None or batch.anew is not None:
            if batch.eeg is None or batch.positions is None or batch.channels is None:
                return None
            read = self.eeg.log_power(batch.eeg, batch.positions, batch.channels)
            if power is None or batch.anew is None:
                power = read
            else:
                power = power.index_copy(0, batch.anew, read.to(power.dtype))
        return self.eeg.read(power, batch.baseline)

    def read_face(self, batch: Batch) -> Tensor | None:
        """Return the face's feature, shape (batch, n_features); None if no window has a face."""
        if batch.embeddings is None or batch.quality is None or batch.faces is None:
            return None
        compared = (batch.blendshapes, batch.meshed, batch.neutral, batch.known)
        there = [part for part in compared if part is not None]
        given = Compared(*there) if len(there) == len(compared) else None
        feature: Tensor = self.face(batch.embeddings, batch.quality, batch.faces, given, batch.blendshapes)
        return feature

    @property
    def further_encoders(self) -> dict[str, FurtherEncoder]:
        """What reads the modalities beside EEG and face, by name and in order."""
        return {name: encoder for name, encoder in self.further.items() if isinstance(encoder, FurtherEncoder)}

    @property
    def further_sizes(self) -> dict[str, int]:
        """How many numbers each of them reads of a window."""
        return {name: encoder.n_numbers for name, encoder in self.further_encoders.items()}

    @property
    def heads(self) -> tuple[GaussianHead | DfumHead, ...]:
        """Each modality's way from its feature into the shared space, in order."""
        further = (head for head in self.further_heads.values() if isinstance(head, GaussianHead | DfumHead))
        return (self.eeg_head, self.face_head, *further)

    def read_further(self, batch: Batch) -> tuple[Tensor | None, ...]:
        """Return the features of the further modalities, (batch, n_features) each; None if no window has any."""
        if batch.numbers is None:
            return (None,) * len(self.further)
        parts = torch.split(batch.numbers, list(self.further_sizes.values()), dim=1)
        return tuple(encoder(part) for encoder, part in zip(self.further.values(), parts, strict=True))

    def _nowhere(self, batch: Batch) -> Gaussian:
        zeros = torch.zeros(batch.use.shape[0], self.architecture.n_shared, device=batch.use.device)
        return Gaussian(zeros, zeros)

    def fuse(
        self,
        gaussians: Sequence[Gaussian],
        use: Tensor,
        samples: Sequence[Tensor] | None = None,
        weigh: bool = True,
        trust: Tensor | None = None,
    ) -> Fused:
        """Return the fused feature and how it came about; see `Fusion.forward`, and `Fusion.equal` without `weigh`."""
        logits = self.prototypes(places_of(gaussians, samples)) / self.prototypes.beta()
        fused: Fused
        if trust is not None:
            fused = self.fusion(gaussians, use, samples, logits, trust)
        else:
            fused = (self.fusion if weigh else self.fusion.equal)(gaussians, use, samples, logits)
        if self.fusion.bounded:
            return fused
        length = fused.feature.norm(dim=-1, keepdim=True).clamp(min=1.0)
        return fused._replace(feature=fused.feature / length)

    def decide(self, fused: Fused) -> Tensor:
        """Return the similarity to each prototype, (batch, n_classes), times the strength of what speaks."""
        if fused.evidence is not None:
            return self.prototypes.beta() * fused.evidence.log()
        similarity: Tensor = self.prototypes(fused.feature)
        return self.fusion.strength(fused.weights) * similarity

    def forward(self, batch: Batch) -> Output:
        """Return everything that is predicted of a batch."""
        eeg, face = self.read_eeg(batch), self.read_face(batch)
        nowhere = self._nowhere(batch)
        features = (None if eeg is None else eeg.feature, face, *self.read_further(batch))
        gaussians = [
            nowhere if feature is None else head(feature) for head, feature in zip(self.heads, features, strict=True)
        ]
        each = self.prototypes(places_of(gaussians))
        fused = self.fuse(gaussians, batch.use, trust=batch.trust)
        affect, log_variance = self.affect(fused.feature)
        power = self.eeg.population.expand(len(batch.use), -1) if eeg is None else eeg.power
        sure = torch.ones_like(fused.weights)
        if eeg is not None:
            sure[:, 0] = self.eeg.familiarity(eeg.power)
        if batch.trust is not None:
            sure = sure * batch.trust
        if batch.movement is not None and self.face.reading is not None:
            sure[:, 1] = sure[:, 1] * (1.0 - MOVEMENT_DOUBT * batch.movement)
        familiar = (fused.weights * sure).sum(dim=-1)
        return Output(fused, self.decide(fused), each, affect, log_variance, power, familiar)
