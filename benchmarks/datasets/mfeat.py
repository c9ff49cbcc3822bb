"""UCI multiple features (Duin): 2000 written digits in six views."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.datasets.preparing import data_folder, split, whitened
from training.views import Floats, Ints, Task

MODALITIES = ("fac", "fou", "kar", "mor", "pix", "zer")
SHARES = (0.6, 0.2)


def load_mfeat(seed: int) -> Task:
    """Return the task, split at random by the seed; every row is another digit, written once and seen six times."""
    views, label = _read()
    order = np.random.default_rng(seed).permutation(len(label))
    edges = np.round(np.cumsum(SHARES) * len(label)).astype(int)
    train, validation, test = np.split(order, edges)
    return Task("uci-mfeat", MODALITIES, 10, *split(whitened(views, train), label, (train, validation, test)))


@cache
def _read() -> tuple[list[Floats], Ints]:
    folder = data_folder("uci-mfeat")
    tables = [
        np.loadtxt(folder / f"mfeat-{name}.csv", delimiter=",", skiprows=1, dtype=np.float64) for name in MODALITIES
    ]
    label = tables[0][:, -1].astype(np.int64)
    for name, table in zip(MODALITIES, tables, strict=True):
        if not np.array_equal(table[:, -1].astype(np.int64), label):
            raise ValueError(f"mfeat-{name}.csv does not list the same digits as mfeat-{MODALITIES[0]}.csv")
    return [table[:, :-1].astype(np.float32) for table in tables], label
