"""What corrupts EEG: blinks, muscle bursts, line noise, pops, drift, channels and streams that drop out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from acquisition.simulator.head import surface_columns
from acquisition.simulator.trajectory import events, seeded
from core.data import Array

_EYES = np.array([(-0.031, 0.098, -0.008), (0.031, 0.098, -0.008)])
_EYE_REACH = 0.05
_FOREHEAD = 0.62
"""What Fp1 and Fp2 see of `_EYES`, so that `blink_uv` is what is measured there."""
_LONGEST_BLOCKS = 2
"""An event may reach into this many blocks after its own."""

_BLINK, _MUSCLE, _POP, _DROPOUT, _GAP = range(101, 106)


@dataclass(frozen=True, slots=True)
class EegKnobs:
    """How strong each part of the simulated EEG is; rates are events a minute, 0 turns a part off.

    The defaults are a seated person with a fair headset. See `acquisition.simulator.eeg` for what `effect` means.
    """

    effect: float = 1.0
    """Multiplies all that depends on affect; 0 makes EEG that tells nothing. At 1, two seconds of it told a linear
    model the class among seven in 31 % (32 channels) or 21 % (4 channels of a Muse) of unseen subjects' windows, where
    14 % is chance, and pleasant from unpleasant in 72 % or 64 %: the better end of what is published, on purpose, so
    that a short demonstration shows something."""
    brain: float = 1.0
    """Multiplies what the brain alone does with affect; 0 leaves the muscles of the face."""
    slope_spread: float = 0.4
    """Standard deviation of people's own slopes round the mean of 1: beyond 0.5 some people go the other way."""
    background_uv: float = 9.0
    """RMS of the 1/f background at a typical electrode."""
    alpha_uv: float = 9.0
    """RMS of posterior alpha at its strongest place, before the subject's own factor."""
    beta_uv: float = 2.5
    sensor_uv: float = 0.7
    """RMS of each electrode's own white noise."""
    facial_emg_uv: float = 2.5
    """RMS of the muscle activity that goes with a full facial expression, at the muscle."""
    blinks_per_min: float = 12.0
    blink_uv: float = 110.0
    """Peak at Fp1 and Fp2."""
    muscle_per_min: float = 1.5
    """Bursts of jaw and forehead, 0.4 to 2 s long."""
    muscle_uv: float = 20.0
    line_hz: float = 50.0
    line_uv: float = 1.5
    pops_per_min: float = 0.4
    """Steps of one electrode that decay within 2 s."""
    pop_uv: float = 250.0
    drift_uv: float = 15.0
    """RMS of slow drift, under 0.12 Hz."""
    dropouts_per_min: float = 0.15
    """One channel reads zero for 2 to 8 s."""
    gaps_per_min: float = 0.0
    """The whole stream sends nothing for 1 to 5 s."""
    dropouts: tuple[tuple[str, float, float], ...] = ()
    """Forced: (channel, from, to) in seconds since the start."""
    gaps: tuple[tuple[float, float], ...] = ()
    """Forced: (from, to) in seconds since the start."""

    @classmethod
    def clean(cls, effect: float = 1.0) -> EegKnobs:
        """Return knobs with brain activity and sensor noise alone."""
        return cls(
            effect=effect,
            facial_emg_uv=0.0,
            blinks_per_min=0.0,
            muscle_per_min=0.0,
            line_uv=0.0,
            pops_per_min=0.0,
            drift_uv=0.0,
            dropouts_per_min=0.0,
        )


