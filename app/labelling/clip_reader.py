"""Reads the clip of a moment from the recording, between whatever else the window does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.labelling.clips import Clip, FrameStore
from app.timeline.trace_extent import suiting
from app.timeline.trace_ring import TraceRing
from core.data import Array, Chunk, Segment, StreamInfo
from core.errors import InsulaError

_TURN_MS = 10
_SLICE_S = 0.008
_WIDTH_PX = 640
"""Width of its pictures: whoever labels a recording has the window for them alone."""
_SETTLING_S = 4.0
"""Seconds of EEG before a clip in which the filter of the drawing settles."""
_SCALE_FROM_S = 10.0
"""Seconds at the beginning of a session by which its EEG is scaled, as it was drawn live; all its clips are alike."""


class Footage(Protocol):
    """What was recorded, to be looked at again."""

    @property
    def span(self) -> tuple[float, float]:
        """When it begins and ends, s, LSL clock."""
        ...

    def eeg(self, participant: str, start: float, stop: float) -> tuple[StreamInfo, Sequence[Chunk]] | None:
        """Return a participant's EEG stream and its chunks that touch a stretch; None without one."""
        ...

    def frames(self, participant: str, start: float, stop: float) -> Iterator[tuple[float, Array] | None]:
        """Give a participant's frames from one moment to another, with their times; None where it can be rested."""
        ...


class ClipReader(QObject):
    """Reads one clip at a time, in slices so short that keys stay quick; who asks for another lets go of the first.

    Parameters
    ----------
    footage
        Where it is read from.
    parent
        It ends with this.
    """

    grown = pyqtSignal(object, object)
    """A segment and its clip, of which there is more now: the EEG at once, some time later all that there is."""

    def __init__(self, footage: Footage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._footage = footage
        self._scales: dict[str, float] = {}
        self._steps: Iterator[None] = iter(())
        self._segment: Segment | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._read_on)

    @property
    def reading(self) -> Segment | None:
        """The segment whose clip is being read."""
        return self._segment

    @property
    def clip(self) -> Clip:
        """What there is so far of the clip that is being read."""
        return self._clip

    def read(self, segment: Segment, clip: Clip, pictures: bool = True) -> None:
        """Begin with a clip; it is told with `grown`, the last time without ``reading``."""
        self._segment, self._clip, self._lost = segment, replace(clip, lost="reading"), clip.lost
        self._store = FrameStore(float("inf"), width_px=_WIDTH_PX)
        self._steps = self._read_all(segment, pictures)
        self._timer.start()

    def leave(self) -> None:
        """Let go of what is being read, and of its file."""
        self._timer.stop()
        self._segment, self._steps = None, iter(())

    def _read_on(self) -> None:
        deadline = time.perf_counter() + _SLICE_S
        try:
            for _ in self._steps:
                if time.perf_counter() > deadline:
                    return
        except InsulaError:
            pass  # the clip goes on saying what it lacks
        segment = self._segment
        self.leave()
        self.grown.emit(segment, self._whole())

    def _read_all(self, segment: Segment, pictures: bool) -> Iterator[None]:
        """Read EEG, then pictures, and rest after each."""
        self._clip = self._with_eeg(segment, self._clip)
        self.grown.emit(segment, self._clip)
        yield
        if pictures:
            for frame in self._footage.frames(segment.participant, self._clip.start, self._clip.stop):
                if frame is not None:
                    self._store.push(Chunk("", np.array([frame[0]]), frame[1][None]))
                yield

    def _whole(self) -> Clip:
        times, frames = self._store.cut(self._clip.start, self._clip.stop)
        if frames:
            return replace(self._clip, frame_times=times, frames=frames, lost="")
        return replace(self._clip, lost="" if self._lost == "all" and self._clip.has_eeg else self._lost)

    def _with_eeg(self, segment: Segment, clip: Clip) -> Clip:
        if clip.has_eeg or (ring := self._ring(segment.participant, clip.start, clip.stop)) is None:
            return clip
        if segment.participant not in self._scales:
            self._scales[segment.participant] = self._scale(segment.participant)
        times, eeg, names = ring.cut(clip.start, clip.stop, dict(segment.prediction.bad_channels))
        return replace(clip, eeg_times=times, eeg=eeg, ch_names=names, scale_uv=self._scales[segment.participant])

    def _scale(self, participant: str) -> float:
        start = self._footage.span[0]
        ring = self._ring(participant, start, start + _SCALE_FROM_S)
        samples = ring.between(start, start + _SCALE_FROM_S)[1] if ring is not None else np.empty((0, 0))
        return suiting(samples) if len(samples) else 100.0

    def _ring(self, participant: str, start: float, stop: float) -> TraceRing | None:
        """Return the samples of a stretch, filtered as for drawing."""
        found = self._footage.eeg(participant, start - _SETTLING_S, stop)
        if found is None:
            return None
        info, chunks = found
        ring = TraceRing(info, stop - start + _SETTLING_S + 1.0)
        for chunk in chunks:
            ring.push(chunk)
        return ring
