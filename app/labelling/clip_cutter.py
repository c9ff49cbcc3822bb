"""Cuts out what can be shown again of a segment, as soon as it is asked about and again when more of it has come."""

from __future__ import annotations

from typing import Protocol

from app.labelling.clips import Clip, FrameStore
from app.timeline.trace_ring import TraceRing
from core.data import Chunk, Segment

_LAG = 0.1
"""Seconds by which one stream may be behind another: a clip is whole when all have passed its end."""


class KeptEeg(Protocol):
    """The EEG of the last minutes, as it is drawn."""

    @property
    def ring(self) -> TraceRing | None:
        """The samples, None before there is a stream."""
        ...

    @property
    def bad(self) -> frozenset[str]:
        """Names of the channels that are bad."""
        ...

    @property
    def near_uv(self) -> float:
        """µV from one trace to the next where a few seconds are drawn."""
        ...


class ClipCutter:
    """Keeps a person's newest pictures, and cuts them and the EEG.

    Parameters
    ----------
    eeg
        The person's EEG.
    context
        Seconds shown before and after a segment.
    """

    def __init__(self, eeg: KeptEeg, context: float) -> None:
        self._eeg = eeg
        self._context = context
        self._frames = FrameStore()
        self._growing: list[Segment] = []

    def push(self, chunk: Chunk) -> None:
        """Keep frames."""
        self._frames.push(chunk)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()

    def cut(self, segment: Segment, newest: float) -> Clip:
        """Return what there is of a segment up to the newest moment of data."""
        asked, wanted = (segment.start, segment.stop), segment.stop + self._context
        start, stop = segment.start - self._context, max(segment.stop, min(wanted, newest))
        if stop < wanted and segment not in self._growing:
            self._growing.append(segment)
        times, frames = self._frames.cut(start, stop)
        if (ring := self._eeg.ring) is None:
            return Clip(start, stop, times, frames, asked=asked)
        eeg = ring.cut(start, stop, self._eeg.bad)
        return Clip(start, stop, times, frames, *eeg, self._eeg.near_uv, asked)

    def grown(self, newest: float) -> list[Segment]:
        """Return once each segment of which not all was there when it was cut, and is now."""
        whole = [s for s in self._growing if s.stop + self._context + _LAG < newest]
        for segment in whole:
            self._growing.remove(segment)
        return whole
