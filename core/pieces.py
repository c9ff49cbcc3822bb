"""Windows of one signal that overlap: what hangs on a sample alone is found once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.data import Array


class Spans:
    """Stretches of one length that overlap: what they have in common is gone through once.

    It is cut where any of them begins or ends. The largest of the largest, and the sum of counts, are what they would
    be of each stretch by itself, to the bit.

    Parameters
    ----------
    starts
        First sample of each, never falling.
    length
        Samples of each.
    """

    def __init__(self, starts: Sequence[int] | Array, length: int) -> None:
        self.starts, self.length = np.asarray(starts), length
        self._edges = np.unique(np.concatenate([self.starts, self.starts + length]))
        inside = np.searchsorted(self._edges, np.stack([self.starts, self.starts + length], axis=1))
        self._inside = inside.ravel()

    def reduce(self, by: np.ufunc, x: Array) -> Array:
        """Return what `by` makes of each stretch of the rows of `x`, array of shape (n_stretches, n_rows)."""
        return self._over(by, by.reduceat(x[:, : self._edges[-1]], self._edges[:-1], axis=1))

    def largest(self, x: Array) -> Array:
        """Return the largest amplitude of each row in each stretch."""
        return np.asarray(np.maximum(self.reduce(np.maximum, x), -self.reduce(np.minimum, x)))

    def count(self, there: Array) -> Array:
        """Return how many of each row, bool, are True in each stretch."""
        counts = np.add.reduceat(there[:, : self._edges[-1]], self._edges[:-1], axis=1, dtype=np.intp)
        return self._over(np.add, counts)

    def beyond(self, limit: float, x: Array) -> Array:
        """Return which rows have an amplitude over `limit` in each stretch, array of shape (n_stretches, n_rows)."""
        seen = x[:, : self._edges[-1]]
        rows = np.flatnonzero(np.maximum(seen.max(axis=1), -seen.min(axis=1)) > limit)
        return self._of_rows(rows, len(x), lambda: self.largest(x[rows]) > limit)

    def more_than(self, least: float, there: Array) -> Array:
        """Return which rows, bool, are True more than `least` times in each stretch."""
        rows = _often(there[:, : self._edges[-1]], least)
        return self._of_rows(rows, len(there), lambda: self.count(there[rows]) > least)

    def often_at(self, extreme: np.ufunc, least: float, x: Array) -> Array:
        """Return which rows take their largest, or smallest, value more than `least` times in each stretch."""
        parts = extreme.reduceat(x[:, : self._edges[-1]], self._edges[:-1], axis=1)
        there = x[:, self._edges[0] : self._edges[-1]] == np.repeat(parts, np.diff(self._edges), axis=1)
        # As if all parts of a stretch had its extreme, which few of them have: no stretch has it more often.
        rows = _often(there, least)
        return self._of_rows(rows, len(x), lambda: self._at(extreme, there[rows], parts[rows]) > least)

    def _at(self, extreme: np.ufunc, there: Array, parts: Array) -> Array:
        """Return how often each stretch has its extreme, by where each part has its own, and what that is."""
        counts = np.add.reduceat(there, self._edges[:-1] - self._edges[0], axis=1, dtype=np.intp)
        found = np.empty((len(self.starts), len(parts)), np.intp)
        for k, of_all in enumerate(self._over(extreme, parts)):
            inside = slice(*self._inside[2 * k : 2 * k + 2])
            found[k] = (counts[:, inside] * (parts[:, inside] == of_all[:, None])).sum(axis=1)
        return found

    def _of_rows(self, rows: Array, n_rows: int, found: Callable[[], Array]) -> Array:
        """Return what is found of some rows, and False of the others."""
        out = np.zeros((len(self.starts), n_rows), dtype=bool)
        if len(rows):
            out[:, rows] = found()
        return out

    def _over(self, by: np.ufunc, parts: Array) -> Array:
        # `reduceat` takes what lies between each number and the next; one that begins at the end must be there.
        padded = np.concatenate([parts, parts[:, :1]], axis=1)
        return np.asarray(by.reduceat(padded, self._inside, axis=1)[:, ::2].T)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Windows of one unbroken signal, in order of time."""

    raw: Array
    """Array of shape (n_chans, n), µV, without holes."""
    filtered: Array
    """Array of shape (n_chans, n), µV: behind the filters, at the model's rate."""
    raw_at: Sequence[int]
    """The first raw sample of each window, never falling."""
    filtered_at: Sequence[int]
    n_raw: int
    """Raw samples of a window."""
    n_times: int
    """Filtered samples of a window."""

    def raw_of(self, k: int) -> Array:
        """Return the raw signal of a window, array of shape (n_chans, n_raw)."""
        return self.raw[:, self.raw_at[k] : self.raw_at[k] + self.n_raw]

    def filtered_of(self, k: int) -> Array:
        """Return the filtered signal of a window, array of shape (n_chans, n_times)."""
        return self.filtered[:, self.filtered_at[k] : self.filtered_at[k] + self.n_times]

    def filtered_beyond(self, limit: float) -> Array:
        """Return which channels exceed `limit`, µV, behind the filters, array of shape (n_windows, n_chans)."""
        first = self.filtered_at[0]
        spans = Spans([at - first for at in self.filtered_at], self.n_times)
        return spans.beyond(limit, self.filtered[:, first : self.filtered_at[-1] + self.n_times])


def _often(there: Array, least: float) -> Array:
    """Return the rows that are True more than `least` times."""
    return np.flatnonzero([np.count_nonzero(row) > least for row in there])


def alike_in_turn(masks: Array) -> Iterator[tuple[list[int], Array]]:
    """Give the windows that follow each other with the same mask, and that."""
    changes = np.flatnonzero((masks[1:] != masks[:-1]).any(axis=1)) + 1
    for first, stop in pairwise([0, *changes.tolist(), len(masks)]):
        yield list(range(first, stop)), masks[first]
