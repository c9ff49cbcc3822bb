"""MATLAB's files, of either kind, as arrays in MATLAB's own order of axes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FileFormatError
from core.files import no_pipe

_HDF5 = b"\x89HDF\r\n\x1a\n"


def read_mat(path: Path, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays of a ``.mat`` file.

    Files up to version 7 are read by SciPy. Those of 7.3 are HDF5, which has the axes in the opposite order: numeric
    arrays are turned round, so that both kinds give the same; cells and structs of 7.3 are not read.

    Parameters
    ----------
    path : Path
    names : sequence of str, optional
        Variables to read, where not all are wanted; one that is not there is left out.

    Raises
    ------
    FileFormatError
        It is no MATLAB file, or damaged.
    """
    try:
        if is_hdf5(path):
            return _of_hdf5(path, names)
        from scipy.io import loadmat

        found = loadmat(no_pipe(path), variable_names=names)
    except FileFormatError:
        raise
    except Exception as error:  # SciPy and h5py raise many kinds of errors of damaged files
        raise FileFormatError(f"{path} cannot be read as a MATLAB file: {error}.") from error
    return {name: value for name, value in found.items() if not name.startswith("__")}


def names_in(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays of a ``.mat`` file without reading them; none of what is no such file."""
    try:
        if is_hdf5(path):
            import h5py

            with h5py.File(path, "r") as file:
                return tuple(file)
        from scipy.io import whosmat

        return tuple(name for name, _, _ in whosmat(no_pipe(path)))
    except Exception:  # SciPy and h5py raise many kinds of errors of damaged files
        return ()


def is_hdf5(path: Path) -> bool:
    """Return whether a file is HDF5, also behind the 512 bytes that MATLAB puts before it."""
    with no_pipe(path).open("rb") as file:
        first = file.read(8)
        file.seek(512)
        return _HDF5 in (first, file.read(8))


def _of_hdf5(path: Path, names: Sequence[str] | None) -> dict[str, NDArray[Any]]:
    import h5py

    with h5py.File(path, "r") as file:
        wanted = [name for name in file if not name.startswith("#") and (names is None or name in names)]
        found = {}
        for name in wanted:
            one = file[name]
            if isinstance(one, h5py.Dataset) and one.dtype.kind in "fiub":
                found[name] = np.asarray(one[()]).T
        return found
