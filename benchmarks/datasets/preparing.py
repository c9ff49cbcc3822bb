"""Where the data sets lie, and how their views are scaled and split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import ConfigError
from training.views import Floats, Ints, Part


def data_folder(name: str) -> Path:
    """Return where a data set lies: under ``INSULA_DATA``, or in ``shared/data`` beside the checkout.

    Raises
    ------
    ConfigError
        It is not there.
    """
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("INSULA_DATA", beside)) / name
    if not folder.is_dir():
        raise ConfigError(f"The data set {name!r} is not in {folder.parent}. Set INSULA_DATA to the folder it is in.")
    return folder


def whitened(views: Sequence[Floats], train: Ints, each: bool = True) -> list[Floats]:
    """Return the views with mean 0 and spread 1 over the training rows; of each feature, or of a view as a whole.

    A view as a whole is for pictures and spectrograms, whose features are of one kind and sometimes constant.
    """
    out = []
    for view in views:
        known = view[train]
        mean = known.mean(axis=0)
        spread = known.std(axis=0) if each else np.full(known.shape[1], (known - mean).std())
        out.append(((view - mean) / np.maximum(spread, 1e-6)).clip(-10.0, 10.0).astype(np.float32))
    return out


def split(views: Sequence[Floats], label: Ints, parts: Sequence[Ints]) -> tuple[Part, Part, Part]:
    """Return the rows at each of three lists of indices."""
    first, second, third = (Part(tuple(view[index] for view in views), label[index]) for index in parts)
    return first, second, third
