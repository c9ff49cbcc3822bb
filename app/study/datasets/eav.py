"""EAV: 42 people in conversation, 5 emotions, 30 channels, faces (Lee et al. 2024).

``subject1/EEG/subject1_eeg.mat`` with `seg` or `seg1`, 10000 samples x 30 channels x 200 trials of 20 s at 500 Hz,
and ``subject1_eeg_label.mat`` with `label`, 10 x 200, one of ten rows marked in each: neutral, sadness, anger,
happiness, calmness, of each listening, then speaking. ``Video/001_Trial_01_Listening_Neutral.mp4`` is of the trial
whose number it begins with. No file says the EEG's unit. In speaking jaw and throat are heard by the electrodes:
listening and speaking are stimuli of their own name, so that they can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.datasets.dataset import ImportedTrial, electrodes
from app.study.datasets.made_files import Made, check, numbered
from app.study.datasets.mat_files import read_mat

CHANNELS = electrodes(
    "Fp1 Fp2 F7 F3 Fz F4 F8 FC5 FC1 FC2 FC6 T7 C3 Cz C4 T8 CP5 CP1 CP2 CP6 P7 P3 Pz P4 P8 PO9 O1 Oz O2 PO10"
)
SFREQ = 500.0
SHAPE = (10000, 30, 200)
EMOTIONS = ("neutral", "sadness", "anger", "happiness", "calmness")
USUAL_UV = 10.0
"""What the median channel's standard deviation is brought to, since no file says the unit."""
_FILM = re.compile(r"(\d{3})_Trial_(\d+)_(Listening|Speaking)_(\w+)", re.IGNORECASE)


class Eav:
    """See the module."""

    title = "EAV"
    terms = "Zenodo 10205702, on request with a signed agreement; cite Lee et al. 2024. Faces: no passing on."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 200 trials of each person, with the face."""
        paths = numbered(source, ["[sS]ubject*_eeg.mat"], "file subject1_eeg.mat")
        by_number = {int(m[1]): path for path in paths if (m := re.search(r"subject_?(\d+)_eeg", path.stem, re.I))}
        for number, (person, path) in enumerate(sorted(by_number.items()), start=1):
            who = f"S{person:02d}"
            made.report(f"importing {who}, {number} of {len(by_number)}")
            yield from made.attempt(who, self._of_person(path, who, made))

    def _of_person(self, path: Path, who: str, made: Made) -> Iterator[ImportedTrial]:
        data, rows = _eeg(path), _rows(path.with_name(f"{path.stem}_label.mat"))
        films = _films(path.parents[1], made)
        file, spans = made.eeg(f"sub-{who}", path, CHANNELS, SFREQ, data)
        for k, (start, stop) in enumerate(spans):
            emotion, speaks = EMOTIONS[rows[k] // 2], rows[k] % 2 == 1
            film = films.get(k + 1)
            if film is not None:
                _check_film(film, emotion, speaks)
            what = "speaking" if speaks else "listening"
            yield ImportedTrial(who, file, start, stop, emotion, stimulus=what, video=film, video_offset=-start)


def _eeg(path: Path) -> list[NDArray[Any]]:
    content = read_mat(path, ["seg", "seg1"])
    check(path, bool(content), "it has neither seg nor seg1")
    data = next(iter(content.values()))
    check(path, data.shape == SHAPE, f"it is {data.shape} and not {SHAPE}: samples, channels, trials")
    data = np.asarray(data, np.float32)
    spread = float(np.median(data.std(axis=0)))
    check(path, np.isfinite(spread) and spread > 0.0, "it has samples that are no numbers, or nothing but zeros")
    return list((data * (USUAL_UV / spread)).transpose(2, 1, 0))


def _rows(path: Path) -> NDArray[np.int64]:
    labels = read_mat(path, ["label"]).get("label")
    wanted = (2 * len(EMOTIONS), SHAPE[2])
    if labels is not None and labels.shape == wanted[::-1] != wanted:
        labels = labels.T
    check(path, labels is not None and labels.shape == wanted, f"its label is not {wanted[0]} x {wanted[1]}")
    assert labels is not None
    marked = (labels == 1).sum(axis=0)
    check(path, bool((marked == 1).all() and np.isin(labels, (0, 1)).all()), "a trial is of no class, or of several")
    return np.asarray(labels.argmax(axis=0), np.int64)


def _films(folder: Path, made: Made) -> dict[int, Path]:
    found = {}
    for path in sorted((folder / "Video").glob("*.mp4")):
        if (match := _FILM.fullmatch(path.stem)) is not None:
            found[int(match[1])] = path
        else:
            made.skip(path.name, "its name does not say which trial it is of")
    return found


def _check_film(path: Path, emotion: str, speaks: bool) -> None:
    match = _FILM.fullmatch(path.stem)
    assert match is not None
    told = (match[4].lower(), match[3].lower() == "speaking")
    check(path, told == (emotion, speaks), f"its name says {told[0]}, but the labels of this trial say {emotion}")


DATASET = Eav()
