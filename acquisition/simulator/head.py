"""A head as a sphere: how much of each source arrives at each electrode."""

from __future__ import annotations

import numpy as np

from core.data import Array

CENTRE = np.array([0.0, 0.015, 0.039])
RADIUS = 0.0986
"""The sphere nearest to the 10-05 electrodes of MNE's template head, m, head coordinates."""

_DEPTH = 0.6


def sphere_leadfield(positions: Array, locations: Array, moments: Array) -> Array:
    """Return the potential of dipoles at electrodes on a conducting sphere, array of shape (n_chans, n_dipoles).

    The closed form for a homogeneous sphere: the gradient, at the source, of the sphere's Neumann function
    ``2/d + ln(2 R² / (R² - r·s + R d)) / R`` (Wilson & Bayley 1950, Bull. Math. Biophys. 12, 293). The skull smears
    what arrives; a dipole drawn to 0.6 of its eccentricity stands for that (Ary, Klein & Fender 1981, IEEE Trans.
    Biomed. Eng. 28, 447). No absolute scale: columns are meant to be normalised.

    Parameters
    ----------
    positions : array of shape (n_chans, 3), float, m, head coordinates
        Electrodes; each is moved along its radius onto the sphere.
    locations : array of shape (n_dipoles, 3), float, m, head coordinates
        Where the dipoles truly lie, inside the sphere.
    moments : array of shape (n_dipoles, 3), float
        Their directions and strengths.
    """
    electrodes = positions - CENTRE
    electrodes = electrodes / np.linalg.norm(electrodes, axis=1, keepdims=True)
    sources = _DEPTH * (locations - CENTRE) / RADIUS
    gap = electrodes[:, None] - sources[None]
    distance = np.linalg.norm(gap, axis=2, keepdims=True)
    towards = gap / distance
    image = 1 - (electrodes @ sources.T)[..., None] + distance
    gradient = 2 * towards / distance**2 + (electrodes[:, None] + towards) / image
    field: Array = np.einsum("cdx,dx->cd", gradient, moments)
    return field


def cortical_columns(positions: Array, locations: Array, moments: Array) -> Array:
    """Return the leadfield with each dipole scaled to 1 where the whole scalp sees it most strongly.

    So a source of 5 µV is 5 µV at the best place of any montage, whether an electrode sits there or not.
    """
    scalp = np.abs(sphere_leadfield(SCALP, locations, moments)).max(axis=0)
    columns: Array = sphere_leadfield(positions, locations, moments) / scalp
    return columns


def surface_columns(positions: Array, locations: Array, reach: float) -> Array:
    """Return how much of sources near the skin (eyes, muscles) arrives, 1 at the source and a half at `reach` metres.

    Falls with the square of the distance, as facial muscles' activity does over the scalp (Goncharova et al. 2003,
    Clin. Neurophysiol. 114, 1580). Array of shape (n_chans, n_sources).
    """
    distance = np.linalg.norm(positions[:, None] - locations[None], axis=2)
    columns: Array = 1 / (1 + (distance / reach) ** 2)
    return columns


def _scalp_grid(n: int = 400) -> Array:
    """Return points spread evenly over the upper three quarters of the sphere, array of shape (n, 3), m."""
    height = np.linspace(1.0, -0.5, n)
    turn = np.arange(n) * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    points: Array = CENTRE + RADIUS * np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    return points


SCALP = _scalp_grid()
