"""What happened during a recording as MNE's annotations: answers, markers, triggers, gaps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import mne
import numpy as np

from core.data import Label, Marker
from core.label_rules import shares_text

ANSWER_FIELDS = {
    "annotator": "who answered",
    "role": "as what: self, observer, expert or adjudicator",
    "shares": "of a soft answer, how much of it is each class",
    "scales": "values on the study's own scales",
    "valence": "unpleasant to pleasant, -1 to 1",
    "arousal": "calm to excited, -1 to 1",
    "confidence": "how sure the annotator was, 0 to 1",
    "note": "in the annotator's words",
}
"""What goes with an answer besides its class, and what it means."""
NO_BREAKS = str.maketrans("\t\r\n", "   ")
"""For `str.translate`: a tab or line end within a cell of a table would make two of it."""
_LETTERS, _SHORTEST = 16_000_000, 200
"""Letters of all texts together, as MNE keeps them: each with as much room as the longest; and of one at least."""
_MOST_PER_S = 5.0
"""A trigger channel that changes more often than this counts something: its changes are no events."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording that something is said of."""

    start: float
    """s, on the clock of the recording."""
    duration: float
    text: str
    channels: tuple[str, ...] = ()
    """Those that it is about; none: all."""
    extras: dict[str, str | float | None] = field(default_factory=dict)


def of_markers(markers: Sequence[Marker]) -> list[Span]:
    """Return what other programs said."""
    return [Span(marker.time, 0.0, marker.text) for marker in markers]


def of_labels(labels: Sequence[Label]) -> list[Span]:
    """Return the answers, each with who gave it and how."""
    return [Span(label.start, label.stop - label.start, _described(label), extras=_told(label)) for label in labels]


def of_triggers(raw: mne.io.BaseRaw, zero: float) -> list[Span]:
    """Return an event wherever a trigger channel takes a code; `zero` is when the first sample was taken."""
    spans: list[Span] = []
    for name in (raw.ch_names[k] for k in mne.pick_types(raw.info, meg=False, stim=True)):
        codes = raw.get_data(picks=[name])[0]
        begins = np.flatnonzero(np.diff(codes, prepend=0.0))
        begins = begins[codes[begins] != 0]
        if np.array_equal(codes, np.round(codes)) and len(begins) <= max(10.0, _MOST_PER_S * raw.times[-1]):
            spans += [Span(zero + k / raw.info["sfreq"], 0.0, f"{name}/{codes[k]:.0f}") for k in begins]
    return spans


def as_annotations(
    groups: Sequence[tuple[str, Sequence[Span]]],
    first: float,
    last: float,
    sfreq: float,
    tell: Callable[[str], object],
) -> mne.Annotations:
    """Return what lies between the first and the last sample, cut at the ends.

    Parameters
    ----------
    groups : sequence of (str, sequence of Span)
        With the word for what they are.
    first, last : float
        When the first and the last sample were taken, s, on the clock of the recording.
    sfreq : float
    tell : callable
        Takes a sentence on what is left out.
    """
    inside: list[Span] = []
    for what, given in groups:
        spans = [_at_its_sample(span, first, 1.0 / sfreq) for span in given]
        cut = [_cut(span, first, last, 1.0 / sfreq) for span in spans]
        inside += [span for span in cut if span is not None]
        if n := cut.count(None):
            tell(f"{n} of {len(spans)} {what} lie before or after the EEG and are left out. --to tsv has all.")
        if n := sum(short is not None and short is not span for short, span in zip(cut, spans, strict=True)):
            tell(
                f"{n} of {len(spans)} {what} reach over the ends of the EEG and are cut there. --to tsv has them whole."
            )
    inside.sort(key=lambda span: span.start)
    longest = max(_SHORTEST, _LETTERS // max(len(inside), 1))
    if n := sum(len(span.text) > longest for span in inside):
        tell(f"{n} texts have more than {longest} letters and are cut there. --to tsv has them whole.")
    return mne.Annotations(
        onset=[span.start - first for span in inside],
        duration=[span.duration for span in inside],
        description=[span.text[:longest] for span in inside],
        ch_names=[span.channels for span in inside],
        extras=[span.extras for span in inside],
    )


def _at_its_sample(span: Span, first: float, step: float) -> Span:
    """Return a moment within a sample's time of the first sample as at that; anything else as it is."""
    is_near = not span.duration and first - step < span.start < first
    return dataclasses.replace(span, start=first) if is_near else span


def _cut(span: Span, first: float, last: float, step: float) -> Span | None:
    """Return what of a stretch lies within the samples, itself if all of it does, None if nothing does."""
    start, stop = max(span.start, first), min(span.start + span.duration, last + step)
    if not first <= start <= last or stop < start:
        return None
    if start == span.start and span.start + span.duration - stop < step:
        return span
    return dataclasses.replace(span, start=start, duration=stop - start)


def _described(label: Label) -> str:
    return f"affect/{label.label}" if label.answer == "label" and label.label else f"answer/{label.answer}"


def _told(label: Label) -> dict[str, str | float | None]:
    """Return what goes with an answer; None where the annotator set nothing."""
    values = {name: getattr(label, name) for name in ANSWER_FIELDS}
    values = {name: shares_text(value) if isinstance(value, tuple) else value for name, value in values.items()}
    told = {name: value.translate(NO_BREAKS) if isinstance(value, str) else value for name, value in values.items()}
    return {name: None if value in ("", None) or value != value else value for name, value in told.items()}
