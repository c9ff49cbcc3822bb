"""Which stream of an XDF file of another recorder is the EEG that is meant: the rules are those for LSL."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from acquisition.devices import Device
from acquisition.eeg_description import is_meant, likeliest_eeg, what_is_asked
from acquisition.lsl_found import kind_of_type
from core.config import EegConfig
from core.errors import StreamNotFoundError
from core.recording.xdf_reader import Header


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stream of the file, and how much of it there is."""

    header: Header
    device: Device
    n_samples: int = 0
    first: float = math.nan
    """Its first and its last stamp, s, its own clock."""
    last: float = math.nan

    def __str__(self) -> str:
        more = [f"{key} {value!r}" for key in ("source_id", "hostname") if (value := getattr(self.device, key))]
        about = [f"{self.device.name!r} of type {self.device.type!r}", *more]
        texts = " of texts" if self.header.dtype == "string" else ""
        about.append(f"{self.header.n_chans} channels{texts} at {self.header.sfreq:g} Hz")
        return f"{', '.join(about)}, {self.n_samples} samples"

    def is_same_device(self, other: Recorded) -> bool:
        """Return whether another stream comes from the same device, set up in the same way."""
        return _identity(self) == _identity(other)


def choose_eeg(config: EegConfig, streams: Sequence[Recorded]) -> tuple[list[Recorded], list[str]]:
    """Return the EEG that is meant, and what to say of the choice.

    A headset whose program was started anew has a stream for each start, one after another: all are returned. Of
    several headsets that fit, the one with the most samples is taken.

    Raises
    ------
    StreamNotFoundError
        `config` names a stream that is not there.
    """
    if config.name == "none":
        return [], []
    there = [each for each in streams if each.n_samples and each.header.dtype != "string"]
    fitting = [each for each in there if is_meant(config, each.device, each.header.xml)]
    fitting = likeliest_eeg(fitting, lambda each: kind_of_type(each.device.type, is_text=False))
    if not fitting:
        if asked := what_is_asked(config):
            raise StreamNotFoundError(f"The file has no EEG stream with {asked}. {what_is_there(streams)}")
        return [], []
    best = max(fitting, key=lambda each: (each.n_samples, -each.header.number))
    parts = sorted((each for each in fitting if best.is_same_device(each)), key=lambda each: each.first)
    if any(later.first < earlier.last for earlier, later in itertools.pairwise(parts)):
        parts = [best]  # two headsets of one name
    notices = []
    if others := [each for each in fitting if each not in parts]:
        notices.append(
            f"The file has {len(fitting)} EEG streams. Taken is {best}; not read: {'; '.join(map(str, others))}. "
            "Set eeg.name, eeg.source_id or eeg.hostname to take another."
        )
    if len(parts) > 1:
        notices.append(
            f"{best.device.name} was started anew {len(parts) - 1} times while it was recorded: its {len(parts)} "
            "streams are taken as one, with gaps between them."
        )
    return parts, notices


def what_is_there(streams: Sequence[Recorded]) -> str:
    """Return in words which streams a file has, and how to take one of them."""
    if not streams:
        return "It has no streams at all."
    return f"Its streams are: {'; '.join(map(str, streams))}. Name the EEG stream in eeg.name, whatever type it has."


def _identity(stream: Recorded) -> tuple[object, ...]:
    device, header = stream.device, stream.header
    who = (device.name, device.type, device.hostname, device.source_id)
    return *who, device.labels, device.units, header.sfreq, header.dtype
