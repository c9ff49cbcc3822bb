"""What an LSL stream announces of itself, which anyone on the network may have made up."""

from __future__ import annotations

import ctypes
import math
import socket
from dataclasses import dataclass
from typing import Self

import pylsl
from pylsl.lib import lib

from core.config import AnyStreamConfig, StreamConfig
from core.data import Kind
from core.plain_text import plain

__all__ = ["FoundStream", "Identity", "are_markers", "fits", "is_own", "kind_of", "kind_of_type", "why_unfit"]

_MARKERS = ("markers", "marker", "events", "event", "triggers", "trigger")
"""Types of streams of numbers that are markers. Any stream of texts is."""
_MOST_CHANNELS, _MOST_VALUES = 10_000, 2e7
"""liblsl makes room for five seconds of a stream as soon as someone connects to it: 384 channels at 30 kHz are 230 MB,
and what a made-up stream announces can be more than any machine has."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays the same when a stream goes and comes back."""

    hostname: str
    name: str
    type: str
    source_id: str

    @classmethod
    def of(cls, found: pylsl.StreamInfo) -> Identity:
        """Return the identity of a stream that was found."""
        return cls(plain(found.hostname()), plain(found.name()), plain(found.type()), plain(found.source_id()))

    def key(self, uid: str = "") -> str:
        """Return the key of the stream; `uid` where the rest repeats within a session."""
        return "/".join(part for part in (self.hostname, self.name, self.type, self.source_id, uid) if part)


@dataclass(frozen=True, slots=True, order=True)
class FoundStream:
    """What a stream announces of itself, before anyone is connected to it, in plain text."""

    name: str
    type: str
    hostname: str
    source_id: str
    uid: str
    n_chans: int
    sfreq: float
    kind: Kind

    @classmethod
    def of(cls, found: pylsl.StreamInfo) -> Self:
        """Return a stream as a resolver gave it."""
        identity = Identity.of(found)
        return cls(
            identity.name, identity.type, identity.hostname, identity.source_id, found.uid(), found.channel_count(),
            found.nominal_srate(), kind_of(found),
        )  # fmt: skip

    @property
    def choice(self) -> StreamConfig:
        """What stays the same when it is started anew."""
        return StreamConfig(self.name, self.source_id, self.hostname)

    @property
    def any_choice(self) -> AnyStreamConfig:
        """The same, with its type: a device may give several streams of one name and id."""
        return AnyStreamConfig(self.name, self.source_id, self.hostname, self.type)

    def is_meant_by(self, choice: StreamConfig) -> bool:
        """Return whether it is the stream that was chosen; what the choice leaves open may be anything."""
        return choice.means(self.name, self.source_id, self.hostname, self.type)


def why_unfit(found: pylsl.StreamInfo) -> str:
    """Return why nobody should connect to a stream, in words, ``""`` if it may be one."""
    n_chans, sfreq = found.channel_count(), found.nominal_srate()
    if not math.isfinite(sfreq) or sfreq < 0.0:
        return f"announces a rate of {sfreq:g} Hz"
    if not 0 < n_chans <= _MOST_CHANNELS or n_chans * sfreq > _MOST_VALUES:
        return f"announces {n_chans} channels at {sfreq:g} Hz"
    return ""


def fits(found: pylsl.StreamInfo, predicate: str) -> bool:
    """Return whether an answer fits the question: liblsl takes any, and a peer may answer all of them."""
    asked = getattr(lib, "lsl_stream_info_matches_query", None)
    return asked is None or bool(asked(found.obj, ctypes.c_char_p(predicate.encode())))


def is_own(source_id: str) -> bool:
    """Return whether a stream is one that an Insula on this machine publishes."""
    return source_id.startswith(f"insula-{socket.gethostname()}-")


def are_markers(of_type: str, is_text: bool) -> bool:
    """Return whether a stream is of markers, by what it is called and whether it sends texts."""
    return is_text or of_type.lower() in _MARKERS


def kind_of(found: pylsl.StreamInfo) -> Kind:
    """Return what a stream carries, by its type and format."""
    return kind_of_type(found.type(), found.channel_format() == pylsl.cf_string)


def kind_of_type(of_type: str, is_text: bool) -> Kind:
    """Return what a stream carries that is called `of_type` and sends texts or numbers."""
    if are_markers(of_type, is_text):
        return "markers"
    return {"eeg": "eeg", "truth": "truth"}.get(of_type.lower(), "other")  # type: ignore[return-value]
