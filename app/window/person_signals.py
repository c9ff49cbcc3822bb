"""What has come of one participant lately, so that whoever is looked at next, or asked about, is there at once."""

from __future__ import annotations

import math
from collections import deque

from app.labelling.clip_cutter import ClipCutter
from app.labelling.clips import Clip
from app.timeline.trace_extent import suiting
from app.timeline.trace_ring import TraceRing
from app.timeline.traces import Traces
from core.data import Chunk, Label, Notice, Prediction, Segment, StreamInfo
from core.eeg_figures import EegFigures

_SCALE_FROM_S = 10.0
APART_S = 5.0
"""A person's streams come in turns, one up to so far behind another: that does not turn time back."""
_MOST = 4096


class PersonSignals:
    """EEG, pictures, predictions and marks of one participant, the last minutes of them.

    Parameters
    ----------
    traces
        What draws the EEG of the participant who is shown: the samples are then its to take in.
    context
        Seconds shown before and after a segment in its clip.
    """

    def __init__(self, traces: Traces, context: float) -> None:
        self._traces = traces
        self.eeg: StreamInfo | None = None
        """The first stream of EEG, which is the one that is drawn."""
        self.ring: TraceRing | None = None
        self.bad_channels: tuple[tuple[str, str], ...] = ()
        self.newest = math.nan
        """The newest moment of data, s, LSL clock."""
        self.figures = EegFigures()
        """What the EEG tells by itself."""
        self.predictions: deque[Prediction] = deque(maxlen=_MOST)
        self.marks: deque[Label | Notice] = deque(maxlen=_MOST)
        self._cutter = ClipCutter(self, context)

    @property
    def bad(self) -> frozenset[str]:
        """Names of the channels that are bad."""
        return frozenset(name for name, _ in self.bad_channels)

    @property
    def near_uv(self) -> float:
        """µV from one trace to the next where a few seconds are drawn."""
        if self.ring is None or self._is_drawn or math.isnan(self.ring.newest):
            return self._traces.near_uv
        return suiting(self.ring.between(self.ring.newest - _SCALE_FROM_S, math.inf)[1])

    def show_stream(self, info: StreamInfo) -> None:
        """Take a stream of EEG; the first one counts."""
        if self.eeg is None:
            self.eeg, self.ring = info, TraceRing(info)

    def push(self, chunk: Chunk, private: bool) -> list[Segment]:
        """Take samples or frames, no frames while `private`; return the segments of which all is there now."""
        if len(chunk.timestamps):
            newest = float(chunk.times[-1])
            if not self.newest - APART_S < newest < self.newest:
                self.newest = newest
        if self.eeg is not None and self.ring is not None and chunk.stream == self.eeg.key:
            self._traces.push(chunk)
            if not self._is_drawn:
                self.ring.push(chunk)
        elif chunk.data.ndim == 4 and not (chunk.is_bare or private):
            self._cutter.push(chunk)
        return self._cutter.grown(self.newest)

    def cut(self, segment: Segment) -> Clip:
        """Return what can be shown again of a segment."""
        return self._cutter.cut(segment, self.newest)

    def forget(self, newest: float) -> None:
        """Forget what has come: someone goes elsewhere in a recording, to this moment, s, LSL clock."""
        self.ring = TraceRing(self.eeg) if self.eeg is not None else None
        self.bad_channels, self.newest = (), newest
        self.figures.clear()
        self.predictions.clear()
        self.marks.clear()
        self._cutter.clear()

    @property
    def _is_drawn(self) -> bool:
        return self.ring is not None and self._traces.ring is self.ring
