"""What simulated streams say of themselves: first of all that they are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from core.montage import position


def describe(seed: int, t0: float) -> ElementTree.Element:
    """Return what the ``desc`` of every simulated stream says: that it is simulated, with which seed, since when."""
    desc = ElementTree.Element("desc")
    for tag, text in (("simulated", "true"), ("seed", str(seed)), ("t0", repr(t0))):
        ElementTree.SubElement(desc, tag).text = text
    acquisition = ElementTree.SubElement(desc, "acquisition")
    for tag, text in (("manufacturer", "Insula"), ("model", "simulated participant")):
        ElementTree.SubElement(acquisition, tag).text = text
    return desc


def describe_eeg(ch_names: Sequence[str], seed: int, t0: float) -> ElementTree.Element:
    """Return the ``desc`` of a simulated EEG stream, in the words of the XDF wiki's EEG meta-data."""
    desc = describe(seed, t0)
    channels = ElementTree.SubElement(desc, "channels")
    for name in ch_names:
        channel = ElementTree.SubElement(channels, "channel")
        for tag, text in (("label", name), ("type", "EEG"), ("unit", "microvolts")):
            ElementTree.SubElement(channel, tag).text = text
        location = ElementTree.SubElement(channel, "location")
        for axis, metres in zip("XYZ", position(name) or (), strict=False):
            ElementTree.SubElement(location, axis).text = f"{1000 * metres:.2f}"
    return desc


def describe_truth(seed: int, t0: float, classes: Sequence[str]) -> ElementTree.Element:
    """Return the ``desc`` of the stream that tells what a simulated participant feels."""
    desc = describe(seed, t0)
    channels = ElementTree.SubElement(desc, "channels")
    for name, unit in (("valence", "normalized"), ("arousal", "normalized"), ("class", "index")):
        channel = ElementTree.SubElement(channels, "channel")
        for tag, text in (("label", name), ("type", "Truth"), ("unit", unit)):
            ElementTree.SubElement(channel, tag).text = text
    ElementTree.SubElement(desc, "classes").text = ",".join(classes)
    return desc
