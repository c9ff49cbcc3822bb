import numpy as np
import pytest

from core.models.batch import MAX_SCALED
from core.models.eeg import sphere_points
from training.corruption import KINDS, STRENGTH, corrupt

PLACES = sphere_points(8).numpy()
MASK = np.ones(8, bool)


def clean(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((8, 256)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_finite_noise_of_the_windows_shape(kind):
    noise = kind((8, 256), PLACES, np.random.default_rng(0))
    assert noise.shape == (8, 256)
    assert np.isfinite(noise).all()
    assert noise.std() > 0


def test_level_zero_is_clean_and_higher_levels_are_worse():
    data = clean()
    assert corrupt(data, PLACES, MASK, 0, np.random.default_rng(0)) is data
    change = [
        np.mean([np.abs(corrupt(data, PLACES, MASK, level, np.random.default_rng(s)) - data).mean() for s in range(40)])
        for level in range(len(STRENGTH))
    ]
    assert change == sorted(change)
    assert change[-1] > 3 * change[2]


def test_masked_channels_and_the_input_stay_as_they_are():
    data, before = clean(), clean()
    mask = MASK.copy()
    mask[2] = False
    out = corrupt(data, PLACES, mask, 5, np.random.default_rng(0))
    np.testing.assert_array_equal(out[2], before[2])
    np.testing.assert_array_equal(data, before)
    assert np.abs(out).max() <= MAX_SCALED


def test_the_mixture_also_takes_channels_away():
    data = clean()
    quiet = [(corrupt(data, PLACES, MASK, 4, np.random.default_rng(s)).std(axis=1) < 0.1).any() for s in range(60)]
    assert 0.05 < np.mean(quiet) < 0.6
