"""DASPS: anxiety by situations that a therapist recites, 23 people, EPOC (Baghdadi et al. 2019, arXiv 1901.02942).

``S01.mat`` or ``S01preprocessed.mat``, MATLAB 7.3: `data`, 12 trials of 15 s with 14 channels at 128 Hz, and
`labels`, the self-assessment manikin's valence and arousal of each, 1 to 9. Trials 1 and 2 are of the first situation
(recited, then imagined), and so on. The EEG is band-passed and cleaned of ocular artefacts by its authors, in µV.
Channels come in the order of the EPOC's own files, as the raw EDFs of the set name them; its README lists electrodes
by pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check, check_ratings, numbered
from app.study.datasets.mat_files import read_mat
from core.errors import FileFormatError

EPOC = ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4", "F8", "AF4")
SFREQ = 128.0
N_TRIALS, N_TIMES = 12, 1920
_PERSON = re.compile(r"s(\d+)", re.IGNORECASE)


class Dasps:
    """See the module."""

    title = "DASPS"
    terms = "IEEE DataPort, doi 10.21227/barx-we60: open after registration; cite Baghdadi et al. 2019."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 12 trials of each person, both of a situation kept together."""
        for path in numbered(source, ["[sS][0-9]*.mat"], "file S01.mat"):
            found = _PERSON.match(path.stem)
            if found is None:
                continue
            who = f"S{int(found[1]):02d}"
            made.report(f"importing {who}")
            try:
                content = read_mat(path, ["data", "labels"])
            except FileFormatError as error:
                made.skip(who, str(error))
                continue
            check(path, {"data", "labels"} <= set(content), f"it has {sorted(content)} and not data and labels")
            data, labels = oriented(path, content["data"]), ratings(path, content["labels"])
            file, spans = made.eeg(f"sub-{who}", path, EPOC, SFREQ, list(data))
            for k, (start, stop) in enumerate(spans):
                situation = f"situation {k // 2 + 1}"
                yield ImportedTrial(
                    who, file, start, stop, ratings={"valence": float(labels[0, k]), "arousal": float(labels[1, k])},
                    scale="1 to 9", stimulus=situation, group=f"{who} {situation}",
                )  # fmt: skip


def oriented(path: Path, data: NDArray[Any]) -> NDArray[Any]:
    """Return `data` as (12 trials, 14 channels, 1920 samples), whichever way it lies in the file."""
    wanted = (N_TRIALS, len(EPOC), N_TIMES)
    check(path, sorted(data.shape) == sorted(wanted), f"data is {data.shape} and not of {N_TRIALS} x {N_TIMES} x 14")
    order = [data.shape.index(size) for size in wanted]
    return np.ascontiguousarray(data.transpose(order))


def ratings(path: Path, labels: NDArray[Any]) -> NDArray[Any]:
    """Return `labels` as (valence and arousal, 12 trials), whichever way they lie in the file."""
    check(path, sorted(labels.shape) == [2, N_TRIALS], f"labels are {labels.shape} and not 2 x {N_TRIALS}")
    turned = labels if labels.shape[0] == 2 else labels.T
    check_ratings(path, turned, 1, 9, "the manikin")
    return np.asarray(turned, np.float64)


DATASET = Dasps()
