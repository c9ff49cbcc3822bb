"""DEAP: 32 people, 40 music videos of a minute, faces of 22 (Koelstra et al. 2012).

Preprocessed: ``data_preprocessed_python/s01.dat`` (a pickle) or ``data_preprocessed_matlab/s01.mat``, `data` 40
trials x 40 channels x 8064 samples at 128 Hz, 3 s before the video and 60 s of it, `labels` 40 x 4: valence, arousal,
dominance, liking, 1 to 9. Or raw, where nobody's is preprocessed: ``data_original/s01.bdf``, 512 Hz, Status 4 where a
video begins.

Orders differ. Rows of the preprocessed files are in the order of ``Experiment_id``, the same for everyone;
``face_video/s01/s01_trial01.avi`` and the raw files are in that in which videos were shown (``Trial``). They are
joined by ``metadata_csv/participant_ratings.csv``, without which no face is taken and no raw file read. The
preprocessed EEG has nothing below 4 Hz.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.datasets.dataset import ImportedTrial, electrodes
from app.study.datasets.made_files import Made, check, check_ratings
from app.study.datasets.mat_files import read_mat
from app.study.datasets.pickled import read_pickle
from app.study.datasets.status_codes import onsets
from app.study.datasets.video_length import seconds_of
from core.errors import FileFormatError

CHANNELS = electrodes(
    "Fp1 AF3 F3 F7 FC5 FC1 C3 T7 CP5 CP1 P3 P7 PO3 O1 Oz Pz Fp2 AF4 Fz F4 F8 FC6 FC2 Cz C4 T8 CP6 CP2 P4 P8 PO4 O2"
)
"""The order of the preprocessed files; the raw ones name theirs, in two orders."""
SFREQ, BEFORE_S, VIDEO_S = 128.0, 3.0, 60.0
N_TRIALS, N_CHANNELS, N_TIMES = 40, 40, 8064
SCALES = ("valence", "arousal", "dominance", "liking")
STARTS = 4
"""The code of a video's beginning."""
_WHICH = ("Participant_id", "Trial", "Experiment_id")
Ratings = dict[tuple[int, int], dict[str, float]]
"""By person and what was shown (Experiment_id)."""


