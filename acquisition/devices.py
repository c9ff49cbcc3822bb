"""What a headset or a file says of its channels, and what Insula makes of it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from xml.etree import ElementTree

from acquisition.device_memory import Mapping, path_for, recall, remember, suggestion
from core.data import Channel, ChannelKind
from core.errors import ConfigError, FileFormatError
from core.montage import canonical_names, channel_kind, position, says_eeg, scale_to_uv
from core.plain_text import first_of, repaired

__all__ = ["ChannelTable", "Device", "channel_table", "plain_channels", "read_device"]

_SHOWN = 8
"""Labels that are named where more may be meant."""


@dataclass(frozen=True, slots=True)
class Device:
    """The description of one stream, on LSL or in a file, as the device wrote it."""

    name: str
    type: str
    hostname: str
    source_id: str
    labels: tuple[str, ...]
    """One per channel; ``""`` where the device wrote none."""
    types: tuple[str, ...]
    units: tuple[str, ...]
    locations: tuple[tuple[float, float, float] | None, ...]
    """Metres, x right, y front, z up; None where there is none."""
    desc: str = ""
    """``<desc>...</desc>``, verbatim."""

    @property
    def is_simulated(self) -> bool:
        """Whether it says of itself that no person wears it."""
        return "<simulated>true" in self.desc


@dataclass(frozen=True, slots=True)
class ChannelTable:
    """The channels of a device, and what a person should be told of them."""

    channels: tuple[Channel, ...]
    unit: str = ""
    """Unit of the EEG that a person has set; ``""`` if only the stream or the magnitude can tell."""
    notices: tuple[str, ...] = ()


def read_device(xml: str, n_chans: int | None = None) -> Device:
    """Return the description in an LSL ``<info>`` document, which is the stream header of an XDF file as well.

    `n_chans` is how many channels its samples have, where that is known better than the document does.
    """
    start, stop = xml.find("<desc>"), xml.rfind("</desc>") + len("</desc>")
    desc = xml[start:stop] if 0 <= start < stop else ""
    root = _parsed(xml, desc)
    n_chans = int(root.findtext("channel_count") or 0) if n_chans is None else n_chans
    found = root.findall("desc/channels/channel")[:n_chans]
    entries = [*found, *[None] * (n_chans - len(found))]
    return Device(
        name=_text(root, "name"),
        type=_text(root, "type"),
        hostname=_text(root, "hostname"),
        source_id=_text(root, "source_id"),
        labels=tuple(_text(entry, "label") or _text(entry, "name") for entry in entries),
        types=tuple(_text(entry, "type") for entry in entries),
        units=tuple(_text(entry, "unit") for entry in entries),
        locations=tuple(_location(entry) for entry in entries),
        desc=desc,
    )


def _parsed(xml: str, desc: str) -> ElementTree.Element:
    """Return a document with what no XML can hold replaced: liblsl writes down whatever a name consists of."""
    for some in (xml, repaired(xml), repaired(xml.replace(desc, "") if desc else xml)):
        with contextlib.suppress(ElementTree.ParseError):
            return ElementTree.fromstring(some)
    raise FileFormatError("The description of a stream is no XML. Have its program send one, or leave it out.")


def plain_channels(device: Device) -> tuple[Channel, ...]:
    """Return the channels of a stream that is no EEG, as the device describes them."""
    rows = zip(device.labels, device.types, device.units, strict=True)
    kinds = [channel_kind(label, of_type, unit) if label or of_type else "misc" for label, of_type, unit in rows]
    return tuple(
        _channel(device, i, label, None, "misc" if kind == "eeg" else kind)
        for i, (label, kind) in enumerate(zip(device.labels, kinds, strict=True))
    )


def channel_table(device: Device, unit: str = "", keep: bool = True) -> ChannelTable:
    """Return the channels of an EEG device: canonical names, kinds, positions, factors to µV.

    What the labels do not tell comes from what was remembered of the device, else from how a known device is usually
    mounted. Both are kept in a file for a person to correct.

    Parameters
    ----------
    device : Device
    unit : str
        The unit that the person has configured; ``""`` for none.
    keep : bool
        Keep a suggestion in the file.
    """
    if unit and scale_to_uv(unit) is None:
        raise ConfigError(f"eeg.unit is {unit!r}. Set it to uV, mV, V or nV.")
    mapping = recall(device.name, device.hostname, device.labels)
    notices: tuple[str, ...] = ()
    named = any(canonical_names(device.labels))
    if not named and (mapping is None or not mapping.confirmed):
        mapping, notices = _suggest(device, mapping, keep)
    use = mapping is not None and any(mapping.names) and (mapping.confirmed or not named)
    labels = mapping.names if use and mapping is not None else device.labels
    (kinds, unknown), names = _kinds(labels, device), canonical_names(labels)
    channels = tuple(_channel(device, i, labels[i], names[i], kinds[i]) for i in range(len(labels)))
    if unknown and not use:
        some = first_of(unknown, _SHOWN)
        notices = (*notices, f"{device.name}: left out is what names no electrode beside those that do: {some}.")
    return ChannelTable(channels, unit or (mapping.unit if mapping is not None else ""), notices)


def _suggest(device: Device, known: Mapping | None, keep: bool) -> tuple[Mapping, tuple[str, ...]]:
    """Return names for channels that the device does not name, kept for a person to correct, and what to say of it."""
    mapping = known or suggestion(device.name, device.source_id, len(device.labels))
    remedy = (
        f"Correct the names in {path_for(device.name, device.hostname, device.labels)}, set confirmed to true there."
    )
    if keep and known is None:
        try:
            remember(device.name, device.hostname, device.labels, mapping)
        except OSError as error:
            remedy = f"It cannot be remembered ({error}); set INSULA_CONFIG_DIR to a folder that can be written."
    if any(device.locations) and not any(mapping.names):
        return mapping, ()
    what = "does not label its channels" if not any(device.labels) else "labels its channels with no electrode names"
    taken = f"Took them for {', '.join(mapping.names)}." if any(mapping.names) else "Their positions are unknown."
    return mapping, (f"{device.name} {what}. {taken} {remedy}",)


def _kinds(labels: tuple[str, ...], device: Device) -> tuple[tuple[ChannelKind, ...], list[str]]:
    """Return the kinds of the channels, and the labels that would be EEG if no other one named an electrode."""
    names = canonical_names(labels)
    kinds = [channel_kind(*entry) for entry in zip(labels, device.types, device.units, strict=True)]
    # Beside electrodes, or channels that say they are EEG, one that says nothing of itself is something else.
    told = [
        name is not None or of_type != "" or place is not None or (not any(names) and says_eeg(label))
        for label, name, of_type, place in zip(labels, names, device.types, device.locations, strict=True)
    ]
    if not any(kind == "eeg" and is_told for kind, is_told in zip(kinds, told, strict=True)):
        return tuple(kinds), []
    unknown = [k for k, kind in enumerate(kinds) if kind == "eeg" and not told[k]]
    for k in unknown:
        kinds[k] = "misc"
    return tuple(kinds), [labels[k] for k in unknown if labels[k]]


def _channel(device: Device, i: int, label: str, name: str | None, kind: ChannelKind) -> Channel:
    electrode = name if kind == "eeg" else None
    factor = scale_to_uv(device.units[i])
    return Channel(
        name=electrode or label or str(i + 1),
        label=device.labels[i],
        kind=kind,
        unit=device.units[i],
        scale_uv=factor if factor is not None else 1.0 if kind == "eeg" else float("nan"),
        position=_position(device.locations[i], electrode) if kind == "eeg" else None,
    )


def _position(measured: tuple[float, float, float] | None, name: str | None) -> tuple[float, float, float] | None:
    """Return the measured position where it is a head's and near its name's place, else the name's place."""
    template = position(name) if name else None
    if measured is None or not 0.04 < math.hypot(*measured) < 0.2:
        return template
    # Some devices have the nose along x or other axes: such positions are far from the template.
    return measured if template is None or math.dist(measured, template) < 0.04 else template


def _location(entry: ElementTree.Element | None) -> tuple[float, float, float] | None:
    try:
        x, y, z = (float(_text(entry, f"location/{axis}")) / 1000.0 for axis in "XYZ")
    except ValueError:
        return None
    return (x, y, z) if math.isfinite(x + y + z) else None


def _text(entry: ElementTree.Element | None, path: str) -> str:
    return "" if entry is None else (entry.findtext(path) or "").strip()
