"""What Insula itself says, as XDF streams: predictions in numbers and words, events as markers."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from core.data import (
    MODALITIES,
    Array,
    Channel,
    Label,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Rating,
    RunningNeutral,
    Segment,
    StreamInfo,
)
from core.errors import FileFormatError
from core.reading import from_json, from_tree
from core.recording.stream_header import xml_text

_SCALARS = (
    "start", "stop", "valence", "arousal", "valence_sd", "arousal_sd", "uncertainty", "aleatoric", "epistemic",
    "vacuity", "disagreement", "coverage",
)  # fmt: skip
_UNITS = {"start": "seconds", "stop": "seconds"} | dict.fromkeys(("uncertainty", "aleatoric", "epistemic"), "nats")


@dataclasses.dataclass(frozen=True, slots=True)
class _Words:
    """What a prediction says in words."""

    participant: str
    status: str
    classes: tuple[str, ...]
    prediction_set: tuple[str, ...]
    bad_channels: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    model: str
    neutral: Literal["", "own", "running", "unknown"] = ""
    modalities: tuple[str, ...] = MODALITIES


_WORDS = tuple(field.name for field in dataclasses.fields(_Words))

NUMBERS = "Affect"
WORDS = "Affect.Words"
EVENTS = "Markers"
FRAMES = "videostream"
EVENTS_NAME = "Insula events"

EventKind = Literal["label", "segment", "notice", "derived", "rating", "pace", "neutral", "neutral read", "model"]
RUNNING_SIGN = '{"event": "running neutral"'
"""How the text of `running_to_text` begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class RunningTold:
    """Where the running estimate of a neutral face stood, as it is told in a recording; see `core.face_neutral`."""

    participant: str
    stamp: float
    """Of the last face that it had followed."""
    values: tuple[float, ...]
    seconds: float
    time: float
    code: int
    """`core.face_neutral.RUNNING_CODE` of who told it."""


def numbers_info(participant: str, classes: Sequence[str], modalities: Sequence[str] = MODALITIES) -> StreamInfo:
    """Return the stream of a participant's predictions in numbers, exact; stamped with the window's end."""
    names = (
        *_SCALARS,
        *(f"p_{name}" for name in classes),
        *(f"weight_{name}" for name in modalities),
        *(f"noise_{name}" for name in modalities),
    )
    return _info(f"Insula predictions {participant}", NUMBERS, participant, names, "double64")


def words_info(participant: str) -> StreamInfo:
    """Return the stream of what a prediction says in words, a sample for each of the numbers' samples.

    Two channels, since some tools take any stream of one text channel for annotations.
    """
    return _info(f"Insula words {participant}", WORDS, participant, ("status", "json"), "string")


def events_info() -> StreamInfo:
    """Return the stream of labels, segments and notices, JSON."""
    return _info(EVENTS_NAME, EVENTS, "", ("event",), "string")


def frames_info(video: StreamInfo, file: str) -> StreamInfo:
    """Return the stream that says when each frame of the video file was taken."""
    names = ("frame_index", "capture_time", "dropped")
    channels = tuple(Channel(name, name, "misc", scale_uv=float("nan")) for name in names)
    about = (
        f"<desc><video><file>{xml_text(file)}</file><codec>h264</codec><width>{video.width_px}</width>"
        f"<height>{video.height_px}</height><fps_nominal>{video.sfreq!r}</fps_nominal>"
        f"<device>{xml_text(video.source_id)}</device></video>"
        "<synchronization><can_drop_samples>true</can_drop_samples></synchronization></desc>"
    )
    return dataclasses.replace(video, type=FRAMES, sfreq=0.0, dtype="double64", channels=channels, desc=about)


def prediction_to_row(p: Prediction) -> tuple[Array, Array]:
    """Return the numbers, shape (1, n), float64, and the words, shape (1, 2), of a prediction."""
    numbers = [*(getattr(p, name) for name in _SCALARS), *p.probabilities, *p.weights, *p.noise]
    words = {name: getattr(p, name) for name in _WORDS}
    if p.modalities == MODALITIES:
        del words["modalities"]  # so it is without the word, and was before there could be others
    return np.array([numbers], float), np.array([[p.status, json.dumps(words, ensure_ascii=False)]])


