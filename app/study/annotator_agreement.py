"""What several annotators of one session said of the same moments, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.agreement import alpha
from core.data import Label


@dataclass(frozen=True)
class Agreement:
    """How far annotators agree on one thing that they were asked."""

    asked: str
    annotators: int
    moments: int
    """Those that at least two of them answered."""
    alpha: float
    """Krippendorff's; for classes of same or other, for scales of how far they are apart."""


def agreements(labels: Sequence[Label]) -> list[Agreement]:
    """Return how far the annotators agree on class, valence and arousal; nothing where no moment was answered twice.

    That there is nothing to be told, an artefact or no face, is an answer like a class.
    """
    codes = {name: float(k) for k, name in enumerate(sorted({_class(label) for label in labels} - {""}))}
    found = [
        _agreement("class", labels, lambda label: codes.get(_class(label), np.nan), interval=False),
        _agreement("valence", labels, lambda label: label.valence, interval=True),
        _agreement("arousal", labels, lambda label: label.arousal, interval=True),
    ]
    return [each for each in found if each.moments]


def _class(label: Label) -> str:
    return label.label or (label.answer if label.answer != "label" else "")


def _agreement(asked: str, labels: Sequence[Label], value: Callable[[Label], float], interval: bool) -> Agreement:
    people = sorted({label.annotator for label in labels})
    moments = sorted({label.segment for label in labels if label.segment})
    answers = np.full((len(people), len(moments)), np.nan)
    for label in labels:
        if label.segment:
            answers[people.index(label.annotator), moments.index(label.segment)] = value(label)
    shared = np.isfinite(answers).sum(axis=0) > 1
    n_people = int(np.isfinite(answers[:, shared]).any(axis=1).sum())
    return Agreement(asked, n_people, int(shared.sum()), alpha(answers, interval))
