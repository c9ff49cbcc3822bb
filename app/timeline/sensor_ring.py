"""The last minutes of a stream that is no EEG, for drawing only: its first channels, in the device's own unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.timeline.trace_ring import TraceRing
from core.data import Array, Chunk, StreamInfo, frozen
from core.stamps import are_times, longest_step

SHOWN = 3
"""Channels of a stream that share a lane."""
_NOT_OF_A_PERSON = ("counter", "timestamp", "quality", "trigger")
_UNITS = {"microsiemens": "µS", "siemens": "S", "microvolts": "µV", "millivolts": "mV", "volts": "V", "pixels": "px"}
_LONGEST_STEP_S = 2.0


class SensorRing(TraceRing):
    """Takes chunks and gives back any stretch of them as they are; what is no number or no time is left out.

    Parameters
    ----------
    info
        The stream.
    """

    def __init__(self, info: StreamInfo) -> None:
        told = [k for k, channel in enumerate(info.channels) if channel.kind not in _NOT_OF_A_PERSON]
        shown = (told or list(range(len(info.channels))))[:SHOWN]
        channels = tuple(
            replace(channel, kind="eeg" if k in shown else "misc", scale_uv=1.0)
            for k, channel in enumerate(info.channels)
        )
        super().__init__(replace(info, channels=channels))
        self._filter = _AsItIs()  # type: ignore[assignment]
        units = list(dict.fromkeys(info.channels[k].unit for k in shown))
        self.unit = _UNITS.get(units[0].lower(), units[0]) if len(units) == 1 else ""
        """The unit that its channels share, ``""`` if they state none or several."""
        self.n_left_out = len(info.channels) - len(shown)
        self.longest_step = longest_step(info.sfreq) if info.sfreq else _LONGEST_STEP_S
        """Seconds without a sample over which no line is drawn."""

    def push(self, chunk: Chunk) -> bool:
        """Take a chunk; return False if it lies before the newest sample, which empties the ring first."""
        times = chunk.times
        with np.errstate(invalid="ignore"):
            good = are_times(times) & np.isfinite(chunk.data[:, self.picks].astype(np.float64)).all(axis=1)
        highest = np.maximum.accumulate(np.where(good, times, -np.inf)) if len(times) else times
        good &= times >= highest
        if not good.any():
            return True
        if good.all():
            return super().push(chunk)
        kept = replace(chunk, timestamps=frozen(chunk.timestamps[good]), data=frozen(chunk.data[good]))
        return super().push(kept)

    def ranges(self, start: float, stop: float, column: float) -> Array:
        """Return the lowest and highest value of each channel in [start, stop), array of shape (n_chans, 2).

        A few that are far from all others do not count. Empty where there are no samples.
        """
        _, low, high = self.extremes(start, stop, column)
        if not low.size:
            return np.empty((0, 2))
        near_low, near_high = np.percentile(low, 2, axis=0), np.percentile(high, 98, axis=0)
        room = 2 * (near_high - near_low)
        lowest = np.where(room > 0, np.maximum(low.min(axis=0), near_low - room), low.min(axis=0))
        highest = np.where(room > 0, np.minimum(high.max(axis=0), near_high + room), high.max(axis=0))
        return np.column_stack([lowest, highest])


class _AsItIs:
    """Stands where EEG has its high-pass."""

    def forget(self) -> None:
        pass

    def push(self, samples: Array) -> Array:
        return samples
