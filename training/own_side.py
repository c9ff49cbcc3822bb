"""What a person's past does to the inputs of a window, followed on each side of a split as if it were all there is.

Live, the running scale of the EEG, its baselines and the running neutral face follow everything that came before. Of
a person who is both learnt from and tested on that would carry samples of one side into inputs of the other.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import numpy as np

from core.models.network import Network
from core.running_scale import RunningScale
from training.baselines import hold_front_end
from training.examples import Examples, Floats, Ints

_KEPT = 6
"""Readings of the EEG that are kept, each of all windows under other sides: inner splits come again."""


def take_sides(network: Network, examples: Examples, side: Ints | None) -> None:
    """Make the inputs those of these sides, see `training.splits.Sides`; None: as they were live.

    Baselines follow with `training.baselines.follow_baselines`.
    """
    if _name(side) == _name(examples.side):
        return
    was_held = examples.power is not None
    kept: OrderedDict[str, Floats] = examples.readings
    if was_held and examples.power is not None:
        kept[_name(examples.side)] = examples.power
    examples.side = side
    examples.scale = examples.live_scale.copy()
    examples.known, examples.neutral = examples.live_known.copy(), examples.live_neutral.copy()
    if side is not None:
        parted = np.isin(examples.participants, _on_both(examples, side))
        # What was read while a person relaxed the face is no one's trial and stays; a running estimate goes.
        running = parted & (examples.known < 1.0)
        examples.known[running], examples.neutral[running] = 0.0, 0.0
        _follow_scales(examples, side, parted)
    if was_held:
        name = _name(side)
        examples.power = kept.get(name)
        if examples.power is None:
            hold_front_end(network, examples)
        while len(kept) > _KEPT:
            kept.popitem(last=False)


def _on_both(examples: Examples, side: Ints) -> list[str]:
    theirs = [set(examples.participants[side == k].tolist()) for k in (0, 1)]
    return sorted(theirs[0] & theirs[1])


def _follow_scales(examples: Examples, side: Ints, parted: np.ndarray) -> None:
    session = [(str(examples.participants[k]), int(examples.recording[k]), int(side[k])) for k in range(len(examples))]
    there = parted & (side >= 0) & examples.has_eeg
    for one in sorted({session[k] for k in np.flatnonzero(there)}):
        mine = np.array([k for k in np.flatnonzero(there) if session[k] == one])
        mine = mine[np.argsort(examples.start[mine], kind="stable")]
        steps = np.diff(examples.start[mine])
        step = float(np.median(steps)) if len(steps) else examples.length_s
        scale = RunningScale(min(max(step, 1e-3), examples.length_s), examples.n_times / examples.length_s)
        for k in mine:
            eeg = examples.eeg[k]
            if eeg is not None:
                examples.scale[k] = scale.follow(eeg.data.astype(np.float64), eeg.mask)


def _name(side: Ints | None) -> str:
    return "" if side is None else hashlib.sha256(side.tobytes()).hexdigest()
