"""The streams of a recording that are neither EEG nor markers: gathered to be written in other tools' formats."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from acquisition.eeg_file import EegFile
from acquisition.replay import open_recording
from acquisition.source import items
from app.study.believed_times import believed, measured_rate
from core.config import Config
from core.data import Array, Chunk, StreamInfo
from core.errors import FileFormatError
from core.stamps import are_times, longest_step

__all__ = ["OtherStream", "label_of", "other_streams", "unique_labels"]


@dataclass(frozen=True, slots=True)
class OtherStream:
    """One stream, whole."""

    info: StreamInfo
    times: Array
    """Array of shape (n_times,), s, LSL clock."""
    data: Array
    """Array of shape (n_times, n_chans), in the stream's own dtype and unit."""

    @property
    def names(self) -> list[str]:
        """A name for each channel, none twice."""
        names = [channel.name or str(k + 1) for k, channel in enumerate(self.info.channels)]
        return [name if names.index(name) == k else f"{name}-{k + 1}" for k, name in enumerate(names)]

    @property
    def longest_step(self) -> float:
        """Seconds from which a step of the times is a gap."""
        return longest_step(self.info.sfreq)

    def on_grid(self, tell: Callable[[str], object]) -> tuple[float, float, Array] | None:
        """Return when the first sample was taken, s, the measured rate, Hz, and the samples on a grid of that rate.

        Each sample stands as it came, at the place that its time gives it; NaN where there is none. None of a stream
        that is irregular, or has too few samples.
        """
        if not self.info.sfreq or len(self.times) < 2:
            return None

        def told(text: str) -> None:
            tell(f"{self.info.name} ({self.info.type}): {text}")

        try:
            times, data = believed(self.times, self.data.astype(np.float64), self.info.sfreq, self.longest_step, told)
            sfreq = measured_rate(times, self.info.sfreq, self.longest_step)
        except FileFormatError as error:
            told(str(error))
            return None
        breaks = np.flatnonzero(np.abs(np.diff(times)) >= self.longest_step) + 1
        pieces, filled = [], 0
        for start, stop in itertools.pairwise([0, *breaks.tolist(), len(times)]):
            at = max(round((times[start] - times[0]) * sfreq), filled)
            pieces += [np.full((at - filled, data.shape[1]), np.nan), data[start:stop]]
            filled = at + stop - start
        return float(times[0]), sfreq, np.concatenate(pieces)

    def ordered(self) -> tuple[Array, Array]:
        """Return the samples that have a time, in order of time."""
        good = are_times(self.times)
        order = np.argsort(self.times[good], kind="stable")
        return self.times[good][order], self.data[good][order]


@dataclass(slots=True)
class _Gathered:
    info: StreamInfo
    times: list[Array] = field(default_factory=list)
    data: list[Array] = field(default_factory=list)


def other_streams(path: Path, config: Config, person: str, tell: Callable[[str], object]) -> list[OtherStream]:
    """Return the streams of numbers that a person wears, and those that are nobody's alone.

    Parameters
    ----------
    path : Path
        A session or an XDF; of an EEG file of another kind there are none.
    config : Config
    person : str
        ``""``: everybody.
    tell : callable
        Takes a sentence on what is left out.
    """
    with open_recording(path, config, pictures=False, any_stream=True) as source:
        if isinstance(source, EegFile):
            return []
        gathered = {info.key: _Gathered(info) for info in source.infos if _is_wanted(info)}
        source.seek(min(0.0, source.span[0]), frames_from=np.inf)  # hours of frames would be decoded for nothing
        for item in items(source):
            if isinstance(item, StreamInfo) and _is_wanted(item):
                gathered[item.key] = _Gathered(item)
            elif isinstance(item, Chunk) and item.stream in gathered:
                gathered[item.stream].times.append(item.times)
                gathered[item.stream].data.append(item.data)
    others = [each for each in gathered.values() if person and each.info.participant not in ("", person)]
    if others:
        names = ", ".join(f"{each.info.name} ({each.info.participant})" for each in others)
        tell(f"Streams that other people wear are left out: {names}.")
    empty = [each.info.name for each in gathered.values() if not each.times and each not in others]
    if empty:
        tell(f"Streams without a sample are left out: {', '.join(empty)}.")
    return [
        OtherStream(each.info, np.concatenate(each.times), np.concatenate(each.data))
        for each in gathered.values()
        if each.times and each not in others
    ]


def label_of(info: StreamInfo) -> str:
    """Return a stream's name and type in letters and digits alone, as file names want them."""
    of_type = info.type if info.type.lower() not in info.name.lower() else ""
    return re.sub(r"[^A-Za-z0-9]", "", f"{info.name}{of_type}") or "stream"


def unique_labels(infos: Iterable[StreamInfo]) -> list[str]:
    """Return `label_of` of each, numbered where it repeats."""
    found: list[str] = []
    for info in infos:
        label, n = label_of(info), 1
        while (label if n == 1 else f"{label}{n}") in found:
            n += 1
        found.append(label if n == 1 else f"{label}{n}")
    return found


def _is_wanted(info: StreamInfo) -> bool:
    return info.kind == "other" and not info.awaited and info.dtype != "string" and bool(info.channels)
