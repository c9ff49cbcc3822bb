"""Which LSL streams there are, which of them is meant, and whether one that came back is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pylsl

from acquisition.devices import channel_table, plain_channels, read_device
from acquisition.eeg_description import likeliest_eeg, what_is_asked
from acquisition.lsl_found import FoundStream, Identity, fits, is_own, kind_of, why_unfit
from core.config import EegConfig
from core.data import Channel, Kind, StreamInfo
from core.errors import ConfigError, SourceError, StreamNotFoundError
from core.plain_text import is_whole

__all__ = [
    "SETTLE_S", "choose", "crowded", "describe", "eeg_streams", "find_streams", "full_info", "look_at_streams",
    "resolve", "search", "worn_eeg",
]  # fmt: skip

SETTLE_S = 0.8
"""Seconds to go on looking after the first answer, so that a second stream that fits is not overlooked. On one machine
only one outlet hears the first question; liblsl asks all of them half a second later."""
_LOOK_S = 0.05
"""Seconds in which no stream can answer."""
_ANSWER_S, _ANSWERS_S = 2.0, 10.0
"""Seconds for which one stream, and all of them together, are waited for to describe themselves."""
_PRESENT_S = 0.5
_MANY = 1000
_FOUND_OF_ONE = 16
_SHOWN = 20
"""Streams that are named in one message."""
_KEYS = ("name", "source_id", "hostname")
_FORMATS = ("undefined", "float32", "double64", "string", "int32", "int16", "int8", "int64")


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


def worn_eeg(config: EegConfig, name: str) -> EegConfig:
    """Return the configuration of the one EEG stream that has this name or this source_id.

    Raises
    ------
    StreamNotFoundError
        No stream has it, or several have.
    """
    wanted = replace(config, name=name, source_id="", hostname="", predicate="")
    found = search(f"name={_quoted(name)} or source_id={_quoted(name)}", config.wait)
    found = likeliest_eeg(found, kind_of)
    if not found:
        raise StreamNotFoundError(_too_few(wanted, found, 1, "eeg"))
    if len(found) > 1:
        raise StreamNotFoundError(_too_many(found, 1))
    return replace(wanted, name="", predicate=_alone(found[0]))


def resolve(wait: float) -> list[pylsl.StreamInfo]:
    """Return all streams that answer within `wait` seconds and may be streams; see `lsl_found.why_unfit`."""
    return [found for found in pylsl.resolve_streams(wait) if not why_unfit(found)]


def find_streams(wait: float) -> list[StreamInfo]:
    """Return every LSL stream that can be seen within `wait` seconds, with its channels as far as it tells them."""
    return [info for info, _ in look_at_streams(wait)]


def look_at_streams(wait: float) -> list[tuple[StreamInfo, str]]:
    """Return what `find_streams` does, each stream with what is wrong with it, in words, ``""`` if nothing is."""
    streams = []
    until = pylsl.local_clock() + wait + _ANSWERS_S
    for found in pylsl.resolve_streams(wait):
        if trouble := why_unfit(found):
            streams.append((_unread(found), f"{trouble}, which no stream has; nobody can connect to it"))
            continue
        full = full_info(found, min(_ANSWER_S, max(until - pylsl.local_clock(), _LOOK_S)))
        try:
            streams.append((_read(full or found), "" if full else _OUT_OF_REACH))
        except SourceError as error:  # a channel file of this machine is damaged
            streams.append((_unread(found), str(error)))
    return sorted(streams, key=lambda seen: (seen[0].kind != "eeg", seen[0].key))


_OUT_OF_REACH = (
    "announced but cannot be reached: allow TCP and UDP ports 16572 to 16604 in the firewalls of both machines"
)


def crowded(streams: Iterable[StreamInfo]) -> str:
    """Return what to know where a machine has as many streams as are found of one, ``""`` where none has."""
    hosts = Counter(info.hostname for info in streams)
    full = [f"{n} streams of {host}" for host, n in sorted(hosts.items()) if n >= _FOUND_OF_ONE]
    if not full:
        return ""
    return (
        f"{', '.join(full)} were found, and there may be more. LSL looks for the streams of one machine at 32 ports, "
        "of which each takes two, one for IPv4 and one for IPv6, so without multicast those beyond the 16th are not "
        "seen. Put [ports] IPv6 = disable into the lsl_api.cfg of the programs that send them, and 32 are; for more, "
        "PortRange = 128 there and here"
    )


def full_info(found: pylsl.StreamInfo, wait: float) -> pylsl.StreamInfo | None:
    """Return a stream's full description from the stream itself, None if it does not answer within `wait` seconds."""
    try:
        return pylsl.StreamInlet(found, recover=False).info(timeout=wait)
    except (pylsl.util.TimeoutError, pylsl.util.LostError, RuntimeError):
        return None