def prediction_from_row(numbers: Array, words: str) -> Prediction | None:
    """Return the prediction of a row of numbers and its words, None of damaged ones; the feature is not kept."""
    said = _words_from_text(words)
    values = numbers.tolist()
    if said is None or len(values) < len(_SCALARS):
        return None
    n_classes, n = len(said.classes), len(said.modalities)
    scalars, rest = values[: len(_SCALARS)], tuple(values[len(_SCALARS) :])
    start, stop, *_ = scalars
    if len(rest) != n_classes + 2 * n or not n_classes or not math.isfinite(start + stop):
        return None
    return Prediction(
        **dict(zip(_SCALARS, scalars, strict=True)),
        **{name: getattr(said, name) for name in _WORDS},
        probabilities=rest[:n_classes],
        weights=rest[n_classes : n_classes + n],
        noise=rest[n_classes + n :],
    )


@functools.lru_cache(1024)
def _words_from_text(text: str) -> _Words | None:
    """Return what a prediction says in words, None of a damaged text; of hours of them few say anything new."""
    try:
        return from_json(text, _Words, "A prediction")
    except FileFormatError:
        return None


def event_to_text(event: Label | Segment | Notice | Rating | Pace | NeutralFace | ModelChange, kind: EventKind) -> str:
    """Return an event as JSON; a segment without its prediction, which is in the predictions."""
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event) if f.name != "prediction"}
    return json.dumps({"event": kind, **values}, ensure_ascii=False)


def event_from_text(text: str, derived: bool = False) -> Label | Notice | Pace | NeutralFace | ModelChange | None:
    """Return what came from outside of the pipeline: a label, notice, pace, neutral face, another model.

    Its own words, too, if `derived`; None of a text that was damaged.
    """
    try:
        values = from_json(text, dict[str, Any], "An event")
        kind = values.pop("event", "")
        if kind == "label":
            label = from_tree(values, Label, "A label")
            return label if math.isfinite(label.start + label.stop) else None
        if kind == "pace":
            return from_tree(values, Pace, "A pace")
        if kind == "model":
            return from_tree(values, ModelChange, "A change of the model")
        if kind == "neutral" or (derived and kind == "neutral read"):
            return from_tree(values, NeutralFace, "A neutral face")
        told = kind == "notice" or (derived and kind == "derived")
        return from_tree(values, Notice, "A notice") if told else None
    except FileFormatError:
        return None


def running_to_text(state: RunningNeutral, stamp: float, code: int) -> str:
    """Return where a running estimate stood with the face at `stamp`, as JSON; the faces before stand in the recording.

    It tells a seek where to go on from: no item, and nothing that was predicted.
    """
    values = () if state.values is None else tuple(state.values.tolist())
    told = RunningTold(state.participant, stamp, values, state.seconds, state.time, code)
    return json.dumps({"event": "running neutral", **dataclasses.asdict(told)}, ensure_ascii=False)


def running_from_text(text: str) -> RunningTold | None:
    """Return what `running_to_text` told, None of another or damaged text."""
    if not text.startswith(RUNNING_SIGN):
        return None
    try:
        values = from_json(text, dict[str, Any], "An event")
        del values["event"]
        told = from_tree(values, RunningTold, "A running neutral face")
    except FileFormatError:
        return None
    return told if all(map(math.isfinite, (told.stamp, told.seconds, told.time, *told.values))) else None


def _info(name: str, type_: str, participant: str, names: Sequence[str], dtype: str) -> StreamInfo:
    channels = tuple(Channel(each, each, "misc", _UNITS.get(each, ""), float("nan")) for each in names)
    key = f"insula/{name}"
    return StreamInfo(key, "markers", participant, name, type_, 0.0, channels, dtype, source_id=key)
