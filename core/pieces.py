"""Windows of one signal that overlap: what hangs on a sample alone is found once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    def count_of(self, x: Array, extreme: np.ufunc, least: float) -> Array:
        """Return how often each row takes its largest, or smallest, value in each stretch, exactly if over `least`."""
        parts = extreme.reduceat(x[:, : self._edges[-1]], self._edges[:-1], axis=1)
        there = x[:, self._edges[0] : self._edges[-1]] == np.repeat(parts, np.diff(self._edges), axis=1)
        counts = np.add.reduceat(there, self._edges[:-1] - self._edges[0], axis=1, dtype=np.intp)
        found = self._over(np.add, counts)  # as if all parts of a stretch had its extreme, which few of them have
        of_all = self._over(extreme, parts)
        for k in np.flatnonzero((found > least).any(axis=1)):
            inside = slice(*self._inside[2 * k : 2 * k + 2])
            found[k] = (counts[:, inside] * (parts[:, inside] == of_all[k][:, None])).sum(axis=1)
        return found

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

    def largest_filtered(self) -> Array:
        """Return the largest amplitude of each window behind the filters, array of shape (n_windows, n_chans), µV."""
        first = self.filtered_at[0]
        spans = Spans([at - first for at in self.filtered_at], self.n_times)
        return spans.largest(self.filtered[:, first : self.filtered_at[-1] + self.n_times])