def _is_there(found: pylsl.StreamInfo) -> bool:
    """Return whether an outlet that answered can be reached, and was not followed by another one at its port."""
    full = full_info(found, _PRESENT_S)
    return full is not None and full.uid() == found.uid()


def _is_simulated(found: pylsl.StreamInfo) -> bool:
    full = full_info(found, _PRESENT_S)
    return full is not None and read_device(full.as_xml()).is_simulated


def _read(full: pylsl.StreamInfo) -> StreamInfo:
    kind, device = kind_of(full), read_device(full.as_xml())
    channels = channel_table(device, keep=False).channels if kind == "eeg" else plain_channels(device)
    return describe(full, kind, channels)


def _unread(found: pylsl.StreamInfo) -> StreamInfo:
    """Return a stream of which nothing is known but its name."""
    stream = FoundStream.of(found)
    return StreamInfo(
        Identity.of(found).key(), stream.kind, "", stream.name, stream.type, stream.sfreq, hostname=stream.hostname,
        source_id=stream.source_id, uid=stream.uid,
    )  # fmt: skip


def choose(config: EegConfig, kind: Kind, n_streams: int = 1) -> list[pylsl.StreamInfo]:
    """Return exactly the `n_streams` streams that `config` asks for, waiting up to ``config.wait`` seconds for them."""
    until = pylsl.local_clock() + config.wait
    found = _answering(config, kind, n_streams, config.wait)
    while len(found) < n_streams and (left := until - pylsl.local_clock()) > SETTLE_S:
        found = _answering(config, kind, n_streams, left)  # one that goes and comes was just not there
    if len(found) == n_streams:
        return sorted(found, key=lambda f: (Identity.of(f).key(), f.uid()))
    if len(found) < n_streams:
        raise StreamNotFoundError(_too_few(config, found, n_streams, kind))
    raise StreamNotFoundError(_too_many(found, n_streams))


def _answering(config: EegConfig, kind: Kind, n_streams: int, wait: float) -> list[pylsl.StreamInfo]:
    """Return the streams that fit; where there are more than are needed, those that can be reached."""
    found = search(_predicate(config, kind), wait, n_streams)
    if not config.predicate:
        found = [each for each in found if _is_asked_for(FoundStream.of(each), config)]
    if not config.predicate and kind == "eeg":
        found = likeliest_eeg(found, kind_of)
    if kind == "eeg" and not what_is_asked(config):
        # Somebody else's try-out is nobody's EEG, least of all that of who sits here and whose headset is still off.
        found = [each for each in found if not _is_simulated(each)]
    if len(found) > n_streams:
        # Whoever only announces streams, as a peer does that answers every question, is none of them.
        found = [f for f in found[:_SHOWN] if _is_there(f)]
    return found


