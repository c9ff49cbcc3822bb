"""What was read of the face in a video file, once, and kept beside the table: looking takes longer than all else."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.session.face_threads import FaceThreads
from app.study.derivatives import DAMAGED, Derivatives
from app.texts import many
from core.config import FaceConfig
from core.data import Array, Chunk, FaceObservation, StreamInfo, frozen
from core.face_grid import FaceGrid
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
_AHEAD = 8
"""Pictures whose faces are found before what the first of them shows is read."""
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
        looked_at: deque[Callable[[], FaceObservation]] = deque()
        with (
            FilmReader(film.path) as video,
            ThreadPoolExecutor(1, "pictures") as thread,
            contextlib.closing(FaceThreads()) as networks,
        ):
            pictures = _OnGrid(video, film, until, self._config.rate)
            coming = thread.submit(pictures.next)
            while (found := coming.result()) is not None:
                coming = thread.submit(pictures.next)
                time, picture = found
                looked_at += stage.begin(Chunk(info.key, frozen(np.array([time])), picture[None]), networks.submit)
                while len(looked_at) > _AHEAD:
                    yield looked_at.popleft()()
                if int(_TOLD * time / until) > told:
                    told = int(_TOLD * time / until)
                    report(f"{info.participant}: looking at {film.path.name}, {told / _TOLD:.0%}")
            yield from (look() for look in looked_at)
            if pictures.is_at_end and video.seconds - pictures.last > _MISSING_S:
                report(
                    f"{info.participant}: {film.path} ends after {pictures.last:.1f} s and should have "
                    f"{video.seconds:.1f}: it was cut short, or is damaged there."
                )
        if video.number < 0:
            report(f"{info.participant}: {film.path} has no picture that can be decoded.")
        elif video.n_lost:
            report(
                f"{info.participant}: of {film.path} {many(video.n_lost, 'picture')} cannot be decoded. "
                "No face is known at those moments."
            )


class _OnGrid:
    """The pictures of a film that are looked at: others are decoded and not turned into RGB."""

    def __init__(self, video: FilmReader, film: Film, until: float, rate: float) -> None:
        self._video = video
        self._film = film
        self._until = until
        self._grid = FaceGrid(rate)
        self.last = 0.0
        """When the last picture is shown that was decoded, s of the film."""
        self.is_at_end = False
        """Whether the film has no more."""

    def next(self) -> tuple[float, Array] | None:
        """Return the next picture with its time, s of the EEG; None where there is none more that is asked for."""
        while (found := self._video.read(self._is_looked_at)) is not None:
            self.last, picture = found
            if (time := self._time(self.last)) >= self._until:
                return None
            if picture.size:
                return time, picture
        self.is_at_end = True
        return None

    def _is_looked_at(self, shown: float) -> bool:
        return 0.0 <= (time := self._time(shown)) < self._until and self._grid.takes(time)

    def _time(self, shown: float) -> float:
        return (self._video.number / self._film.fps if self._film.fps else shown) - self._film.offset


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
