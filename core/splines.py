"""Spherical splines: what electrodes say of the potential at another place on the scalp (Perrin et al. 1989)."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.data import Array
from core.montage import template

_STIFFNESS = 4
_N_TERMS = 50
_FACTORS = np.array([0.0] + [(2 * n + 1) / ((n * (n + 1)) ** _STIFFNESS * 4 * np.pi) for n in range(1, _N_TERMS + 1)])


@cache
def _centre() -> tuple[float, float, float]:
    electrodes = np.array(list(template().values()))
    design = np.column_stack([2 * electrodes, np.ones(len(electrodes))])
    x, y, z, _ = np.linalg.lstsq(design, (electrodes**2).sum(axis=1), rcond=None)[0]
    return float(x), float(y), float(z)


def unit_sphere(positions: Array) -> Array:
    """Return `positions` seen from the middle of the head, array of shape (n_chans, 3), each of length 1.

    The middle is that of the sphere that fits all 10-05 electrodes best; MNE's head coordinates begin lower, between
    the ears.
    """
    rays = np.asarray(positions, dtype=np.float64) - _centre()
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


def spline_inverse(sources: Array, smoothing: float = 1e-5) -> Array:
    """Return the inverse of the spline system of `sources`, array of shape (n_sources, n_sources), without the level.

    `leave_out` takes electrodes from it, `predictor` reads predictions from it.
    """
    return np.asarray(np.linalg.inv(_system(_directions(sources), smoothing))[:-1, :-1])


def leave_out(inverse: Array, kept: Array) -> Array:
    """Return the `spline_inverse` of the electrodes `kept` (bool) alone, at less cost than making it anew."""
    gone = ~kept
    across = inverse[np.ix_(kept, gone)]
    return np.asarray(inverse[np.ix_(kept, kept)] - across @ np.linalg.solve(inverse[np.ix_(gone, gone)], across.T))


def predictor(inverse: Array) -> Array:
    """Return the matrix that predicts each electrode from all the others, array of shape (n_sources, n_sources).

    One inverse serves all electrodes: what electrode i lacks of its prediction is the i-th spline weight over the
    i-th diagonal of the inverse (Dubrule 1983, eq. 8). The diagonal of the result is 0.
    """
    return np.asarray(np.eye(len(inverse)) - inverse / np.diag(inverse)[:, None])


def _directions(positions: Array) -> Array:
    positions = np.asarray(positions, dtype=np.float64)
    return np.asarray(positions / np.linalg.norm(positions, axis=1, keepdims=True))


def _g(cosines: Array) -> Array:
    return np.asarray(np.polynomial.legendre.legval(cosines, _FACTORS))


def _system(directions: Array, smoothing: float) -> Array:
    n = len(directions)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = _g(directions @ directions.T) + smoothing * np.eye(n)
    system[n, n] = 0.0
    return system
