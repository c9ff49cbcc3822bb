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
        paths: dict[str, Path] = {}
        for path in numbered(source, ["[sS][0-9]*.mat"], "file S01.mat"):
            if (found := _PERSON.match(path.stem)) is not None:
                who = f"S{int(found[1]):02d}"
                # A copy may hold each person twice: as cut, and cleaned.
                paths[who] = path if who not in paths or "preprocessed" in path.stem.lower() else paths[who]
        for number, (who, path) in enumerate(sorted(paths.items()), start=1):
            made.report(f"importing {who}, {number} of {len(paths)}")
            yield from made.attempt(who, self._of_person(path, who, made))

    def _of_person(self, path: Path, who: str, made: Made) -> Iterator[ImportedTrial]:
        content = read_mat(path, ["data", "labels"])
        check(path, {"data", "labels"} <= set(content), f"it has {sorted(content)} and not data and labels")
        data, labels = oriented(path, content["data"]), ratings(path, content["labels"])
        usable = [k for k in range(N_TRIALS) if np.isfinite(data[k]).all() and np.isfinite(labels[:, k]).all()]
        for k in sorted({*range(N_TRIALS)} - {*usable}):
            made.skip(f"{who}, trial {k + 1}", "it was not rated, or has samples that are no numbers")
        check(path, bool(usable), "no trial of it has both a signal and ratings")
        file, spans = made.eeg(f"sub-{who}", path, EPOC, SFREQ, [data[k] for k in usable])
        for k, (start, stop) in zip(usable, spans, strict=True):
            situation = f"situation {k // 2 + 1}"
            yield ImportedTrial(
                who, file, start, stop, ratings={"valence": float(labels[0, k]), "arousal": float(labels[1, k])},
                scale="1 to 9", stimulus=situation, group=f"{who} situation {k // 2 + 1}",
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
    turned = np.array(labels if labels.shape[0] == 2 else labels.T, np.float64)
    turned[turned == 0.0] = np.nan  # not rated: the manikin begins at 1
    check_ratings(path, turned, 1, 9, "the manikin")
    return turned


DATASET = Dasps()
