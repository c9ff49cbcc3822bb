"""Examples in a file, so that folds in other processes, and tomorrow's, learn from the very same windows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from core.files import whole_file
from training.examples import UNKNOWN, Examples, KeptEeg
from training.run import damage_told

_COLUMNS = (
    "embeddings", "quality", "faces", "label", "affect", "trial", "face_level", "simulated", "start", "participants",
    "recording", "length_s", "blendshapes", "meshed", "neutral", "known", "movement", "shares", "scale",
    "stimulus", "together",
)  # fmt: skip

_FURTHER = ("numbers", "has_further")
"""Of modalities beside EEG and face, where there are any."""
_LACKING = {"scale": 1, "stimulus": UNKNOWN, "together": UNKNOWN}
"""What stands for a column that an older Insula did not keep, where it is not 0."""


def keep(examples: Examples, path: Path) -> None:
    """Write the examples, whole or not at all; never pickle."""
    n_chans = max((len(one.mask) for one in examples.eeg if one is not None), default=0)
    eeg = np.zeros((len(examples), n_chans, examples.n_times), np.float16)
    positions = np.zeros((len(examples), n_chans, 3), np.float32)
    mask = np.zeros((len(examples), n_chans), bool)
    n_here = np.zeros(len(examples), np.int64)
    for row, one in enumerate(examples.eeg):
        if one is not None:
            size = n_here[row] = len(one.mask)
            eeg[row, :size], positions[row, :size], mask[row, :size] = one.data, one.positions, one.mask
    columns: dict[str, Any] = {name: getattr(examples, name) for name in _COLUMNS}
    if examples.further_sizes:
        columns |= {name: getattr(examples, name) for name in _FURTHER}
        columns["further"] = np.array([f"{name} {size}" for name, size in examples.further_sizes.items()])
    with whole_file(path) as file:
        np.savez(file, **columns, eeg=eeg, positions=positions, mask=mask, n_chans=n_here)


def digest(path: Path) -> str:
    """Return what tells these examples from others."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kept(path: Path) -> Examples:
    """Return the examples of a file."""
    with damage_told(path):
        with np.load(path) as file:
            columns = {name: file[name] for name in file.files}
        examples = Examples((), columns["embeddings"].shape[2], columns["eeg"].shape[2])
        n = len(columns["start"])
        for name in _COLUMNS:
            # Files from before faces were compared, or answers soft, lack what that takes: then there is none. Those
            # from before the scale was kept hold EEG in units of it.
            empty = getattr(examples, name)
            lacks = np.full((n, *empty.shape[1:]), _LACKING.get(name, 0), empty.dtype) if name != "length_s" else 0.0
            setattr(examples, name, columns.get(name, lacks))
        if "further" in columns:
            told = (str(each).rsplit(" ", 1) for each in columns["further"])
            examples.further_sizes = {name: int(size) for name, size in told}
            examples.numbers, examples.has_further = (columns[name] for name in _FURTHER)
        examples.length_s = float(columns["length_s"])
        examples.baseline = np.zeros((len(examples.start), 2, 0), np.float32)
        examples.eeg = [
            KeptEeg(columns["eeg"][row, :n], columns["positions"][row, :n], columns["mask"][row, :n]) if n else None
            for row, n in enumerate(columns["n_chans"])
        ]
        examples.settle()
        return examples
