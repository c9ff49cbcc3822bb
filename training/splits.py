"""Whole trials dealt into parts: never a trial, nor a sample of the signal, on two sides.

A random split of overlapping windows puts nearly the same window on both sides, and the figures it gives are fiction.
"""

from __future__ import annotations

import numpy as np

from training.examples import Examples, Ints

FEWEST = 3
"""Trials of a class: one to test, one held out to choose by, one to learn from."""


def deal_trials(examples: Examples, index: Ints, n_parts: int, seed: int = 0) -> Ints:
    """Return the part, 0 to `n_parts` - 1, of each window at `index`; all windows of a trial are in one part.

    The trials of each person and class are dealt in turn, so that all parts know all of them where there are trials
    enough. A trial counts as of the class of its first window.
    """
    _, first, member = np.unique(examples.group[index], return_index=True, return_inverse=True)
    strata = [(str(examples.participants[k]), int(examples.label[k])) for k in index[first]]
    rng = np.random.default_rng(seed)
    part, dealt = np.zeros(len(first), np.int64), 0
    for stratum in sorted(set(strata)):
        mine = rng.permutation([k for k, one in enumerate(strata) if one == stratum])
        part[mine] = (dealt + np.arange(len(mine))) % n_parts
        dealt += len(mine)
    return np.asarray(part[member])


def clear_of(examples: Examples, train: Ints, held: Ints) -> Ints:
    """Return those windows of `train` that share no sample with a window of `held`.

    Windows overlap, and where one trial follows another those at the seam hold some of both.
    """
    keep = np.ones(len(train), bool)
    person = np.unique(examples.participants, return_inverse=True)[1]
    session = person * (examples.recording.max(initial=0) + 1) + examples.recording
    for one in np.unique(session[held]):
        theirs = np.sort(examples.start[held[session[held] == one]])
        mine = np.flatnonzero(session[train] == one)
        start = examples.start[train[mine]]
        after = np.searchsorted(theirs, start)
        last, following = theirs[np.maximum(after - 1, 0)], theirs[np.minimum(after, len(theirs) - 1)]
        gap = np.minimum(np.abs(start - last), np.abs(following - start))
        keep[mine] = gap >= examples.length_s
    return train[keep]
