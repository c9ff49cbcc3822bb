"""From raw EEG chunks to the EEG of any window: rate, line, filters, resampling, reference, quality, scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.config import Config
from core.data import Array, Chunk, Notice, StreamInfo, frozen
from core.filters import Cascade, Resampler, design, find_line
from core.montage import positions
from core.quality import judge_channels
from core.ringbuffer import RingBuffer

_OPENING = 4.0
"""Seconds from which the true rate and the line frequency are read before anything is filtered."""
_SETTLE = 1.0
"""Seconds after a break in which the high-pass still swings."""
_RATE_OFF = 0.01
_RATE_TRUST = 0.02
_SCALE_TAU = 30.0
_MIN_FOR_AVERAGE = 8
"""An average over fewer electrodes is mostly the signal itself: then the device's own reference stays."""


@dataclass(frozen=True, slots=True)
class EegCut:
    """The EEG of one window; see `core.data.Window` for the fields."""

    eeg: Array | None
    mask: Array | None
    scale: float
    problem: str
    bad_channels: tuple[tuple[str, str], ...]


class EegStage:
    """One EEG stream of one participant.

    Chunks are only laid aside when they come; the work is done when a window is cut, on all that has come since. So
    small chunks cost next to nothing, and chunk size cannot change the result.
    """

    def __init__(self, info: StreamInfo, config: Config) -> None:
        self._info = info
        self._config = config.eeg
        self._picks = list(info.picks)
        self._scale_uv = np.array([info.channels[k].scale_uv for k in self._picks])
        self.ch_names = info.ch_names
        self.positions = frozen(self._positions())
        self._length = config.window.length
        self._n_times = round(config.window.length * config.eeg.sfreq)
        self._step = config.window.step
        self._ring = RingBuffer(self._n_times + round(8 * config.eeg.sfreq), len(self._picks), np.float32)
        self._raw = RingBuffer(1, len(self._picks))
        self._sfreq = 0.0
        self._line = max(config.eeg.notch, 0.0)
        self._pending: list[tuple[Array, Array]] = []
        self._opened_at = math.nan
        self._broken_at = math.nan
        self._variance: Array | None = None
        self._last_good = np.zeros(len(self._picks))
        self.newest = -math.inf
        """Stamp of the newest raw sample."""

    @property
    def horizon(self) -> float:
        """The time up to which windows can be cut."""
        return self.newest - (self._resampler.delay if self._sfreq else 0.0)

    def push(self, chunk: Chunk) -> list[Notice]:
        """Take a chunk; return notices of gaps, jumps and a wrong rate that it shows."""
        samples = chunk.data[:, self._picks] * self._scale_uv
        there = ~np.isnan(samples).all(axis=1)
        times, samples = chunk.times[there], samples[there]
        notices: list[Notice] = []
        steps = np.diff(times, prepend=self.newest if math.isfinite(self.newest) else times[:1])
        breaks = np.flatnonzero((steps > self._config.max_gap) | (steps < -self._config.max_gap))
        for first, last in zip([0, *breaks], [*breaks, len(times)], strict=True):
            if first in breaks:
                notices.append(self._break(self.newest, float(times[first])))
            if last > first:
                notices.extend(self._take(times[first:last], samples[first:last]))
        return notices

    def has_data(self, start: float, stop: float) -> bool:
        """Return whether any raw sample lies in [start, stop)."""
        return self.first_after(start) < stop

    def first_after(self, time: float) -> float:
        """Return the stamp of the first raw sample from `time` on, infinite if there is none."""
        stamps = self._raw.stamps
        at = int(np.searchsorted(stamps, time))
        if at < len(stamps):
            return float(stamps[at])
        return next((float(max(times[0], time)) for times, _ in self._pending if times[-1] >= time), math.inf)

    def cut(self, start: float, stop: float) -> EegCut:
        """Return the EEG of the window [start, stop); windows are asked for in order of time."""
        if not self._sfreq:
            waits = any(times[-1] >= start for times, _ in self._pending)
            return self._nothing("settling" if waits else "missing")
        self._work()
        problem, last = self._placed(start, stop)
        if problem:
            return self._nothing(problem)
        window = self._ring.data[last - self._n_times : last].astype(np.float64)
        reasons = self._judge(start, stop)
        mask = np.array([not reason for reason in reasons])
        bad = tuple((n, r) for n, r in zip(self.ch_names, reasons, strict=True) if r)
        n_good = int(mask.sum())
        if n_good >= _MIN_FOR_AVERAGE:
            window -= window[:, mask].mean(axis=1, keepdims=True)
        self._follow_scale(window, mask)
        if n_good < min(self._config.min_channels, len(mask)) or n_good == 0:
            dead = all(reason == "flat" for reason in reasons)
            return EegCut(None, None, self._scale(mask), "flat" if dead else "few channels", bad)
        eeg = frozen(np.ascontiguousarray(window.T, dtype=np.float32))
        return EegCut(eeg, frozen(mask), self._scale(mask), "", bad)

    def _positions(self) -> Array:
        """Return where the electrodes are: as the device says, else where 10-05 has their names."""
        told = [self._info.channels[k].position for k in self._picks]
        standard = positions(self.ch_names)
        places = [standard[k] if place is None else place for k, place in enumerate(told)]
        return np.array(places, dtype=np.float32).reshape(-1, 3)

    def _take(self, times: Array, samples: Array) -> list[Notice]:
        self.newest = float(times[-1])
        self._pending.append((times, samples))
        if self._sfreq:
            return []
        if math.isnan(self._opened_at):
            self._opened_at = float(times[0])
        usual = self._info.sfreq
        n = sum(len(t) for t, _ in self._pending)
        # Counted in samples where the rate is known, so that chunk size cannot matter.
        enough = n >= round(_OPENING * usual) if usual else self.newest - self._opened_at >= _OPENING
        return self._open() if enough else []

    def _open(self) -> list[Notice]:
        """Settle rate and line from the first seconds, and set the filters up."""
        times = np.concatenate([t for t, _ in self._pending])
        samples = np.concatenate([x for _, x in self._pending])
        usual = self._info.sfreq
        n = round(_OPENING * usual) if usual else len(times)
        slope = np.polyfit(np.arange(n), times[:n] - times[0], 1)[0]
        measured = float(1 / slope) if slope > 0 else usual
        notices = []
        if not usual or abs(measured / usual - 1) > _RATE_OFF:
            said = f"{usual:g} Hz" if usual else "no rate"
            text = f"{self._info.name} says {said} and sends {measured:.1f} Hz."
            notices.append(Notice(self._info.key, float(times[n - 1]), "rate", text))
        trusted = usual and abs(measured / usual - 1) <= _RATE_TRUST
        self._sfreq = usual if trusted else round(measured, 1)
        if self._config.notch < 0:
            self._line = find_line(np.nan_to_num(samples[:n]), self._sfreq)
        self._raw = RingBuffer(round((self._length + 8) * self._sfreq), len(self._picks))
        self._start_filters()
        return notices

    def _start_filters(self) -> None:
        config = self._config
        self._cascade = Cascade(design(self._sfreq, config.highpass, config.lowpass, self._line))
        self._resampler = Resampler(self._sfreq, config.sfreq, len(self._picks))
        self._segment = np.zeros(0)
        self._n_before = 0

    def _break(self, before: float, after: float) -> Notice:
        self._work()
        self._broken_at = after
        self._pending = []
        if self._sfreq:
            self._start_filters()
        else:
            self._opened_at = after
        if after < before:
            self._ring.clear()
            self._raw.clear()
            text = f"{self._info.name}: the stamps jump back by {before - after:.2f} s."
            return Notice(self._info.key, after, "jump", text)
        text = f"{self._info.name}: no samples for {after - before:.2f} s."
        return Notice(self._info.key, after, "gap", text)

    def _work(self) -> None:
        """Filter and resample what is pending."""
        if not self._sfreq or not self._pending:
            return
        times = np.concatenate([t for t, _ in self._pending])
        samples = np.concatenate([x for _, x in self._pending])
        self._pending = []
        self._raw.push(times, samples)
        made, places = self._resampler.push(self._cascade.push(self._finite(samples)))
        self._segment = np.concatenate([self._segment, times])
        if len(places):
            numbers = np.arange(self._n_before, self._n_before + len(self._segment))
            # Before the first sample there is no stamp to interpolate; the filter settles there anyway.
            self._ring.push(np.interp(places, numbers, self._segment), made)
            keep = max(0, int(places[-1]) - self._n_before)
            self._segment = self._segment[keep:]
            self._n_before += keep

    def _finite(self, samples: Array) -> Array:
        """Return the samples with each hole filled by the channel's last value: causal, and small for the filters."""
        holes = ~np.isfinite(samples)
        if holes.any():
            rows = np.where(holes, -1, np.arange(len(samples))[:, None])
            rows = np.maximum.accumulate(rows, axis=0)
            filled = np.take_along_axis(samples, np.maximum(rows, 0), axis=0)
            samples = np.where(rows < 0, self._last_good, filled)
        self._last_good = samples[-1].copy()
        return samples

    def _placed(self, start: float, stop: float) -> tuple[str, int]:
        """Return why the window has no EEG, or ``""`` and the end of it in the ring."""
        if start < self._broken_at < stop:
            return "gap", 0
        stamps = self._ring.stamps
        last = int(np.searchsorted(stamps, stop - 1e-9))
        if last == 0 or stamps[last - 1] < start:
            return "missing", 0
        # Only the newest break is remembered, and only windows after it can have been disturbed by it.
        began = self._broken_at if self._broken_at <= start else self._opened_at
        if began <= start < began + _SETTLE:
            return "settling", 0
        slack = self._config.max_gap
        if last < self._n_times or stamps[last - 1] < stop - slack or stamps[last - self._n_times] < start - slack:
            return "gap", 0
        return "", last

    def _judge(self, start: float, stop: float) -> tuple[str, ...]:
        first, last = np.searchsorted(self._raw.stamps, (start, stop))
        return judge_channels(self._raw.data[first:last], self._sfreq, self._line, self.positions)

    def _follow_scale(self, window: Array, mask: Array) -> None:
        """Let the running variance follow the newest step of this window."""
        new = window[-max(1, round(self._step * self._config.sfreq)) :]
        if self._variance is None:
            self._variance = np.where(mask, (window**2).mean(axis=0), np.nan)
            return
        share = 1 - math.exp(-self._step / _SCALE_TAU)
        power = (new**2).mean(axis=0)
        old = np.where(np.isnan(self._variance), power, self._variance)
        self._variance = np.where(mask, old + share * (power - old), self._variance)

    def _scale(self, mask: Array) -> float:
        if self._variance is None:
            return 1.0
        known = self._variance[mask & ~np.isnan(self._variance)]
        return max(float(np.sqrt(np.median(known))), 1e-3) if len(known) else 1.0

    def _nothing(self, problem: str) -> EegCut:
        return EegCut(None, None, 1.0, problem, ())
