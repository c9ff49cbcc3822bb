"""CMU-MOSI, sentiment of utterances from text, audio and video (Zadeh et al. 2016; features of Poria et al. 2017)."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.datasets.preparing import data_folder, split, whitened
from training.views import Floats, Ints, Task

MODALITIES = ("text", "audio", "video")
SHARE = 0.2


def load_mosi(seed: int) -> Task:
    """Return the task: published test videos, and a fifth of the training utterances to validate with.

    The rows of a video follow each other, so the validation block is contiguous and shares at most the videos at its
    two ends with the training rows. The seed moves the block.
    """
    views, label, n_train = _read()
    size = int(SHARE * n_train)
    first = int(np.random.default_rng(seed).integers(0, n_train - size))
    rows = np.arange(n_train)
    held = (rows >= first) & (rows < first + size)
    train, validation = rows[~held], rows[held]
    test = np.arange(n_train, len(label))
    parts = split(whitened(views, train), label, (train, validation, test))
    return Task("cmu-mosi", MODALITIES, 2, *parts)


@cache
def _read() -> tuple[list[Floats], Ints, int]:
    folder = data_folder("cmu-mosi")
    views: list[Floats] = []
    label: Ints = np.zeros(0, np.int64)
    n_train = 0
    for name in MODALITIES:
        tables = [
            np.loadtxt(folder / f"{name}_{part}0.csv", delimiter=",", quotechar='"', dtype=np.float64)
            for part in ("train", "test")
        ]
        n_train = len(tables[0])
        rows = np.concatenate(tables)
        views.append(np.nan_to_num(rows[:, :-1]).astype(np.float32))
        label = rows[:, -1].astype(np.int64)
    return views, label, n_train
