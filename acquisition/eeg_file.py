"""EEG files of other formats as Sources: EDF and BDF by Insula's own reader, everything else by MNE."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from acquisition.devices import Device
from acquisition.edf_signals import EdfSignals
from acquisition.eeg_description import describe_eeg
from acquisition.mne_signals import MneSignals
from core.config import EegConfig
from core.data import Array, Chunk, Item, Notice, StreamInfo, frozen
from core.errors import EndOfStream, FileFormatError
from core.recording.edf_reader import Note

_CHUNK_S = 0.25
_LOOK_S = 10.0
"""Seconds by which the unit is judged."""
_CUT_S = 0.2
"""Seconds behind a cut that are left out: more than `eeg.max_gap`, so that no filter runs over it."""


class Signals(Protocol):
    """What a file has: EEG and what was recorded beside it at the same rate. Samples are numbered from 0."""

    device: Device
    dtype: str
    sfreq: float
    n_times: int
    began: datetime | None
    """When the first sample was taken."""
    notes: tuple[Note, ...]
    bads: frozenset[int]
    """Channels that were marked as bad."""
    cuts: tuple[float, ...]
    """Where the signal was cut or joined from pieces, s from the first sample, though its time goes on."""
    notices: list[str]
    """What a person should know of the file."""
    gap_texts: set[str]
    """Annotations that say where samples are missing, which `read` gives as such."""

    def times(self, start: int, stop: int) -> Array:
        """Return when samples [start, stop) were taken, s from the first sample."""
        ...

    def read(self, start: int, stop: int) -> Array:
        """Return samples [start, stop), (n_times, n_chans), each channel in its own unit; NaN where there are none."""
        ...

    def number_at(self, time: float) -> int:
        """Return the number of the sample at `time`, s from the first sample."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class EegFile:
    """One EEG file; its first sample is taken at time 0, and breaks in it are gaps.

    Parameters
    ----------
    path : Path
    participant : str
    config : EegConfig, optional
        Its unit holds for files as for streams.
    """

    def __init__(self, path: Path, participant: str, config: EegConfig | None = None) -> None:
        self._path = path
        self._participant = participant
        self._config = config or EegConfig()
        self.breaks_at_cuts = True
        """Leave out what lies just behind a cut, so that what filters the signal begins anew there."""

    def __enter__(self) -> Self:
        self._signals: Signals = (
            EdfSignals(self._path) if self._path.suffix.lower() in (".edf", ".bdf") else MneSignals(self._path)
        )
        self._next = 0
        eeg, notes = self._describe(), self._describe_notes()
        self.infos = (eeg, notes) if self._signals.notes else (eeg,)
        self._markers = [
            Chunk(notes.key, frozen(np.array([note.onset])), frozen(np.array([[note.text]], dtype=object)))
            for note in sorted(self._signals.notes, key=lambda note: note.onset)
        ]
        self._due: list[Notice | Chunk] = [*self.notices, *self._markers]
        return self

    def __exit__(self, *exc: object) -> None:
        self._signals.close()

    @property
    def span(self) -> tuple[float, float]:
        """When the signal begins and ends, s."""
        n = self._signals.n_times
        return 0.0, float(self._signals.times(n - 1, n)[0] + 1.0 / self._signals.sfreq)

    @property
    def began(self) -> datetime | None:
        """When the first sample was taken; None if the file does not say."""
        return self._signals.began

    @property
    def notes(self) -> tuple[Note, ...]:
        """The annotations of the file."""
        return self._signals.notes

    @property
    def gap_texts(self) -> set[str]:
        """Annotations of the file that say where samples are missing: the signal says it, too."""
        return self._signals.gap_texts

    def seek(self, time: float, frames_from: float = 0.0, shown_from: float = 0.0) -> None:
        """Go on with the sample at `time`, s; there are no frames."""
        self._next = self._signals.number_at(time)
        begins = (
            float(self._signals.times(self._next, self._next + 1)[0])
            if self._next < self._signals.n_times
            else math.inf
        )
        self._due = [marker for marker in self._markers if marker.times[0] >= min(begins, time)]
        if time <= 0.0:
            self._due = [*self.notices, *self._markers]

    def read(self, timeout: float) -> Item | None:
        """Return the next quarter of a second, or the notice or annotation that stands before its end."""
        size = max(1, round(_CHUNK_S * self._signals.sfreq))
        stop = min(self._next + size, self._signals.n_times)
        is_over = self._next >= self._signals.n_times
        times = self._signals.times(self._next, stop)
        if self._due and (is_over or isinstance(self._due[0], Notice) or self._due[0].times[0] <= times[-1]):
            return self._due.pop(0)
        if is_over:
            raise EndOfStream
        data = self._signals.read(self._next, stop)
        self._next = stop
        if self.breaks_at_cuts:
            for cut in self._signals.cuts:
                data[(times >= cut) & (times < cut + _CUT_S)] = math.nan
        return Chunk(self.infos[0].key, frozen(times), frozen(data))

    def _describe(self) -> StreamInfo:
        signals = self._signals
        device = signals.device
        times, samples = self._look()
        description = describe_eeg(device, self._config, signals.sfreq, times, samples)
        key = str(self._path)
        told = [Notice(key, math.nan, kind, text) for kind, text in description.notices]
        self.notices = [*(Notice(key, math.nan, "info", text) for text in signals.notices), *told]
        """What a person should know of the file, but for its annotations."""
        channels = tuple(
            dataclasses.replace(channel, bad=k in signals.bads) for k, channel in enumerate(description.channels)
        )
        if not any(channel.kind == "eeg" for channel in channels):
            names = ", ".join(device.labels)
            raise FileFormatError(f"{self._path} has no EEG among its channels: {names}. Choose another file.")
        return StreamInfo(
            key=key, kind="eeg", participant=self._participant, name=self._path.stem, sfreq=signals.sfreq,
            channels=channels, dtype=signals.dtype, unit_confirmed=description.unit_confirmed,
        )  # fmt: skip

    def _describe_notes(self) -> StreamInfo:
        """Return the annotations as what they are in a live session: markers."""
        return StreamInfo(
            key=f"{self._path}/annotations", kind="markers", participant="", name=f"{self._path.stem} annotations",
            type="Markers", dtype="string",
        )  # fmt: skip

    def _look(self) -> tuple[Array, Array]:
        """Return some seconds from the beginning, or from the middle where nothing moves in the beginning."""
        n = min(max(2, round(_LOOK_S * self._signals.sfreq)), self._signals.n_times)
        for start in (0, (self._signals.n_times - n) // 2):
            samples = self._signals.read(start, start + n)
            if np.nanmax(np.nan_to_num(np.ptp(np.nan_to_num(samples), axis=0)), initial=0.0) > 0:
                break
        return self._signals.times(start, start + n), samples