class Deap:
    """See the module."""

    title = "DEAP"
    terms = "QMUL, signed agreement (EULA), academic research alone, no passing on; cite Koelstra et al. 2012."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 40 videos of each person, with the face where there is one."""
        given, shown = _read_ratings(source)
        paths = _by_person(source, made)
        for number, (person, path) in enumerate(sorted(paths.items()), start=1):
            made.report(f"importing s{person:02d}, {number} of {len(paths)}")
            order = {trial: video for (who, trial), video in shown.items() if who == person}
            yield from made.attempt(f"s{person:02d}", self._of_person(source, path, person, order, given, made))

    def _of_person(
        self, source: Path, path: Path, person: int, order: dict[int, int], given: Ratings, made: Made
    ) -> Iterator[ImportedTrial]:
        who = f"s{person:02d}"
        faces = _faces(source, who, order, made)
        if path.suffix.lower() == ".bdf":
            rated = {video: given[person, video] for video in order.values()}
            file, begins = path, _raw_begins(path, order)
        else:
            data, labels = _preprocessed(path)
            rated = {k + 1: dict(zip(SCALES, map(float, row), strict=True)) for k, row in enumerate(labels)}
            _check_joined(path, person, rated, given)
            file, spans = made.eeg(f"sub-{who}", path, CHANNELS, SFREQ, list(data[:, : len(CHANNELS)]))
            begins = {k + 1: start + BEFORE_S for k, (start, _) in enumerate(spans)}
        for video, begin in begins.items():
            face, lead = faces.get(video, (None, 0.0))
            yield ImportedTrial(
                who, file, begin, begin + VIDEO_S, "", rated[video], "1 to 9", f"video {video:02d}",
                video=face, video_offset=lead - begin,
            )  # fmt: skip


def _by_person(source: Path, made: Made) -> dict[int, Path]:
    """Return the file of each person, preprocessed, or raw where nobody's is: the two are no EEG of one kind.

    Raises
    ------
    FileFormatError
        There is neither.
    """
    preprocessed: dict[int, Path] = {}
    raw: dict[int, Path] = {}
    for found, ending in ((preprocessed, "dat"), (preprocessed, "mat"), (raw, "bdf")):
        for path in sorted(source.rglob(f"s[0-9][0-9].{ending}")):
            found.setdefault(int(path.stem[1:]), path)
    if not preprocessed:
        if not raw:
            raise FileFormatError(f"{source} has no s01.dat, s01.mat or s01.bdf. Give the folder of the data set.")
        return raw
    for person in sorted(raw.keys() - preprocessed.keys()):
        made.skip(
            raw[person].name,
            "it is raw, and files of others are preprocessed: give a folder of one kind, or this person's preprocessed",
        )
    return preprocessed


def _read_ratings(source: Path) -> tuple[Ratings, dict[tuple[int, int], int]]:
    """Return what was rated, and what (Experiment_id) was shown in each trial of each person."""
    given: Ratings = {}
    shown: dict[tuple[int, int], int] = {}
    for path in sorted(source.rglob("participant_ratings.csv"))[:1]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            named = set(table.fieldnames or ())
            missing = [name for name in (*_WHICH, *(name.capitalize() for name in SCALES)) if name not in named]
            check(path, not missing, f"it lacks the columns {', '.join(missing)}, with commas between")
            for row in table:
                person, trial, video = (int(row[name]) for name in _WHICH)
                given[person, video] = {name: float(row[name.capitalize()]) for name in SCALES}
                shown[person, trial] = video
        check(path, len(shown) == len(given), "a video is told of twice")
    return given, shown


def _preprocessed(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    content = read_pickle(path) if path.suffix.lower() == ".dat" else read_mat(path, ["data", "labels"])
    check(path, isinstance(content, dict) and {"data", "labels"} <= set(content), "it has no data and labels")
    data, labels = np.asarray(content["data"], np.float64), np.asarray(content["labels"], np.float64)
    wanted = (N_TRIALS, N_CHANNELS, N_TIMES)
    check(path, data.shape == wanted, f"data is {data.shape} and not {wanted}: trials, channels, samples")
    check(path, labels.shape == (N_TRIALS, 4), f"labels are {labels.shape} and not {N_TRIALS} x 4")
    check_ratings(path, labels, 1, 9, "a rating")
    return data, labels


def _check_joined(path: Path, person: int, rated: dict[int, dict[str, float]], given: Ratings) -> None:
    """Refuse ratings in another order than the table's: faces and labels would be another trial's."""
    for video, own in rated.items():
        other = given.get((person, video), own)
        alike = all(abs(own[name] - other[name]) < 0.02 for name in SCALES)
        check(path, alike, f"row {video} is rated otherwise than participant_ratings.csv says of video {video}")


def _faces(source: Path, who: str, order: dict[int, int], made: Made) -> dict[int, tuple[Path, float]]:
    """Return by video (Experiment_id) the film of the face, and its seconds before the video began."""
    found: dict[int, tuple[Path, float]] = {}
    for path in sorted(source.rglob(f"{who}_trial[0-9][0-9].avi")):
        trial = int(path.stem[-2:])
        if trial not in order:
            made.skip(path.name, "participant_ratings.csv does not say which video was shown")
            continue
        seconds = seconds_of(path)
        # Most are of the 60 s of the video alone; some copies have the 3 s before it as well.
        lead = BEFORE_S if seconds > VIDEO_S + BEFORE_S / 2 else 0.0
        found[order[trial]] = (path, lead)
    return found


def _raw_begins(path: Path, order: dict[int, int]) -> dict[int, float]:
    """Return by video where it begins in a raw file, s; raw files are in the order in which videos were shown."""
    check(
        path, len(order) == N_TRIALS, f"participant_ratings.csv tells of {len(order)} trials of it and not {N_TRIALS}"
    )
    times = onsets(path, 0xFF, STARTS)
    check(path, len(times) == N_TRIALS, f"its Status has {len(times)} beginnings of videos and not {N_TRIALS}")
    return {order[trial]: time for trial, time in enumerate(times, start=1)}


DATASET = Deap()
