"""What several annotators said of the same moments: how far they agree, and where they do not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.agreement import alpha, kappa
from core.data import Array, Label


@dataclass(frozen=True)
class Agreement:
    """How far annotators agree on one thing that they were asked."""

    asked: str
    annotators: int
    moments: int
    """Those that at least two of them answered."""
    alpha: float
    """Krippendorff's; for classes of same or other, for scales of how far they are apart."""


@dataclass(frozen=True)
class Pair:
    """How far two annotators agree on the class."""

    annotators: tuple[str, str]
    moments: int
    """Those that both answered."""
    same: int
    kappa: float
    """Cohen's."""


@dataclass(frozen=True)
class Conflict:
    """A moment of which annotators said different things."""

    moment: str
    """`Label.segment`."""
    participant: str
    start: float
    stop: float
    """s, LSL clock: from the first beginning to the last end that somebody gave it."""
    answers: tuple[Label, ...]
    """By annotator."""
    decided: Label | None
    """An adjudicator's answer."""


def agreements(labels: Sequence[Label]) -> list[Agreement]:
    """Return how far the annotators agree on class, valence and arousal; nothing where no moment was answered twice.

    That there is nothing to be told, an artefact or no face, is an answer like a class; of a soft answer its first
    class counts. An adjudicator has seen what others said, and does not count.
    """
    found = [
        _agreement("class", labels, _codes(labels), interval=False),
        _agreement("valence", labels, lambda label: label.valence, interval=True),
        _agreement("arousal", labels, lambda label: label.arousal, interval=True),
    ]
    return [each for each in found if each.moments]


def pairs(labels: Sequence[Label]) -> list[Pair]:
    """Return how far each two annotators agree who have a moment in common."""
    people, _, answers = _table(labels, _codes(labels))
    found = []
    for a, b in itertools.combinations(range(len(people)), 2):
        both = np.isfinite(answers[[a, b]]).all(axis=0)
        if both.any():
            same = int((answers[a, both] == answers[b, both]).sum())
            found.append(Pair((people[a], people[b]), int(both.sum()), same, kappa(answers[a], answers[b])))
    return found


def conflicts(labels: Sequence[Label]) -> list[Conflict]:
    """Return the moments to which two annotators gave different answers, in order of time."""
    found = []
    by_moment: dict[str, list[Label]] = {}
    for label in labels:
        if label.segment:
            by_moment.setdefault(label.segment, []).append(label)
    for moment, given in by_moment.items():
        answers = sorted(_independent(given), key=lambda label: label.annotator)
        if len({said(label) for label in answers} - {""}) < 2:
            continue
        decided = max((one for one in given if one.role == "adjudicator"), key=lambda one: one.time, default=None)
        start, stop = min(one.start for one in answers), max(one.stop for one in answers)
        found.append(Conflict(moment, answers[0].participant, start, stop, tuple(answers), decided))
    return sorted(found, key=lambda conflict: (conflict.start, conflict.moment))


def said(label: Label) -> str:
    """Return the class of an answer, or why there is none; ``""`` of one that only set scales."""
    return label.label or (label.answer if label.answer != "label" else "")


def _independent(labels: Sequence[Label]) -> list[Label]:
    return [label for label in labels if label.role != "adjudicator"]


def _codes(labels: Sequence[Label]) -> Callable[[Label], float]:
    codes = {name: float(k) for k, name in enumerate(sorted({said(label) for label in labels} - {""}))}
    return lambda label: codes.get(said(label), np.nan)


def _table(labels: Sequence[Label], value: Callable[[Label], float]) -> tuple[list[str], list[str], Array]:
    """Return annotators, moments, and what each said of each, (n_annotators, n_moments), NaN where nothing."""
    asked = [label for label in _independent(labels) if label.segment]
    people, moments = sorted({label.annotator for label in asked}), sorted({label.segment for label in asked})
    place = {moment: k for k, moment in enumerate(moments)}
    answers = np.full((len(people), len(moments)), np.nan)
    for label in asked:
        answers[people.index(label.annotator), place[label.segment]] = value(label)
    return people, moments, answers


def _agreement(asked: str, labels: Sequence[Label], value: Callable[[Label], float], interval: bool) -> Agreement:
    _, _, answers = _table(labels, value)
    shared = np.isfinite(answers).sum(axis=0) > 1
    n_people = int(np.isfinite(answers[:, shared]).any(axis=1).sum())
    return Agreement(asked, n_people, int(shared.sum()), alpha(answers, interval))
