"""What an eye tracker's samples say plainly: blinks, how much of the time the gaze rests, the pupil.

Fixations are told by dispersion: Salvucci, D. D. and Goldberg, J. H. (2000), Identifying fixations and saccades in
eye-tracking protocols, ETRA, algorithm I-DT.
"""

from __future__ import annotations

import math

import numpy as np

from core.data import Array
from core.sensors.reading import Measure, Reading, Recent

__all__ = ["GazeReader", "find_blinks", "share_at_rest"]

_SECONDS, _REST_S = 60.0, 10.0
_SHORTEST_S, _LONGEST_S = 0.05, 0.5
"""Seconds that a blink closes the eye."""
_FIXATION_S = 0.1
_MOST_HZ = 100.0
"""So many samples a second are enough to tell a fixation."""


def find_blinks(times: Array, is_open: Array) -> Array:
    """Return when each blink began, array of shape (n_blinks,), s.

    Parameters
    ----------
    times : array of shape (n_times,), s
    is_open : array of shape (n_times,), bool
        Where the eye was seen.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~is_open).astype(np.int8), [0]])))
    found = []
    for start, stop in edges.reshape(-1, 2):
        if start == 0 or stop == len(times):
            continue  # it has no beginning, or is not over
        if _SHORTEST_S <= times[stop] - times[start - 1] <= _LONGEST_S + _SHORTEST_S:
            found.append(float(times[start]))
    return np.array(found)


def share_at_rest(times: Array, gaze: Array, widest: float) -> float:
    """Return the share of the time in which the gaze is in fixations: 0.1 s and longer within `widest` of dispersion.

    Parameters
    ----------
    times : array of shape (n_times,), s
    gaze : array of shape (n_times, 2), x and y in the same unit as `widest`; NaN where the eye was not seen
    widest : float
        Largest sum of width and height of what is one fixation.
    """
    if len(times) < 2:
        return math.nan
    resting, start = 0.0, 0
    while start < len(times):
        stop = int(np.searchsorted(times, times[start] + _FIXATION_S))
        if stop >= len(times):
            break
        if not _is_narrow(gaze[start : stop + 1], widest):
            start += 1
            continue
        while stop + 1 < len(times) and _is_narrow(gaze[start : stop + 2], widest):
            stop += 1
        resting += times[stop] - times[start]
        start = stop + 1
    return float(resting / (times[-1] - times[0]))


def _is_narrow(gaze: Array, widest: float) -> bool:
    return bool(np.ptp(gaze, axis=0).sum() <= widest)  # False for NaN


class GazeReader:
    """Reads blinks, share of fixations and pupil of one eye, or of both as one.

    Parameters
    ----------
    x, y : int
        The channels of the gaze.
    pupil : int or None
        The channel of the pupil's size.
    n_chans : int
    widest : float
        See `share_at_rest`.
    pupil_unit : str
    """

    def __init__(self, x: int, y: int, pupil: int | None, n_chans: int, widest: float, pupil_unit: str = "") -> None:
        self._gaze = [x, y]
        self._pupil = pupil
        self._pupil_unit = pupil_unit
        self._widest = widest
        self._recent = Recent(_SECONDS, n_chans)

    def push(self, times: Array, data: Array) -> Reading | None:
        """Take samples; return a reading once a second."""
        if not self._recent.push(times, data):
            return None
        when, gaze = self._recent.times, self._recent.data[:, self._gaze]
        is_open = np.asarray(np.isfinite(gaze).all(axis=1))
        size = math.nan
        if self._pupil is not None:
            pupil = self._recent.data[:, self._pupil]
            is_open = is_open & np.isfinite(pupil) & (pupil > 0)
            late = is_open & (when > when[-1] - 1.0)
            size = float(np.median(pupil[late])) if late.any() else math.nan
        gaze = np.where(is_open[:, None], gaze, np.nan)
        span = float(when[-1] - when[0])
        blinks = len(find_blinks(when, is_open)) / span * 60 if span > _REST_S else math.nan
        late = when > when[-1] - _REST_S
        every = max(1, round(late.sum() / (_REST_S * _MOST_HZ)))
        rest = share_at_rest(when[late][::every], gaze[late][::every], self._widest)
        seen = float(is_open[late].mean())
        measures = [Measure("blinks", blinks, "/min", 1), Measure("in fixations", 100 * rest, "%")]
        if self._pupil is not None:
            measures.append(Measure("pupil", size, self._pupil_unit, 2))
        return Reading(float(when[-1]), tuple(measures), seen, "" if seen > 0.5 else "the eye is mostly not seen")
