"""Which channels of a window may be trusted, and why the others may not: judged on the raw signal, before filters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.data import Array, ChannelQuality, frozen
from core.holes import fill
from core.pieces import Pieces, Spans, alike_in_turn
from core.relative_quality import Beside
from core.spectra import FilteredFigures, filtered_figures, raw_figures
from core.splines import leave_out, predictor, spline_inverse, unit_sphere

ELECTRODE_CHECKS = 2
"""The rules by which electrodes are judged; a model's header names those that it was made with, and is read with them.

1: each by itself, and by spherical splines. 2: before the splines also beside the others (`core.relative_quality`)."""
_FLAT_UV = 0.3
_HELD = 0.5
_LARGE_UV = 200.0
_LARGE_FILTERED_UV = 500.0
_POP_UV = 300.0
_CLIPPED = 0.05
_LINE = 10.0
_MUSCLE = 0.5
_MUSCLE_UV = 3.0
_FORETOLD = 0.2
_ENOUGH_NEIGHBOURS = 16
_FAST = 512.0
_MISSING, _LONGEST_HOLE_S = 0.1, 0.025
"""Share of a channel's values that may be missing, and how long in one piece: such holes are filled."""


_MASKS = 64
"""Of so many masks it is remembered how electrodes foretell each other: from window to window they seldom change."""
_LINE_SEEN, _MUSCLE_SEEN, _LARGE_SEEN_UV, _SMALL_SEEN_UV = 0.1, 0.03, 60.0, 1.0
"""From here on a channel is less than clean; at the limits above it is unusable."""


