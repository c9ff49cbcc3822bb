"""What is wrong with an electrode beside the others: it is louder, quieter, bridged, pops, or drifts away from them.

Everything here is measured against the median of other electrodes, so that one that is far off spoils nothing but
itself. Where a cap is dense each electrode is compared with those round it, else with all others; with fewer than four
good ones nobody can say which of them is wrong, and nothing is said. The limits were chosen on nine
people of EEGMAT; what they do on others is measured in `benchmarks/electrodes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from core.data import Array
from core.pieces import Pieces, Spans, alike_in_turn
from core.spectra import FilteredFigures, filtered_figures
from core.splines import unit_sphere

DENSE = 16
"""From so many placed electrodes on, those round one say what it should be like."""
_NEAREST = 4
_FEWEST = 4
_ENOUGH_FOR_MEDIAN = 8
"""A median over fewer electrodes is mostly the signal itself; see `core.eeg_stage`."""
_FAR_OFF, _FAR_OFF_FEW = 1.0, 0.8
"""Natural logarithm of the amplitude's ratio, in all bands but one: what the brain, a blink or a muscle makes louder is
louder in some bands, what a gain or a contact does is so in all. Of few electrodes some lie far from all others and are
quieter by themselves: five times as loud as usual, one over an ear is no factor of e louder than a forehead."""
_BRIDGE_UV2, _BRIDGE_SHARE, _BRIDGE_SHARE_SPARSE = 4.0, 0.05, 0.02
"""Power of the difference of two electrodes: absolute, beside what is usual between neighbours, and beside the
electrodes' own power where there are no neighbours (electrical distance, Tenke & Kayser 2001)."""
_POP_S, _POP_NEAR_S = 0.02, 0.05
_POP_UV, _POP_OF_OWN, _POP_OF_OTHERS = 50.0, 5.0, 2.0
"""A step within `_POP_S`: absolute, beside the channel's usual ones, and beside those of the others meanwhile."""
_MASKS = 64
"""Of so many masks it is remembered which electrodes are compared: from window to window they seldom change."""
_DRIFT_S, _DRIFT_UV, _DRIFT_OF_OTHERS, _DRIFT_OF_FEW = 8.0, 150.0, 5.0, 3.0
"""How far the mean of a window lies from that of one in the last seconds: absolute, and beside the others, of which a
few have a median that one of them moves."""


class Others:
    """Which electrodes each is compared with.

    Parameters
    ----------
    positions
        Array of shape (n_chans, 3), m, head coordinates; NaN where unknown.
    """

    def __init__(self, positions: Array) -> None:
        placed = np.isfinite(positions).all(axis=1)
        self.takes_part = placed if placed.any() else ~placed
        """(n_chans,): a channel without a place may be an AUX input in an EEG's clothes."""
        self.is_dense = bool(placed.sum() >= DENSE)
        n = len(positions)
        far = np.full((n, n), 3.0)
        if self.is_dense:
            unit = unit_sphere(positions[placed])
            far[np.ix_(placed, placed)] = np.linalg.norm(unit[:, None] - unit[None], axis=2)
        np.fill_diagonal(far, np.inf)
        self._order = np.argsort(far, axis=1, kind="stable")[:, :-1]
        self._of = lru_cache(_MASKS)(self._choose)

    def of(self, good: Array) -> Array:
        """Return the good channels that each good one is compared with, array of shape (n_good, n_others)."""
        return self._of(good.tobytes())

    def _choose(self, mask: bytes) -> Array:
        good = np.frombuffer(mask, bool)
        rows = np.flatnonzero(good)
        order = self._order[rows]
        n = min(_NEAREST, len(rows) - 1) if self.is_dense else len(rows) - 1
        first = np.argsort(~good[order], axis=1, kind="stable")[:, :n]
        return np.asarray(np.take_along_axis(order, first, axis=1))


