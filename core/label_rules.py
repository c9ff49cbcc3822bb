"""Which labels stand, and of which windows each says what is true: one rule for live answers, training and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from core.data import Label


class Stretch(Protocol):
    """A window, a prediction, or whatever else is of one person from `start` to `stop`, s, LSL clock."""

    @property
    def participant(self) -> str:
        """Whose it is."""

    @property
    def start(self) -> float:
        """Where it begins."""

    @property
    def stop(self) -> float:
        """Where it ends."""


def standing(labels: Iterable[Label]) -> list[Label]:
    """Return the answers that stand, in their order: not undone or superseded, and themselves no undo, skip or mark."""
    labels = list(labels)
    gone = {label.supersedes for label in labels if label.supersedes}
    return [label for label in labels if label.uid not in gone and label.answer not in ("undo", "skip", "marked")]


def covers(label: Label, stretch: Stretch) -> bool:
    """Return whether a label says what is true of a stretch: of the same person, it covers the stretch's middle."""
    middle = (stretch.start + stretch.stop) / 2
    return label.participant == stretch.participant and label.start <= middle <= label.stop


def newest_covering(labels: Sequence[Label], stretch: Stretch) -> int | None:
    """Return the index of the label that counts for a stretch, None if none covers it.

    An adjudicator's counts before all others, then the newest, and of those of one time the first.
    """
    meant = [k for k, label in enumerate(labels) if covers(label, stretch)]
    return max(meant, key=lambda k: _standing_of(labels[k]), default=None)


class Told(NamedTuple):
    """What all who were asked say of a stretch together; NaN where nobody set a scale."""

    shares: tuple[float, ...]
    """How much of it is each class, together 1; empty if nobody named one of them."""
    valence: float
    arousal: float


def told_of(labels: Sequence[Label], stretch: Stretch, classes: Sequence[str]) -> Told:
    """Return what the labels that cover a stretch say of it.

    Of each annotator the newest counts, and all annotators count the same, so where they disagree the answer is soft.
    Where somebody has adjudicated, the newest such answer counts alone.
    """
    newest: dict[str, Label] = {}
    for label in sorted((one for one in labels if covers(one, stretch)), key=lambda one: one.time, reverse=True):
        newest.setdefault("" if label.role == "adjudicator" else f"by {label.annotator}", label)
    counted = [newest[""]] if "" in newest else list(newest.values())
    rows = [row for row in (shares_of(label, classes) for label in counted) if row]
    return Told(
        tuple(math.fsum(column) / len(rows) for column in zip(*rows, strict=True)),
        _mean(label.valence for label in counted),
        _mean(label.arousal for label in counted),
    )


def shares_of(label: Label, classes: Sequence[str]) -> tuple[float, ...]:
    """Return how much of an answer is each of some classes, together 1; empty if none of them is in it."""
    said = dict(label.shares) or {label.label: 1.0}
    found = [max(said.get(name, 0.0), 0.0) for name in classes]
    total = math.fsum(found)
    return tuple(share / total for share in found) if total > 0 and math.isfinite(total) else ()


def soft(counts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return a soft answer's shares from how much was given to each class, the most first; empty for a single class."""
    given = {name: count for name, count in counts.items() if count > 0}
    total = math.fsum(given.values())
    ordered = sorted(given.items(), key=lambda pair: -pair[1])
    return tuple((name, count / total) for name, count in ordered) if len(given) > 1 else ()


def shares_text(shares: Iterable[tuple[str, float]]) -> str:
    """Return shares as a table's cell holds them, such as ``happy 0.75, neutral 0.25``."""
    return ", ".join(f"{name} {share:.4g}" for name, share in shares)


def _standing_of(label: Label) -> tuple[bool, float]:
    return label.role == "adjudicator", label.time


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return math.fsum(known) / len(known) if known else math.nan
