"""What may be learnt of one person: a small change of how a modality's feature is read, pulled back to the base.

A modality's feature x goes by a line to a place in the shared space, whose share in the span of the class prototypes
is u, one number a class. The change makes of it ``s u + A x + c``: how much the reading tells at all (s), how often
each class is (c), and what each part of the feature means to this person (A). All three are pulled to "no change"
(hierarchical shrinkage: the base is the prior of everyone), A by a strength that is chosen on contiguous inner folds
with gaps, "none at all" among the choices. What comes out is again a line, so the model file keeps its form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from core.errors import ConfigError
from core.models.fusion import DfumHead
from core.models.heads import MAX_EXPONENT, GaussianHead, Prototypes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STRENGTHS = (np.inf, 300.0, 100.0, 30.0, 10.0)
"""Pull on A to choose from, strongest first; infinite leaves it out."""
SCALE_PULL = 10.0
"""Pull on log s; in units of independent episodes, as all pulls."""
CLASS_PULL = 10.0
TEMPERATURE_PULL = 10.0
N_FOLDS = 4
FOLD_GAP_S = 30.0
"""Between what is learnt from and what is asked inside: three times the memory of the last seconds."""
_N_STEPS = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """One modality of some windows as the base reads it."""

    feature: Floats
    """(n_windows, n_features): what the line reads."""
    place: Floats
    """(n_windows, n_classes): u, the place in the span of the prototypes, before it is brought to unit length."""
    outside: Floats
    """(n_windows,): length of what lies outside of that span."""
    gram: Floats
    """(n_classes, n_classes): turns u into a squared length, ``u gram u``; the identity for orthonormal prototypes."""
    width: float
    """Of the evidence in units of cosine: beta times the temperature."""

    def at(self, index: Ints) -> Self:
        """Return the windows at `index` alone."""
        cut = self.feature[index], self.place[index], self.outside[index]
        return type(self)(*cut, self.gram, self.width)

    def probabilities(self, change: Change | None = None, temperature: float = 1.0) -> Floats:
        """Return class probabilities, (n_windows, n_classes), under a change, with the width times `temperature`."""
        place = self.place if change is None else change(self.feature, self.place)
        return np.asarray(_evidence(place, self, self.width * temperature)[0])


class Change(NamedTuple):
    """How one person's feature is read otherwise."""

    scale: float
    classes: Floats
    """(n_classes,): c."""
    matrix: Floats
    """(n_classes, n_features): A."""
    temperature: float = 1.0
    """Factor on the base's, fitted on inner folds."""
    strength: float = np.inf

    @property
    def is_change(self) -> bool:
        """Whether anything is read otherwise."""
        return self.scale != 1.0 or bool(self.classes.any() or self.matrix.any())

    def __call__(self, feature: Floats, place: Floats) -> Floats:
        """Return the changed place."""
        return np.asarray(self.scale * place + feature @ self.matrix.T + self.classes)


class Lesson(NamedTuple):
    """What is to be learnt from some windows."""

    reading: Reading
    target: Floats
    """(n_windows, n_classes): what should be said, as a distribution."""
    weight: Floats
    """(n_windows,): sums to the number of independent episodes."""
    start: Floats
    recording: Ints
    episode: Ints
    """(n_windows,): equal within what is one event."""

    def at(self, index: Ints) -> Lesson:
        """Return the windows at `index` alone."""
        return Lesson(
            self.reading.at(index),
            self.target[index],
            self.weight[index],
            self.start[index],
            self.recording[index],
            self.episode[index],
        )


def linear_head(head: GaussianHead | DfumHead) -> GaussianHead:
    """Return a head whose place is a line of the feature, which a person's change is a change of.

    Raises
    ------
    ConfigError
        It is DUAL's, which is none.
    """
    if isinstance(head, DfumHead):
        raise ConfigError(
            "This model was taught by DUAL's DFUM, and nothing of a person can be learnt on top of that. Give another "
            "with --base, such as the one that ships."
        )
    return head


@torch.inference_mode()
def read(feature: torch.Tensor, head: GaussianHead, prototypes: Prototypes, width: float) -> Reading:
    """Return how a head reads features, (n_windows, n_features or more), against the prototypes."""
    feature = feature[:, : head.mean.in_features].double()
    unit = prototypes.unit().double()
    place = feature @ head.mean.weight.double().T + head.mean.bias.double()
    lift = torch.linalg.pinv(unit)
    inside = place @ unit.T
    outside = (place - inside @ lift.T).norm(dim=1)
    return Reading(feature.numpy(), inside.numpy(), outside.numpy(), (lift.T @ lift).numpy(), width)


@torch.no_grad()
def write(change: Change, head: GaussianHead, prototypes: Prototypes) -> None:
    """Make the change part of a head."""
    unit = prototypes.unit().double()
    lift = torch.linalg.pinv(unit)
    weight, bias = head.mean.weight.double(), head.mean.bias.double()
    more = (change.scale - 1.0) * unit @ weight + torch.from_numpy(change.matrix)
    most = (change.scale - 1.0) * unit @ bias + torch.from_numpy(change.classes)
    head.mean.weight.copy_((weight + lift @ more).float())
    head.mean.bias.copy_((bias + lift @ most).float())


def fit_change(lesson: Lesson) -> Change:
    """Return the change that a lesson teaches, its strength chosen and its temperature fitted on inner folds."""
    inner = folds(lesson)
    if not inner:
        return _fit(lesson, np.inf)
    told = [[_ask(lesson, train, held, strength) for train, held in inner] for strength in STRENGTHS]
    held = np.concatenate([held for _, held in inner])
    losses = [_cross_entropy(np.concatenate(parts), lesson.target[held], lesson.weight[held]) for parts in told]
    best = int(np.argmin(losses))
    change = _fit(lesson, STRENGTHS[best])
    return change._replace(temperature=_temperature(lesson, inner, STRENGTHS[best]))