def search(predicate: str, wait: float, n_streams: int = 1) -> list[pylsl.StreamInfo]:
    """Return the streams that fit an LSL predicate: all that answer until shortly after the `n_streams`-th did.

    liblsl takes a port for each question until its search is over, of the 32 at which the streams of a machine are
    found: after half a minute a stream that is started there would have none left. So it searches anew again and again.
    """
    until = pylsl.local_clock() + wait
    found: dict[str, pylsl.StreamInfo] = {}
    least = n_streams
    while True:
        start = pylsl.local_clock()
        once = min(SETTLE_S, until - start)
        some = pylsl.resolve_bypred(predicate, least, once)
        now = pylsl.local_clock()
        if not some and now - start < 0.5 * once:
            raise ConfigError(
                f"eeg.predicate {predicate!r} is no valid LSL predicate. Write it as type='EEG' and name='X'."
            )
        fitting = _fitting(some, predicate)
        if len(fitting) < len(some):
            least = _MANY  # somebody answers who was not asked: the first answer is no reason to stop listening
        found |= fitting
        if len(found) >= n_streams or until - now < _LOOK_S:
            break
    if len(found) >= n_streams and not predicate.startswith("uid="):
        found |= _fitting(pylsl.resolve_bypred(predicate, _MANY, SETTLE_S), predicate)
    return list(found.values())


def _fitting(some: Iterable[pylsl.StreamInfo], predicate: str) -> dict[str, pylsl.StreamInfo]:
    """Return the answers that answer the question, by their uids; ``desc`` stands in none of them."""
    return {f.uid(): f for f in some if not why_unfit(f) and ("desc" in predicate or fits(f, predicate))}


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
        simulated=device.is_simulated,
        desc=device.desc,
    )


def _predicate(config: EegConfig, kind: Kind) -> str:
    if config.predicate:
        return config.predicate
    asked = _wanted_fields(config)
    if kind == "markers":
        return _all(type="Markers", **asked)
    # A device that is named may have any type: Unicorn gives Data, MNE-LSL's player none.
    if config.name or config.source_id:
        return _all(**asked) or "name!=''"
    return " and ".join(["(type='EEG' or type='eeg')", *([_all(**asked)] if asked else [])])


def _wanted_fields(config: EegConfig) -> dict[str, str]:
    """Return what LSL can be asked for: a name that is shown in part or with signs in it is only known when seen."""
    values = {key: getattr(config, key) for key in _KEYS}
    return {key: value for key, value in values.items() if value and is_whole(value)}


def _is_asked_for(stream: FoundStream, config: EegConfig) -> bool:
    return all(getattr(config, key) in ("", getattr(stream, key)) for key in _KEYS)


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
    asked = what_is_asked(config)
    what = f"with {asked}" if asked else f"of type {'EEG' if kind == 'eeg' else 'Markers'!r}"
    number = "No LSL stream" if not found else f"Only {len(found)} of {n_streams} LSL streams"
    # What this Insula itself publishes is no candidate, and would only puzzle the reader.
    there = resolve(SETTLE_S)
    others = [(each.name, each.type) for each in sorted(map(FoundStream.of, there)) if not is_own(each.source_id)]
    remedy = "Start the amplifier or set eeg.source_id." if kind == "eeg" else "Start the program that sends them."
    if kind == "eeg" and not asked and any(kind_of(each) == "eeg" and _is_simulated(each) for each in there):
        remedy = f"{remedy} Simulated EEG is taken only where eeg.name or eeg.source_id says so."
    return f"{number} {what} within {config.wait:g} s. Found: {others[:_SHOWN]}. {remedy}"


def _too_many(found: Sequence[pylsl.StreamInfo], n_streams: int) -> str:
    lines = [
        f"({f.name!r}, {f.type!r}, source_id {f.source_id!r}, host {f.hostname!r}, {f.n_chans} channels at "
        f"{f.sfreq:g} Hz)"
        for f in sorted(map(FoundStream.of, found))
    ]
    number = "one is" if n_streams == 1 else f"{n_streams} are"
    return f"{len(found)} LSL streams fit, {number} needed: {', '.join(lines)}. {_what_tells_apart(found)}"


def _what_tells_apart(found: Sequence[pylsl.StreamInfo]) -> str:
    for key in _KEYS:
        values = {getattr(FoundStream.of(f), key) for f in found}
        if len(values) == len(found):
            return f"Set eeg.{key} to one of {', '.join(repr(value) for value in sorted(values))}."
    return "Set eeg.predicate to what tells them apart, such as channel_count=8, or close those that are not meant."
