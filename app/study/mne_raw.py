"""A recording's EEG as MNE knows it: volts on a regular grid, gaps and labels as annotations."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import mne
import numpy as np

from app.study.believed_times import believed, measured_rate
from core.data import Array, Chunk, Item, Label, Marker, Notice, StreamInfo
from core.errors import FileFormatError


@dataclass(slots=True)
class _Gathered:
    times: list[Array] = field(default_factory=list)
    data: list[Array] = field(default_factory=list)


TOLD = {
    "annotator": "who answered",
    "role": "as what: self, observer or expert",
    "valence": "unpleasant to pleasant, -1 to 1",
    "arousal": "calm to excited, -1 to 1",
    "confidence": "how sure the annotator was, 0 to 1",
    "note": "in the annotator's words",
}
"""What goes with an answer besides its class, and what it means."""
SIMULATED = "Simulated participant: no EEG of a person."
NO_BREAKS = str.maketrans("\t\r\n", "   ")
"""For `str.translate`: a tab or line end within a cell of a table would make two of it."""


def to_raw(
    infos: Sequence[StreamInfo],
    items: Iterable[Item],
    labels: Sequence[Label],
    max_gap: float,
    markers: Sequence[Marker] = (),
    tell: Callable[[str], object] = lambda _: None,
) -> tuple[StreamInfo, tuple[float, float], mne.io.RawArray]:
    """Return the first EEG stream of a recording, the LSL times of its first and last sample, and `mne.io.RawArray`.

    The rate is the measured one, since a device's crystal is off by up to a part in a thousand and annotations would
    drift away from the samples. Where samples are missing the signal is zero under a ``BAD_gap`` annotation. A marker
    that is meant for a time before or after the EEG is left out.

    Raises
    ------
    FileFormatError
        The recording has no EEG.
    """
    info = next((i for i in infos if i.kind == "eeg"), None)
    if info is None:
        raise FileFormatError("The recording has no EEG stream to export.")
    gathered, annotations = _gather(info, items)
    if sum(map(len, gathered.times)) < 2:
        raise FileFormatError(f"The EEG stream {info.name} of the recording is empty.")
    times, data = np.concatenate(gathered.times), np.concatenate(gathered.data)
    times, data = believed(times, data, info.sfreq, max_gap, tell)
    sfreq = measured_rate(times, info.sfreq, max_gap)
    signal, gaps = _on_grid(times, data, sfreq, max_gap)
    raw = mne.io.RawArray(signal.T * 1e-6, _info(info, sfreq), verbose="error")
    for start, length in gaps:
        raw.annotations.append(start, length, "BAD_gap")
    for time, text in annotations:
        raw.annotations.append(time - times[0], 0.0, text)
    for marker in markers:
        if times[0] <= marker.time <= times[-1]:
            raw.annotations.append(marker.time - times[0], 0.0, marker.text)
    for label in labels:
        raw.annotations.append(
            label.start - times[0], label.stop - label.start, _described(label), extras=[_details(label)]
        )
    return info, (float(times[0]), float(times[-1])), raw


def _gather(info: StreamInfo, items: Iterable[Item]) -> tuple[_Gathered, list[tuple[float, str]]]:
    gathered, annotations = _Gathered(), []
    scale = np.array([info.channels[i].scale_uv for i in info.picks])
    for item in items:
        if isinstance(item, Chunk) and item.stream == info.key:
            gathered.times.append(item.times)
            gathered.data.append(item.data[:, info.picks] * scale)
        elif isinstance(item, Notice) and item.stream == info.key and item.kind in ("lost", "back"):
            annotations.append((item.time, f"stream/{item.kind}"))
    return gathered, annotations


def _on_grid(times: Array, data: Array, sfreq: float, max_gap: float) -> tuple[Array, list[tuple[float, float]]]:
    breaks = np.flatnonzero(np.diff(times) >= max_gap) + 1
    starts = np.concatenate([[0], breaks, [len(times)]])
    pieces, gaps, filled = [], [], 0
    for first, last in itertools.pairwise(starts):
        at = max(filled, round((times[first] - times[0]) * sfreq))
        if at > filled:
            gaps.append((filled / sfreq, (at - filled) / sfreq))
            pieces.append(np.zeros((at - filled, data.shape[1])))
        piece = np.nan_to_num(data[first:last])
        pieces.append(piece)
        filled = at + len(piece)
    return np.concatenate(pieces), gaps


def _info(info: StreamInfo, sfreq: float) -> mne.Info:
    names = _unique(info.ch_names)
    out = mne.create_info(names, sfreq, "eeg", verbose="error")
    if info.simulated:
        out["description"] = SIMULATED
    places = {n: info.channels[i].position for n, i in zip(names, info.picks, strict=True)}
    known = {name: np.array(place) for name, place in places.items() if place is not None}
    if known:
        out.set_montage(mne.channels.make_dig_montage(known, coord_frame="head"), on_missing="ignore", verbose="error")
    return out


def _unique(names: Sequence[str]) -> list[str]:
    return [name if names.index(name) == k else f"{name}-{k}" for k, name in enumerate(names)]


def _described(label: Label) -> str:
    return f"affect/{label.label}" if label.answer == "label" and label.label else f"answer/{label.answer}"


def _details(label: Label) -> dict[str, str | float | None]:
    """Return what goes with an answer; None where the annotator set nothing."""
    details = {
        name: value.translate(NO_BREAKS) if isinstance(value := getattr(label, name), str) else value for name in TOLD
    }
    return {name: None if value in ("", None) or value != value else value for name, value in details.items()}
