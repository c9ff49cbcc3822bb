"""The last minute of pictures, small, so that a segment can be shown again while it is labelled. Memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from core.data import Array, Chunk

Lost = Literal["", "some pictures", "pictures", "all", "reading"]


@dataclass(frozen=True)
class Clip:
    """What can be shown again of one stretch: pictures and a piece of EEG, either may be empty."""

    start: float
    stop: float
    frame_times: tuple[float, ...] = ()
    frames: tuple[bytes, ...] = ()
    """JPEG, small."""
    eeg_times: Array | None = None
    eeg: Array | None = None
    """Array of shape (n_times, n_chans), float32, µV, as drawn live."""
    ch_names: tuple[str, ...] = ()
    scale_uv: float = 100.0
    """The scale at which the EEG was drawn live."""
    asked: tuple[float, float] | None = None
    """The stretch that is asked about; what lies round it is context."""
    lost: Lost = ""
    """What could be shown once and is not in memory any more; ``reading``: it is being read from the recording."""

    @property
    def has_eeg(self) -> bool:
        """Whether there is EEG to be drawn."""
        return self.eeg is not None and len(self.eeg) > 1

    def frame_at(self, time: float) -> bytes | None:
        """Return the picture that was current at `time`, None if there is none."""
        if not self.frames:
            return None
        index = int(np.searchsorted(self.frame_times, time, side="right")) - 1
        return self.frames[max(0, index)]


class FrameStore:
    """Keeps the newest frames of the camera as small JPEGs, thinned in data time.

    Parameters
    ----------
    seconds
        How far back it reaches.
    rate
        Frames kept a second.
    width_px
        Width that frames are scaled down to.
    """

    def __init__(self, seconds: float = 60.0, rate: float = 30.0, width_px: int = 320) -> None:
        self._seconds = seconds
        self._step = 1.0 / rate
        self._width_px = width_px
        self._frames: deque[tuple[float, bytes]] = deque()

    def push(self, chunk: Chunk) -> None:
        """Keep the frames of a video chunk that the rate leaves room for."""
        for time, frame in zip(chunk.times, chunk.data, strict=False):
            if self._frames and time < self._frames[-1][0]:
                self._frames.clear()
            # A third of a step of slack: a camera at the rate or a multiple of it must not beat against it.
            if self._frames and time - self._frames[-1][0] < self._step * 2 / 3:
                continue
            self._frames.append((float(time), _jpeg(frame, self._width_px)))
        while self._frames and self._frames[-1][0] - self._frames[0][0] > self._seconds:
            self._frames.popleft()

    def cut(self, start: float, stop: float) -> tuple[tuple[float, ...], tuple[bytes, ...]]:
        """Return times and JPEGs of the frames in [start, stop)."""
        inside = [(time, frame) for time, frame in self._frames if start <= time < stop]
        return tuple(time for time, _ in inside), tuple(frame for _, frame in inside)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()


def _jpeg(frame: Array, width_px: int) -> bytes:
    height, width = frame.shape[:2]
    size = (width_px, max(1, round(height * width_px / width)))
    # Whole pictures become small by means over areas: a fraction of what smooth scaling takes, every frame.
    small = cv2.resize(np.ascontiguousarray(frame), size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return bytes(data) if done else b""
