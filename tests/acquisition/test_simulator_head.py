import numpy as np
import pytest
from numpy.polynomial import legendre

from acquisition.simulator.head import CENTRE, RADIUS, SCALP, cortical_columns, sphere_leadfield, surface_columns


def test_leadfield_is_the_known_series_for_a_radial_dipole():
    """V = sum (2n + 1) f^(n - 1) P_n(cos) on the unit sphere, for a radial dipole at eccentricity f."""
    eccentricity = 0.7
    location = CENTRE + np.array([[0, 0, eccentricity * RADIUS]])
    field = sphere_leadfield(SCALP, location, np.array([[0.0, 0, 1]]))[:, 0]
    f, n = 0.6 * eccentricity, np.arange(1, 60)
    cosine = ((SCALP - CENTRE) / RADIUS)[:, 2]
    series = legendre.legval(cosine, np.concatenate([[0], (2 * n + 1) * f ** (n - 1)]))
    assert np.allclose(field, series, rtol=1e-9, atol=1e-9)


def test_a_tangential_dipole_changes_sign_across_the_midline():
    field = sphere_leadfield(
        CENTRE + np.array([(-0.05, 0, 0.08), (0.05, 0, 0.08)]), CENTRE[None] + (0, 0, 0.07), np.array([[1.0, 0, 0]])
    )
    assert field[0, 0] == pytest.approx(-field[1, 0])


def test_columns_are_one_where_the_source_is_strongest():
    location = CENTRE + RADIUS * np.array([[0, 0, 0.8]])
    above = CENTRE + RADIUS * np.array([[0, 0, 1.0], [0, 1.0, 0]])
    column = cortical_columns(above, location, np.array([[0.0, 0, 1]]))[:, 0]
    assert column[0] == pytest.approx(1, abs=0.01)
    assert abs(column[1]) < 0.5


def test_surface_sources_fall_to_a_half_at_their_reach():
    columns = surface_columns(np.array([(0, 0, 0), (0.03, 0, 0)]), np.zeros((1, 3)), 0.03)
    assert np.allclose(columns[:, 0], [1, 0.5])
