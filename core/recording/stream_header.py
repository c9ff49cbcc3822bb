"""What the header of a recorded stream says, so that other tools and a replay both understand it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from core.data import Channel, StreamInfo
from core.plain_text import for_xml


def to_xml(info: StreamInfo, channels: tuple[Channel, ...] | None = None) -> str:
    """Return the ``<info>`` document of a stream: LSL's own elements, its ``<desc>`` as it came, and ``<insula>``.

    A stream that came without channel descriptions gets those that Insula made of it: other tools then see the same
    names and units. Markers have neither.
    """
    channels = info.channels if channels is None else channels
    own = info.desc if _is_whole(info.desc) else ""
    desc = own if "<channel>" in own else _described(channels, own)
    if info.kind == "markers":
        desc = own or "<desc />"
    plain = {
        "name": info.name, "type": info.type, "channel_count": max(len(channels), 1), "nominal_srate": repr(info.sfreq),
        "channel_format": info.dtype, "source_id": info.source_id, "version": "1.1", "uid": info.uid,
        "hostname": info.hostname,
    }  # fmt: skip
    elements = "".join(f"<{key}>{_text(str(value))}</{key}>" for key, value in plain.items())
    ours = _text(
        json.dumps(dataclasses.asdict(dataclasses.replace(info, desc="" if own else info.desc)), ensure_ascii=False)
    )
    return f'<?xml version="1.0"?><info>{elements}{desc}<insula>{ours}</insula></info>'


def from_xml(xml: str) -> StreamInfo | None:
    """Return the stream as Insula knew it when it recorded it; None if another tool wrote the header."""
    ours = ElementTree.fromstring(xml).findtext("insula")
    if not ours:
        return None
    values: dict[str, Any] = json.loads(ours)
    values["channels"] = tuple(_channel(entry) for entry in values["channels"])
    values["announced"] = tuple((str(name), str(text)) for name, text in values.get("announced", ()))
    start, stop = xml.find("<desc>"), xml.rfind("</desc>")
    in_xml = xml[start : stop + len("</desc>")] if 0 <= start < stop else ""
    values["desc"] = values.get("desc") or in_xml
    known = {field.name for field in dataclasses.fields(StreamInfo)}
    return StreamInfo(**{key: value for key, value in values.items() if key in known})


def _text(text: str) -> str:
    return escape(for_xml(text))


def _is_whole(desc: str) -> bool:
    """Return whether a device's own words are XML: one slip in them would make the whole stream unreadable."""
    try:
        ElementTree.fromstring(desc)
    except ElementTree.ParseError:
        return False
    return True


def _channel(entry: dict[str, Any]) -> Channel:
    place = entry["position"]
    return Channel(**{**entry, "position": None if place is None else tuple(place)})


def _described(channels: tuple[Channel, ...], desc: str) -> str:
    """Return ``<desc>`` with the channels in it, in the words of the XDF wiki's EEG meta-data."""
    rows = "".join(
        f"<channel><label>{_text(c.label or c.name)}</label><type>{c.kind.upper()}</type>"
        f"<unit>{_text(c.unit or _unit(c))}</unit></channel>"
        for c in channels
    )
    inner = desc.removeprefix("<desc>").removesuffix("</desc>")
    return f"<desc><channels>{rows}</channels>{inner}</desc>"


def _unit(channel: Channel) -> str:
    return {1.0: "microvolts", 1e6: "volts", 1e3: "millivolts", 1e-3: "nanovolts"}.get(channel.scale_uv, "")
