"""A person's own windows and labels as training material: who said what when, and what is held out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Label, Window
from core.models.model_file import TaughtOn
from training.examples import UNKNOWN, Examples, Truth

Ints = NDArray[np.int64]
BLOCK_S = 10.0
"""Windows of one block of this length never lie on both sides of a split."""


def standing(labels: Iterable[Label]) -> list[Label]:
    """Return the labels that stand, oldest first: those that answer and were neither corrected nor undone."""
    labels = list(labels)
    replaced = {label.supersedes for label in labels if label.supersedes}
    return sorted(
        (one for one in labels if one.answer == "label" and one.uid not in replaced), key=lambda one: one.time
    )


def with_truth(
    windows: Iterable[Window], labels: Sequence[Label], classes: Sequence[str], session: int = 0
) -> list[tuple[Window, Truth]]:
    """Return each window with what the labels say of its middle; the newest label counts.

    Parameters
    ----------
    windows : iterable of Window
    labels : sequence of Label
        As they were given; see `standing`.
    classes : sequence of str
    session : int
        Keeps blocks of different sessions apart.
    """
    answers = standing(labels)
    pairs = []
    for window in windows:
        middle = (window.start + window.stop) / 2
        meant = [a for a in answers if a.participant == window.participant and a.start <= middle <= a.stop]
        trial = session * 100_000 + int(window.start // BLOCK_S) % 100_000
        if meant:
            newest = meant[-1]
            index = classes.index(newest.label) if newest.label in classes else UNKNOWN
            pairs.append((window, Truth(index, newest.valence, newest.arousal, trial)))
        else:
            pairs.append((window, Truth(trial=trial)))
    return pairs


def hold_out(examples: Examples, among: Ints, every: int = 4) -> tuple[Ints, Ints]:
    """Return the windows at `among` in two parts, the second holding every n-th block of each participant in time.

    A block next to a held-out one shares overlapping windows with it, so windows that reach into a held-out block are
    in neither part.
    """
    group = examples.group[among]
    blocks = {
        int(g): k for k, g in enumerate(sorted(np.unique(group), key=lambda g: _first(examples, among, group, g)))
    }
    order = np.array([blocks[int(g)] for g in group], dtype=np.int64)
    held = order % every == every - 1
    near = np.zeros(len(among), bool)
    for block in np.unique(order[held]):
        starts = examples.start[among[order == block]]
        length = examples.length_s
        start = examples.start[among]
        near |= (start > starts.min() - length) & (start < starts.max() + length)
    return among[~held & ~near], among[held]


def _first(examples: Examples, among: Ints, group: Ints, one: Any) -> tuple[str, float]:
    rows = among[group == one]
    return str(examples.participants[rows[0]]), float(examples.start[rows].min())


def updated_taught_on(base: TaughtOn, examples: Examples, earned: bool) -> TaughtOn:
    """Return whom the student may be trusted on after learning from these windows.

    Real participants are added only where the student has earned it on held-out windows. Once it has learnt from real
    people it no longer passes for one taught on simulated participants.
    """
    simulated = bool(examples.simulated.any())
    real = {str(name) for name in examples.participants[~examples.simulated]}
    names = {*base.participants, *(real if earned else ())}
    return TaughtOn(simulated or (base.simulated and not real), base.population, tuple(sorted(names)))
