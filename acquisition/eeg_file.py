"""EEG files of other formats as Sources, read by MNE: volts become µV here and nowhere else."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Self

import numpy as np

from core.data import Channel, ChannelKind, Chunk, Item, Notice, StreamInfo, frozen
from core.errors import EndOfStream, FileFormatError
from core.files import no_pipe
from core.montage import canonical_names, channel_kind, position

_CHUNK = 0.25
_KINDS: dict[str, ChannelKind] = {"eog": "eog", "ecg": "ecg", "emg": "emg", "stim": "trigger"}


class EegFile:
    """One EEG file; its first sample is taken at time 0.

    Parameters
    ----------
    path : Path
    participant : str
    """

    def __init__(self, path: Path, participant: str) -> None:
        self._path = path
        self._participant = participant

    def __enter__(self) -> Self:
        import mne

        no_pipe(self._path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what MNE warns of is told by the windows' own checks
                self._raw = mne.io.read_raw(self._path, preload=False, verbose="error")
        except Exception as error:
            raise FileFormatError(f"{self._path} cannot be read: {error}. Check the file in MNE.") from error
        self._sfreq = float(self._raw.info["sfreq"])
        self._next = 0
        self._annotations = [
            Notice(str(self._path), float(note["onset"]), "info", str(note["description"]))
            for note in self._raw.annotations
        ]
        self._notices = list(self._annotations)
        self.infos = (self._describe(),)
        return self

    def __exit__(self, *exc: object) -> None:
        self._raw.close()

    @property
    def span(self) -> tuple[float, float]:
        """When the signal begins and ends, s."""
        return 0.0, float(self._raw.n_times / self._sfreq)

    def seek(self, time: float, frames_from: float = 0.0) -> None:
        """Go on with the sample at `time`, s; there are no frames."""
        self._next = min(max(0, int(time * self._sfreq)), int(self._raw.n_times))
        self._notices = [notice for notice in self._annotations if notice.time >= self._next / self._sfreq]

    def read(self, timeout: float) -> Item | None:
        """Return the next quarter of a second, or the annotation that stands before its end."""
        size = max(1, round(_CHUNK * self._sfreq))
        stop = min(self._next + size, self._raw.n_times)
        if self._notices and self._notices[0].time < stop / self._sfreq:
            return self._notices.pop(0)
        if self._next >= self._raw.n_times:
            raise EndOfStream
        data = self._raw.get_data(start=self._next, stop=stop, verbose="error").T * 1e6
        stamps = np.arange(self._next, stop) / self._sfreq
        self._next = stop
        return Chunk(self.infos[0].key, frozen(stamps), frozen(data.astype(np.float32)))

    def _describe(self) -> StreamInfo:
        labels = tuple(self._raw.ch_names)
        types = self._raw.get_channel_types()
        names = canonical_names(labels)
        channels = []
        for label, type_, name in zip(labels, types, names, strict=True):
            kind = _KINDS.get(type_) or (channel_kind(label) if type_ in ("eeg", "misc") else "misc")
            place = position(name) if name else None
            channels.append(Channel(name or label, label, kind, "microvolts", 1.0, place))
        return StreamInfo(
            key=str(self._path),
            kind="eeg",
            participant=self._participant,
            name=self._path.stem,
            sfreq=self._sfreq,
            channels=tuple(channels),
        )
