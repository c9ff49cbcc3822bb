"""Which other files hold samples or events of an EEG file: those that a header names, and the parts of a long one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["named_by_brainvision", "other_parts"]

_FIRST_PART = "_split-01_"
"""In the name of the first part of a long FIF in BIDS; MNE by itself puts ``-1`` behind that of the second."""


def named_by_brainvision(header: Path, key: str, ending: str) -> Path:
    """Return the file that a ``.vhdr`` names by a key, such as ``DataFile``; where it does not, that of its own name.

    Raises
    ------
    OSError
        The header cannot be read.
    """
    told = re.search(rb"^%b\s*=\s*([^\r\n]+)" % key.encode(), header.read_bytes(), re.MULTILINE)
    name = told[1].strip().decode("utf-8", "replace").replace("$b", header.stem) if told else header.stem + ending
    return header.parent / name


def other_parts(path: Path) -> Iterator[Path]:
    """Give what else holds samples or events of an EEG file, as far as it is there.

    Raises
    ------
    OSError
        A header cannot be read.
    """
    suffix = path.suffix.lower()
    others: Iterator[Path] = iter(())
    if suffix == ".vhdr":
        pairs = (("DataFile", ".eeg"), ("MarkerFile", ".vmrk"))
        others = (named_by_brainvision(path, key, ending) for key, ending in pairs)
    elif suffix == ".set":
        others = iter((path.with_suffix(".fdt"),))
    elif suffix == ".fif" and _FIRST_PART in path.name:
        numbered = (path.with_name(path.name.replace(_FIRST_PART, f"_split-{k:02d}_")) for k in itertools.count(2))
        others = itertools.takewhile(Path.is_file, numbered)
    elif suffix == ".fif":
        others = itertools.takewhile(Path.is_file, (path.with_stem(f"{path.stem}-{k}") for k in itertools.count(1)))
    yield from (each for each in others if each.is_file())
