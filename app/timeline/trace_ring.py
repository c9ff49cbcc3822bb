"""The last minutes of one EEG stream, for drawing only: kept apart from the pipeline, filtered for the eye."""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from app.timeline.decimation import decimate
from app.timeline.highpass import HighPass
from app.timeline.trace_bins import TraceBins
from core.data import Array, Chunk, StreamInfo

HIGHPASS_HZ = 1.0
_GAP = 0.15


class TraceRing:
    """Takes chunks and gives back any stretch of them in µV, high-passed, as it lies in memory.

    Parameters
    ----------
    info
        The stream.
    seconds
        How far back it has each sample.
    coarse_seconds
        How far back it has the lowest and highest values of short stretches.
    """

    def __init__(self, info: StreamInfo, seconds: float = 32.0, coarse_seconds: float = 300.0) -> None:
        self.picks = np.array(info.picks, dtype=np.intp)
        self.ch_names = info.ch_names
        scales = np.array([info.channels[k].scale_uv for k in info.picks], dtype=np.float64)
        self._scales = np.where(np.isfinite(scales), scales, 1.0)
        self.sfreq = sfreq = info.sfreq or 256.0
        self._n = max(16, int(seconds * sfreq))
        # Twice as long as it reaches back: a stretch is then always in one piece, and old samples move rarely.
        self._times = np.empty(2 * self._n)
        self._data = np.empty((2 * self._n, len(self.picks)), dtype=np.float32)
        self._stop = 0
        self._began = np.inf
        """When the first sample was, of those that it still has or has had."""
        self._bins = TraceBins(len(self.picks), coarse_seconds)
        self._filter = HighPass(HIGHPASS_HZ, sfreq)

    @property
    def newest(self) -> float:
        """Time of the newest sample, NaN if there is none."""
        return float(self._times[self._stop - 1]) if self._stop else float("nan")

    def push(self, chunk: Chunk) -> bool:
        """Take a chunk; return False if its stamps lie before the newest one, which empties the ring first."""
        times = chunk.times
        if not len(times):
            return True
        forward = not self._stop or times[0] > self.newest - _GAP
        if not forward:
            self._stop = 0
            self._bins.clear()
        if not self._stop:
            self._began = times[0]
        if not self._stop or times[0] - self.newest > _GAP:
            self._filter.forget()
        samples = chunk.data[:, self.picks].astype(np.float64) * self._scales
        # A device that sends NaN for a lost packet must not silence the filter for good.
        samples = np.nan_to_num(samples, copy=False)
        filtered = self._filter.push(samples)
        self._append(times[-self._n :], filtered[-self._n :])
        self._bins.push(times, filtered)
        return forward

    def between(self, start: float, stop: float) -> tuple[Array, Array]:
        """Return times and samples, arrays of shape (n_times,) and (n_times, n_chans), µV, in [start, stop)."""
        first, last = np.searchsorted(self._times[: self._stop], (start, stop))
        return self._times[first:last], self._data[first:last]

    def cut(self, start: float, stop: float, bad: Container[str]) -> tuple[Array, Array, tuple[str, ...]]:
        """Return what `between` does of the channels that are not bad, and their names; it outlives the ring."""
        times, samples = self.between(start, stop)
        good = [k for k, name in enumerate(self.ch_names) if name not in bad]
        return times.copy(), samples[:, good], tuple(self.ch_names[k] for k in good)

    def extremes(self, start: float, stop: float, column: float) -> tuple[Array, Array, Array]:
        """Return x, lowest and highest value of each column of `column` seconds in [start, stop); see `decimate`.

        Further back than there are samples it is coarser.
        """
        if start >= self._times[0] or self._times[0] <= self._began:
            return decimate(*self.between(start, stop), column)
        times, low, high = self._bins.between(start, stop)
        x, low, _ = decimate(times, low, column)
        _, _, high = decimate(times, high, column)
        return x, low, high

    def _append(self, times: Array, samples: Array) -> None:
        n = len(times)
        if self._stop + n > len(self._times):
            kept = min(self._n, self._stop, len(self._times) - n)
            self._times[:kept] = self._times[self._stop - kept : self._stop]
            self._data[:kept] = self._data[self._stop - kept : self._stop].copy()
            self._stop = kept
        self._times[self._stop : self._stop + n] = times
        self._data[self._stop : self._stop + n] = samples
        self._stop += n
