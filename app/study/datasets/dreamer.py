"""DREAMER: 23 people, 18 film clips, EPOC (Katsigiannis & Ramzan 2018). No face.

``DREAMER.mat`` (MATLAB 5): for each person structs with `EEG.stimuli` and `EEG.baseline`, cells of 18 arrays, samples
x 14 channels at 128 Hz, and `ScoreValence`, `ScoreArousal`, `ScoreDominance`, 1 to 5. The signal stands on the EPOC's
own level of some 4200 µV, which the high-pass of the pipeline takes away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.datasets.dasps import EPOC
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check, check_ratings, numbered
from app.study.datasets.mat_files import read_mat

SFREQ = 128.0
N_CLIPS = 18
_SCORES = {"valence": "ScoreValence", "arousal": "ScoreArousal", "dominance": "ScoreDominance"}


class Dreamer:
    """See the module."""

    title = "DREAMER"
    terms = "Zenodo 546113, on request: research alone, no passing on; cite Katsigiannis & Ramzan 2018."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 18 clips of each person, each behind its own baseline."""
        path = source if source.is_file() else numbered(source, ["DREAMER.mat"], "file")[0]
        content = read_mat(path, ["DREAMER"])
        check(path, "DREAMER" in content, f"it has {sorted(content)} and not DREAMER")
        people = np.atleast_1d(np.squeeze(content["DREAMER"][0, 0]["Data"]))
        for number, one in enumerate(people, start=1):
            who = f"S{number:02d}"
            made.report(f"importing {who}, {number} of {len(people)}")
            yield from made.attempt(who, self._of_person(path, who, one, made))

    def _of_person(self, path: Path, who: str, person: Any, made: Made) -> Iterator[ImportedTrial]:
        one = _inner(person)
        eeg = _inner(one["EEG"])
        clips, rest = _cells(eeg["stimuli"]), _cells(eeg["baseline"])
        check(path, len(clips) == len(rest) == N_CLIPS, f"{who} has {len(clips)} clips and not {N_CLIPS}")
        scores = {name: np.asarray(one[field], float).ravel() for name, field in _SCORES.items()}
        for name, values in scores.items():
            check(path, len(values) == N_CLIPS, f"{who} has {len(values)} ratings of {name} and not {N_CLIPS}")
            check_ratings(path, values, 1, 5, f"{who}'s {name}")
        for piece in (*clips, *rest):
            check(path, piece.shape[1] == len(EPOC), f"{who} has {piece.shape[1]} channels and not {len(EPOC)}")
        pieces = [np.concatenate([before, clip]).T for before, clip in zip(rest, clips, strict=True)]
        file, spans = made.eeg(f"sub-{who}", path, EPOC, SFREQ, pieces)
        for k, (start, stop) in enumerate(spans):
            given = {name: float(values[k]) for name, values in scores.items()}
            begin = start + len(rest[k]) / SFREQ
            yield ImportedTrial(who, file, begin, stop, "", given, "1 to 5", f"clip {k + 1}")


def _inner(value: Any) -> Any:
    """Return what MATLAB wraps in arrays of one element."""
    while isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    return value


def _cells(value: Any) -> list[NDArray[Any]]:
    cells = value
    while isinstance(cells, np.ndarray) and cells.dtype == object and cells.size == 1:
        cells = cells.ravel()[0]
    return [np.asarray(one, np.float64) for one in np.asarray(cells).ravel()]


DATASET = Dreamer()
