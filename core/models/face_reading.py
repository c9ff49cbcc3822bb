"""What a face shows, read against the person's own neutral face: blendshapes and expression network together.

A class's log odds against neutral are ``a`` times how far the expression network's own log odds lie from those of the
neutral face, plus ``b`` times how far the class's action units do (in log odds of the blendshapes), less ``c``,
and less ``d`` more for classes that none of the real faces showed. These four, one set with the person's own neutral
face and one without, and the neutral face of people in general come from real faces (`assets/face/reading.json`, by
`tools/fit_face_reading.py`); nothing here is taught on simulated ones.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.blendshapes import BLENDSHAPES
from core.models.model_file import CLASSES
from core.models.reading_file import fitted

ACTIONS = {
    "happy": ("mouthSmile",),
    "sad": ("browInnerUp", "mouthFrown", "mouthShrugLower"),
    "surprise": ("browInnerUp", "browOuterUp", "eyeWide", "jawOpen"),
    "fear": ("browInnerUp", "browDown", "eyeWide", "mouthStretch"),
    "disgust": ("noseSneer", "mouthUpperUp"),
    "anger": ("browDown", "eyeSquint", "mouthPress"),
}
"""The blendshapes next to each class's prototypical action units (Ekman & Friesen's EMFACS: happy 12, sad 1 + 15 + 17,
surprise 1 + 2 + 5 + 26, fear 1 + 4 + 5 + 20, disgust 9 + 10, anger 4 + 7 + 24), left and right alike."""
SOFT = 0.01
"""Added to a blendshape and to what it lacks to 1 before their ratio: under it there is noise."""


class FaceReading(nn.Module):
    """Class probabilities of single pictures of a face, compared with its neutral face."""

    actions: Tensor
    resting: Tensor
    scales: Tensor
    unseen: Tensor

    def __init__(self) -> None:
        super().__init__()
        found = fitted()
        self.register_buffer("actions", _actions())
        self.register_buffer("resting", torch.tensor([*found["blendshapes"], *found["log_odds"]]))
        self.register_buffer("unseen", torch.tensor([float(name not in found["shown"]) for name in CLASSES]))
        self.register_buffer("scales", torch.tensor([found["without"], found["own"]]))

    def forward(self, blendshapes: Tensor, meshed: Tensor, logits: Tensor, neutral: Tensor, weight: Tensor) -> Tensor:
        """Return class probabilities, shape (batch, n_faces, n_classes).

        Parameters
        ----------
        blendshapes : Tensor
            (batch, n_faces, 52).
        meshed : Tensor
            (batch, n_faces), bool: where there are any.
        logits : Tensor
            (batch, n_faces, n_classes): the expression network's.
        neutral : Tensor
            (batch, 52 + n_classes): blendshapes and log odds of the person's neutral face as far as it is known.
        weight : Tensor
            (batch,): how far that is, 0 not at all to 1.
        """
        known = weight.unsqueeze(1)
        # To compare needs less than to be sure: half of what can be known of a person tells most of the face at rest.
        rest = (self.resting + known.sqrt() * (neutral - self.resting)).unsqueeze(1)
        n = blendshapes.shape[-1]
        moved = (_log_odds(blendshapes) - _log_odds(rest[..., :n])) * meshed.unsqueeze(-1)
        felt = logits - logits[..., :1] - rest[..., n:]
        scales = self.scales[0] + known * (self.scales[1] - self.scales[0])
        a, b, c, d = (scales[:, None, k, None] for k in range(4))
        against_neutral = a * felt + b * (moved @ self.actions.T) - c - d * self.unseen
        return torch.cat([torch.zeros_like(against_neutral[..., :1]), against_neutral[..., 1:]], dim=-1).softmax(dim=-1)


def _log_odds(blendshapes: Tensor) -> Tensor:
    return ((blendshapes + SOFT) / (1.0 - blendshapes + SOFT)).log()


def _actions() -> Tensor:
    """Return how much each blendshape counts for each class, shape (n_classes, 52); each class's sum to 1."""
    rows = torch.zeros(len(CLASSES), len(BLENDSHAPES))
    for name, parts in ACTIONS.items():
        for part in parts:
            # Left and right come as two, what is in the middle as one.
            sides = [k for k, shape in enumerate(BLENDSHAPES) if shape in (part, f"{part}Left", f"{part}Right")]
            rows[CLASSES.index(name), sides] = 1.0 / (len(sides) * len(parts))
    return rows
