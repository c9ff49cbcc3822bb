"""One unbroken stretch of an EEG stream: pending samples, filters, and the rings that windows are cut from."""

from __future__ import annotations

import math

import numpy as np

from core.data import Array
from core.filters import Cascade, Resampler
from core.holes import fill
from core.ringbuffer import RingBuffer

ROUNDING_S = 1e-6
"""Seconds; a sample stamped this little before a window's stop lies at it: stamps carry rounding errors."""


class Stretch:
    """Takes samples as they come and filters them, later, as far as a window needs.

    How far it filters follows from stamps alone, never from how the samples were cut into chunks. Stamps jitter; they
    are taken as the highest so far, so that they can be searched.

    Parameters
    ----------
    first
        Stamp of the first sample, s, LSL clock.
    n_chans
        Channels of the samples.
    after_break
        Whether a gap or jump lies before it; False for the first of a stream.
    prompt
        Whether it reaches as far as the samples of a window are known, or some samples less; see `StreamInfo.prompt`.
    """

    def __init__(self, first: float, n_chans: int, after_break: bool, prompt: bool = True) -> None:
        self._n_chans = n_chans
        self.first = first
        self.after_break = after_break
        self._prompt = prompt
        self.sfreq = 0.0
        """Its rate, Hz, once its filters stand."""
        self.newest = first
        self.closed = False
        self._stamps: list[Array] = []
        self._samples: list[Array] = []
        self._n_taken = 0
        self._n_done = 0
        self._n_claimed = 0
        self._margin = 0
        self._chain: _Chain | None = None

    @property
    def started(self) -> bool:
        """Whether its filters stand."""
        return self._chain is not None

    @property
    def n_pending(self) -> int:
        """How many samples wait that no window has asked for."""
        return self._n_taken - max(self._n_done, self._n_claimed)

    def take(self, stamps: Array, samples: Array) -> None:
        """Append samples, array of shape (n_times, n_chans), µV, NaN where missing; stamps must never fall."""
        self._stamps.append(stamps)
        self._samples.append(samples)
        self._n_taken += len(stamps)
        self.newest = float(stamps[-1])

    def pending(self) -> tuple[Array, Array]:
        """Return stamps and samples that wait, arrays of shape (n_times,) and (n_times, n_chans)."""
        if len(self._stamps) > 1:
            self._stamps, self._samples = [np.concatenate(self._stamps)], [np.concatenate(self._samples)]
        return self._stamps[0], self._samples[0]

    def start(self, sfreq: float, sos: Array, sfreq_out: float, length: float) -> None:
        """Set the filters up, from the first sample on; `length` seconds will be asked for at once."""
        self.sfreq = sfreq
        self._chain = _Chain(self._n_chans, sfreq, sos, sfreq_out, length)
        self._margin = math.ceil(self._chain.resampler.lag)

    def reaches(self, stop: float) -> bool:
        """Return whether all is there that the signal before `stop` needs: the resampler looks a little ahead.

        Which samples and outputs lie before it hangs on their stamps alone, so a window is the same whenever it is cut.
        """
        if self.newest < stop - ROUNDING_S:
            return False
        number = self._number_at(stop)
        if self._n_taken > number + self._margin:
            return True
        return self._prompt and self._chain is not None and self._n_taken >= self._n_needed(self._chain, number, stop)

    def _n_needed(self, chain: _Chain, number: int, stop: float) -> int:
        """Return how many samples the signal before `stop` needs, before which the last one is `number` - 1."""
        resampler = chain.resampler
        if number < 1:
            return 1
        # One more on either side, where rounding may lie: times tell which are meant, as they do in the ring.
        first = max(0, resampler.n_up_to(number - 1) - 1)
        places = resampler.places(first, resampler.n_up_to(number) + 1)
        times = np.interp(places, (number - 1, number), (self._stamp(chain, number - 1), self._stamp(chain, number)))
        last = first + int(np.searchsorted(times, stop - ROUNDING_S)) - 1
        return max(number, resampler.n_needed(last))

    def claim(self, start: float, stop: float) -> int:
        """Ask for the window that ends at `stop`, to be read later; return the number of the first sample behind it.

        If the stretch does not reach there, what lies before `start` is asked for: it would else wait for ever.
        """
        if self._chain is None:
            return 0
        number = self._number_at(stop)
        needed = number + self._margin + 1 if self.reaches(stop) else self._number_at(start)
        self._n_claimed = max(self._n_claimed, min(needed, self._n_taken))
        return number

    def advance(self, first: int, last: int) -> None:
        """Filter what windows need that end before the samples `first` to `last`, of what was asked for; keep all."""
        if self._chain is not None:
            self._chain.hold(last - first)
            self._advance(self._chain, min(self._n_claimed, last + self._margin + 1))

    def place(self, stop: float, number: int, n_raw: int, n_times: int) -> tuple[int, int] | None:
        """Return where the window that ends at `stop` begins in `raw` and in `filtered`, None if neither is that long.

        Parameters
        ----------
        stop
            s, LSL clock.
        number
            What `claim` gave for it; `advance` has been told.
        n_raw, n_times
            Its lengths.
        """
        if self._chain is None:
            return None
        last_raw = number - self._chain.raw.first
        last = int(np.searchsorted(self._chain.ring.stamps, stop - ROUNDING_S))
        return None if last < n_times or last_raw < n_raw else (last_raw - n_raw, last - n_times)

    @property
    def signals(self) -> tuple[Array, Array]:
        """The raw and the filtered signal that are kept, (n_chans, n), float64, µV; valid until filters go on."""
        assert self._chain is not None
        return self._chain.raw.data, self._chain.ring.data

    def _number_at(self, time: float) -> int:
        """Return the number of the first sample at `time` or later; that of the next sample if there is none yet."""
        time -= ROUNDING_S
        if self._chain is not None and len(self._chain.raw) and time <= self._chain.raw.stamps[-1]:
            return self._chain.raw.first + int(np.searchsorted(self._chain.raw.stamps, time))
        number = self._n_done
        for stamps in self._stamps:
            if stamps[-1] >= time:
                return number + int(np.searchsorted(stamps, time))
            number += len(stamps)
        return number

    def _stamp(self, chain: _Chain, number: int) -> float:
        """Return the stamp of the sample of a number that is kept."""
        if number < self._n_done:
            return float(chain.raw.stamps[number - chain.raw.first])
        number -= self._n_done
        for stamps in self._stamps:
            if number < len(stamps):
                return float(stamps[number])
            number -= len(stamps)
        raise IndexError(f"sample {number} has not come")

    def _advance(self, chain: _Chain, number: int) -> None:
        """Filter all samples before `number`."""
        n = min(number, self._n_taken) - self._n_done
        if n <= 0:
            return
        stamps, samples = self.pending()
        chain.push(stamps[:n], np.ascontiguousarray(samples[:n].T, dtype=np.float64))
        self._stamps, self._samples = ([stamps[n:]], [samples[n:]]) if n < len(stamps) else ([], [])
        self._n_done += n


