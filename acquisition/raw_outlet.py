"""A recording's streams sent out on LSL again as they came: a stand-in for the devices that they came from."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import threading
from collections.abc import Callable
from typing import Self, TypeVar
from xml.etree import ElementTree

import numpy as np
import pylsl

from acquisition.replay import Paced
from core.data import Channel, Chunk, Event, Item, Notice, StreamInfo
from core.plain_text import repaired

__all__ = ["RawOutlet", "Republished", "replay_info"]

SUFFIX = "-replay"
_KEPT_S = 3600
"""Seconds of a stream that liblsl keeps for a listener who is slower than the replay."""
_LINGER_S = 1.0
"""Seconds for which the outlets stay after the last sample, so that listeners get it."""
_LOOK_S = 0.1
_E = TypeVar("_E", bound=Event)


def replay_info(info: StreamInfo, t0: float) -> pylsl.StreamInfo:
    """Return a recorded stream's header as the device gave it, but for a source_id that ends in ``-replay``.

    A file of another kind than XDF has no such header: what it says of its channels stands in its place, as LSL has it
    (https://github.com/sccn/xdf/wiki/EEG-Meta-Data): label, type, unit, and in mm where an electrode sits. Into its
    ``<desc>`` goes ``<replay>`` with the ``source_id`` that it had, and ``t0_original``, when the recording began, s,
    on the LSL clock of then.
    """
    said = {field: getattr(info, field) for field in ("name", "type", "source_id")} | dict(info.announced)
    header = pylsl.StreamInfo(
        said["name"] or "unnamed", said["type"], max(len(info.channels), 1), info.sfreq, info.dtype,
        (said["source_id"] or said["name"]) + SUFFIX,
    )  # fmt: skip
    desc = header.desc()
    if info.desc:
        with contextlib.suppress(ElementTree.ParseError):
            _copy(ElementTree.fromstring(repaired(info.desc)), desc)
    elif any(channel.label for channel in info.channels):
        _describe(info.channels, desc)
    about = desc.append_child("replay")
    about.append_child_value("source_id", said["source_id"])
    about.append_child_value("t0_original", repr(t0))
    return header


def _describe(channels: tuple[Channel, ...], desc: pylsl.XMLElement) -> None:
    into = desc.append_child("channels")
    for channel in channels:
        node = into.append_child("channel")
        node.append_child_value("label", channel.label)
        node.append_child_value("type", channel.kind.upper())
        if channel.unit:
            node.append_child_value("unit", channel.unit)
        if channel.position is not None:
            place = node.append_child("location")
            for axis, metres in zip("XYZ", channel.position, strict=True):
                place.append_child_value(axis, f"{1000.0 * metres:.3f}")


def _copy(source: ElementTree.Element, target: pylsl.XMLElement) -> None:
    waiting = [(source, target)]
    while waiting:
        element, node = waiting.pop()
        for child in element:
            text = (child.text or "").strip()
            if len(child):
                waiting.append((child, node.append_child(child.tag)))
            else:
                node.append_child_value(child.tag, text)


class RawOutlet:
    """One stream on LSL again.

    Parameters
    ----------
    info : StreamInfo
    t0 : float
        When the recording began, s, LSL clock.
    """

    def __init__(self, info: StreamInfo, t0: float) -> None:
        self._outlet = pylsl.StreamOutlet(replay_info(info, t0), max_buffered=_KEPT_S)
        self._is_text = info.dtype == "string"

    def has_listener(self) -> bool:
        """Return whether anyone is connected to it."""
        return bool(self._outlet.have_consumers())

    def push(self, chunk: Chunk, shift: float, since: float = -math.inf) -> None:
        """Send samples, stamped `shift` seconds later than they were; none that was taken before `since`."""
        times, data = chunk.times, chunk.data
        if since > -math.inf:
            late = times >= since
            times, data = times[late], data[late]
        stamps = (times + shift).tolist()
        if self._is_text:
            for row, stamp in zip(data, stamps, strict=True):
                self._outlet.push_sample([str(value) for value in row], stamp)
        elif stamps:
            self._outlet.push_chunk(np.ascontiguousarray(data), stamps)


class Republished:
    """A paced recording whose streams go out on LSL while it is read; pictures and what Insula said do not.

    Samples keep their distances in time from each other, within a stream and between streams, whatever the speed: all
    are stamped later by the same, so that what is given now is stamped now when the replay begins, and again after a
    jump, a pause or another speed. What is given before a moment that is gone to, for filters to settle, is not sent.

    Parameters
    ----------
    source : Paced
    clock : callable
        The LSL clock.
    waits : bool
        Begins only once somebody listens to one of the streams; told with `on_waiting`.
    on_waiting : callable
        Takes how many streams there are to listen to.
    """

    def __init__(
        self,
        source: Paced,
        clock: Callable[[], float] = pylsl.local_clock,
        waits: bool = False,
        on_waiting: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._waits = waits
        self._on_waiting = on_waiting
        self._outlets: dict[str, RawOutlet] = {}
        self._pause = threading.Event()
        self.shift = math.nan
        """Seconds from when a sample was recorded to its stamp of now; NaN before the first."""
        self._since = -math.inf
        self._breaks = 0

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The streams of the recording."""
        return self._source.infos

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the streams that are sent."""
        return tuple(self._outlets)

    def __enter__(self) -> Self:
        self._source.__enter__()
        for info in self._source.infos:
            self._add(info)
        return self

    def __exit__(self, *exc: object) -> None:
        if any(outlet.has_listener() for outlet in self._outlets.values()):
            self._pause.wait(_LINGER_S)
        self._outlets.clear()
        self._source.__exit__(*exc)

    def read(self, timeout: float) -> Item | None:
        """Return what the recording gives next, once it is sent."""
        if self._waits:
            self._wait_for_a_listener()
        item = self._source.read(timeout)
        if self._source.breaks != self._breaks or math.isnan(self.shift):
            self._breaks = self._source.breaks
            self.shift = self._clock() - self._source.position
        if isinstance(item, Notice) and item.kind == "seek":
            self._since = item.time
        elif isinstance(item, StreamInfo):
            self._add(item)
        elif isinstance(item, Chunk) and item.stream in self._outlets:
            self._outlets[item.stream].push(item, self.shift, self._since)
        return item

    def now(self, event: _E) -> _E:
        """Return what the pipeline said with its times those at which the samples are stamped now."""
        moved = {name: getattr(event, name) + self.shift for name in ("start", "stop", "time") if hasattr(event, name)}
        return dataclasses.replace(event, **moved)

    def _add(self, info: StreamInfo) -> None:
        if info.kind != "video" and not info.awaited and info.key not in self._outlets:
            self._outlets[info.key] = RawOutlet(info, self._source.span[0])

    def _wait_for_a_listener(self) -> None:
        self._waits = False
        self._on_waiting(len(self._outlets))
        while self._outlets and not any(outlet.has_listener() for outlet in self._outlets.values()):
            self._pause.wait(_LOOK_S)
        self._pause.wait(_LINGER_S)  # who listens to one is about to listen to the others
