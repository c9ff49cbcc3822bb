"""Spherical splines against MNE's and against leaving electrodes out one by one."""

import numpy as np
import pytest
from mne.channels.interpolation import _make_interpolation_matrix

from core.montage import positions, template
from core.splines import leave_out, predictor, spline_inverse, unit_sphere
from tests.montages import CAP_28


def test_leave_one_out_is_what_mne_interpolates_from_the_others() -> None:
    sphere = unit_sphere(positions(CAP_28))
    prediction = predictor(spline_inverse(sphere))
    for i in range(len(CAP_28)):
        others = np.delete(np.arange(len(CAP_28)), i)
        expected = _make_interpolation_matrix(sphere[others], sphere[[i]])[0]
        np.testing.assert_allclose(prediction[i, others], expected, atol=1e-6)
        assert prediction[i].sum() == pytest.approx(1.0, abs=1e-6)
        assert abs(prediction[i, i]) < 1e-12


def test_a_smooth_potential_is_found_again() -> None:
    sphere = unit_sphere(positions(CAP_28))
    potential = sphere @ np.array([3.0, -2.0, 1.0])
    predicted = predictor(spline_inverse(sphere)) @ potential
    assert np.corrcoef(potential, predicted)[0, 1] > 0.95


def test_unit_sphere_has_the_vertex_on_top() -> None:
    everything = unit_sphere(np.array(list(template().values())))
    np.testing.assert_allclose(np.linalg.norm(everything, axis=1), 1.0)
    assert unit_sphere(positions(("Cz",)))[0, 2] > 0.95


def test_electrodes_are_taken_from_the_inverse_as_if_they_had_never_been_there() -> None:
    sphere = unit_sphere(positions(CAP_28))
    kept = np.ones(len(CAP_28), dtype=bool)
    kept[[3, 7, 20]] = False
    np.testing.assert_allclose(
        leave_out(spline_inverse(sphere), kept), spline_inverse(sphere[kept]), rtol=1e-6, atol=1e-4
    )
    np.testing.assert_allclose(leave_out(spline_inverse(sphere), kept | True), spline_inverse(sphere))
