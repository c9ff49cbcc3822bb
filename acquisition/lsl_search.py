"""Which LSL streams there are, which of them is meant, and whether one that came back is the same."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pylsl

from acquisition.devices import channel_table, plain_channels, read_device
from core.config import EegConfig
from core.data import Channel, Kind, StreamInfo
from core.errors import ConfigError, StreamNotFoundError

__all__ = [
    "SETTLE_S", "Identity", "are_markers", "choose", "describe", "eeg_streams", "find_streams", "is_own", "kind_of",
    "search",
]  # fmt: skip

SETTLE_S = 0.8
"""Seconds to go on looking after the first answer, so that a second stream that fits is not overlooked. On one machine
only one outlet hears the first question; liblsl asks all of them half a second later."""
_LOOK_S = 0.05
"""Seconds in which no stream can answer."""
_MANY = 1000
_KEYS = ("name", "source_id", "hostname")
_MARKERS = ("markers", "marker", "events", "event", "triggers", "trigger")
"""Types of streams of numbers that are markers. Any stream of texts is."""
_FORMATS = ("undefined", "float32", "double64", "string", "int32", "int16", "int8", "int64")


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
        return cls(found.hostname(), found.name(), found.type(), found.source_id())

    def key(self, uid: str = "") -> str:
        """Return the key of the stream; `uid` where the rest repeats within a session."""
        return "/".join(part for part in (self.hostname, self.name, self.type, self.source_id, uid) if part)


def eeg_streams(config: EegConfig, n_streams: int = 1) -> list[EegConfig]:
    """Return one configuration for each of `n_streams` EEG streams that fit `config`, each naming its stream alone.

    The streams are in the order of host, name and source_id, so that the first participant keeps the first headset.

    Raises
    ------
    StreamNotFoundError
        Fewer streams fit than were asked for, or more.
    """
    found = choose(config, "eeg", n_streams)
    return [replace(config, predicate=_alone(stream)) for stream in found]


def is_own(source_id: str) -> bool:
    """Return whether a stream is one that an Insula on this machine publishes."""
    return source_id.startswith(f"insula-{socket.gethostname()}-")


def find_streams(wait: float) -> list[StreamInfo]:
    """Return every LSL stream that can be seen within `wait` seconds, with its channels as far as it tells them."""
    streams = []
    for found in pylsl.resolve_streams(wait):
        inlet = pylsl.StreamInlet(found, recover=False)
        try:
            full = inlet.info(timeout=2.0)
        except (pylsl.util.TimeoutError, pylsl.util.LostError):
            full = found
        kind, device = kind_of(found), read_device(full.as_xml())
        channels = channel_table(device, keep=False).channels if kind == "eeg" else plain_channels(device)
        streams.append(describe(full, kind, channels))
    return sorted(streams, key=lambda info: (info.kind != "eeg", info.key))


def choose(config: EegConfig, kind: Kind, n_streams: int = 1) -> list[pylsl.StreamInfo]:
    """Return exactly the `n_streams` streams that `config` asks for, waiting up to ``config.wait`` seconds for them.

    Where several fit by name or id, those of type EEG are meant: muselsl and Neurosity give all their streams one id.
    """
    found = search(_predicate(config, kind), config.wait, n_streams)
    if not config.predicate and kind == "eeg":
        found = [f for f in found if kind_of(f) == "eeg"] or [f for f in found if kind_of(f) == "other"] or found
    if len(found) == n_streams:
        return sorted(found, key=lambda f: (Identity.of(f).key(), f.uid()))
    if len(found) < n_streams:
        raise StreamNotFoundError(_too_few(config, found, n_streams, kind))
    raise StreamNotFoundError(_too_many(found, n_streams))


def search(predicate: str, wait: float, n_streams: int = 1) -> list[pylsl.StreamInfo]:
    """Return the streams that fit an LSL predicate: all that answer until shortly after the `n_streams`-th did.

    liblsl takes a port for each question until its search is over, of the 32 at which the streams of a machine are
    found: after half a minute a stream that is started there would have none left. So it searches anew again and again.
    """
    until = pylsl.local_clock() + wait
    found: dict[str, pylsl.StreamInfo] = {}
    while True:
        start = pylsl.local_clock()
        once = min(SETTLE_S, until - start)
        some = pylsl.resolve_bypred(predicate, n_streams, once)
        now = pylsl.local_clock()
        if not some and now - start < 0.5 * once:
            raise ConfigError(
                f"eeg.predicate {predicate!r} is no valid LSL predicate. Write it as type='EEG' and name='X'."
            )
        found |= {f.uid(): f for f in some}
        if len(found) >= n_streams or until - now < _LOOK_S:
            break
    if len(found) >= n_streams and not predicate.startswith("uid="):
        found |= {f.uid(): f for f in pylsl.resolve_bypred(predicate, _MANY, SETTLE_S)}
    return list(found.values())


def describe(full: pylsl.StreamInfo, kind: Kind, channels: tuple[Channel, ...], participant: str = "") -> StreamInfo:
    """Return what one stream is, from its full description and the channels that were made of it."""
    device = read_device(full.as_xml())
    return StreamInfo(
        key=Identity.of(full).key(),
        kind=kind,
        participant=participant,
        name=device.name,
        type=device.type,
        sfreq=full.nominal_srate(),
        channels=channels,
        dtype=_FORMATS[full.channel_format()],
        hostname=device.hostname,
        source_id=device.source_id,
        uid=full.uid(),
        simulated="<simulated>true" in device.desc,
        desc=device.desc,
    )


def are_markers(of_type: str, is_text: bool) -> bool:
    """Return whether a stream is of markers, by what it is called and whether it sends texts."""
    return is_text or of_type.lower() in _MARKERS


def kind_of(found: pylsl.StreamInfo) -> Kind:
    """Return what a stream carries, by its type and format."""
    if are_markers(found.type(), found.channel_format() == pylsl.cf_string):
        return "markers"
    return {"eeg": "eeg", "truth": "truth"}.get(found.type().lower(), "other")  # type: ignore[return-value]


def _predicate(config: EegConfig, kind: Kind) -> str:
    if config.predicate:
        return config.predicate
    asked = _asked(config)
    if kind == "markers":
        return _all(type="Markers", **asked)
    # A device that is named may have any type: Unicorn gives Data, MNE-LSL's player none.
    named = "name" in asked or "source_id" in asked
    return _all(**asked) if named else " and ".join(["(type='EEG' or type='eeg')", *([_all(**asked)] if asked else [])])


def _asked(config: EegConfig) -> dict[str, str]:
    return {key: getattr(config, key) for key in _KEYS if getattr(config, key)}


def _alone(found: pylsl.StreamInfo) -> str:
    return f"uid={_quoted(found.uid())}"


def _all(**properties: str) -> str:
    return " and ".join(f"{name}={_quoted(value)}" for name, value in properties.items())


def _quoted(value: str) -> str:
    """Return an XPath 1.0 literal, which has no escapes."""
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    parts = ', "\'", '.join(f"'{part}'" for part in value.split("'"))
    return f"concat({parts})"


def _too_few(config: EegConfig, found: Sequence[pylsl.StreamInfo], n_streams: int, kind: Kind) -> str:
    asked = [f"{key} {value!r}" for key in ("predicate", *_KEYS) if (value := getattr(config, key))]
    what = f"with {' and '.join(asked)}" if asked else f"of type {'EEG' if kind == 'eeg' else 'Markers'!r}"
    number = "No LSL stream" if not found else f"Only {len(found)} of {n_streams} LSL streams"
    # What this Insula itself publishes is no candidate, and would only puzzle the reader.
    others = [(f.name(), f.type()) for f in _everything() if not is_own(f.source_id())]
    remedy = "Start the amplifier or set eeg.source_id." if kind == "eeg" else "Start the program that sends them."
    return f"{number} {what} within {config.wait:g} s. Found: {others}. {remedy}"


def _too_many(found: Sequence[pylsl.StreamInfo], n_streams: int) -> str:
    lines = [
        f"({f.name()!r}, {f.type()!r}, source_id {f.source_id()!r}, host {f.hostname()!r}, "
        f"{f.channel_count()} channels at {f.nominal_srate():g} Hz)"
        for f in sorted(found, key=lambda f: Identity.of(f).key())
    ]
    number = "one is" if n_streams == 1 else f"{n_streams} are"
    return f"{len(found)} LSL streams fit, {number} needed: {', '.join(lines)}. {_what_tells_apart(found)}"


def _what_tells_apart(found: Sequence[pylsl.StreamInfo]) -> str:
    for key in _KEYS:
        values = {getattr(f, key)() for f in found}
        if len(values) == len(found):
            return f"Set eeg.{key} to one of {', '.join(repr(value) for value in sorted(values))}."
    return "Set eeg.predicate to what tells them apart, such as channel_count=8, or close those that are not meant."


def _everything() -> Iterable[pylsl.StreamInfo]:
    return sorted(pylsl.resolve_streams(SETTLE_S), key=lambda f: Identity.of(f).key())
