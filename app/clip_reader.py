"""Reads the pictures of a clip again from the recording, between whatever else the window does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.clips import Clip, FrameStore
from core.data import Array, Chunk, Segment
from core.errors import InsulaError

Pictures = Callable[[str, float, float], Iterator[tuple[float, Array] | None]]
"""Gives the frames of a participant from one moment to another, with their times; None where it can be rested."""
_TURN_MS = 10
_SLICE_S = 0.008


class ClipReader(QObject):
    """Reads one clip at a time, in slices so short that keys stay quick; who asks for another lets go of the first.

    Parameters
    ----------
    pictures : callable
        Where they are read from.
    """

    done = pyqtSignal(object, object)
    """A segment and its clip with all of its pictures, or with those that it had if there are none to be read."""

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self._pictures = pictures
        self._frames: Iterator[tuple[float, Array] | None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._read_on)

    def read(self, segment: Segment, clip: Clip) -> None:
        """Begin with the pictures of a clip; `done` tells when they are there."""
        self._segment, self._clip, self._store = segment, clip, FrameStore(seconds=float("inf"))
        self._frames = self._pictures(segment.participant, clip.start, clip.stop)
        self._timer.start()

    def leave(self) -> None:
        """Let go of what is being read, and of its file."""
        self._timer.stop()
        self._frames = iter(())

    def _read_on(self) -> None:
        deadline = time.perf_counter() + _SLICE_S
        try:
            for frame in self._frames:
                if frame is not None:
                    self._store.push(Chunk("", np.array([frame[0]]), frame[1][None]))
                if time.perf_counter() > deadline:
                    return
        except InsulaError:
            pass  # the clip goes on saying what it lacks
        self._timer.stop()
        self.done.emit(self._segment, self._whole())

    def _whole(self) -> Clip:
        times, frames = self._store.cut(self._clip.start, self._clip.stop)
        if not frames:
            return self._clip
        return replace(self._clip, frame_times=times, frames=frames, lost="EEG" if self._clip.lost == "all" else "")