class ChannelJudge:
    """Judges the channels of one montage, window by window.

    Parameters
    ----------
    positions
        Array of shape (n_chans, 3), m, head coordinates; NaN where unknown.
    ch_names
        Names of the channels, for reasons that name another one.
    checks
        See `ELECTRODE_CHECKS`.
    """

    def __init__(self, positions: Array, ch_names: tuple[str, ...] = (), checks: int = ELECTRODE_CHECKS) -> None:
        self._beside = Beside(positions, ch_names) if checks > 1 else None
        self._placed = np.flatnonzero(np.isfinite(positions).all(axis=1))
        dense = len(self._placed) >= _ENOUGH_NEIGHBOURS
        self._inverse = spline_inverse(unit_sphere(positions[self._placed])) if dense else np.zeros((0, 0))
        self._foretelling = lru_cache(_MASKS)(self._foretell)

    def judge(self, raw: Array, filtered: Array, sfreq: float, line: float) -> tuple[str, ...]:
        """Return for each channel why it cannot be trusted, ``""`` if it can; see `look`."""
        return self.look(raw, filtered, sfreq, line)[0]

    def look(
        self, raw: Array, filtered: Array, sfreq: float, line: float, stop: float = 0.0, since: float = 0.0
    ) -> tuple[tuple[str, ...], ChannelQuality]:
        """Return for each channel why it cannot be trusted, ``""`` if it can, and how clean it is.

        Windows come in order of time.

        Parameters
        ----------
        raw
            Array of shape (n_chans, n_raw), µV, as the device sent it; NaN where it sent nothing.
        filtered
            Array of shape (n_chans, n_times), µV: the same window behind the filters.
        sfreq
            Rate of `raw`, Hz.
        line
            Line frequency, Hz; 0 if there is none to be seen.
        stop, since
            End of the window, and since when the signal goes on without a break, s.
        """
        finite = _has_only_small_holes(raw, sfreq)
        if not finite.all() or not np.isfinite(raw).all():
            raw = np.where(finite[:, None], fill(raw, np.full(len(raw), np.nan)), 0.0)
        raw, sfreq = _slower(raw, sfreq)
        pieces = Pieces(raw, filtered, (0,), (0,), raw.shape[1], filtered.shape[1])
        (found,) = self._look(pieces, sfreq, line, (stop,), since, finite)
        return found

    def look_all(
        self, pieces: Pieces, sfreq: float, line: float, stops: Sequence[float], since: float
    ) -> list[tuple[tuple[str, ...], ChannelQuality]]:
        """Return what `look` returns of some windows of one unbroken signal, in order of time, in less time."""
        whole = pieces.raw[:, pieces.raw_at[0] : pieces.raw_at[-1] + pieces.n_raw]
        if sfreq <= _FAST and np.isfinite(whole).all():
            return self._look(pieces, sfreq, line, stops, since, np.ones(len(whole), dtype=bool))
        return [
            self.look(pieces.raw_of(k), pieces.filtered_of(k), sfreq, line, stop, since) for k, stop in enumerate(stops)
        ]

    def _look(
        self, pieces: Pieces, sfreq: float, line: float, stops: Sequence[float], since: float, finite: Array
    ) -> list[tuple[tuple[str, ...], ChannelQuality]]:
        first = pieces.raw_at[0]
        whole = pieces.raw[:, first : pieces.raw_at[-1] + pieces.n_raw]
        raw = Spans([at - first for at in pieces.raw_at], pieces.n_raw)
        between = Spans(raw.starts, pieces.n_raw - 1)
        steps = whole[:, 1:] - whole[:, :-1]
        clipped = np.logical_or(*(raw.often_at(one, _CLIPPED * raw.length, whole) for one in (np.maximum, np.minimum)))
        of_raw, behind = raw_figures(pieces, sfreq, line), self._figures_behind(pieces, sfreq)
        spread, at_line, muscle = of_raw.spread, of_raw.line, of_raw.muscle
        # The order is that of the remedy: dead, then loud, then dirty. A clipped channel stands still at its rails, so
        # clipping is asked for before flat.
        found = [
            ("invalid samples", ~finite),
            ("clipping", clipped & (spread > 5.0)),
            ("flat", (spread < _FLAT_UV) | between.more_than(_HELD * between.length, steps == 0)),
            ("too large", (spread > _LARGE_UV) | pieces.filtered_beyond(_LARGE_FILTERED_UV)),
            ("pops", between.beyond(_POP_UV, steps)),
            ("line noise", at_line > _LINE),
            ("muscle", (muscle > _MUSCLE) & (of_raw.muscle_uv > _MUSCLE_UV)),
        ]
        good, reasons = np.ones(spread.shape, dtype=bool), np.full(spread.shape, "", dtype=object)
        for reason, bad in reversed(found):
            if bad.any():
                bad = np.broadcast_to(bad, good.shape)
                reasons[bad], good[bad] = reason, False
        if self._beside is not None and behind is not None:
            others = self._beside.judge_all(pieces, sfreq, good, of_raw.level, behind, stops, since)
            for k, one in enumerate(others):
                for row, reason in one.items():
                    reasons[k, row], good[k, row] = reason, False
        if behind is not None:
            for k, strangers in enumerate(self._strangers(behind.covariance, good)):
                reasons[k, strangers], good[k, strangers] = "unlike its neighbours", False
        of_line = _level(at_line, _LINE_SEEN, _LINE)
        of_muscle = _level(muscle, _MUSCLE_SEEN, _MUSCLE) * np.minimum(1.0, of_raw.muscle_uv / _MUSCLE_UV)
        size = np.maximum(
            _level(spread, _LARGE_SEEN_UV, _LARGE_UV),
            _level(1 / np.maximum(spread, 1e-9), 1 / _SMALL_SEEN_UV, 1 / _FLAT_UV),
        )
        score = np.where(good, 1.0 - np.maximum(np.maximum(of_line, of_muscle), size), 0.0)
        parts = (score, of_line, of_muscle)
        return [
            (tuple(why), ChannelQuality(*(frozen(part[k].astype(np.float32)) for part in parts)))
            for k, why in enumerate(reasons.tolist())
        ]

    def _figures_behind(self, pieces: Pieces, sfreq: float) -> FilteredFigures | None:
        """Return what the windows are behind the filters, None where nobody asks."""
        asked = self._beside is not None or len(self._placed) >= _ENOUGH_NEIGHBOURS
        return filtered_figures(pieces, pieces.n_raw / sfreq) if asked else None

    def _strangers(self, covariance: Array, good: Array) -> list[list[int]]:
        """Return of each window the channels that the others do not foretell; none where a cap is too sparse to tell.

        `covariance` is of shape (n_windows, n_chans, n_chans). Each electrode is predicted from all other good ones by
        spherical splines. The worst are taken out before the others are looked at again, for they distort the
        prediction of their neighbours; at the end those come back whom the good ones foretell after all.
        """
        found: list[list[int]] = [[] for _ in good]
        kept = good[:, self._placed]
        for some, mask in alike_in_turn(kept):
            if mask.sum() < _ENOUGH_NEIGHBOURS:
                continue
            known, inverse, foretold = self._foretelling(mask.tobytes())
            shared = covariance[np.array(some)[:, None, None], known[:, None], known]
            alike = _alike(foretold, shared)
            for k in np.flatnonzero((alike < _FORETOLD).any(axis=1)):
                found[some[k]] = _unlike(known, inverse, shared[k], alike[k])
        return found

    def _foretell(self, mask: bytes) -> tuple[Array, Array, Array]:
        """Return which of the placed channels are kept, the spline inverse of these, and what foretells each."""
        kept = np.frombuffer(mask, bool)
        inverse = leave_out(self._inverse, kept)
        return self._placed[kept], inverse, predictor(inverse)