class Artefacts:
    """The artefacts of one participant and montage, block by block; a pure function of seed and block number."""

    def __init__(
        self, seed: int, ch_names: Sequence[str], positions: Array, sfreq: float, n_block: int, knobs: EegKnobs
    ) -> None:
        self._seed = seed
        self._names = tuple(ch_names)
        self._sfreq = sfreq
        self._n_block = n_block
        self._seconds = n_block / sfreq
        self._knobs = knobs
        self._eyes = surface_columns(positions, _EYES, _EYE_REACH).mean(axis=1) / _FOREHEAD
        rng = seeded(seed, 100)
        n_chans = len(ch_names)
        self._drift_hz = rng.uniform(0.01, 0.12, 4)
        self._drift = rng.standard_normal((8, n_chans)) * knobs.drift_uv / 2
        tones = [f for f in (knobs.line_hz, 3 * knobs.line_hz) if 0 < f < sfreq / 2]
        self._line_hz = np.array(tones)
        strength = np.tile([1.0, 0.25][: len(tones)], 2)[:, None] * rng.lognormal(0, 0.4, n_chans)
        self._line = knobs.line_uv * strength * rng.standard_normal((2 * len(tones), n_chans))

    def times(self, block: int) -> Array:
        """Return the times of the block's samples, array of shape (n_block,), s since the start."""
        times: Array = (block * self._n_block + np.arange(self._n_block)) / self._sfreq
        return times

    def muscle(self, block: int, n_muscles: int) -> Array:
        """Return the strength of muscle bursts, array of shape (n_block, n_muscles), µV RMS at the muscle."""
        times = self.times(block)
        strength = np.zeros((len(times), n_muscles))
        for onset, (length, size, which, _) in self._events(_MUSCLE, block, self._knobs.muscle_per_min):
            phase = np.clip((times - onset) / (0.4 + 1.6 * length), 0, 1)
            strength[:, int(which * n_muscles)] += self._knobs.muscle_uv * (0.5 + size) * np.sin(np.pi * phase)
        return strength

    def add(self, block: int, data: Array) -> None:
        """Add blinks, pops, drift and line noise to `data`, array of shape (n_block, n_chans), µV, in place."""
        times = self.times(block)
        data += _waves(times, self._drift_hz) @ self._drift
        data += _waves(times, self._line_hz) @ self._line
        for onset, (length, size, _, _) in self._events(_BLINK, block, self._knobs.blinks_per_min):
            phase = np.clip((times - onset) / (0.25 + 0.2 * length), 0, 1)
            # Lids close faster than they open: the peak comes at a third of the blink.
            lid = np.sin(np.pi * phase**0.63) ** 2
            data += self._knobs.blink_uv * (0.6 + 0.8 * size) * np.outer(lid, self._eyes)
        for onset, (decay, size, which, sign) in self._events(_POP, block, self._knobs.pops_per_min):
            since = times - onset
            step = np.where(since >= 0, np.exp(-np.maximum(since, 0) / (0.1 + 0.3 * decay)), 0)
            data[:, int(which * len(self._names))] += np.sign(sign - 0.5) * self._knobs.pop_uv * (0.4 + size) * step

    def drop(self, block: int, data: Array) -> None:
        """Set the channels of `data` to zero while they have dropped out, in place."""
        times = self.times(block)
        for onset, (length, which, _, _) in self._events(_DROPOUT, block, self._knobs.dropouts_per_min):
            data[(times >= onset) & (times < onset + 2 + 6 * length), int(which * len(self._names))] = 0
        for name, start, stop in self._knobs.dropouts:
            data[(times >= start) & (times < stop), self._names.index(name)] = 0

    def missing(self, block: int) -> Array:
        """Return where the whole stream has dropped out, array of shape (n_block,), bool."""
        times = self.times(block)
        missing = np.zeros(len(times), dtype=bool)
        for onset, (length, *_) in self._events(_GAP, block, self._knobs.gaps_per_min):
            missing |= (times >= onset) & (times < onset + 1 + 4 * length)
        for start, stop in self._knobs.gaps:
            missing |= (times >= start) & (times < stop)
        return missing

    def _events(self, kind: int, block: int, per_min: float) -> Iterator[tuple[float, Array]]:
        return events(self._seed, kind, block, self._seconds, per_min, _LONGEST_BLOCKS)


def _waves(times: Array, frequencies: Array) -> Array:
    """Return sines and cosines, array of shape (n_times, 2 * n_frequencies)."""
    phase = 2 * np.pi * np.outer(times, frequencies)
    return np.concatenate([np.sin(phase), np.cos(phase)], axis=1)
