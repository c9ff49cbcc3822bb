"""From raw EEG chunks to the EEG of any window: breaks, rate, line, reference, quality, scale."""

from __future__ import annotations

import functools
import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.config import Config
from core.data import Array, ChannelQuality, Chunk, Notice, StreamInfo, frozen
from core.filters import design, find_line, measure_rate
from core.holes import HoleKeeper
from core.montage import places
from core.pieces import Pieces, alike_in_turn
from core.quality import ELECTRODE_CHECKS, ChannelJudge
from core.running_scale import RunningScale
from core.stamps import StampMender
from core.stretch import ROUNDING_S, Stretch

_OPENING = 3.0
"""Seconds from which the true rate and the line frequency are read before anything is filtered. The first whole window
behind the settling filters would be no earlier, so this costs nothing."""
_SETTLE = 1.0
"""Seconds after a break in which the high-pass still swings."""
_RATE_OFF = 0.01
_MIN_FOR_AVERAGE = 8
"""An average over fewer electrodes is mostly the signal itself: then the device's own reference stays."""
_ASIDE_S = 1.0
"""Seconds' worth of samples that may lie aside before they are looked through."""
_AHEAD_S = 4.0
"""Of signal that is filtered at a time, where so many windows are read together."""
_STUCK = 60.0
"""Seconds' worth of samples that may wait while their stamps stand still."""


@dataclass(frozen=True, slots=True)
class EegCut:
    """The EEG of one window; see `core.data.Window` for the fields."""

    eeg: Array | None
    mask: Array | None
    scale: float
    problem: str
    bad_channels: tuple[tuple[str, str], ...] = ()
    quality: ChannelQuality | None = None


