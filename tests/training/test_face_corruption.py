import numpy as np
import pytest

from training.face_corruption import KINDS, corrupt_picture

PICTURE = np.random.default_rng(0).integers(40, 220, (120, 160, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_each_kind_gets_worse_with_its_level_and_leaves_the_picture_alone(kind: int):
    before = PICTURE.copy()
    rng = np.random.default_rng(0)
    change = [np.abs(corrupt_picture(PICTURE, kind, level, rng).astype(float) - PICTURE).mean() for level in range(6)]
    assert change[0] == 0.0
    assert change == sorted(change)
    assert change[5] > change[1] > 0
    np.testing.assert_array_equal(PICTURE, before)
    assert corrupt_picture(PICTURE, kind, 3, rng).dtype == np.uint8
