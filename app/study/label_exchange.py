"""Answers to another tool and back: what came back as it went is the same answer, the rest is a new one."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

from core.data import Label
from core.errors import FileFormatError
from core.label_rules import shares_text, soft
from core.reading import from_tree

_NAMESPACE = uuid.UUID("8c1d8d5a-5a0f-5b55-9f4e-0a6f2b7f51c3")
RATED = "rated"
"""What is said of an answer that names no class but sets scales."""
_REFUSALS = ("cannot tell", "artefact", "no face")
_ROUNDED_S = 0.0006
"""Other tools keep times to the millisecond."""


@dataclass(frozen=True)
class Stretch:
    """One answer as another tool holds it."""

    start: float
    stop: float
    """Seconds from the beginning of what the tool shows."""
    said: str
    """A class, several with shares such as ``happy 0.75, neutral 0.25``, or why there is none."""
    annotator: str = ""
    participant: str = ""
    carried: Label | None = None
    """The answer that went out, if the tool has kept it."""
    ident: str = ""
    """By which the tool calls it: the uid of the answer that went out, if it was one."""


def said_of(label: Label) -> str:
    """Return an answer in the words that go out."""
    return shares_text(label.shares) or label.label or (label.answer if label.answer != "label" else RATED)


def carried(label: Label) -> dict[str, Any]:
    """Return all that is known of an answer, fit for JSON; what is as by default is left out."""
    known = {field.name: (getattr(label, field.name), field.default) for field in fields(label)}
    return {name: value for name, (value, default) in known.items() if value == value and value != default}


def taken_back(tree: Any) -> Label | None:
    """Return what `carried` gave, None if it is none of ours any more."""
    try:
        label = from_tree(tree, Label, "An answer")
    except FileFormatError:
        return None
    return label if math.isfinite(label.start + label.stop) else None


def answers(stretches: Iterable[Stretch], zero: float, known: Sequence[Label], people: Sequence[str]) -> list[Label]:
    """Return the answers that are to be added to a recording's label file; those that are there already are not.

    What went out and was changed supersedes what it was. What was deleted in the other tool stays: nothing is lost.

    Parameters
    ----------
    stretches : iterable of Stretch
    zero : float
        When the tool's time begins, s, LSL clock.
    known : sequence of Label
        All that was ever answered.
    people : sequence of str
        The participants of the recording.

    Raises
    ------
    FileFormatError
        It cannot be told of which participant an answer is.
    """
    there = {label.uid: label for label in known}
    later = {label.supersedes: label for label in known if label.supersedes and label.answer != "undo"}
    found: dict[str, Label] = {}
    for stretch in stretches:
        was = stretch.carried or there.get(stretch.ident)
        if was is None:
            label = _new(stretch, zero, people)
        else:
            newest = was
            while newest.uid in later:
                newest = later[newest.uid]
            is_there = next((one for one in (was, newest) if _unchanged(stretch, one, zero)), None)
            label = is_there or _changed(stretch, newest, zero)
        if label.uid not in there:
            found[label.uid] = label
    return list(found.values())


def _unchanged(stretch: Stretch, was: Label, zero: float) -> bool:
    times = (stretch.start + zero - was.start, stretch.stop + zero - was.stop)
    return stretch.said == said_of(was) and max(map(abs, times)) < _ROUNDED_S


def _changed(stretch: Stretch, was: Label, zero: float) -> Label:
    # A time that was only rounded stays what it was.
    start, stop = (
        before if abs(after + zero - before) < _ROUNDED_S else after + zero
        for before, after in ((was.start, stretch.start), (was.stop, stretch.stop))
    )
    uid = uuid.uuid5(_NAMESPACE, f"{was.uid} {stretch.start:.3f} {stretch.stop:.3f} {stretch.said}").hex
    return _saying(replace(was, uid=uid, start=start, stop=stop, supersedes=was.uid), stretch.said)


def _new(stretch: Stretch, zero: float, people: Sequence[str]) -> Label:
    participant = stretch.participant or (people[0] if len(people) == 1 else "")
    if participant not in people:
        raise FileFormatError(
            f"Of whom is the answer {stretch.said!r} at {stretch.start:.3f} s? The recording is of "
            f"{', '.join(people)}. Name the participant in the other tool."
        )
    about = f"{participant} {stretch.annotator} {stretch.start:.3f} {stretch.stop:.3f} {stretch.said}"
    start, stop = stretch.start + zero, stretch.stop + zero
    label = Label(uuid.uuid5(_NAMESPACE, about).hex, "", participant, start, stop, stop, annotator=stretch.annotator)
    return _saying(label, stretch.said)


def _saying(label: Label, said: str) -> Label:
    """Return the label with another answer."""
    if said in _REFUSALS:
        answer = cast(Literal["cannot tell", "artefact", "no face"], said)
        return replace(label, answer=answer, label="", shares=())
    if said == RATED:
        return replace(label, answer="label", label="", shares=())
    shares = _shares(said)
    return replace(label, answer="label", label=shares[0][0] if shares else said, shares=shares)


def _shares(said: str) -> tuple[tuple[str, float], ...]:
    """Return the shares in a text such as ``happy 0.75, neutral 0.25``; none where it is a class."""
    parts = [part.strip().rpartition(" ") for part in said.split(",")]
    try:
        return soft({name: float(share) for name, _, share in parts if name})
    except ValueError:
        return ()
