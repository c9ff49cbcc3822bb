"""What Insula tells on LSL, for LabRecorder, a stimulus program, or another Insula."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

import pylsl

from core.data import MODALITIES, Event, FaceObservation, Label, Notice, Prediction, Segment
from core.recording.face_stream import FACE, TOLD, face_to_row

__all__ = ["AffectOutlet", "EventOutlet", "FaceOutlet"]


class AffectOutlet:
    """Publishes each prediction of one participant as a sample of type ``Affect``, stamped with the window's end.

    Where Insula abstains every channel is NaN.

    Parameters
    ----------
    participant : str
    classes : sequence of str
    model : str
        sha256 of the checkpoint.
    length : float
        Seconds of a window.
    step : float
        Seconds from one window to the next.
    modalities : sequence of str
        What the model reads.
    """

    def __init__(
        self,
        participant: str,
        classes: Sequence[str],
        model: str,
        length: float,
        step: float,
        modalities: Sequence[str] = MODALITIES,
    ) -> None:
        self._participant = participant
        self._labels = [
            *("valence", "arousal"),
            *(f"p_{name}" for name in classes),
            *("u_total", "u_epistemic", "u_aleatoric"),
            *(f"rel_{name}" for name in modalities),
        ]
        self._info = pylsl.StreamInfo(
            f"Insula {participant} Affect",
            "Affect",
            len(self._labels),
            0.0,
            "float32",
            _source_id(participant, "affect"),
        )
        self._info.set_channel_labels(self._labels)
        self._info.set_channel_types("Affect")
        self._info.set_channel_units("normalized")
        desc = self._info.desc()
        _describe(desc, "model", {"name": "insula", "version": model[:12], "sha256": model})
        _describe(desc, "window", {"length": f"{length:g}", "step": f"{step:g}", "unit": "s", "stamp": "end"})

    def __enter__(self) -> Self:
        self._outlet = pylsl.StreamOutlet(self._info)
        return self

    def __exit__(self, *exc: object) -> None:
        del self._outlet

    def push(self, event: Event) -> None:
        """Publish `event` if it is a prediction of this participant."""
        if isinstance(event, Prediction) and event.participant == self._participant:
            self._outlet.push_sample(self._row(event), event.stop)

    def _row(self, p: Prediction) -> list[float]:
        if p.status != "ok":
            return [math.nan] * len(self._labels)
        return [p.valence, p.arousal, *p.probabilities, p.uncertainty, p.epistemic, p.aleatoric, *p.weights]


class EventOutlet:
    """Publishes what is asked and answered, and what happens to the streams, as ``Markers`` with JSON.

    Each marker is an object with the keys ``event`` (``segment``, ``label`` or ``notice``) and ``participant``, and
    what else is known of that value. A segment is stamped with its end, a label and a notice with their own time.

    Parameters
    ----------
    participant : str
    streams : sequence of str
        Keys of this participant's streams, whose notices are published.
    """

    def __init__(self, participant: str, streams: Sequence[str] = ()) -> None:
        self._participant = participant
        self._streams = frozenset(streams)
        self._info = pylsl.StreamInfo(
            f"Insula {participant} Events", "Markers", 1, 0.0, "string", _source_id(participant, "events")
        )
        self._info.set_channel_labels(["event"])
        self._info.set_channel_types("Marker")
        self._info.desc().append_child_value("encoding", "JSON")

    def __enter__(self) -> Self:
        self._outlet = pylsl.StreamOutlet(self._info)
        return self

    def __exit__(self, *exc: object) -> None:
        del self._outlet

    def push(self, event: Event) -> None:
        """Publish `event` if it is a segment, label or notice of this participant."""
        if isinstance(event, Segment) and event.participant == self._participant:
            told = {name: getattr(event, name) for name in ("uid", "participant", "start", "stop", "score", "reason")}
            self._send("segment", event.stop, {**told, "predicted": event.prediction.label})
        elif isinstance(event, Label) and event.participant == self._participant:
            self._send("label", event.time, asdict(event))
        elif isinstance(event, Notice) and (event.stream in self._streams or not self._streams):
            self._send("notice", event.time, {"participant": self._participant, **asdict(event)})

    def _send(self, event: str, time: float, payload: dict[str, Any]) -> None:
        known = {key: value for key, value in payload.items() if not (isinstance(value, float) and math.isnan(value))}
        self._outlet.push_sample([json.dumps({"event": event, **known}, ensure_ascii=False)], time)


class FaceOutlet:
    """Publishes what is read of each looked-at frame of one participant's face, stamped with the frame's time.

    Named as in the recording (`core.recording.face_stream`), but for the embedding, by which a person can be known
    again. Where nothing is known, a channel is NaN.

    Parameters
    ----------
    participant : str
    """

    def __init__(self, participant: str) -> None:
        self._participant = participant
        labels = [name for field in TOLD for name in field.channels]
        self._info = pylsl.StreamInfo(
            f"Insula {participant} Face", FACE, len(labels), 0.0, "float32", _source_id(participant, "face")
        )
        self._info.set_channel_labels(labels)
        self._info.set_channel_types(FACE)
        self._info.set_channel_units([field.unit for field in TOLD for _ in field.channels])

    def __enter__(self) -> Self:
        self._outlet = pylsl.StreamOutlet(self._info)
        return self

    def __exit__(self, *exc: object) -> None:
        del self._outlet

    def push(self, event: Event) -> None:
        """Publish `event` if it is what a frame of this participant shows."""
        if isinstance(event, FaceObservation) and event.participant == self._participant:
            self._outlet.push_sample(face_to_row(event, TOLD)[0, 1:].tolist(), event.time)


def _source_id(participant: str, role: str) -> str:
    """Return an id that stays the same from run to run, and differs between participants, roles and machines."""
    return f"insula-{socket.gethostname()}-{participant}-{role}"


def _describe(desc: pylsl.XMLElement, name: str, values: dict[str, str]) -> None:
    node = desc.append_child(name)
    for key, value in values.items():
        node.append_child_value(key, value)