@dataclass(frozen=True, slots=True)
class EegClaim:
    """The EEG of one window that is known to be there or not, and has yet to be read."""

    stop: float
    stretch: Stretch | None = None
    number: int = 0
    """Of the first sample behind the window, among those of the stretch."""
    problem: str = "missing"


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a chunk without a break in it."""

    stamps: Array
    """Array of shape (n_times,), s, LSL clock, never falling."""
    samples: Array
    """Array of shape (n_times, n_chans), µV."""
    step: float
    """Seconds from the sample before it where it begins with a break, 0 where it goes on."""


class EegStage:
    """One EEG stream of one participant.

    Samples are only laid aside when they come; the work is done when a window is read. What it gives follows from
    samples and stamps alone: the same samples in other chunks give the same windows, one by one or some at a time.
    """

    def __init__(self, info: StreamInfo, config: Config, checks: int = ELECTRODE_CHECKS) -> None:
        self._config = config.eeg
        self._take_words(info)
        self.ch_names = info.ch_names
        self.positions = frozen(places(info).astype(np.float32))
        self._length = config.window.length
        self._n_times = round(config.window.length * config.eeg.sfreq)
        self._sfreq = 0.0
        self._sos: Array = np.zeros((0, 6))
        self._line = max(config.eeg.notch, 0.0)
        self._strays_told = False
        self._judge = ChannelJudge(self.positions, self.ch_names, checks)
        self._scale = RunningScale(config.window.step, config.eeg.sfreq)
        # What takes part in the average: a channel without a place may be an AUX input in an EEG's clothes.
        placed = np.asarray(np.isfinite(self.positions).all(axis=1))
        self._averaged = placed if placed.any() else ~placed
        self._stretches: deque[Stretch] = deque()
        self._aside: list[Chunk] = []
        self._aside_newest = -math.inf
        self._n_aside = 0

    def follow(self, info: StreamInfo) -> None:
        """Go on with another stream of the same electrodes, whose samples come behind a break.

        It may have another rate and other units; what is known of the person stays. Its rate is read anew.
        """
        if info.sfreq != self._info.sfreq:
            self._sfreq = 0.0
        self._take_words(info)

    def _take_words(self, info: StreamInfo) -> None:
        """Take what a stream says of itself."""
        self._info = info
        self._picks = list(info.picks)
        self._to_uv = np.nan_to_num([info.channels[k].scale_uv for k in self._picks], nan=1.0)
        self._marked = [info.channels[k].bad for k in self._picks]
        self._max_gap = max(self._config.max_gap, 2 / info.sfreq if info.sfreq else 0.0)
        self._mender = StampMender(info.sfreq, self._max_gap)
        self._holes = HoleKeeper(self._max_gap)

    @property
    def newest(self) -> float:
        """Stamp of the newest sample, minus infinity before the first."""
        taken = self._stretches[-1].newest if self._stretches else -math.inf
        return max(taken, self._aside_newest) if self._aside else taken

    @property
    def has_aside(self) -> bool:
        """Whether chunks lie aside that have to be taken."""
        return bool(self._aside)

    def lay_aside(self, chunk: Chunk, until: float) -> bool:
        """Lay a chunk aside; return whether it may lie there, since it goes on from the last and ends before `until`.

        A few dozen samples cost as much to look through as some thousands, and most chunks complete no window.
        """
        offset = chunk.clock_offset
        first, last, newest = chunk.timestamps[0] + offset, chunk.timestamps[-1] + offset, self.newest
        self._aside.append(chunk)
        self._aside_newest = float(last)
        self._n_aside += len(chunk.timestamps)
        goes_on = bool(newest <= first <= last < until - ROUNDING_S and last - newest <= self._max_gap)
        return goes_on and self._n_aside < _ASIDE_S * self._sfreq

    def runs(self) -> Iterator[Run]:
        """Yield the parts of what lies aside between which something happens: a break, or the end of the opening."""
        aside, self._aside, self._n_aside = self._aside, [], 0
        if not aside:
            return
        times = np.concatenate([chunk.times for chunk in aside])
        data = np.concatenate([chunk.data for chunk in aside])[:, self._picks] * self._to_uv
        stamps, samples = self._holes.push(*self._mender.push(times, data))
        while len(stamps):
            newest = self._stretches[-1].newest if self._stretches else float(stamps[0])
            highest = np.maximum.accumulate(np.concatenate([[newest], stamps]))
            steps = stamps - highest[:-1]
            breaks = np.flatnonzero(np.abs(steps) > self._max_gap)
            step = float(steps[0]) if len(breaks) and breaks[0] == 0 else 0.0
            if step:
                highest = np.maximum.accumulate(np.concatenate([stamps[:1], stamps]))
                breaks = np.flatnonzero(np.abs(stamps - highest[:-1]) > self._max_gap)
            n = int(breaks[0]) if len(breaks) else len(stamps)
            n = min(n, self._opening_left(highest[1 : n + 1], anew=bool(step)))
            if not self._strays_told:
                n = min(n, int(np.searchsorted(highest[1 : n + 1], self._mender.first_mended)) or n)
            yield Run(highest[1 : n + 1], samples[:n], step)
            stamps, samples = stamps[n:], samples[n:]

    def take(self, run: Run) -> list[Notice]:
        """Take a run, before the next one is asked for; return the notices that it gives reason for."""
        notices: list[Notice] = []
        if run.step:
            notices.append(self._break(run))
        if run.step or not self._stretches:
            self._begin(float(run.stamps[0]), after_break=bool(run.step))
        if run.stamps[0] >= self._mender.first_mended and not self._strays_told:
            self._strays_told = True
            text = "some stamps are no times, or far from those around them; their samples are placed between these"
            notices.append(self._notice(float(run.stamps[0]), "clock", text))
        stretch = self._stretches[-1]
        stretch.take(run.stamps, run.samples)
        if not self._sfreq and stretch.newest >= stretch.first + _OPENING:
            notices += self._open(stretch)
        return notices

    def passed(self, stop: float) -> bool:
        """Return whether the window that ends at `stop` can be cut without waiting any longer."""
        if not self._stretches:
            return False
        latest = self._stretches[-1]
        ready = latest.reaches(stop) if latest.started else latest.newest >= stop
        return ready or any(stretch.closed and stretch.newest >= stop for stretch in self._stretches)

    def first_after(self, time: float) -> float:
        """Return a time from `time` on from which there are samples, infinite if there are none."""
        return min((max(s.first, time) for s in self._stretches if s.newest >= time), default=math.inf)

    def forget(self) -> None:
        """Drop what lies before the newest break: time has begun anew."""
        while len(self._stretches) > 1:
            self._stretches.popleft()

    def relieve(self) -> list[Notice]:
        """Drop samples that would wait for ever because their stamps stand still."""
        if not self._stretches or self._stretches[-1].n_pending < _STUCK * (self._sfreq or self._info.sfreq or 1000.0):
            return []
        n, now = self._stretches[-1].n_pending, self.newest
        self._stretches.pop()
        self._begin(now, after_break=True)
        return [self._notice(now, "jump", f"{n} samples came while their stamps stood still at {now:.3f} s")]

    def claim(self, start: float, stop: float) -> EegClaim:
        """Return what is known of the EEG of the window [start, stop); windows are asked for in order of time."""
        while len(self._stretches) > 1 and self._stretches[0].newest < stop:
            self._stretches.popleft()
        if not self._stretches:
            return EegClaim(stop)
        stretch = self._stretches[0]
        return EegClaim(stop, stretch, stretch.claim(start, stop), self._problem(stretch, start, stop))

    def read(self, claims: Sequence[EegClaim]) -> list[EegCut]:
        """Return the EEG of windows, all that were claimed since the last time, in order."""
        out: list[EegCut] = []
        while len(out) < len(claims):
            first = claims[len(out)]
            some = itertools.takewhile(functools.partial(_goes_with, first), claims[len(out) :])
            out += self._read(first.stretch, list(some))
        return out

    def _read(self, stretch: Stretch | None, claims: Sequence[EegClaim]) -> list[EegCut]:
        """Return the EEG of windows of one stretch, which are filtered and judged together."""
        if stretch is None:
            return [EegCut(None, None, 1.0, claim.problem) for claim in claims]
        stretch.advance(claims[0].number, max(claim.number for claim in claims))
        n_raw = round(self._length * stretch.sfreq)
        placed = {
            k: place
            for k, claim in enumerate(claims)
            if not claim.problem
            and (place := stretch.place(claim.stop, claim.number, n_raw, self._n_times)) is not None
        }
        if not placed:
            return [EegCut(None, None, self._scale.value, claim.problem or "settling") for claim in claims]
        raw_at, filtered_at = zip(*placed.values(), strict=True)
        pieces = Pieces(*stretch.signals, raw_at, filtered_at, n_raw, self._n_times)
        stops = [claims[k].stop for k in placed]
        judged = self._judge.look_all(pieces, stretch.sfreq, self._line, stops, stretch.first)
        found = iter(self._finish(pieces, judged))
        return [
            next(found) if k in placed else EegCut(None, None, self._scale.value, claim.problem or "settling")
            for k, claim in enumerate(claims)
        ]

    def _finish(self, pieces: Pieces, judged: Sequence[tuple[Sequence[str], ChannelQuality]]) -> Iterator[EegCut]:
        """Give what is read of windows whose channels have been judged."""
        bad = [
            {k: reason or "marked bad" for k, reason in enumerate(why) if reason or self._marked[k]}
            for why, _ in judged
        ]
        masks = np.ones((len(bad), len(self._marked)), dtype=bool)
        for mask, reasons in zip(masks, bad, strict=True):
            mask[list(reasons)] = False
        for k, (signal, narrow) in enumerate(self._referenced(pieces, masks)):
            yield EegCut(
                eeg=frozen(narrow.copy()),
                mask=frozen(masks[k].copy()),
                scale=self._scale.follow(signal, masks[k]),
                problem=self._too_few(masks[k], bad[k].values()),
                bad_channels=tuple((self.ch_names[row], why) for row, why in bad[k].items()),
                quality=judged[k][1],
            )

    def _referenced(self, pieces: Pieces, masks: Array) -> Iterator[tuple[Array, Array]]:
        """Give the signal of each window against the average of its good channels, in double and single precision."""
        for some, members in alike_in_turn(masks & self._averaged):
            first = pieces.filtered_at[some[0]]
            signal = pieces.filtered[:, first : pieces.filtered_at[some[-1]] + pieces.n_times]
            if self._averaged.sum() >= _MIN_FOR_AVERAGE and members.any():
                signal = signal - signal[members].mean(axis=0)
            narrow = signal.astype(np.float32)
            for k in some:
                at = slice(pieces.filtered_at[k] - first, pieces.filtered_at[k] - first + pieces.n_times)
                yield signal[:, at], narrow[:, at]

    def _too_few(self, mask: Array, reasons: Iterable[str]) -> str:
        """Return what is wrong with a window that has too few good channels, ``""`` if it has enough."""
        if mask.sum() >= max(1, min(self._config.min_channels, len(mask))):
            return ""
        return "flat" if set(reasons) == {"flat"} and not mask.any() else "few channels"

    def _problem(self, stretch: Stretch, start: float, stop: float) -> str:
        if stretch.newest < stop - (ROUNDING_S if self._info.prompt else 0.0):
            return "missing"
        if start < stretch.first and stretch.after_break:
            return "gap"
        if not stretch.started or start < stretch.first + _SETTLE:
            return "settling"
        if not stretch.reaches(stop):
            return "gap" if stretch.closed else "missing"
        return ""

    def _opening_left(self, stamps: Array, anew: bool) -> int:
        """Return how many of `stamps` come before the one that ends the opening, 1 if it is the first."""
        if self._sfreq:
            return len(stamps)
        first = float(stamps[0]) if anew or not self._stretches else self._stretches[-1].first
        return max(1, int(np.searchsorted(stamps, first + _OPENING)))

    def _begin(self, first: float, after_break: bool) -> None:
        if self._stretches:
            self._stretches[-1].closed = True
        stretch = Stretch(first, len(self._picks), after_break, self._info.prompt)
        self._stretches.append(stretch)
        if self._sfreq:
            stretch.start(self._sfreq, self._sos, self._config.sfreq, self._length)

    def _break(self, run: Run) -> Notice:
        first = float(run.stamps[0])
        if run.step > 0:
            return self._notice(first, "gap", f"no samples for {run.step:.2f} s")
        return self._notice(first, "jump", f"the stamps jump back by {-run.step:.2f} s")

    def _open(self, stretch: Stretch) -> list[Notice]:
        """Settle rate and line from the opening, and set the filters up from its first sample on."""
        stamps, samples = stretch.pending()
        nominal, measured = self._info.sfreq, measure_rate(stamps)
        off = not nominal or abs(measured / nominal - 1) > _RATE_OFF
        self._sfreq = measured if off else nominal
        if self._config.notch < 0:
            self._line = find_line(np.nan_to_num(samples.T, posinf=0.0, neginf=0.0), self._sfreq)
        self._sos = design(self._sfreq, self._config.highpass, self._config.lowpass, self._line)
        stretch.start(self._sfreq, self._sos, self._config.sfreq, self._length)
        if not off:
            return []
        said = f"says {nominal:g} Hz" if nominal else "says no rate"
        text = f"it {said} and sends {measured:.1f} Hz; the measured rate is used"
        return [self._notice(float(stamps[-1]), "rate", text)]

    def _notice(self, time: float, kind: Literal["gap", "jump", "rate", "clock"], text: str) -> Notice:
        return Notice(self._info.key, time, kind, f"{self._info.name}: {text}.")


def _goes_with(first: EegClaim, claim: EegClaim) -> bool:
    """Return whether a window is read together with one before it."""
    if claim.stretch is None or first.stretch is not claim.stretch:
        return claim is first
    return claim.number <= first.number + _AHEAD_S * claim.stretch.sfreq
