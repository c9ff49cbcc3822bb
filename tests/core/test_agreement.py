import numpy as np
import pytest

from core.agreement import alpha

NAN = float("nan")
EXAMPLE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Four observers and twelve units, from Krippendorff 2011, section C."""


def test_the_example_of_the_paper():
    assert alpha(EXAMPLE) == pytest.approx(0.743, abs=5e-4)
    assert alpha(EXAMPLE, interval=True) == pytest.approx(0.849, abs=5e-4)


def test_all_agree_and_chance():
    same = np.tile(np.arange(20.0) % 3, (2, 1))
    assert alpha(same) == 1.0
    rng = np.random.default_rng(0)
    assert abs(alpha(rng.integers(0, 4, (3, 4000)).astype(float))) < 0.02


@pytest.mark.parametrize("answers", [np.empty((2, 0)), np.array([[1.0, NAN], [NAN, 2.0]]), np.ones((2, 5))])
def test_where_nothing_can_be_said_nothing_is(answers: np.ndarray):
    assert np.isnan(alpha(answers))
