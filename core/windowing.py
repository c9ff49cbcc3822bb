"""Windows on a fixed grid of data time, cut when their data are there or too late to wait for."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.config import Config
from core.data import (
    NOT_LOOKED_AT,
    Chunk,
    FaceObservation,
    Neutral,
    NeutralFace,
    Notice,
    Numbers,
    RunningNeutral,
    StreamInfo,
    Window,
)
from core.eeg_stage import EegClaim, EegCut, EegStage
from core.face_grid import FaceGrid
from core.face_neutral import NeutralTracker
from core.neutral_watch import LightWatch
from core.number_stage import NumbersOf, NumberStage
from core.quality import ELECTRODE_CHECKS


@dataclass(frozen=True, slots=True)
class Cut:
    """A window that is due and whose EEG has yet to be read; see `core.data.Window`."""

    start: float
    stop: float
    eeg: EegClaim
    faces: tuple[FaceObservation, ...]
    face_problem: str
    neutral: Neutral | None
    further: tuple[Numbers, ...]


class Windower:
    """Cuts the windows of one participant.

    Windows stop at multiples of ``config.window.step`` on the LSL clock and are ``config.window.length`` long. One is
    cut when every sample that it holds has come and what its frames show of the face is known, or when the furthest
    of EEG and video has passed it by ``config.window.patience``; what is late is then absent from it. A window in which
    neither of these has anything is not cut. What is due is one thing, `take` and `see`, and to read it another,
    `read`: so that windows may be read some at a time. `push` and `observe` do both.

    Parameters
    ----------
    participant : str
    infos : sequence of StreamInfo
        The participant's streams; the first of kind ``eeg`` and the first of kind ``video`` are used.
    config : Config
    checks : int
        Rules by which electrodes are judged; see `core.quality.ELECTRODE_CHECKS`.
    further : mapping of str to NumbersOf, optional
        What makes numbers of the streams of further modalities, by the modality's name.
    """

    def __init__(
        self,
        participant: str,
        infos: Sequence[StreamInfo],
        config: Config,
        checks: int = ELECTRODE_CHECKS,
        further: Mapping[str, NumbersOf] | None = None,
    ) -> None:
        self._participant = participant
        self._config = config.window
        eeg = next((info for info in infos if info.kind == "eeg" and info.picks), None)
        video = next((info for info in infos if info.kind == "video"), None)
        self._eeg = EegStage(eeg, config, checks) if eeg else None
        self._eeg_key = eeg.key if eeg else ""
        self._video_key = video.key if video else ""
        self._prompt = all(info.prompt for info in (eeg, video) if info is not None)
        self._simulated = eeg.simulated if eeg else False
        self._n_faces = config.window.length * config.face.rate
        self._faces: deque[FaceObservation] = deque()
        self._grid = FaceGrid(config.face.rate)
        self._unseen: deque[float] = deque()
        """Times of frames on the grid of which it is not yet known what they show."""
        self._neutral = NeutralTracker(participant)
        self._light = LightWatch()
        self._further = [NumberStage(name, of, infos) for name, of in (further or {}).items()]
        self._video_newest = -math.inf
        self._next: int | None = None
        self._owed: list[Cut | Notice | NeutralFace] = []
        """What followed from EEG that was laid aside when its stream ended; told with the next."""

    def follow(self, eeg: StreamInfo) -> None:
        """Go on with another EEG stream of the same key and electrodes, as a person's next file is."""
        if self._eeg is not None:
            self._owed = list(self._take_eeg(self._eeg))
            self._eeg.follow(eeg)

    def join(self, info: StreamInfo) -> None:
        """Take a stream that has come after the others."""
        for stage in self._further:
            stage.join(info)

    def take_neutral(self, face: NeutralFace) -> list[NeutralFace]:
        """Take the participant's neutral face, or when it is shown; return what was read if that is over."""
        read = self._neutral.take(face)
        if read is None:
            return []
        self._light.forget()
        return [read]

    def resume(self, known: RunningNeutral) -> None:
        """Take how far the running estimate of the neutral face had come before the streams begin."""
        self._neutral.resume(known)

    def push(self, chunk: Chunk, faces: Sequence[FaceObservation] = ()) -> list[Window | Notice | NeutralFace]:
        """Take a chunk of one of the streams and return what is due; see `take`."""
        return self._read_in(self.take(chunk, faces))

    def observe(self, face: FaceObservation) -> list[Window | Notice | NeutralFace]:
        """Take what a frame shows that came before and return what is due; see `see`."""
        return self._read_in(self.see(face))

    def read(self, cuts: Sequence[Cut]) -> list[Window]:
        """Return the windows that were cut since the last time, all of them, in order."""
        nothing = [EegCut(None, None, 1.0, "missing")] * len(cuts)
        found = self._eeg.read([cut.eeg for cut in cuts]) if self._eeg is not None else nothing
        return [self._window(cut, eeg) for cut, eeg in zip(cuts, found, strict=True)]

    def _read_in(self, events: Sequence[Cut | Notice | NeutralFace]) -> list[Window | Notice | NeutralFace]:
        windows = iter(self.read([event for event in events if isinstance(event, Cut)]))
        return [next(windows) if isinstance(event, Cut) else event for event in events]

    def take(self, chunk: Chunk, faces: Sequence[FaceObservation] = ()) -> list[Cut | Notice | NeutralFace]:
        """Take a chunk of one of the streams and return what is due.

        What its frames show comes with `see`, or with them as `faces` where it is known at once.
        """
        if not len(chunk.timestamps):
            return []
        out: list[Cut | Notice | NeutralFace] = []
        if chunk.stream == self._video_key:
            for time in chunk.times.tolist():
                out.extend(self._take_frame(time, [face for face in faces if face.time == time]))
        if self._eeg is not None and chunk.stream == self._eeg_key:
            until = -math.inf if self._next is None else self._next * self._config.step
            if not self._eeg.lay_aside(chunk, until):
                out.extend(self._take_eeg(self._eeg))
        for stage in self._further:
            stage.push(chunk)
        if self._further:
            out.extend(self._due())
        return out

    def _take_eeg(self, eeg: EegStage) -> Iterator[Cut | Notice | NeutralFace]:
        """Take the EEG that was laid aside."""
        yield from self._owed
        self._owed.clear()
        # Windows are cut between the runs, so that the order of events does not follow from chunk size.
        for run in eeg.runs():
            yield from eeg.take(run)
            self._start_grid(float(run.stamps[0]), self._video_newest)
            yield from self._due()
        yield from eeg.relieve()

    def see(self, face: FaceObservation) -> list[Cut | Notice | NeutralFace]:
        """Take what a frame shows that came before, and return what is due; of one that never came it is nothing."""
        if face.time not in self._unseen:
            return []
        self._unseen.remove(face.time)
        return list(self._see([face]))

    def _see(self, faces: Sequence[FaceObservation]) -> Iterator[Cut | Notice | NeutralFace]:
        self._faces.extend(faces)
        yield from self._due()
        if (read := self._neutral.see(faces)) is not None:
            self._light.forget()
            yield read
        for face in faces:
            if told := self._light.push(face, self._neutral.burnt):
                yield Notice(self._video_key, face.time, "info", told)

    def _take_frame(self, time: float, faces: Sequence[FaceObservation]) -> Iterator[Cut | Notice | NeutralFace]:
        """Take a frame; give what is due with it and with what it shows, as far as that is known already."""
        self._start_grid(time, self._eeg.newest if self._eeg is not None else -math.inf)
        self._video_newest = time
        takes = self._grid.takes(time)
        if faces:
            return self._see(faces)
        if takes:
            self._unseen.append(time)
        return self._due()

    def _start_grid(self, now: float, other: float) -> None:
        """Begin the grid with the first data, and anew if the last stream that was there went back in time."""
        length, step = self._config.length, self._config.step
        behind = self._next is not None and max(now, other) < self._next * step - 2 * length - self._config.patience
        if self._next is None or behind:
            self._next = math.ceil((now + length) / step - 1e-9)
            self._faces.clear()
            self._unseen.clear()
        if behind:
            self._neutral.forget()
            self._light.forget()
        if behind and self._eeg is not None:
            self._eeg.forget()
        for stage in self._further if behind else ():
            stage.forget()

    def _due(self) -> Iterator[Cut | Notice | NeutralFace]:
        """Yield the windows that every stream has passed, or that are waited for no longer."""
        length, step = self._config.length, self._config.step
        while self._next is not None and self._is_due(self._next * step):
            if self._eeg is not None and self._eeg.has_aside:
                yield from self._take_eeg(self._eeg)
                continue
            stop = self._next * step
            there = self._first_after(stop - length)
            if there < stop:
                self._next += 1
                yield self._cut(stop - length, stop)
            else:
                # Hours may lie between two stretches of data: go on where there is something again.
                self._next = max(self._next + 1, math.floor(min(there, self._newest()) / step))

    def _is_due(self, stop: float) -> bool:
        if self._newest() >= stop + self._config.patience:
            return True
        if self._video_key:
            over = self._video_newest >= stop or (self._prompt and self._grid.is_over(stop))
            if not (over and all(time >= stop for time in self._unseen)):
                return False
        if not all(stage.passed(stop) for stage in self._further):
            return False
        return self._eeg is None or self._eeg.passed(stop)

    def _newest(self) -> float:
        return max(self._eeg.newest if self._eeg is not None else -math.inf, self._video_newest)

    def _first_after(self, time: float) -> float:
        """Return the time of the first data from `time` on, infinite if there are none."""
        face = next((face.time for face in self._faces if face.time >= time), math.inf)
        unseen = min((unseen for unseen in self._unseen if unseen >= time), default=math.inf)
        return min(face, unseen, self._eeg.first_after(time) if self._eeg is not None else math.inf)

    def _cut(self, start: float, stop: float) -> Cut:
        eeg = self._eeg.claim(start, stop) if self._eeg is not None else EegClaim(stop)
        while self._faces and self._faces[0].time < start:
            self._neutral.follow(self._faces.popleft())
        while self._unseen and self._unseen[0] < start:
            self._unseen.popleft()
        taken = [face for face in self._faces if face.time < stop]
        faces = tuple(face for face in taken if face.problem != NOT_LOOKED_AT)
        further = tuple(stage.cut(start, stop) for stage in self._further)
        return Cut(start, stop, eeg, faces, self._face_problem(faces, len(taken)), self._neutral.current(), further)

    def _window(self, cut: Cut, eeg: EegCut) -> Window:
        return Window(
            participant=self._participant,
            start=cut.start,
            stop=cut.stop,
            eeg=eeg.eeg,
            eeg_mask=eeg.mask,
            ch_names=self._eeg.ch_names if self._eeg is not None else (),
            positions=self._eeg.positions if self._eeg is not None else None,
            eeg_scale=eeg.scale,
            eeg_problem=eeg.problem,
            bad_channels=eeg.bad_channels,
            quality=eeg.quality,
            simulated=self._simulated,
            faces=cut.faces,
            face_problem=cut.face_problem,
            neutral=cut.neutral,
            further=cut.further,
        )

    def _face_problem(self, faces: Sequence[FaceObservation], n_taken: int) -> str:
        if len(faces) < self._n_faces / 4:
            return NOT_LOOKED_AT if n_taken >= self._n_faces / 4 else "missing"
        problems = Counter(face.problem for face in faces if face.problem)
        if 2 * problems.total() <= len(faces):
            return ""
        return problems.most_common(1)[0][0]
