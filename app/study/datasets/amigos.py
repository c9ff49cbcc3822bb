"""AMIGOS: 40 people, 16 short and 4 long videos, EPOC, faces (Miranda-Correa et al. 2021).

``Data_Preprocessed_P01.mat``: `VideoIDs`, `joined_data` (samples x 17 at 128 Hz, 14 of them EEG, 5 s before the video
first), `labels_selfassessment` (arousal, valence, dominance, liking, familiarity, 1 to 9, then seven basic emotions)
and `labels_ext_annotation` (segment, valence, arousal, -1 to 1), each a cell for each video. Segments last 20 s: the
first is that of the file, the others follow each other from the video's beginning, the last is the file's last 20 s.
``P01_face/P1_4_face.mov`` begins with the same 5 s. Rows are in the order of `VideoIDs`, not of file names. Long
videos were watched alone by some and in fours by others: a four is a group in these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.study.datasets.dasps import EPOC
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check, check_ratings, numbered
from app.study.datasets.mat_files import read_mat

SFREQ, BEFORE_S, SEGMENT_S = 128.0, 5.0, 20.0
N_VIDEOS, N_CHANNELS = 20, 17
SCALES = ("arousal", "valence", "dominance", "liking", "familiarity")
GROUPS = ((7, 1, 2, 16), (6, 32, 4, 3), (29, 5, 27, 21), (18, 14, 17, 22), (15, 11, 12, 10))
"""Who watched the long videos (N1, P1, B1, U1) together."""


class Amigos:
    """See the module."""

    title = "AMIGOS"
    terms = "QMUL, signed agreement (EULA), academic research alone, no passing on; cite Miranda-Correa et al. 2021."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give the videos of each person, with the face where there is one."""
        paths = numbered(source, ["Data_Preprocessed_P*.mat", "Data_*_P*.mat"], "file Data_Preprocessed_P01.mat")
        films = _films(source)
        for number, path in enumerate(paths, start=1):
            found = re.search(r"_P(\d+)$", path.stem)
            if found is None:
                continue
            made.report(f"importing P{int(found[1]):02d}, {number} of {len(paths)}")
            who = f"P{int(found[1]):02d}"
            yield from made.attempt(who, self._of_person(path, int(found[1]), films, made))

    def _of_person(
        self, path: Path, person: int, films: dict[tuple[int, str], Path], made: Made
    ) -> Iterator[ImportedTrial]:
        who = f"P{person:02d}"
        content = read_mat(path, ["VideoIDs", "joined_data", "labels_selfassessment", "labels_ext_annotation"])
        missing = {"VideoIDs", "joined_data", "labels_selfassessment"} - set(content)
        check(path, not missing, f"it lacks {', '.join(sorted(missing))}")
        videos = [_text(one) for one in np.ravel(content["VideoIDs"])]
        data, rated = (list(np.ravel(content[name])) for name in ("joined_data", "labels_selfassessment"))
        check(path, len(videos) == len(data) == len(rated) == N_VIDEOS, f"it has {len(data)} videos and not {N_VIDEOS}")
        used: list[tuple[str, NDArray[Any], NDArray[Any]]] = []
        for video, samples, given in zip(videos, data, rated, strict=True):
            eeg, given = np.asarray(samples, np.float64), np.asarray(given, np.float64).ravel()
            if not eeg.size or not given.size:
                made.skip(f"{who}, video {video}", "it is empty")
                continue
            check(path, eeg.ndim == 2 and eeg.shape[1] == N_CHANNELS, f"video {video} is {eeg.shape} and not x 17")
            check_ratings(path, given[: len(SCALES)], 1, 9, f"video {video}")
            eeg = eeg[:, : len(EPOC)]
            if not np.isfinite(eeg).all() or not np.ptp(eeg, axis=0).any():
                made.skip(f"{who}, video {video}", "its EEG has samples that are no numbers, or nothing but one value")
                continue
            used.append((video, eeg.T, given))
        if not used:
            return
        file, spans = made.eeg(f"sub-{who}", path, EPOC, SFREQ, [eeg for _, eeg, _ in used])
        external = dict(zip(videos, np.ravel(content.get("labels_ext_annotation", np.zeros(0))), strict=False))
        four = next((f"four {k + 1}" for k, group in enumerate(GROUPS) if person in group), "")
        for (video, _, given), (start, stop) in zip(used, spans, strict=True):
            film = films.get((person, video))
            if not np.isfinite(given[: len(SCALES)]).all():
                made.skip(f"{who}, video {video}", "it was not rated")
                continue
            yield ImportedTrial(
                who, file, start + BEFORE_S, stop, ratings=dict(zip(SCALES, map(float, given), strict=False)),
                scale="1 to 9", stimulus=f"video {video}", group="" if video.isdigit() else four, video=film,
                video_offset=-start,
                continuous=_external(made, who, video, external.get(video), start, stop),
            )  # fmt: skip


def _external(made: Made, who: str, video: str, rows: Any, start: float, stop: float) -> Path | None:
    """Write what others annotated, a sample a second; where segments overlap it is their mean."""
    rows = np.asarray(rows, np.float64) if rows is not None else np.zeros((0, 3))
    if rows.ndim != 2 or rows.shape[1:] != (3,) or not len(rows) or not np.isfinite(rows).all():
        return None
    begins = start + np.array([0.0, *(BEFORE_S + SEGMENT_S * np.arange(len(rows) - 1))])
    if len(rows) > 1:
        begins[-1] = stop - SEGMENT_S
    if len(rows) > 2 and not -1.0 <= begins[-1] - begins[-2] <= SEGMENT_S + 1.0:
        made.skip(
            f"{who}, annotation of video {video}", f"it has {len(rows)} segments, which {stop - start:.0f} s have not"
        )
        return None
    known = np.abs(rows[:, 1:]).max(axis=1) <= 1.0
    lines = ["time\texternal_valence\texternal_arousal"]
    for at in np.arange(start, stop, 1.0):
        there = known & (begins <= at) & (at < begins + SEGMENT_S)
        if there.any():
            # The table's scale runs from 1 to 9, and so do these.
            valence, arousal = 5.0 + 4.0 * rows[there, 1:].mean(axis=0)
            lines.append(f"{at:.3f}\t{valence:.5f}\t{arousal:.5f}")
    path = made.path(f"sub-{who}_video-{video}_ratings.tsv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _films(source: Path) -> dict[tuple[int, str], Path]:
    found = {}
    for path in sorted([*source.rglob("P*_face.mov"), *source.rglob("P*_face.mp4")]):
        if (match := re.fullmatch(r"P(\d+)_(\w+?)_face", path.stem)) is not None:
            found[int(match[1]), match[2]] = path
    return found


def _text(value: Any) -> str:
    while isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    return str(value).strip()


DATASET = Amigos()
