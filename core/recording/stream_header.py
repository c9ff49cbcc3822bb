"""What the header of a recorded stream says, so that other tools and a replay both understand it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import re
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from core.data import Channel, StreamInfo
from core.errors import FileFormatError
from core.plain_text import for_xml
from core.reading import from_json, from_tree

_FASTEST = 1e6
"""Hz; no stream is sampled more often."""


def to_xml(info: StreamInfo, channels: tuple[Channel, ...] | None = None) -> str:
    """Return the ``<info>`` document of a stream: LSL's own elements, its ``<desc>`` as it came, and ``<insula>``.

    EEG that came without channel descriptions gets those that Insula made of it: other tools then see the same names
    and units. Markers and other streams are described as they came; what Insula says in numbers has both.
    """
    channels = info.channels if channels is None else channels
    own = info.desc if _is_whole(info.desc) else ""
    desc = own if "<channel>" in own else _described(channels, own)
    if info.kind == "other" or (info.kind == "markers" and not any(channel.label for channel in channels)):
        desc = own or "<desc />"
    elif info.kind == "markers":
        desc = own or _described(channels, "")
    plain = {
        "name": info.name, "type": info.type, "channel_count": max(len(channels), 1), "nominal_srate": repr(info.sfreq),
        "channel_format": info.dtype, "source_id": info.source_id, "version": "1.1", "uid": info.uid,
        "hostname": info.hostname,
    }  # fmt: skip
    elements = "".join(f"<{key}>{xml_text(str(value))}</{key}>" for key, value in plain.items())
    ours = xml_text(
        json.dumps(dataclasses.asdict(dataclasses.replace(info, desc="" if own else info.desc)), ensure_ascii=False)
    )
    return f'<?xml version="1.0"?><info>{elements}{desc}<insula>{ours}</insula></info>'


def from_xml(xml: str, n_chans: int) -> StreamInfo | None:
    """Return the stream as Insula knew it when it recorded it; None if another tool wrote the header.

    Parameters
    ----------
    xml : str
    n_chans : int
        How many channels its samples have.

    Raises
    ------
    FileFormatError
        What Insula wrote was damaged, or belongs to a stream of other channels than these.
    """
    root = ElementTree.fromstring(xml)
    ours = root.findtext("insula")
    if not ours:
        return None
    tree = from_json(ours, dict[str, Any], "its <insula> description")
    tree.setdefault("prompt", False)  # recorded before there were such windows: they are cut as they were then
    info = from_tree(tree, StreamInfo, "its <insula> description")
    dtype = root.findtext("channel_format", "")
    if info.kind != "video" and max(len(info.channels), 1) != n_chans:
        raise FileFormatError(f"its <insula> description has {len(info.channels)} channels, the stream {n_chans}.")
    if info.dtype != dtype.strip():
        raise FileFormatError(f"its <insula> description says {info.dtype!r}, the stream {dtype!r}.")
    if not (info.key and 0.0 <= info.sfreq < _FASTEST and _are_finite(info.channels)):
        raise FileFormatError("its <insula> description has numbers that cannot be.")
    start, stop = xml.find("<desc>"), xml.rfind("</desc>")
    in_xml = xml[start : stop + len("</desc>")] if 0 <= start < stop else ""
    return dataclasses.replace(info, desc=info.desc or in_xml)


def video_file(info: StreamInfo) -> str:
    """Return the name of the file that holds a stream's pictures, ``""`` if none was kept."""
    try:
        return ElementTree.fromstring(info.desc or "<desc />").findtext("video/file", "")
    except ElementTree.ParseError:
        # An Insula before 0.2 put the name in as it was: `A & B.mp4` is no XML.
        return info.desc.partition("<file>")[2].partition("</file>")[0]


def video_rate(info: StreamInfo) -> float:
    """Return the rate that the camera of a recorded stream of frames declared, Hz; 0 if none."""
    found = re.search(r"<fps_nominal>([0-9.e+]+)</fps_nominal>", info.desc)
    with contextlib.suppress(ValueError):
        return float(found[1]) if found is not None else 0.0
    return 0.0


def xml_text(text: str) -> str:
    """Return `text` fit for XML; what no XML can hold, such as a NUL in a device's name, becomes a sign."""
    return escape(for_xml(text))


def _are_finite(channels: tuple[Channel, ...]) -> bool:
    return all(c.position is None or all(map(math.isfinite, c.position)) for c in channels)


def _is_whole(desc: str) -> bool:
    """Return whether a device's own words are XML: one slip in them would make the whole stream unreadable."""
    try:
        ElementTree.fromstring(desc)
    except ElementTree.ParseError:
        return False
    return True


def _described(channels: tuple[Channel, ...], desc: str) -> str:
    """Return ``<desc>`` with the channels in it, in the words of the XDF wiki's EEG meta-data."""
    rows = "".join(
        f"<channel><label>{xml_text(c.label or c.name)}</label><type>{c.kind.upper()}</type>"
        f"<unit>{xml_text(c.unit or _unit(c))}</unit></channel>"
        for c in channels
    )
    inner = desc.removeprefix("<desc>").removesuffix("</desc>")
    return f"<desc><channels>{rows}</channels>{inner}</desc>"


def _unit(channel: Channel) -> str:
    return {1.0: "microvolts", 1e6: "volts", 1e3: "millivolts", 1e-3: "nanovolts"}.get(channel.scale_uv, "")
