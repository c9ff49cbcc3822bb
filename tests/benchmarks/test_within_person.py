"""A discriminant learns where there is something to learn, and hardly counts where there is nothing."""

import numpy as np
import pytest

from benchmarks.within_person import SHRINK, Labels, _Whitened, discriminant
from core.models.model_file import CLASSES

N, SIZE = 700, 6


def made(tells: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(N) % len(CLASSES))
    places = rng.standard_normal((len(CLASSES), SIZE))
    return tells * places[truth] + rng.standard_normal((N, SIZE)), truth


@pytest.mark.parametrize(("tells", "lowest", "highest"), [(2.0, -2.0, -1.0), (0.0, -0.02, 0.02)])
def test_what_the_labels_tell_is_added_to_the_base(tells: float, lowest: float, highest: float):
    read, truth = made(tells)
    first, later = np.arange(0, N // 2), np.arange(N // 2, N)
    labels = Labels(first, truth[first], np.ones(len(first)), first, np.multiply(4.0, first, dtype=np.float64))
    base = np.log(np.full((N, len(CLASSES)), 1 / len(CLASSES)))
    whitened = {shrink: _Whitened.of(read, first, shrink) for shrink in SHRINK}
    said = discriminant(whitened, labels, base, later)
    np.testing.assert_allclose(np.exp(said).sum(axis=1), 1.0)
    told = said[np.arange(len(later)), truth[later]] - base[later, truth[later]]
    assert lowest < -told.mean() < highest, "nats of log loss beside the base"
    alone = discriminant(whitened, labels, base, later, alone=True)
    assert np.allclose(alone, said), "beside an even base both are the same"