def no_change(reading: Reading) -> Change:
    """Return the change that leaves all as it is."""
    n_classes = reading.place.shape[1]
    return Change(1.0, np.zeros(n_classes), np.zeros((n_classes, reading.feature.shape[1])))


def cross_entropy(probability: Floats, target: Floats) -> Floats:
    """Return minus the expected log probability of each window's target, nats, shape (n_windows,)."""
    return np.asarray(-(target * np.log(probability)).sum(axis=1))


def folds(lesson: Lesson) -> list[tuple[Ints, Ints]]:
    """Return contiguous folds, each with the windows far enough from it to learn from; none where there are too few.

    All windows of an episode are in one fold.
    """
    order = np.lexsort((lesson.start, lesson.recording))
    first = np.flatnonzero(np.diff(lesson.episode[order], prepend=-1))
    out = []
    for episodes in np.array_split(first, N_FOLDS):
        if not len(episodes):
            return []
        stop = first[np.searchsorted(first, episodes[-1]) + 1] if episodes[-1] != first[-1] else len(order)
        held = order[episodes[0] : stop]
        near = np.zeros(len(order), bool)
        near[held] = True
        for one in np.unique(lesson.recording[held]):
            mine = lesson.start[held[lesson.recording[held] == one]]
            between = (lesson.start > mine.min() - FOLD_GAP_S) & (lesson.start < mine.max() + FOLD_GAP_S)
            near |= (lesson.recording == one) & between
        train = np.flatnonzero(~near)
        if not len(train):
            return []
        out.append((train, held))
    return out


def _ask(lesson: Lesson, train: Ints, held: Ints, strength: float) -> Floats:
    change = _fit(lesson.at(train), strength)
    return lesson.reading.at(held).probabilities(change)


def _cross_entropy(probability: Floats, target: Floats, weight: Floats) -> float:
    return float((weight * cross_entropy(probability, target)).sum() / weight.sum())


def _temperature(lesson: Lesson, inner: list[tuple[Ints, Ints]], strength: float) -> float:
    asked = [(lesson.at(held), _fit(lesson.at(train), strength)) for train, held in inner]

    def loss(log_temperature: float) -> float:
        total = 0.5 * TEMPERATURE_PULL * log_temperature**2
        for part, change in asked:
            told = part.reading.probabilities(change, float(np.exp(log_temperature)))
            total += float((part.weight * cross_entropy(told, part.target)).sum())
        return total

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))


def _fit(lesson: Lesson, strength: float) -> Change:
    """Return the change that makes the targets most likely, with A pulled by `strength`."""
    n_classes, n_features = lesson.reading.place.shape[1], lesson.reading.feature.shape[1]
    with_matrix = np.isfinite(strength)

    def loss(x: Floats) -> tuple[float, Floats]:
        reading, scale, classes = lesson.reading, np.exp(x[0]), x[1 : 1 + n_classes]
        place = scale * reading.place + classes
        matrix = x[1 + n_classes :].reshape(-1, n_features)
        if with_matrix:
            place = place + reading.feature @ matrix.T
        value, slope = _loss_of_place(place, lesson)
        value += 0.5 * SCALE_PULL * x[0] ** 2 + 0.5 * CLASS_PULL * float(classes @ classes)
        gradient = [
            np.array([(slope * reading.place).sum() * scale + SCALE_PULL * x[0]]),
            slope.sum(axis=0) + CLASS_PULL * classes,
        ]
        if with_matrix:
            value += 0.5 * strength * float((matrix**2).sum())
            gradient.append((slope.T @ reading.feature + strength * matrix).ravel())
        return value, np.concatenate(gradient)

    x = np.zeros(1 + n_classes + with_matrix * n_classes * n_features)
    x = minimize(loss, x, jac=True, method="L-BFGS-B", options={"maxiter": _N_STEPS, "ftol": 1e-5, "gtol": 1e-3}).x
    matrix = x[1 + n_classes :].reshape(n_classes, n_features) if with_matrix else np.zeros((n_classes, n_features))
    return Change(float(np.exp(x[0])), x[1 : 1 + n_classes], matrix, strength=strength)


def _loss_of_place(place: Floats, lesson: Lesson) -> tuple[float, Floats]:
    """Return the weighted cross entropy and its slope by the places, (n_windows, n_classes)."""
    reading = lesson.reading
    p, evidence, total, length, capped = _evidence(place, reading, reading.width)
    value = float((lesson.weight * cross_entropy(p, lesson.target)).sum())
    by_exponent = evidence * (1.0 / total - lesson.target / (1.0 + evidence)) * ~capped
    by_cosine = lesson.weight[:, None] * by_exponent / reading.width
    along = (by_cosine * place).sum(axis=1, keepdims=True)
    return value, by_cosine / length - along / length**3 * (place @ reading.gram)


def _evidence(place: Floats, reading: Reading, width: float) -> tuple[Any, ...]:
    """Return class probabilities of places, and evidence, its sum, the places' length, and where evidence is capped.

    The same as `core.models.heads`: unit length, cosine with each prototype, ``1 + exp(cosine / width)``.
    """
    squared = ((place @ reading.gram) * place).sum(axis=1) + reading.outside**2
    length = np.sqrt(np.maximum(squared, 1e-12))[:, None]
    exponent = place / length / width
    capped = exponent > MAX_EXPONENT
    evidence = np.exp(np.minimum(exponent, MAX_EXPONENT))
    total = (1.0 + evidence).sum(axis=1, keepdims=True)
    return (1.0 + evidence) / total, evidence, total, length, capped
