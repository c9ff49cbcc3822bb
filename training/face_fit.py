"""How a face is read against its neutral face: the few numbers of `core.models.face_reading`, fitted on real people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize, minimize_scalar

from core.blendshapes import BLENDSHAPES
from core.models.face_reading import FaceReading
from core.models.model_file import CLASSES
from core.models.network import UNDECIDED
from core.uncertainty import concentration

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SHRINK = 0.1
"""Prior on the two slopes, in units of their features' spread: one over its variance, for all pictures together."""
_SPREAD = (10.0, 2.0)
OTHERS = 0.01
"""Share of the pictures that may be read as a class that none of them shows."""
WIDTHS = (0.1, 0.4)
"""Narrower, a single picture's evidence would count as thousands of answers."""
UNTESTED = 0.78
"""How sure the reading is on average without an own neutral face, on people of whom two classes of seven are known. It
is right there in .90, and that is what a fit would say of it; on 3,589 real pictures of seven classes (FER2013) the
expression network is right in .57 when its last layer was fitted to 12,000 of them, and as it is, on 297 from the web,
in .36. Neither set was at hand to fit to. So it is as doubtful as it may be with a calibration error of at most .15 on
the people who are known, and never sure."""


UNTESTED_CLASS = 0.57
"""How sure the reading may be of a class that none of the pictures shows, however clear: no more than it was seen to be
right over all seven in FER2013. What else moves a face off its neutral one, such as glasses or a burnt-out picture, is
read as one of these."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of people's faces whose expression is known, and what they were like at rest in others."""

    person: NDArray[np.str_]
    """Array of shape (n,)."""
    truth: Ints
    """(n,): index of the class."""
    blendshapes: Floats
    """(n, 52)."""
    logits: Floats
    """(n, n_classes): the expression network's."""
    neutral: Floats
    """(n, 52 + n_classes): blendshapes and log odds of the same person's neutral face."""

    def of(self, chosen: NDArray[np.bool_]) -> Pictures:
        """Return those that are `chosen`, array of shape (n,), bool."""
        return Pictures(*(getattr(self, name)[chosen] for name in self.__slots__))


def rest_of(pictures: Pictures) -> Floats:
    """Return the neutral face of people in general, shape (52 + n_classes,): the mean of their own ones."""
    each = [pictures.neutral[pictures.person == one].mean(axis=0) for one in np.unique(pictures.person)]
    return np.asarray(np.mean(each, axis=0))


def fit_scales(pictures: Pictures, rest: Floats, own: bool) -> Floats:
    """Return the numbers ``a, b, c, d`` of the reading.

    The first three make what the pictures show most likely, among the classes that they show, each person counting
    alike. For the other classes there is no truth to be likely, and the likeliest would be never to read them: ``d`` is
    the least from 0 on with which at most `OTHERS` of the pictures are read as one of them.

    Parameters
    ----------
    pictures : Pictures
    rest : array of shape (52 + n_classes,)
        The neutral face of people in general.
    own : bool
        Whether each is compared with the person's own neutral face.
    """
    _, who, count = np.unique(pictures.person, return_inverse=True, return_counts=True)
    share = torch.tensor(len(who) / (len(count) * count[who]))
    truth = torch.tensor(pictures.truth)
    shown = np.unique(pictures.truth)
    reading = reader_of(rest, np.ones((2, 4)))
    spread = torch.tensor(_SPREAD)

    def loss(values: Floats) -> tuple[float, Floats]:
        scales = torch.tensor(values, requires_grad=True)
        reading.scales = torch.cat([scales, torch.zeros(1)]).expand(2, 4)
        chance = read(reading, pictures, float(own))
        likely = (chance[torch.arange(len(truth)), truth] / chance[:, shown].sum(dim=1)).clamp(min=1e-12)
        total = -(share * likely.log()).sum() + 0.5 * SHRINK * (scales[:2] * spread).square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        assert scales.grad is not None
        return float(total.detach()), scales.grad.numpy()

    found = minimize(loss, np.array([0.3, 1.0, 3.0]), jac=True, bounds=((0, None), (0, None), (None, None)))
    reading.scales = torch.tensor([*found.x, 0.0]).expand(2, 4)
    odds = read(reading, pictures, float(own)).log().numpy()
    others = np.delete(odds, shown, axis=1).max(axis=1) - odds[:, shown].max(axis=1)
    return np.array([*found.x, max(0.0, float(np.quantile(others, 1.0 - OTHERS)))])


