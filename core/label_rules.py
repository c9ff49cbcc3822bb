"""Which labels stand, and of which windows each says what is true: one rule for live answers, training and figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

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
    """Return the index of the newest label that covers a stretch, the first of those of one time; None if none does."""
    meant = [k for k, label in enumerate(labels) if covers(label, stretch)]
    return max(meant, key=lambda k: labels[k].time, default=None)
