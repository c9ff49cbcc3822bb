import numpy as np

from app.ui.head_map import RIM, project, spacing
from core.data import Channel, StreamInfo
from core.montage import places, positions, template


def test_the_head_is_seen_from_above_with_the_nose_in_front() -> None:
    at = dict(zip(names := ("Cz", "Fpz", "Oz", "T7", "T8"), project(positions(names)), strict=True))
    np.testing.assert_allclose(at["Cz"], 0, atol=0.02)
    assert at["Fpz"][1] > 0.8
    assert at["Oz"][1] < -0.8
    assert at["T7"][0] < -0.9 < 0.9 < at["T8"][0]
    np.testing.assert_allclose(np.linalg.norm(at["T7"]), RIM, atol=0.03)


def test_left_and_right_mirror_each_other() -> None:
    left, right = project(positions(("F7", "C3", "PO7"))), project(positions(("F8", "C4", "PO8")))
    np.testing.assert_allclose(left * [-1, 1], right, atol=0.03)


def test_the_devices_own_places_come_first_and_unknown_ones_are_left_open() -> None:
    channels = (Channel("Cz", "Cz"), Channel("C3", "C3", position=(0.0, 0.1, 0.0)), Channel("Ch7", "Ch7"))
    at = places(StreamInfo("eeg", "eeg", "P", "cap", channels=channels))
    np.testing.assert_allclose(at[0], template()["Cz"], atol=1e-6)
    np.testing.assert_allclose(at[1], (0.0, 0.1, 0.0))
    assert np.isnan(at[2]).all()
    assert np.isnan(project(at)[2]).all()


def test_spacing_is_that_of_the_closest_pair_but_not_of_twins() -> None:
    assert spacing(np.array([[0.0, 0.0], [0.3, 0.0], [0.3, 0.0], [1.0, 0.0]])) == 0.3
    assert spacing(np.zeros((1, 2))) == 1.0