def _unlike(known: Array, inverse: Array, shared: Array, alike: Array) -> list[int]:
    """Return which of the channels `known` the others do not foretell; at first they are foretold as `alike` says."""
    among = np.ones(len(known), dtype=bool)
    while n_unlike := int((alike < _FORETOLD).sum()):
        among[np.flatnonzero(among)[np.argsort(alike, kind="stable")[: -(-n_unlike // 4)]]] = False
        if among.sum() < _ENOUGH_NEIGHBOURS:
            break
        alike = _alike(predictor(leave_out(inverse, among)), shared[np.ix_(among, among)])
    out = np.flatnonzero(~among)
    weights = np.zeros((len(out), len(known)))
    weights[:, among] = -np.linalg.solve(inverse[np.ix_(out, out)], inverse[np.ix_(out, among)])
    return [int(k) for k in known[out[_alike(weights, shared, out) < _FORETOLD]]]


def _alike(weights: Array, covariance: Array, rows: Array | slice = slice(None)) -> Array:
    """Return the correlation of the channels `rows` with what `weights` (n_rows, n_chans) predict of them.

    `covariance` is of shape (..., n_chans, n_chans), and so is what comes out.
    """
    shared = weights @ covariance
    predicted = np.einsum("...ij,ij->...i", shared, weights)
    own = np.diagonal(covariance, axis1=-2, axis2=-1)[..., rows]
    together = np.diagonal(shared[..., rows], axis1=-2, axis2=-1)
    return np.asarray(together / np.sqrt(np.maximum(predicted * own, 1e-12)))


def _has_only_small_holes(raw: Array, sfreq: float) -> Array:
    holes = ~np.isfinite(raw)
    if not holes.any():
        return np.ones(len(raw), dtype=bool)
    n = int(_LONGEST_HOLE_S * sfreq) + 2
    counts = np.pad(np.cumsum(holes, axis=1), ((0, 0), (1, 0)))
    in_one_piece = (counts[:, n - 1 :] - counts[:, : 1 - n]).max(axis=1) == n - 1
    return np.asarray((holes.mean(axis=1) <= _MISSING) & ~in_one_piece)


def _slower(raw: Array, sfreq: float) -> tuple[Array, float]:
    """Return the means of neighbouring samples at 256 Hz or more: a fast amplifier shows no more faults than that."""
    factor = int(sfreq // (_FAST / 2)) if sfreq > _FAST else 1
    if factor == 1:
        return raw, sfreq
    n = raw.shape[1] // factor
    return raw[:, -n * factor :].reshape(len(raw), n, factor).mean(axis=2), sfreq / factor


def _level(value: Array, seen: float, limit: float) -> Array:
    """Return 0 up to `seen` to 1 from `limit` on, even in the logarithm."""
    ratio = np.log(np.maximum(value, 1e-12) / seen) / np.log(limit / seen)
    return np.asarray(np.clip(ratio, 0.0, 1.0))
