"""Written digits as pictures: 10,000 of MNIST, 28 x 28; few are learnt from, so that there is something to gain."""

from __future__ import annotations

import numpy as np

from benchmarks.datasets.digits import written_digits
from benchmarks.datasets.preparing import split, whitened
from training.views import Task

SIDE = 28
N_TRAIN, N_VALIDATION = 1000, 1000


def load_pictures(seed: int) -> Task:
    """Return the task: 1,000 pictures to learn from, 1,000 to validate with and all others to test, drawn anew."""
    pixels, label = written_digits()
    order = np.random.default_rng(seed).permutation(len(label))
    parts = np.split(order, [N_TRAIN, N_TRAIN + N_VALIDATION])
    views = whitened((pixels.reshape(len(pixels), -1),), parts[0], each=False)
    return Task("pictures", ("pictures",), 10, *split(views, label, parts))
