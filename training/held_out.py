"""What is never learnt from: the end of a recording, or whole recordings, for this step and every later one.

Live, a person's future is predicted from their past; so it is the end of what there is that is held out. Between it
and what is learnt from lies a guard of three times the longest memory that reaches across: the running scale of the EEG
(`core.running_scale`). The baselines, whose memory is longer, begin anew where the guard begins, as they would in a new
session. What a model's header names as held out stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.models.model_file import Header, HeldOut
from core.running_scale import MEMORY_S
from training.examples import Examples, Ints

GUARD_S = 3 * MEMORY_S
SHARE = 0.3
"""Of what can be learnt from."""
Bools = NDArray[np.bool_]


class Split(NamedTuple):
    """What is learnt from and what is not."""

    train: Ints
    test: Ints
    held_out: tuple[HeldOut, ...]
    """Of this step and of those before it."""
    fresh: tuple[tuple[int, float], ...]
    """(recording, s): where baselines begin anew."""


def split(
    examples: Examples, usable: Ints, names: Sequence[str], header: Header | None = None, more: bool = True
) -> Split:
    """Return the usable windows in two parts, and what is held out.

    Parameters
    ----------
    examples : Examples
        Their `recording` counts `names`.
    usable : array of shape (n,), int64
        Windows that could be learnt from.
    names : sequence of str
        Of the recordings, oldest first.
    header : Header, optional
        Of the model that is gone out from: what it holds out stays held out, and of what it has learnt from nothing
        more can be held out.
    more : bool
        Whether anything is held out beside that.
    """
    before = header.held_out if header is not None else ()
    known = set(header.learnt_from) if header is not None else set()
    known |= {one.recording for one in before}
    chosen = [one for one in before if one.recording in names]
    for person in np.unique(examples.participants[usable]):
        free = np.array([name not in known for name in names], bool)
        mine = usable[(examples.participants[usable] == person) & free[examples.recording[usable]]]
        judged = _inside(examples, usable, names, chosen) & (examples.participants[usable] == person)
        if more and len(mine) and not judged.any():
            chosen += _latest(examples, mine, names)
    return _split(examples, usable, names, chosen, before)


def inside(examples: Examples, index: Ints, names: Sequence[str], spans: Sequence[HeldOut]) -> Ints:
    """Return the windows at `index` that begin in one of the spans, of which those of other recordings do not count."""
    return index[_inside(examples, index, names, [one for one in spans if one.recording in names])]


def _latest(examples: Examples, mine: Ints, names: Sequence[str]) -> list[HeldOut]:
    """Return the last recordings of a person if they are about the share, else the end of the last one."""
    wanted, found = SHARE * len(mine), 0
    person = str(examples.participants[mine[0]])
    out: list[HeldOut] = []
    for number in np.unique(examples.recording[mine])[::-1]:
        here = mine[examples.recording[mine] == number]
        all_here = (examples.recording == number) & (examples.participants == person)
        start, stop = float(examples.start[all_here].min()), float(examples.start[all_here].max()) + examples.length_s
        if found + len(here) > 1.7 * wanted:
            if found < 0.5 * wanted:
                out.append(HeldOut(names[number], person, _cut(examples, here, round(wanted) - found), stop))
            break
        out.append(HeldOut(names[number], person, start, stop))
        found += len(here)
    return out


def _cut(examples: Examples, here: Ints, count: int) -> float:
    """Return where the last `count` windows at `here` begin, moved to the beginning of a trial."""
    here = here[np.argsort(examples.start[here], kind="stable")]
    first = here[max(len(here) - max(count, 1), 0)]
    same = here[examples.group[here] == examples.group[first]]
    return float(examples.start[same].min())


def _split(
    examples: Examples, usable: Ints, names: Sequence[str], chosen: Sequence[HeldOut], before: Sequence[HeldOut]
) -> Split:
    test = _inside(examples, usable, names, chosen)
    near = test | _inside(examples, usable, names, chosen, GUARD_S + examples.length_s)
    near |= np.isin(examples.group[usable], examples.group[usable[test]])
    fresh = tuple((names.index(one.recording), one.start - GUARD_S) for one in chosen)
    others = [one for one in before if one.recording not in names]
    return Split(usable[~near], usable[test], (*others, *chosen), fresh)


def _inside(
    examples: Examples, index: Ints, names: Sequence[str], spans: Sequence[HeldOut], reach: float = 0.0
) -> Bools:
    """Return which windows at `index` begin in one of the spans, or up to `reach` seconds before it."""
    inside = np.zeros(len(index), bool)
    for one in spans:
        mine = (examples.participants[index] == one.participant) & (
            examples.recording[index] == names.index(one.recording)
        )
        start = examples.start[index]
        inside |= mine & (start >= one.start - reach) & (start < one.stop)
    return inside
