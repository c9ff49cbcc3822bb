import numpy as np
import pytest

from benchmarks.picture_noise import KINDS, PictureNoise
from training.views import Part


def pictures() -> np.ndarray:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:12, :10]
    middle = rng.uniform(2, 8, (60, 2, 1, 1))
    return (3.0 * np.exp(-((y - middle[:, 0]) ** 2 + (x - middle[:, 1]) ** 2) / 6.0)).astype(np.float32)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_higher_level_is_further_from_the_clean_picture(kind: str):
    clean = pictures()
    change = [float(np.abs(KINDS[kind](clean, level, np.random.default_rng(1)) - clean).mean()) for level in range(6)]
    assert change[0] == pytest.approx(0.0, abs=1e-6)
    assert change == sorted(change)
    assert change[5] > 0.1


def test_each_sample_is_corrupted_at_its_own_level_in_its_own_modality():
    views = tuple(pictures().reshape(60, -1) for _ in range(2))
    levels = np.zeros((60, 2), np.int64)
    levels[::2, 1] = 4
    part = Part(views, np.zeros(60, np.int64))
    first, second = PictureNoise(("grain", "salt"), ((12, 10), (12, 10)))(part, levels, np.random.default_rng(0))
    assert np.array_equal(first, views[0])
    changed = (second != views[1]).any(axis=1)
    assert changed.tolist() == [k % 2 == 0 for k in range(60)]
