"""Windows on a fixed grid of data time, cut when their data are there or too late to wait for."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence

from core.config import Config
from core.data import Chunk, FaceObservation, Notice, StreamInfo, Window
from core.eeg_stage import EegCut, EegStage


class Windower:
    """Cuts the windows of one participant.

    Windows stop at multiples of ``config.window.step`` on the LSL clock and are ``config.window.length`` long. One is
    cut when every stream has passed its stop, or when the furthest has passed it by ``config.window.patience``; the
    late modality is then absent from it. A window in which no stream has anything is not cut.

    Parameters
    ----------
    participant : str
    infos : sequence of StreamInfo
        The participant's streams; the first of kind ``eeg`` and the first of kind ``video`` are used.
    config : Config
    """

    def __init__(self, participant: str, infos: Sequence[StreamInfo], config: Config) -> None:
        self._participant = participant
        self._config = config.window
        eeg = next((info for info in infos if info.kind == "eeg" and info.picks), None)
        video = next((info for info in infos if info.kind == "video"), None)
        self._eeg = EegStage(eeg, config) if eeg else None
        self._eeg_key = eeg.key if eeg else ""
        self._video_key = video.key if video else ""
        self._simulated = eeg.simulated if eeg else False
        self._n_faces = config.window.length * config.face.rate
        self._faces: deque[FaceObservation] = deque()
        self._video_newest = -math.inf
        self._next: int | None = None

    def push(self, chunk: Chunk, faces: Sequence[FaceObservation] = ()) -> list[Window | Notice]:
        """Take a chunk of one of the streams, with the observations made from it if it is video; return what is due."""
        if not len(chunk.timestamps):
            return []
        out: list[Window | Notice] = []
        if self._eeg is not None and chunk.stream == self._eeg_key:
            out.extend(self._eeg.push(chunk))
        elif chunk.stream == self._video_key:
            self._video_newest = float(chunk.times[-1])
            self._faces.extend(faces)
        else:
            return []
        self._start_grid(float(chunk.times[0]))
        while self._is_due():
            stop = self._next_stop()
            if self._anything(stop - self._config.length, stop):
                out.append(self._cut(stop - self._config.length, stop))
        return out

    def _start_grid(self, first: float) -> None:
        """Begin the grid with the first data, and anew if all streams went back in time."""
        length, step = self._config.length, self._config.step
        behind = (
            self._next is not None and max(self._progress()) < self._next * step - 2 * length - self._config.patience
        )
        if self._next is None or behind:
            self._next = math.ceil((first + length) / step - 1e-9)
            self._faces = deque(face for face in self._faces if face.time <= max(self._progress()))

    def _progress(self) -> list[float]:
        """Return how far each stream has come."""
        progress = []
        if self._eeg is not None:
            progress.append(self._eeg.horizon)
        if self._video_key:
            progress.append(self._video_newest)
        return progress

    def _is_due(self) -> bool:
        stop = (self._next or 0) * self._config.step
        progress = self._progress()
        return min(progress) >= stop or max(progress) >= stop + self._config.patience

    def _next_stop(self) -> float:
        """Return the stop of the window that is due, and go on to the next one that can hold anything."""
        number = self._next or 0
        stop = number * self._config.step
        self._next = number + 1
        if not self._anything(stop - self._config.length, stop):
            # Hours may lie between two stretches of data: go on where there is something again.
            self._next = max(
                self._next, math.floor(min(self._first_after(stop), max(self._progress())) / self._config.step)
            )
        return stop

    def _first_after(self, time: float) -> float:
        """Return the time of the first data after `time`, infinite if there are none."""
        face = next((face.time for face in self._faces if face.time >= time), math.inf)
        return min(face, self._eeg.first_after(time) if self._eeg is not None else math.inf)

    def _anything(self, start: float, stop: float) -> bool:
        has_eeg = self._eeg is not None and self._eeg.has_data(start, stop)
        return has_eeg or any(start <= face.time < stop for face in self._faces)

    def _cut(self, start: float, stop: float) -> Window:
        eeg = self._eeg.cut(start, stop) if self._eeg is not None else EegCut(None, None, 1.0, "missing", ())
        while self._faces and self._faces[0].time < start:
            self._faces.popleft()
        faces = tuple(face for face in self._faces if face.time < stop)
        return Window(
            participant=self._participant,
            start=start,
            stop=stop,
            eeg=eeg.eeg,
            eeg_mask=eeg.mask,
            ch_names=self._eeg.ch_names if self._eeg is not None else (),
            positions=self._eeg.positions if self._eeg is not None else None,
            eeg_scale=eeg.scale,
            eeg_problem=eeg.problem,
            bad_channels=eeg.bad_channels,
            simulated=self._simulated,
            faces=faces,
            face_problem=self._face_problem(faces),
        )

    def _face_problem(self, faces: Sequence[FaceObservation]) -> str:
        if len(faces) < self._n_faces / 4:
            return "missing"
        problems = Counter(face.problem for face in faces if face.problem)
        if 2 * problems.total() <= len(faces):
            return ""
        return problems.most_common(1)[0][0]
