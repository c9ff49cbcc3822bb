"""What a headset says of its channels on LSL, and what Insula makes of it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from acquisition.device_memory import Mapping, path_for, recall, remember, suggestion
from core.data import Array, Channel, ChannelKind
from core.errors import ConfigError, FileFormatError
from core.montage import canonical_names, channel_kind, guess_unit, position, scale_to_uv
from core.plain_text import repaired

__all__ = ["ChannelTable", "Device", "channel_table", "plain_channels", "read_device", "settle_unit"]

_LARGEST_UV, _SMALLEST_UV = 1e6, 1e-2
"""Beyond these no amplifier gives EEG: a volt, and a hundredth of a microvolt."""
_ODDLY_LARGE_UV, _ODDLY_SMALL_UV = 1500.0, 0.3


@dataclass(frozen=True, slots=True)
class Device:
    """The description of one LSL stream, as the device wrote it."""

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


@dataclass(frozen=True, slots=True)
class ChannelTable:
    """The channels of a device, and what a person should be told of them."""

    channels: tuple[Channel, ...]
    unit: str = ""
    """Unit of the EEG that a person has set; ``""`` if only the stream or the magnitude can tell."""
    notices: tuple[str, ...] = ()


def read_device(xml: str) -> Device:
    """Return the description in an LSL ``<info>`` document, which is the stream header of an XDF file as well."""
    start, stop = xml.find("<desc>"), xml.rfind("</desc>") + len("</desc>")
    desc = xml[start:stop] if 0 <= start < stop else ""
    root = _parsed(xml, desc)
    n_chans = int(root.findtext("channel_count", "0"))
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
    kinds, names = _kinds(labels, device), canonical_names(labels)
    channels = tuple(_channel(device, i, labels[i], names[i], kinds[i]) for i in range(len(labels)))
    return ChannelTable(channels, unit or (mapping.unit if mapping is not None else ""), notices)


def settle_unit(table: ChannelTable, samples: Array) -> tuple[tuple[Channel, ...], bool, str]:
    """Return the channels with the factors to µV that the first samples bear out.

    Parameters
    ----------
    table : ChannelTable
    samples : array of shape (n_times, n_chans)
        Some seconds of all channels, in the device's unit.

    Returns
    -------
    channels : tuple of Channel
    confirmed : bool
        False while the unit is a guess.
    notice : str
        What a person should know and do, ``""`` if the unit is stated and plausible.
    """
    if table.unit:
        return _scaled(table.channels, scale_to_uv(table.unit) or 1.0), True, ""
    picks = [i for i, channel in enumerate(table.channels) if channel.kind == "eeg"]
    if not picks:
        return table.channels, True, ""
    stated = table.channels[picks[0]].unit
    factor = scale_to_uv(stated)
    guess, amplitude = guess_unit(samples[:, picks])
    if factor is None:
        # Without a word of the device, nanovolts are far less likely than electrodes that nobody wears yet.
        factor = scale_to_uv("uV" if guess in ("", "nV") else guess) or 1.0
        return _scaled(table.channels, factor), False, _unstated(stated, factor, amplitude)
    level = amplitude * factor
    if not guess or _ODDLY_SMALL_UV <= level <= _ODDLY_LARGE_UV:
        return table.channels, True, ""
    odd = f"The EEG stream says its unit is {stated!r}, so its typical amplitude is {level:.3g} µV"
    if _SMALLEST_UV <= level <= _LARGEST_UV:
        remedy = "If the electrodes are on and it stays so, set eeg.unit to uV, mV, V or nV."
        return table.channels, False, f"{odd}, which is odd for EEG. {remedy}"
    remedy = f'Confirm with eeg.unit = "{guess}", or set the right one.'
    return _scaled(table.channels, scale_to_uv(guess) or 1.0), False, f"{odd}. Took {guess} instead. {remedy}"


def _unstated(stated: str, factor: float, amplitude: float) -> str:
    unit = next(word for word in ("uV", "mV", "V", "nV") if scale_to_uv(word) == factor)
    said = f"states {stated!r}, which is no voltage" if stated else "states no unit"
    large = "; that is much, are the electrodes on?" if amplitude * factor > _ODDLY_LARGE_UV else "."
    return (
        f"The EEG stream {said}. Took {unit}, with which its typical amplitude is {amplitude * factor:.3g} µV{large} "
        f'Confirm with eeg.unit = "{unit}", or set the right one.'
    )


def _scaled(channels: Sequence[Channel], factor: float) -> tuple[Channel, ...]:
    return tuple(replace(channel, scale_uv=factor) if channel.kind == "eeg" else channel for channel in channels)


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
    what = "does not label its channels" if not any(device.labels) else "labels its channels with no electrode names"
    taken = f"Took them for {', '.join(mapping.names)}." if any(mapping.names) else "Their positions are unknown."
    return mapping, (f"{device.name} {what}. {taken} {remedy}",)


def _kinds(labels: tuple[str, ...], device: Device) -> tuple[ChannelKind, ...]:
    names = canonical_names(labels)
    kinds = [channel_kind(*entry) for entry in zip(labels, device.types, device.units, strict=True)]
    if any(names):
        # Beside electrodes, a channel with neither an electrode's name nor a type is something else.
        kinds = [
            "misc" if kind == "eeg" and name is None and of_type == "" else kind
            for kind, name, of_type in zip(kinds, names, device.types, strict=True)
        ]
    return tuple(kinds)


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
