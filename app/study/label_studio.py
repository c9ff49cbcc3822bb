"""Answers as Label Studio's JSON for time series, and back: a task for the recording, regions in seconds.

Format: https://labelstud.io/guide/task_format and https://labelstud.io/tags/timeserieslabels. The setting to paste into
a project and the samples to look at are written beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard
from xml.sax.saxutils import quoteattr

from app.study.label_exchange import Stretch, carried, said_of, taken_back
from core.data import Label
from core.errors import FileFormatError
from core.files import private, write_whole
from core.label_rules import shares_text
from core.reading import json_file
from core.stamps import LATEST_S

_SCALES = {"valence": -1.0, "arousal": -1.0, "confidence": 0.0}
"""With where they begin; they end at 1."""


def write_label_studio(path: Path, labels: Sequence[Label], zero: float, samples: str) -> None:
    """Write answers, an annotation for each annotator.

    Parameters
    ----------
    path : Path
    labels : sequence of Label
    zero : float
        When the seconds are counted from, s, LSL clock.
    samples : str
        Name of the table of samples beside it.
    """
    people = sorted({(label.annotator, label.role) for label in labels})
    annotations = [
        {
            "id": k,
            "ground_truth": role == "adjudicator",
            "result": [
                result
                for label in labels
                if (label.annotator, label.role) == (annotator, role)
                for result in _results(label, zero)
            ],
        }
        for k, (annotator, role) in enumerate(people, start=1)
    ]
    task = {"id": 1, "data": {"csv": samples, "insula_zero": zero}, "annotations": annotations}
    write_whole(path, json.dumps([task], indent=1, ensure_ascii=False) + "\n", private)


def setting(labels: Sequence[Label], classes: Sequence[str], channels: Sequence[str]) -> str:
    """Return the labelling setting of a Label Studio project in which the answers can be seen and mended."""
    names = dict.fromkeys([*classes, "cannot tell", "artefact", "no face", *(said_of(one) for one in labels)])
    words = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    rows = "".join(f"    <Channel column={quoteattr(name)}/>\n" for name in channels)
    scales = "".join(f'  <Number name="{name}" toName="ts" perRegion="true"/>\n' for name in _SCALES)
    return (
        f'<View>\n  <TimeSeriesLabels name="label" toName="ts">\n{words}  </TimeSeriesLabels>\n'
        f'  <TimeSeries name="ts" valueType="url" value="$csv" timeColumn="time" sep=",">\n{rows}  </TimeSeries>\n'
        f'{scales}  <TextArea name="note" toName="ts" perRegion="true"/>\n</View>\n'
    )


def read_label_studio(path: Path) -> tuple[list[Stretch], float | None, int]:
    """Return the answers of a file, when its seconds begin, s, LSL clock, if it says so, and how many cannot be read.

    Raises
    ------
    FileFormatError
        It is no JSON of Label Studio.
    """
    tasks = json_file(path, list[dict[str, Any]])
    if len(tasks) != 1 or "annotations" not in tasks[0]:
        raise FileFormatError(
            f"{path} has {len(tasks)} tasks. Give one with its annotations, as Label Studio's export of type JSON "
            "has it."
        )
    task = tasks[0]
    found: list[Stretch] = []
    lost = 0
    seen: set[str] = set()
    """Answers that went out, in the annotations before: another one that holds them is a copy."""
    for annotation in sorted(_dicts(task["annotations"]), key=_made_when):
        results = _dicts(annotation.get("result"))
        here: set[str] = set()
        for result in results:
            if result.get("type") != "timeserieslabels":
                continue
            stretch = _stretch(result, annotation, [one for one in results if one.get("id") == result.get("id")])
            if stretch is None:
                lost += 1
                continue
            if (was := stretch.carried) is not None:
                here.add(was.uid)
                is_copy = was.uid in seen or annotation.get("parent_annotation") is not None
                if is_copy and (annotator := _annotator(annotation)) != was.annotator:
                    stretch = _copied(stretch, was, annotator)
            found.append(stretch)
        seen |= here
    zero = _dict(task.get("data")).get("insula_zero")
    return found, float(zero) if _is_time(zero) else None, lost


def _results(label: Label, zero: float) -> list[dict[str, Any]]:
    """Return a region, and what is said of it besides its class."""
    place = {"start": label.start - zero, "end": label.stop - zero, "instant": False}
    about = {"id": label.uid, "to_name": "ts"}
    meta = {"text": [label.annotator], "insula": carried(label)}
    kind = "timeserieslabels"
    results: list[dict[str, Any]] = [
        {**about, "from_name": "label", "type": kind, "value": {**place, kind: [said_of(label)]}, "meta": meta}
    ]
    results += [
        {**about, "from_name": name, "type": "number", "value": {**place, "number": getattr(label, name)}}
        for name in _SCALES
        if getattr(label, name) == getattr(label, name)
    ]
    if label.note:
        value = {**place, "text": [label.note]}
        results.append({**about, "from_name": "note", "type": "textarea", "value": value})
    return results


def _stretch(result: dict[str, Any], annotation: dict[str, Any], same: Sequence[dict[str, Any]]) -> Stretch | None:
    """Return what is said of a region; `same` is all that is, on its scales and as its note, too."""
    value, meta = _dict(result.get("value")), _dict(result.get("meta"))
    start, stop, names = value.get("start"), value.get("end"), value.get("timeserieslabels")
    if not (_is_time(start) and _is_time(stop) and start <= stop):
        return None
    if not (isinstance(names, list) and names and all(isinstance(name, str) and name for name in names)):
        return None
    # Several classes on one region are as much each.
    said = names[0] if len(names) == 1 else shares_text((name, 1 / len(names)) for name in names)
    was = taken_back(meta.get("insula"))
    annotator = was.annotator if was else _annotator(annotation)
    scales = _scales(same)
    if scales is None:
        return None
    ident = str(result.get("id", ""))
    # A region's name is made by lot; another annotation may begin as a copy, with the same regions.
    drawn = f"label studio {annotation.get('id', _annotator(annotation))} {ident}" if ident else ""
    return Stretch(float(start), float(stop), said, annotator, "", was, ident, scales, _note(same), drawn)


def _made_when(annotation: dict[str, Any]) -> tuple[bool, int]:
    """Return where an annotation stands among all: Label Studio numbers them as they are made."""
    ident = annotation.get("id")
    return annotation.get("parent_annotation") is not None, ident if isinstance(ident, int) else 0


def _copied(stretch: Stretch, was: Label, annotator: str) -> Stretch:
    """Return what a copy of an annotation says as the answer of whom the copy is: another opinion, no correction."""
    return replace(stretch, annotator=annotator, participant=was.participant, carried=None, ident="", copied=was)


def _is_time(value: Any) -> TypeGuard[float]:
    # JSON as Python reads it has NaN and Infinity, and numbers that are too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LATEST_S


def _scales(same: Sequence[dict[str, Any]]) -> tuple[tuple[str, float], ...] | None:
    """Return the numbers that were set with a region, None if one lies outside of its scale."""
    found: dict[str, float] = {}
    for one in same:
        name, value = one.get("from_name"), _dict(one.get("value")).get("number")
        if one.get("type") != "number" or name not in _SCALES or not isinstance(value, int | float):
            continue
        if not _SCALES[name] <= value <= 1.0:
            return None
        found[name] = float(value)
    return tuple(found.items())


def _note(same: Sequence[dict[str, Any]]) -> str | None:
    for one in same:
        text = _dict(one.get("value")).get("text")
        if one.get("type") == "textarea" and one.get("from_name") == "note":
            return "\n".join(map(str, text)) if isinstance(text, list) else str(text or "")
    return None


def _annotator(annotation: dict[str, Any]) -> str:
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        return str(who.get("email") or who.get("id") or "label studio")
    return f"label studio {who}" if who is not None else "label studio"


def _dicts(tree: Any) -> list[dict[str, Any]]:
    return [one for one in tree if isinstance(one, dict)] if isinstance(tree, list) else []


def _dict(tree: Any) -> dict[str, Any]:
    return tree if isinstance(tree, dict) else {}