def reader_of(rest: Floats, scales: Floats) -> FaceReading:
    """Return the reading of these numbers, in double precision; `scales` are those without and with the own neutral."""
    reading = FaceReading().double()
    reading.resting = torch.tensor(rest, dtype=torch.float64)
    reading.scales = torch.tensor(scales, dtype=torch.float64)
    return reading


def read(reading: FaceReading, pictures: Pictures, known: float) -> torch.Tensor:
    """Return the class probabilities of pictures, shape (n, n_classes)."""
    n = len(pictures.truth)
    probabilities: torch.Tensor = reading(
        torch.tensor(pictures.blendshapes, dtype=torch.float64).unsqueeze(1),
        torch.ones(n, 1, dtype=torch.bool),
        torch.tensor(pictures.logits, dtype=torch.float64).unsqueeze(1),
        torch.tensor(pictures.neutral, dtype=torch.float64),
        torch.full((n,), float(known), dtype=torch.float64),
    )
    return probabilities.squeeze(1)


def decide(read: Floats, width: float | Floats) -> Floats:
    """Return the class probabilities that a model comes to from those of the reading, shapes (n, n_classes).

    As `core.models.network` begins and `training.simulated` leaves it: the face's place is the probabilities on
    orthogonal prototypes and one constant off them, of unit length; its evidence is exp(cosine / width).
    """
    length = np.sqrt(np.square(read).sum(axis=1, keepdims=True) + UNDECIDED**2)
    alpha = concentration(read / length, width)
    return np.asarray(alpha / alpha.sum(axis=1, keepdims=True))


def fit_width(read: Floats, truth: Ints) -> float:
    """Return the width of the evidence that makes the truth most likely."""
    rows = np.arange(len(truth))
    found = minimize_scalar(
        lambda width: -np.log(decide(read, width)[rows, truth]).mean(), bounds=WIDTHS, method="bounded"
    )
    return float(found.x)


def doubtful_width(read: Floats) -> float:
    """Return the width of the evidence with which the reading is as sure as it may be without an own neutral face.

    Classes that no real face showed have no truth to fit; `UNTESTED` stands in for it. A wider evidence bounds how sure
    a face can be, however clear it is; smaller scales would make most faces unsure and leave some at .99.
    """
    return float(brentq(lambda width: decide(read, width).max(axis=1).mean() - UNTESTED, *WIDTHS))


def untested_width() -> float:
    """Return the width of the evidence with which the clearest face is said with `UNTESTED_CLASS`."""
    clearest = np.eye(len(CLASSES))[:1]
    return float(brentq(lambda width: decide(clearest, width).max() - UNTESTED_CLASS, 0.05, 5.0))


def fit_face(pictures: Pictures) -> dict[str, Any]:
    """Return everything that ``assets/face/reading.json`` holds of how a face is read, but where it comes from."""
    rest = rest_of(pictures)
    own = fit_scales(pictures, rest, own=True)
    width = fit_width(read(reader_of(rest, np.stack([own, own])), pictures, known=1.0).numpy(), pictures.truth)
    without = fit_scales(pictures, rest, own=False)
    unsure = read(reader_of(rest, np.stack([without, without])), pictures, known=0.0).numpy()
    n = len(BLENDSHAPES)
    return {
        "shown": [CLASSES[k] for k in np.unique(pictures.truth)],
        "blendshapes": rest[:n].tolist(),
        "log_odds": rest[n:].tolist(),
        "own": own.tolist(),
        "without": without.tolist(),
        "width": width,
        "width_without": doubtful_width(unsure),
        "width_untested": untested_width(),
    }


def answer(found: dict[str, Any], pictures: Pictures, known: float) -> Floats:
    """Return the class probabilities that a model with `fit_face`'s numbers gives, shape (n, n_classes)."""
    reader = reader_of(
        np.array([*found["blendshapes"], *found["log_odds"]]), np.array([found["without"], found["own"]])
    )
    width = found["width_without"] + known * (found["width"] - found["width_without"])
    said = read(reader, pictures, known).numpy()
    shown = [CLASSES.index(name) for name in found["shown"]]
    untested = ~np.isin(said.argmax(axis=1), shown)
    width = np.where(untested, max(width, found["width_untested"]), width)[:, None]
    return decide(said, width)
