"""EEG files of a person, with the videos of their face, through the live pipeline as one session.

What follows the person's past then does what it would have done live. Pictures are looked at by the same grid, models
and rules as a camera's, once: what was read of them is kept (`app.study.kept_faces`).
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acquisition.eeg_file import EegFile
from acquisition.source import items
from app.study.kept_faces import Film, Looker
from core.config import Config
from core.data import Chunk, FaceObservation, StreamInfo, Window, frozen
from core.errors import FileFormatError
from core.quality import ELECTRODE_CHECKS
from core.windowing import Cut, Windower
from training.loop import Report, silent

BREAK_S = 5.0
"""Between the files of one session, and up to the next whole second: the grid of faces is then each file's own."""
_TOGETHER = 32
"""Windows that are read together."""
_VIDEO = "video"
_NO_PICTURE = frozen(np.empty((1, 0, 0, 3), np.uint8))


@dataclass(frozen=True, slots=True)
class FilmedFile:
    """An EEG file, and the videos that show the person's face meanwhile."""

    path: Path
    films: tuple[Film, ...] = ()


def cut_files(
    participant: str,
    files: Sequence[FilmedFile | Path],
    config: Config,
    report: Report = silent,
    looker: Looker | None = None,
    checks: int = ELECTRODE_CHECKS,
    hear: Report = silent,
) -> Iterator[tuple[int, float, Window]]:
    """Give the windows of EEG files read as one session: the file's number, when it began, and the window.

    A window that reaches over the break between two files is left out, and one over what somebody annotated as bad, as
    MNE does. Each file is read at its own rate and in its own unit. `looker` reads the faces of the films; without one
    there is EEG alone. `checks` are the rules by which electrodes are judged. `hear` gets what is to be known of the
    files, without the progress that `report` hears as well.
    """
    session = _Session(participant, config, checks)
    for one in files:
        filmed = one if isinstance(one, FilmedFile) else FilmedFile(one)
        with EegFile(filmed.path, participant, config.eeg) as source:
            for notice in source.notices:
                report(notice.text)
                hear(notice.text)
            has_films = looker is not None and any(isinstance(f, FilmedFile) and f.films for f in files)
            info = dataclasses.replace(source.infos[0], key=participant)
            bad = _annotated_as_bad(source)
            if bad:
                seconds = sum(stop - start for start, stop in bad)
                text = f"{filmed.path.name}: windows over {seconds:.1f} s that are annotated as BAD are left out."
                report(text)
                hear(text)
            session.begin(info, filmed.path, source.span[1], has_films, bad)
            faces = deque(looker.faces(participant, filmed.films, source.span[1], report) if looker is not None else ())
            for item in items(source, 0.0):
                if not isinstance(item, Chunk) or item.stream != source.infos[0].key:
                    continue  # what was recorded beside the EEG is a stream of its own
                until = float(item.times[-1])
                while faces and faces[0].time <= until:
                    session.show(faces.popleft())
                session.hear(item)
                yield from session.placed(at_least=_TOGETHER)
            session.show_rest(faces)
            yield from session.placed()
        session.end()


def _annotated_as_bad(source: EegFile) -> list[tuple[float, float]]:
    """Return from where to where, s of the file, an annotation says that all channels are bad, by MNE's rule.

    Where samples are missing the signal itself says so.
    """
    return [
        (note.onset, note.onset + note.duration)
        for note in source.notes
        if note.text.lower().startswith("bad") and note.duration > 0.0 and not note.channels
        if note.text not in source.gap_texts
    ]


class _Session:
    """A person's files one behind the other on one clock."""

    def __init__(self, participant: str, config: Config, checks: int) -> None:
        self._participant = participant
        self._config = config
        self._checks = checks
        self._windower: Windower | None = None
        self._first: tuple[Path, tuple[str, ...]] | None = None
        self._order: list[int] | None = None
        """Where the first file's channels stand in this one; None: in the same places."""
        self._newest = 0.0
        self._spans: list[tuple[float, float]] = []
        self._bad: list[tuple[float, float]] = []
        self._cuts: list[Cut] = []

    def begin(
        self, info: StreamInfo, path: Path, seconds: float, has_films: bool, bad: Sequence[tuple[float, float]]
    ) -> None:
        first = self._first = self._first or (path, info.ch_names)
        self._order = None
        if info.ch_names != first[1]:
            if sorted(info.ch_names) != sorted(first[1]) or len(set(first[1])) < len(first[1]):
                raise FileFormatError(
                    f"{path} has other channels than {first[0]}. Give them different participants, and all "
                    "rows of both one word in a column `group`, so that nobody is taught on and tested on."
                )
            self._order = [info.ch_names.index(name) for name in first[1]]
            info = dataclasses.replace(info, channels=tuple(info.channels[k] for k in self._order))
        began = math.ceil(self._newest + BREAK_S) if self._spans else 0.0
        self._spans.append((float(began), began + seconds))
        self._bad += [(began + start, began + stop) for start, stop in bad]
        self._newest = float(began)
        if self._windower is None:
            video = StreamInfo(key=_VIDEO, kind="video", participant=self._participant, name=_VIDEO)
            streams = [info, *([video] if has_films else [])]
            self._windower = Windower(self._participant, streams, self._config, self._checks)
        self._windower.follow(info)

    def hear(self, item: Chunk) -> None:
        began = self._spans[-1][0]
        data = item.data if self._order is None else frozen(item.data[:, self._order])
        chunk = dataclasses.replace(item, stream=self._participant, timestamps=item.timestamps + began, data=data)
        self._newest = float(chunk.times[-1])
        self._take(chunk, ())

    def show(self, face: FaceObservation) -> None:
        time = face.time + self._spans[-1][0]
        frame = Chunk(_VIDEO, frozen(np.array([time])), _NO_PICTURE)
        self._take(frame, [dataclasses.replace(face, time=time)])

    def show_rest(self, faces: deque[FaceObservation]) -> None:
        while faces:
            self.show(faces.popleft())

    def end(self) -> None:
        self._spans[-1] = (self._spans[-1][0], max(self._spans[-1][1], self._newest))

    def _take(self, chunk: Chunk, faces: Sequence[FaceObservation]) -> None:
        assert self._windower is not None
        self._cuts += [event for event in self._windower.take(chunk, faces) if isinstance(event, Cut)]

    def placed(self, at_least: int = 1) -> Iterator[tuple[int, float, Window]]:
        """Give the windows that were cut, with their files, if there are so many of them."""
        assert self._windower is not None
        if len(self._cuts) < at_least:
            return
        windows, self._cuts = self._windower.read(self._cuts), []
        for window in windows:
            if any(start < window.stop and window.start < stop for start, stop in self._bad):
                continue
            for number, (began, ended) in enumerate(self._spans):
                # A window that waited for pictures may come while the next file is read.
                if began <= window.start and window.stop <= ended + 0.5 * self._config.window.step:
                    yield number, began, window
