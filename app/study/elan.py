"""Answers as ELAN's ``.eaf``, and back: a tier for each annotator, times in whole milliseconds.

The format is EAF 3.0 (Max Planck Institute for Psycholinguistics, ELAN Annotation Format, 2017). What it has no place
for stands in the header's properties, which ELAN keeps.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from app.study.label_exchange import Stretch, carried, said_of, taken_back
from core.data import Label
from core.errors import FileFormatError
from core.files import private, write_whole

_TYPE = "affect"
_ZERO = "insula zero"
_ANSWER = "insula answer "
_URN = "URN"
"""The property by which ELAN knows a file again, whatever it is called."""
_LAST = "lastUsedAnnotationId"
"""The property from which ELAN numbers what is drawn next."""
_MOST_DIGITS = 13
"""Of a time in milliseconds: three centuries."""
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def write_elan(path: Path, labels: Sequence[Label], zero: float, media: str = "", date: datetime | None = None) -> int:
    """Write answers, and return how many end before ELAN's time begins and are left out: it has no times below 0.

    Parameters
    ----------
    path : Path
    labels : sequence of Label
    zero : float
        When ELAN's time begins, s, LSL clock: with the first picture of `media`.
    media : str
        Name of the video beside it.
    date : datetime, optional
        When it is written; now.
    """
    shown = [label for label in labels if label.stop > zero]
    root = Element("ANNOTATION_DOCUMENT", {
        "AUTHOR": "Insula", "DATE": (date or datetime.now(UTC)).isoformat(timespec="seconds"), "FORMAT": "3.0",
        "VERSION": "3.0", "xmlns:xsi": _XSI,
        "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
    })  # fmt: skip
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if media:
        where = {"MEDIA_URL": f"./{media}", "RELATIVE_MEDIA_URL": f"./{media}", "MIME_TYPE": "video/x-matroska"}
        SubElement(header, "MEDIA_DESCRIPTOR", where)
    _write_property(header, _ZERO, repr(zero))
    _write_property(header, _URN, f"urn:nl-mpi-tools-elan-eaf:{uuid.uuid4()}")
    _write_property(header, _LAST, str(len(shown)))
    order = SubElement(root, "TIME_ORDER")
    number = 0
    for name, own in _tiers(shown):
        tier = SubElement(root, "TIER", {
            "TIER_ID": name, "PARTICIPANT": own[0].participant, "ANNOTATOR": own[0].annotator,
            "LINGUISTIC_TYPE_REF": _TYPE,
        })  # fmt: skip
        for label in own:
            number += 1
            slots = (f"ts{2 * number - 1}", f"ts{2 * number}")
            for slot, time in zip(slots, (label.start, label.stop), strict=True):
                SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(max(0, round(1000 * (time - zero)))))
            about = {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]}
            annotation = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", about)
            SubElement(annotation, "ANNOTATION_VALUE").text = said_of(label)
            _write_property(header, f"{_ANSWER}a{number}", json.dumps(carried(label), ensure_ascii=False))
    SubElement(root, "LINGUISTIC_TYPE", {
        "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false",
    })  # fmt: skip
    ElementTree.indent(root)
    write_whole(path, ElementTree.tostring(root, encoding="unicode", xml_declaration=True), private)
    return len(labels) - len(shown)


def read_elan(path: Path) -> tuple[list[Stretch], float | None, int]:
    """Return a file's answers, when its time begins, s, LSL clock, if it says so, and how many lack times or words.

    Raises
    ------
    FileFormatError
        It is no ELAN file.
    """
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise FileFormatError(f"{path} cannot be read: {error}.") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise FileFormatError(f"{path} is no ELAN file: it begins with <{root.tag[:40]}>.")
    kept = {one.get("NAME", ""): one.text or "" for one in root.iterfind("HEADER/PROPERTY")}
    slots = {one.get("TIME_SLOT_ID", ""): one.get("TIME_VALUE") for one in root.iterfind("TIME_ORDER/TIME_SLOT")}
    found: list[Stretch] = []
    lost = 0
    for tier in root.iterfind("TIER"):
        for one in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
            times = [slots.get(one.get(name, "")) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
            start, stop = (_milliseconds(time) for time in times)
            if start is None or stop is None or stop < start:
                lost += 1
                continue
            annotator = tier.get("ANNOTATOR") or tier.get("TIER_ID") or ""
            participant = tier.get("PARTICIPANT") or ""
            was = taken_back(_json(kept.get(f"{_ANSWER}{one.get('ANNOTATION_ID')}", "")))
            if was is not None and (was.annotator, was.participant) == (tier.get("ANNOTATOR", ""), participant):
                annotator = was.annotator  # which may be nobody
            else:
                was = None  # it stands on another tier now
            said = (one.findtext("ANNOTATION_VALUE") or "").strip()
            if not said:
                lost += 1
                continue
            # Two people may go on with copies of one file, and ELAN numbers in each from the same one on.
            drawn = f"{kept[_URN]} {annotator} {participant} {one.get('ANNOTATION_ID')}" if kept.get(_URN) else ""
            found.append(Stretch(start / 1000, stop / 1000, said, annotator, participant, was, drawn=drawn))
    zero = None
    with contextlib.suppress(ValueError):
        zero = float(kept[_ZERO]) if _ZERO in kept else None
    return found, zero, lost


def _tiers(labels: Sequence[Label]) -> Iterator[tuple[str, list[Label]]]:
    """Give each tier's name and answers; what overlaps stands on another tier, since ELAN allows none of that."""
    people = {(label.participant, label.annotator, label.role) for label in labels}
    for participant, annotator, role in sorted(people):
        own = [one for one in labels if (one.participant, one.annotator, one.role) == (participant, annotator, role)]
        rows: list[list[Label]] = []
        for label in sorted(own, key=lambda one: (one.start, one.stop)):
            row = next((row for row in rows if row[-1].stop <= label.start), None)
            if row is None:
                rows.append([label])
            else:
                row.append(label)
        for k, row in enumerate(rows):
            yield f"{participant} {annotator} ({role})" + (f" {k + 1}" if k else ""), row


def _write_property(header: Element, name: str, text: str) -> None:
    SubElement(header, "PROPERTY", NAME=name).text = text


def _milliseconds(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        return None
    return int(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
