"""What is held out dealt into parts: people, trials or stimuli whole, and never a sample in the inputs of two sides.

A random split of overlapping windows puts nearly the same window on both sides, and the figures it gives are fiction.
So trials are dealt in runs of neighbours, a guard lies round what is held out, and what a person's past does to a
window's input (running scale, baselines, running neutral face) is followed anew on each side (`training.own_side`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from core.models.baseline import RECENT_S
from training.examples import UNKNOWN, Examples, Ints

SplitBy = Literal["subject", "trials", "stimulus", "subject,stimulus"]
SPLITS: tuple[SplitBy, ...] = ("subject", "trials", "stimulus", "subject,stimulus")
FEWEST = 3
"""Trials of a class, or stimuli: one to test, one held out to choose by, one to learn from."""
GUARD_S = 3 * RECENT_S
"""Between what is held out and what is learnt from: three times the memory of the baseline of the last seconds, in
which the filters forget to the last bit as well."""
LEAD_S = 30.0
"""So much of what is not labelled before a held-out trial is its side's: the past by which it is read."""


class Sides(NamedTuple):
    """Windows on two sides."""

    train: Ints
    """Those at the indices to learn from that the guard leaves."""
    side: Ints | None
    """For every window of the examples 0 learnt from, 1 held out, -1 neither; None where no person is on both."""


def apart(examples: Examples, train: Ints, held: Ints, outer: Ints | None = None) -> Sides:
    """Return what may be learnt from while the windows at `held` are held out.

    Of people who are on both sides, windows within the guard of a held-out one are on neither, nor are those that
    `outer`, the sides of a split round this one, does not learn from.
    """
    shared = np.intersect1d(examples.participants[train], examples.participants[held])
    if not len(shared):
        return Sides(train, None)
    side = np.zeros(len(examples), np.int64)
    side[held] = 1
    session = _sessions(examples)
    reach = examples.length_s + GUARD_S
    for one in np.unique(session[held]):
        mine = np.flatnonzero(session == one)
        mine = mine[np.argsort(examples.start[mine], kind="stable")]
        if examples.participants[mine[0]] not in shared:
            side[mine] = 1
            continue
        _take_lead(examples, mine, side)
        start = examples.start[mine]
        theirs = start[side[mine] == 1]
        after = np.searchsorted(theirs, start)
        last, following = theirs[np.maximum(after - 1, 0)], theirs[np.minimum(after, len(theirs) - 1)]
        near = np.minimum(np.abs(start - last), np.abs(following - start)) < reach
        side[mine[near & (side[mine] == 0)]] = -1
    if outer is not None:
        side[outer != 0] = -1
    return Sides(train[side[train] == 0], side)


def _take_lead(examples: Examples, mine: Ints, side: Ints) -> None:
    """Let what is not labelled before a held-out window be held out with it, up to the window that is labelled."""
    until = -np.inf
    for k in mine[::-1]:
        if side[k] == 1:
            until = examples.start[k] - LEAD_S
        elif examples.label[k] != UNKNOWN or np.isfinite(examples.affect[k]).any():
            until = np.inf
        elif examples.start[k] >= until:
            side[k] = 1


def _sessions(examples: Examples) -> Ints:
    person = np.unique(examples.participants, return_inverse=True)[1]
    return np.asarray(person * (examples.recording.max(initial=0) + 1) + examples.recording)


def bound_people(examples: Examples, index: Ints) -> dict[str, tuple[str, ...]]:
    """Return the people of the windows at `index` by the name under which they are left out, those of a group as one.

    A group is whatever may not be parted, such as people who sat together.
    """
    names, person = np.unique(examples.participants[index], return_inverse=True)
    whole = _joined(person, examples.together[index])
    found = [tuple(str(name) for name in names[np.unique(person[whole == k])]) for k in np.unique(whole)]
    return {", ".join(some): some for some in sorted(found)}


def deal_people(examples: Examples, index: Ints, n_parts: int, seed: int = 0) -> Ints:
    """Return the part, 0 to `n_parts` - 1, of each window at `index`; people, and groups of them, stay whole."""
    people = list(bound_people(examples, index).values())
    order = np.random.default_rng(seed).permutation(len(people))
    part = np.zeros(len(index), np.int64)
    for number, some in enumerate(np.array_split(order, min(n_parts, len(people)))):
        part[np.isin(examples.participants[index], [name for k in some for name in people[k]])] = number
    return part


def deal_trials(examples: Examples, index: Ints, n_parts: int, seed: int = 0) -> Ints:
    """Return the part, 0 to `n_parts` - 1, of each window at `index`; trials, and groups of them, stay whole.

    The trials of each person and class are dealt in runs of neighbours, so that all parts know all of them where there
    are trials enough and the guard costs little. A trial counts as of the class of its first window.
    """
    whole = _joined(np.unique(examples.group[index], return_inverse=True)[1], examples.together[index])
    _, first, member = np.unique(whole, return_index=True, return_inverse=True)
    at = index[first]
    strata = list(zip(examples.participants[at].tolist(), examples.label[at].tolist(), strict=True))
    shift = np.random.default_rng(seed).random()
    part, dealt = np.zeros(len(first), np.int64), 0
    for stratum in sorted(set(strata)):
        mine = np.array([k for k, one in enumerate(strata) if one == stratum])
        mine = mine[np.lexsort((examples.start[at[mine]], examples.recording[at[mine]]))]
        place = ((np.arange(len(mine)) + shift) * n_parts / len(mine)).astype(np.int64)
        part[mine] = (place + (dealt if len(mine) < n_parts else 0)) % n_parts
        dealt += len(mine)
    return np.asarray(part[member])


def deal_stimuli(examples: Examples, index: Ints, n_parts: int, seed: int = 0) -> Ints:
    """Return the part of each window at `index`; a stimulus is in one part, whoever saw it.

    Stimuli are dealt in turn by what is mostly said of them, so that all parts know all classes where there are enough.
    """
    whole = _joined(examples.stimulus[index], examples.together[index])
    _, first, member = np.unique(whole, return_index=True, return_inverse=True)
    label = examples.label[index] + 1
    usual = np.array([np.bincount(label[member == k]).argmax() for k in range(len(first))])
    rng = np.random.default_rng(seed)
    order = sorted(rng.permutation(len(first)).tolist(), key=lambda k: int(usual[k]))
    part = np.zeros(len(first), np.int64)
    part[order] = np.arange(len(order)) % max(min(n_parts, len(order)), 1)
    return np.asarray(part[member])


def n_stimuli(examples: Examples, index: Ints) -> int:
    """Return how many stimuli, or groups of them, the windows at `index` are of."""
    return len(np.unique(_joined(examples.stimulus[index], examples.together[index])))


def _joined(unit: Ints, together: Ints) -> Ints:
    """Return the unit of each row, units of which some rows are of one group made one; -1 is of no group."""
    unit = np.unique(unit, return_inverse=True)[1].astype(np.int64)
    while True:
        lowest = unit.copy()
        for one in np.unique(together[together >= 0]):
            rows = together == one
            lowest[np.isin(lowest, lowest[rows])] = lowest[rows].min()
        if (lowest == unit).all():
            return unit
        unit = lowest
