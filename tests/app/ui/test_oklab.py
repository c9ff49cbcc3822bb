import numpy as np

from app.ui.oklab import blend, coordinates


def test_the_ends_are_the_colours_themselves() -> None:
    assert blend("#F2F5F8", "#0072B2", 0.0) == "#F2F5F8"
    assert blend("#F2F5F8", "#0072B2", 1.0) == "#0072B2"
    assert blend("#F2F5F8", "#0072B2", 7.0) == "#0072B2"


def test_equal_steps_look_equal() -> None:
    steps = np.diff([coordinates(blend("#000000", "#FFFFFF", k / 8))[0] for k in range(9)])
    np.testing.assert_allclose(steps, 1 / 8, atol=0.005)
