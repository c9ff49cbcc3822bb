"""The few measures of a face that speak to who watches: mouth, brows, eyes and jaw, against the face at rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.blendshapes import BLENDSHAPES
from core.data import Array, FaceObservation, Neutral
from core.models.reading_file import fitted

SEEN_FROM = 0.1
"""From here on a face is said to do something: 60 people at rest, their pictures changed in size, tilt and light, are
below it in 99 of 100 in each measure, and half of their smiles are above 0.57."""


class Measure(NamedTuple):
    """What raises a measure, and what lowers it."""

    name: str
    more: tuple[str, ...]
    less: tuple[str, ...]


MEASURES = (
    Measure("mouth", ("mouthSmileLeft", "mouthSmileRight"), ("mouthFrownLeft", "mouthFrownRight")),
    Measure("brows", ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"), ("browDownLeft", "browDownRight")),
    Measure(
        "eyes",
        ("eyeWideLeft", "eyeWideRight"),
        ("eyeSquintLeft", "eyeSquintRight", "eyeBlinkLeft", "eyeBlinkRight"),
    ),
    Measure("jaw", ("jawOpen",), ()),
)
"""By blendshapes (`core.blendshapes`)."""


def rest_of(neutral: Neutral | None) -> Array:
    """Return what a person's face is compared with, blendshapes of shape (52,), float64.

    The person's own neutral face as far as it is known, for the rest that of people in general, as
    `core.models.face_reading` compares.
    """
    general: Array = np.array(fitted()["blendshapes"], np.float64)
    if neutral is None:
        return general
    own: Array = neutral.blendshapes.astype(np.float64)
    rest: Array = general + np.sqrt(neutral.weight) * (own - general)
    return rest


def measures(faces: Sequence[FaceObservation], rest: Array) -> Array:
    """Return how far each of `MEASURES` is from rest, shape (n_measures,), -1 to 1; NaN where no mesh was found.

    Parameters
    ----------
    faces : sequence of FaceObservation
        Those of about half a second, of whose values the medians are taken: a blink is over before.
    rest : array of shape (52,)
    """
    seen = [face.blendshapes for face in faces if face.blendshapes is not None]
    if not seen:
        return np.full(len(MEASURES), np.nan)
    moved: Array = np.median(np.array(seen, np.float64), axis=0) - rest
    found: Array = _WEIGHTS @ moved
    return found


def _weights() -> Array:
    rows = np.zeros((len(MEASURES), len(BLENDSHAPES)))
    for row, measure in zip(rows, MEASURES, strict=True):
        for names, sign in ((measure.more, 1.0), (measure.less, -1.0)):
            for name in names:
                row[BLENDSHAPES.index(name)] = sign / len(names)
    return rows


_WEIGHTS = _weights()
