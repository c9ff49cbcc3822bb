"""Who is learnt from, who stops the learning, and who is tested: never one person, or one trial, on two sides.

A random split of overlapping windows puts nearly the same window on both sides, and the figures it gives are fiction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Names = Sequence[str] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of windows: disjoint, by people or by trials."""

    name: str
    """Who is tested."""
    train: Ints
    validation: Ints
    """Stops the training, chooses settings and calibrates; never tested on."""
    test: Ints


def leave_one_subject_out(subject: Names, n_validation: int = 0, seed: int = 0) -> list[Split]:
    """Return one split for each subject, whose validation subjects are neither trained nor tested on.

    Parameters
    ----------
    subject : sequence of str, length n_windows
    n_validation : int
        Subjects to validate with; 0: a fifth of those that are left, at least one.
    seed : int
        Draws the validation subjects, for each split anew.

    Raises
    ------
    ValueError
        There are not enough subjects for three parts.
    """
    subject = np.asarray(subject)
    names = np.unique(subject)
    n = n_validation or max(round((len(names) - 1) / 5), 1)
    if len(names) < n + 2:
        raise ValueError(f"{len(names)} subjects are too few to leave one out and validate with {n}.")
    splits = []
    for number, name in enumerate(names):
        others = names[names != name]
        chosen = np.random.default_rng([seed, number]).choice(others, n, replace=False)
        validation = np.isin(subject, chosen)
        test = subject == name
        splits.append(Split(str(name), *map(np.flatnonzero, (~validation & ~test, validation, test))))
    return splits


def leave_trials_out(subject: Names, trial: Names, label: Ints, n_folds: int = 5, seed: int = 0) -> list[Split]:
    """Return splits by trials, for figures within people: each trial is tested once, and validates another fold.

    The trials of each subject and class are dealt to the folds in turn, so that all folds know all of them where
    there are trials enough.

    Parameters
    ----------
    subject, trial : sequence, length n_windows
    label : array of shape (n_windows,), int64
        A trial counts as of the class of its first window.
    n_folds : int
        At least 3.
    seed : int
    """
    if n_folds < 3:
        raise ValueError(f"{n_folds} folds do not give a part each to train, validate and test on; take 3 or more.")
    keys = np.asarray([f"{s}\0{t}" for s, t in zip(subject, trial, strict=True)])
    _, first, member = np.unique(keys, return_index=True, return_inverse=True)
    strata = [(str(np.asarray(subject)[row]), int(label[row])) for row in first]
    rng = np.random.default_rng(seed)
    fold, dealt = np.zeros(len(first), np.int64), 0
    for stratum in sorted(set(strata)):
        mine = rng.permutation([k for k, one in enumerate(strata) if one == stratum])
        fold[mine] = (dealt + np.arange(len(mine))) % n_folds
        dealt += len(mine)
    of = fold[member]
    splits = []
    for k in range(n_folds):
        test, validation = of == k, of == (k + 1) % n_folds
        splits.append(
            Split(f"trials {k + 1} of {n_folds}", *map(np.flatnonzero, (~validation & ~test, validation, test)))
        )
    return splits


def check_apart(split: Split, group: Names) -> None:
    """Raise ValueError if a group (a subject, a trial) has windows in more than one part of the split."""
    group = np.asarray(group)
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    seen: dict[Any, str] = {}
    for part, index in parts.items():
        for one in np.unique(group[index]):
            if one in seen:
                raise ValueError(f"{one} is in both {seen[one]} and {part} of the split {split.name!r}.")
            seen[one] = part
