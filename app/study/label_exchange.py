"""Answers to another tool and back: what came back as it went is the same answer, the rest is a new one."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
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
    scales: tuple[tuple[str, float], ...] = ()
    """Valence, arousal and confidence, as far as the tool tells them: of others what went out holds."""
    note: str | None = None
    """None where the tool tells none."""
    drawn: str = ""
    """By which what was drawn in the tool is known again, also once it was moved or says something else; empty where
    the tool does not tell."""
    copied: Label | None = None
    """The answer of somebody else that it began as a copy of: it is about the same moment."""


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

    What went out and was changed supersedes what it was. What was deleted in the other tool, or never got there, stays:
    nothing is lost. What begins before the tool's time, and could only begin with it there, is not changed by that.

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
        was = stretch.carried or there.get(stretch.ident) or _drawn_before(stretch, there, zero, people)
        if was is None:
            label = _new(stretch, zero, people)
        else:
            newest = was
            for _ in known:  # no more often: in a file that was changed by hand two may supersede each other
                if newest.uid not in later:
                    break
                newest = later[newest.uid]
            is_there = next((one for one in (was, newest) if _unchanged(stretch, one, zero)), None)
            label = is_there or _changed(stretch, newest, zero)
        if label.uid not in there:
            found[label.uid] = label
    return list(found.values())


def _unchanged(stretch: Stretch, was: Label, zero: float) -> bool:
    times = ((stretch.start, was.start), (stretch.stop, was.stop))
    is_there = all(_is_at(after, before, zero) for after, before in times)
    return is_there and stretch.said == said_of(was) and not _besides(stretch, was)


def _is_at(after: float, before: float, zero: float) -> bool:
    """Return whether a time of the tool's is that which went out: one before the tool's time went out as its 0."""
    return abs(max(after, 0.0) + zero - max(before, zero)) < _ROUNDED_S


def _besides(stretch: Stretch, was: Label) -> dict[str, Any]:
    """Return what the tool tells besides a class that an answer does not say."""
    told: dict[str, Any] = dict(stretch.scales) | ({} if stretch.note is None else {"note": stretch.note})
    return {name: value for name, value in told.items() if value != getattr(was, name)}


def _changed(stretch: Stretch, was: Label, zero: float) -> Label:
    start, stop = _times(stretch, was, zero)
    more = _besides(stretch, was)
    about = f"{was.uid} {stretch.start:.3f} {stretch.stop:.3f} {stretch.said}{_told(more)}"
    uid = uuid.uuid5(_NAMESPACE, about).hex
    return _saying(replace(was, uid=uid, start=start, stop=stop, supersedes=was.uid, **more), stretch.said)


def _times(stretch: Stretch, was: Label, zero: float) -> tuple[float, float]:
    """Return when a stretch begins and ends, s, LSL clock; a time that was only rounded stays what it was."""
    start, stop = (
        before if _is_at(after, before, zero) else after + zero
        for before, after in ((was.start, stretch.start), (was.stop, stretch.stop))
    )
    return start, stop


def _told(more: dict[str, Any]) -> str:
    return "".join(f" {name}={value}" for name, value in sorted(more.items()))


def _drawn_before(stretch: Stretch, there: Mapping[str, Label], zero: float, people: Sequence[str]) -> Label | None:
    """Return the answer that a stretch became when it was brought in before; None of one that never was."""
    uids = [_uid_drawn(stretch)] if stretch.drawn else []
    if len(people) == 1 or stretch.participant:  # as it was brought in where the tool tells no more than what it says
        uids.append(_new(replace(stretch, drawn=""), zero, people).uid)
    return next((there[uid] for uid in uids if uid in there), None)


def _new(stretch: Stretch, zero: float, people: Sequence[str]) -> Label:
    participant = stretch.participant or (people[0] if len(people) == 1 else "")
    if participant not in people:
        raise FileFormatError(
            f"Of whom is the answer {stretch.said!r} at {stretch.start:.3f} s? The recording is of "
            f"{', '.join(people)}. Name the participant in the other tool, or with --participant."
        )
    about = f"{participant} {stretch.annotator} {stretch.start:.3f} {stretch.stop:.3f} {stretch.said}"
    start, stop = stretch.start + zero, stretch.stop + zero
    label = Label("", "", participant, start, stop, stop, annotator=stretch.annotator)
    if (first := stretch.copied) is not None:
        start, stop = _times(stretch, first, zero)
        label = replace(label, segment=first.segment, start=start, stop=stop, time=stop, scheme=first.scheme)
    more = _besides(stretch, label)
    uid = _uid_drawn(stretch) if stretch.drawn else uuid.uuid5(_NAMESPACE, about + _told(more)).hex
    return _saying(replace(label, uid=uid, **more), stretch.said)


def _uid_drawn(stretch: Stretch) -> str:
    return uuid.uuid5(_NAMESPACE, f"drawn {stretch.drawn}").hex


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
