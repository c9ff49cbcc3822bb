"""Pickles of arrays, without what pickle is feared for: nothing but NumPy's own arrays and plain values is made."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

from core.errors import FileFormatError
from core.files import no_pipe

_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"),
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
}  # fmt: skip
"""What an array is made of; ``_codecs.encode`` makes bytes of text in protocols below 3, and nothing else."""


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it holds {module}.{name}, which is no array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pickle(path: Path) -> Any:
    """Return what a pickle of arrays, lists and dicts holds; those of Python 2 too.

    Raises
    ------
    FileFormatError
        It is damaged, or holds anything else: that is not run.
    """
    return unpickled(no_pipe(path).read_bytes(), path)


def unpickled(content: bytes, path: Path) -> Any:
    """Return what the pickled bytes out of `path` hold; see `read_pickle`."""
    try:
        return _Arrays(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises almost anything
        raise FileFormatError(f"{path} cannot be read: {error}.") from error