class _Chain:
    """Band-pass, notch and resampler of one stretch, and the rings behind them."""

    def __init__(self, n_chans: int, sfreq: float, sos: Array, sfreq_out: float, length: float) -> None:
        self.cascade = Cascade(sos)
        self.resampler = Resampler(sfreq, sfreq_out)
        # Beyond the window: the resampler's lag, and what a wrong rate or jitter may shift.
        self._length, self._sfreq, self._sfreq_out = length + 1, sfreq, sfreq_out
        self.raw = RingBuffer(round(self._length * sfreq), n_chans)
        self.ring = RingBuffer(round(self._length * sfreq_out), n_chans)
        self._last = np.full(n_chans, np.nan)

    def hold(self, n: int) -> None:
        """Keep a window as well when `n` more samples have come."""
        length = self._length + n / self._sfreq
        self.raw.hold(round(length * self._sfreq))
        self.ring.hold(round(length * self._sfreq_out))

    def push(self, stamps: Array, samples: Array) -> None:
        self.raw.push(stamps, samples)
        samples = fill(samples, self._last)
        self._last = samples[:, -1].copy()
        resampled, places = self.resampler.push(self.cascade.push(samples))
        if len(places):
            numbers = np.arange(self.raw.first, self.raw.first + len(self.raw))
            self.ring.push(np.interp(places, numbers, self.raw.stamps), resampled)
