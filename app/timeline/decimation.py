"""From samples to pixels: the lowest and highest value of each column, and the line through them."""

from __future__ import annotations

import itertools

import numpy as np
from PyQt6.QtGui import QPolygonF

from app.ui.canvas import polygon
from core.data import Array

_AS_THEY_ARE = 3
"""Up to so many samples a column are drawn where they are: there is nothing to save."""
_BREAK_S = 0.15
"""Seconds without a sample over which no line is drawn."""


def decimate(times: Array, samples: Array, column: float) -> tuple[Array, Array, Array]:
    """Return x, lowest and highest value of each column of pixels that has samples.

    Where there are at most three samples a column they are returned as they are, at their exact place.

    Parameters
    ----------
    times
        Array of shape (n_times,), s, rising.
    samples
        Array of shape (n_times, n_chans).
    column
        Seconds of one column.

    Returns
    -------
    x : array of shape (n_points,), in columns
    low, high : arrays of shape (n_points, n_chans)
    """
    place = times / column
    numbers = np.floor(place)
    if len(times) < 2 or len(times) <= _AS_THEY_ARE * (numbers[-1] - numbers[0] + 1):
        return place, samples, samples
    starts = np.flatnonzero(np.diff(numbers, prepend=-np.inf))
    low = np.minimum.reduceat(samples, starts, axis=0)
    high = np.maximum.reduceat(samples, starts, axis=0)
    return numbers[starts] + 0.5, low, high


def pieces(x: Array, column: float, longest: float = _BREAK_S) -> list[slice]:
    """Return the runs of points between which no samples are missing: none for more than `longest` seconds."""
    # Neighbouring columns are one apart however long they are.
    edges = [0, *(np.flatnonzero(np.diff(x) > max(longest / column, 1.5)) + 1), len(x)]
    return [slice(start, stop) for start, stop in itertools.pairwise(edges) if stop > start]


def polylines(x: Array, low: Array, high: Array) -> list[QPolygonF]:
    """Return for each channel the line that fills the stretch between `low` and `high`.

    Parameters
    ----------
    x
        Array of shape (n_points,), in columns.
    low, high
        Arrays of shape (n_points, n_chans); the same object where each point is one sample.
    """
    if low is high:
        return [polygon(x, row) for row in np.ascontiguousarray(low.T)]
    y = np.empty((low.shape[1], len(x), 2))
    # Every second column from below: the line then goes on where it left off instead of jumping across. Which ones goes
    # by the column's number, so that a column looks the same whenever it is drawn.
    even = np.floor(x) % 2 == 0
    y[:, :, 0] = np.where(even, high.T, low.T)
    y[:, :, 1] = np.where(even, low.T, high.T)
    twice = np.repeat(x, 2)
    return [polygon(twice, row) for row in y.reshape(len(y), -1)]
