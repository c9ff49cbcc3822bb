"""What was read of the face in a video file, once, and kept beside the table: looking takes longer than all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.study.derivatives import DAMAGED, Derivatives
from app.texts import many
from core.config import FaceConfig
from core.data import Chunk, FaceObservation, StreamInfo, frozen
from core.face_reading import reading_of
from core.faces import FaceStage
from core.files import private, whole_file
from core.models.face import FaceReader
from core.recording.face_stream import FaceRows, face_info, face_to_row
from core.recording.film import FilmReader
from training.loop import Report

_TIMED = 3
"""Another number for each change of when the pictures of a film are taken to be shown."""
_TOLD = 10
"""Times that progress is told in a video."""
_MISSING_S = 1.0
"""How much of a video may be missing at its end untold."""


@dataclass(frozen=True, slots=True)
class Film:
    """A video beside an EEG file."""

    path: Path
    offset: float = 0.0
    """s of the video at the EEG's first sample."""
    fps: float = 0.0
    """Pictures in a second, by which they are counted; 0: the file's own times hold."""


class Looker:
    """Reads the faces of videos, or takes what was read before.

    Parameters
    ----------
    config : FaceConfig
    kept : Derivatives, optional
        Where what was read is kept; None keeps nothing.
    """

    def __init__(self, config: FaceConfig, kept: Derivatives | None = None) -> None:
        self._config = config
        self._kept = kept
        self._reader: FaceReader | None = None

    def faces(
        self, participant: str, films: Sequence[Film], seconds: float, report: Report
    ) -> Iterator[FaceObservation]:
        """Give what is seen of the person, by the EEG's time from 0 to `seconds`, film after film in order of time."""
        begins = [-film.offset for film in films]
        for number in np.argsort(begins, kind="stable"):
            following = min((b for b in begins if b > begins[number]), default=seconds)
            yield from self._of_film(participant, films[number], min(following, seconds), report)

    def _of_film(self, participant: str, film: Film, until: float, report: Report) -> Iterator[FaceObservation]:
        info = StreamInfo(key="video", kind="video", participant=participant, name=film.path.stem)
        path = None
        if self._kept is not None:
            of = [self._kept.place(film.path), film.offset]
            told = [self._kept.state(film.path), film.fps, round(until, 3), reading_of(self._config), _TIMED]
            path = self._kept.path(participant, "faces", of, told)
        found = _read(path, face_info(info)) if path is not None else None
        if found is None:
            found = list(self._look(info, film, until, report))
            if self._kept is not None and path is not None:
                self._kept.keep(path, partial(_keep, faces=found))
        elif path is not None:
            Derivatives.used(path)
        yield from found

    def _look(self, info: StreamInfo, film: Film, until: float, report: Report) -> Iterator[FaceObservation]:
        self._reader = self._reader or FaceReader()
        stage, told = FaceStage(info, self._config, self._reader), 0
        with FilmReader(film.path) as video:
            last = 0.0
            while (frame := video.read()) is not None:
                last = frame[0]
                time = (video.number / film.fps if film.fps else frame[0]) - film.offset
                if time >= until:
                    break
                if time < 0.0:
                    continue
                yield from stage.push(Chunk(info.key, frozen(np.array([time])), frame[1][np.newaxis]))
                if int(_TOLD * time / until) > told:
                    told = int(_TOLD * time / until)
                    report(f"{info.participant}: looking at {film.path.name}, {told / _TOLD:.0%}")
            else:
                if video.seconds - last > _MISSING_S:
                    report(
                        f"{info.participant}: {film.path} ends after {last:.1f} s and should have {video.seconds:.1f}: "
                        "it was cut short, or is damaged there."
                    )
        if video.number < 0:
            report(f"{info.participant}: {film.path} has no picture that can be decoded.")
        elif video.n_lost:
            report(
                f"{info.participant}: of {film.path} {many(video.n_lost, 'picture')} cannot be decoded. "
                "No face is known at those moments."
            )


def _keep(path: Path, faces: Sequence[FaceObservation]) -> None:
    rows = [face_to_row(face) for face in faces]
    times = np.array([face.time for face in faces])
    with whole_file(path, private) as file:
        np.savez_compressed(file, times=times, rows=np.concatenate(rows) if rows else np.zeros((0, 0), np.float32))


def _read(path: Path, info: StreamInfo) -> list[FaceObservation] | None:
    """Return what is kept at `path`; None if nothing is, or it is damaged."""
    try:
        with np.load(path) as file:
            times, rows = file["times"], file["rows"]
        return list(FaceRows(info).faces(times, rows))
    except DAMAGED:
        return None