def median(x: Array, axis: int = 0) -> Array:
    """Return what `numpy.median` does of finite numbers, to the bit, in a fraction of its time for some dozens."""
    # Sorting rows that lie in one piece is many times as fast as looking for the middle across them.
    ordered = np.array(np.moveaxis(x, axis, -1), order="C")
    ordered.sort(axis=-1)
    n = ordered.shape[-1]
    return np.asarray((ordered[..., (n - 1) // 2] + ordered[..., n // 2]) / 2)


def _nan_median(x: Array, there: Array) -> Array:
    """Return the median of each row where it is `there`, as `numpy.nanmedian` does."""
    ordered, n, rows = np.sort(x, axis=1), there.sum(axis=1), np.arange(len(x))  # what is not there comes last
    return np.asarray((ordered[rows, (n - 1) // 2] + ordered[rows, n // 2]) / 2)


class Beside:
    """Compares the electrodes of one montage with each other, window by window; it remembers a few seconds.

    Parameters
    ----------
    positions
        Array of shape (n_chans, 3), m, head coordinates; NaN where unknown.
    ch_names
        What the partner in a bridge is called.
    """

    def __init__(self, positions: Array, ch_names: tuple[str, ...] = ()) -> None:
        self._others = Others(positions)
        self._names = ch_names or tuple(f"channel {k + 1}" for k in range(len(positions)))
        self._stops: Array = np.zeros(0)
        self._levels: Array = np.zeros((0, len(positions)))
        """Ends, s, and levels, µV, of the windows of the last seconds."""
        self._since = 0.0
        whom = "its neighbours" if self._others.is_dense else "the others"
        self._louder, self._quieter = f"louder than {whom}", f"quieter than {whom}"

    def judge(
        self, raw: Array, sfreq: float, filtered: Array, good: Array, stop: float, since: float
    ) -> dict[int, str]:
        """Return what is wrong with good channels, by their number; see `judge_all`."""
        pieces = Pieces(raw, filtered, (0,), (0,), raw.shape[1], filtered.shape[1])
        behind = filtered_figures(pieces, pieces.n_raw / sfreq)
        (found,) = self.judge_all(pieces, sfreq, good[None], raw.mean(axis=1)[None], behind, (stop,), since)
        return found

    def judge_all(
        self,
        pieces: Pieces,
        sfreq: float,
        good: Array,
        level: Array,
        behind: FilteredFigures,
        stops: Sequence[float],
        since: float,
    ) -> list[dict[int, str]]:
        """Return what is wrong with good channels of some windows, by their number, in order of time.

        Parameters
        ----------
        pieces
            The windows.
        sfreq
            Rate of the raw signal, Hz.
        good
            Array of shape (n_windows, n_chans), bool: what is not known to be bad by itself.
        level
            Array of shape (n_windows, n_chans), µV: the mean of each raw window.
        behind
            What they are behind the filters.
        stops
            Ends of the windows, s.
        since
            Since when the signal goes on without a break, s.
        """
        good = good & self._others.takes_part
        found: list[dict[int, str]] = [{} for _ in stops]
        for some, mask in alike_in_turn(good):
            for k, popping in zip(some, self._pops(pieces, some, sfreq, mask), strict=True):
                found[k] = dict.fromkeys(popping, "pops")
        calm = np.stack([_without(one, bad) for one, bad in zip(good, found, strict=True)])
        for some, mask in alike_in_turn(calm):
            for k, bridged in zip(some, self._bridges(behind.covariance[some], mask), strict=True):
                found[k] |= bridged
        # Against the device's own reference: any other one would show a quiet electrode the others' signal.
        left = np.stack([_without(one, bad) for one, bad in zip(good, found, strict=True)])
        for some, mask in alike_in_turn(left):
            for k, off in zip(some, self._far_off(behind.bands[some], mask), strict=True):
                found[k] |= off
        drifting = self._drifts(np.where(calm, level, np.nan), stops, since)
        return [dict.fromkeys(rows, "drifts") | one for rows, one in zip(drifting, found, strict=True)]

    def _far_off(self, levels: Array, left: Array) -> list[dict[int, str]]:
        """Return who is far louder or quieter than the others in some windows, by `FilteredFigures.bands`.

        The farthest is taken out before others are asked.
        """
        rows = np.flatnonzero(left)
        if len(rows) < _FEWEST or levels.shape[2] <= 2:
            return [{} for _ in levels]
        off = np.sort(levels[:, rows] - median(levels[:, self._others.of(left)], axis=2), axis=2)
        louder, quieter = off[..., 1], -off[..., -2]
        farther = np.maximum(louder, quieter)
        limit = _FAR_OFF if len(rows) >= _ENOUGH_FOR_MEDIAN else _FAR_OFF_FEW
        found: list[dict[int, str]] = []
        for k, worst in enumerate(farther.argmax(axis=1)):
            if farther[k, worst] <= limit:
                found.append({})
                continue
            row = int(rows[worst])
            why = self._louder if louder[k, worst] > quieter[k, worst] else self._quieter
            (others,) = self._far_off(levels[k : k + 1], _without(left, (row,)))
            found.append({row: why} | others)
        return found

    def _bridges(self, covariance: Array, good: Array) -> list[dict[int, str]]:
        """Return who is bridged with whom in some windows.

        The difference of two electrodes is the same against any reference, so these need none in common.
        """
        rows = np.flatnonzero(good)
        if len(rows) < _FEWEST:
            return [{} for _ in covariance]
        shared = covariance[:, rows[:, None], rows]
        power = np.diagonal(shared, axis1=1, axis2=2)
        apart = power[:, :, None] + power[:, None]
        apart -= 2 * shared
        apart[:, np.arange(len(rows)), np.arange(len(rows))] = np.inf
        nearest, least = apart.argmin(axis=2), apart.min(axis=2)
        if len(rows) >= _ENOUGH_FOR_MEDIAN:
            limit = np.repeat(_BRIDGE_SHARE * median(least, axis=1)[:, None], len(rows), axis=1)
        else:
            limit = _BRIDGE_SHARE_SPARSE * np.sqrt(power * np.take_along_axis(power, nearest, axis=1))
        bridged = least < np.minimum(limit, _BRIDGE_UV2)
        return [
            {int(rows[k]): f"bridged with {self._names[rows[others[k]]]}" for k in np.flatnonzero(one)}
            for one, others in zip(bridged, nearest, strict=True)
        ]

    def _pops(self, pieces: Pieces, some: Sequence[int], sfreq: float, good: Array) -> list[list[int]]:
        rows = np.flatnonzero(good)
        n = max(1, round(_POP_S * sfreq))
        if len(rows) < _FEWEST or pieces.n_raw <= n:
            return [[] for _ in some]
        first = pieces.raw_at[some[0]]
        spans = Spans([pieces.raw_at[k] - first for k in some], pieces.n_raw - n)
        x = _less_median(pieces.raw[:, first : pieces.raw_at[some[-1]] + pieces.n_raw], good)
        steps = x[:, n:] - x[:, :-n]
        asked = spans.beyond(_POP_UV, steps) & good
        found: list[list[int]] = [[] for _ in some]
        for k in np.flatnonzero(asked.any(axis=1)):
            start = spans.starts[k]
            found[k] = self._popping(np.abs(steps[:, start : start + spans.length]), asked[k][rows], rows, sfreq, good)
        return found

    def _popping(self, steps: Array, asked: Array, rows: Array, sfreq: float, good: Array) -> list[int]:
        """Return which of the channels `rows` pop, by the size of all steps; only those `asked` (bool) may."""
        asked = np.flatnonzero(asked)
        size = np.zeros(len(rows))
        size[asked] = steps[rows[asked]].max(axis=1)
        at = steps[rows[asked]].argmax(axis=1)
        near = np.arange(-round(_POP_NEAR_S * sfreq), round(_POP_NEAR_S * sfreq) + 1)
        meanwhile = np.clip(at[:, None] + near, 0, steps.shape[1] - 1)
        others = self._others.of(good)[asked]
        beside = steps[others[:, :, None], meanwhile[:, None, :]].max(axis=(1, 2))
        asked = asked[size[asked] > _POP_OF_OTHERS * beside]
        if not len(asked):
            return []
        usual = 1.4826 * median(steps[rows[asked]], axis=1)
        return [int(k) for k in rows[asked[size[asked] > _POP_OF_OWN * usual]]]

    def _drifts(self, level: Array, stops: Sequence[float], since: float) -> list[list[int]]:
        """Return who has moved away from the others in each window.

        `level` holds the windows' means, (n_windows, n_chans), µV, NaN where one says nothing.
        """
        n_known = len(self._stops)
        if since != self._since or (n_known and stops[0] <= self._stops[-1]):
            self._stops, self._levels, n_known = np.zeros(0), level[:0], 0
            self._since = since
        self._stops, self._levels = np.concatenate([self._stops, stops]), np.concatenate([self._levels, level])
        oldest = np.searchsorted(self._stops, np.asarray(stops) - _DRIFT_S)
        found: list[list[int]] = [[] for _ in stops]
        if _have_moved(self._levels):
            for k, first in enumerate(oldest):
                found[k] = self._moved(level[k], self._levels[first : n_known + k])
        self._stops, self._levels = self._stops[oldest[-1] :], self._levels[oldest[-1] :]
        return found

    @staticmethod
    def _moved(level: Array, before: Array) -> list[int]:
        """Return who has moved away from the others, to `level` from any of the levels `before`."""
        known = np.isfinite(level)
        if known.sum() < _FEWEST or not len(before):
            return []
        moved = level[known] - before[:, known]
        if not (np.abs(moved) > _DRIFT_UV / 2).any():
            return []
        there = np.isfinite(moved)
        some = there.sum(axis=1) >= _FEWEST
        moved, there = moved[some], there[some]
        if not len(moved):
            return []
        moved = np.where(there, np.abs(moved - _nan_median(moved, there)[:, None]), 0.0).max(axis=0)
        share = _DRIFT_OF_OTHERS if known.sum() >= _ENOUGH_FOR_MEDIAN else _DRIFT_OF_FEW
        far = (moved > _DRIFT_UV) & (moved > share * median(moved))
        return [int(k) for k in np.flatnonzero(known)[far]]


def _have_moved(levels: Array) -> bool:
    """Return whether any channel may have drifted: where none has moved far, none is far from the others' median."""
    there = np.isfinite(levels)
    highest, lowest = (np.where(there, levels, beyond) for beyond in (-np.inf, np.inf))
    return bool((highest.max(axis=0) - lowest.min(axis=0) > _DRIFT_UV / 2).any())


def _without(good: Array, found: Iterable[int]) -> Array:
    left = good.copy()
    left[list(found)] = False
    return left


def _less_median(x: Array, good: Array) -> Array:
    """Return the signal against the median of the good channels, or as it is where they are few."""
    return x - median(x[good]) if good.sum() >= _ENOUGH_FOR_MEDIAN else x
