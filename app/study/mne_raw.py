"""A recording's EEG as MNE knows it: volts on a regular grid, gaps, answers and markers as annotations."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import mne
import numpy as np

from acquisition.mne_signals import GAP
from app.study.believed_times import believed, measured_rate
from app.study.lost_stretches import lost_stretches
from app.study.mne_annotations import Span, as_annotations, of_labels, of_markers, of_triggers
from core.data import Array, Channel, Chunk, Item, Label, Marker, Notice, StreamInfo
from core.errors import FileFormatError

SIMULATED = "Simulated participant: no EEG of a person."
_MNE_TYPES = {
    "eeg": "eeg", "eog": "eog", "ecg": "ecg", "emg": "emg", "trigger": "stim", "acc": "misc", "gyro": "misc",
    "misc": "misc",
}  # fmt: skip
"""What goes out, as what. Counters, stamps and qualities of the device stay in the recording."""
_IN_VOLTS = ("eeg", "eog", "ecg", "emg")
_SAME_RATE, _OTHER_RATE = 1e-6, 0.02


@dataclass(slots=True)
class _Gathered:
    times: list[Array] = field(default_factory=list)
    data: list[Array] = field(default_factory=list)


def to_raw(
    infos: Sequence[StreamInfo],
    items: Iterable[Item],
    labels: Sequence[Label],
    max_gap: float,
    markers: Sequence[Marker] = (),
    tell: Callable[[str], object] = lambda _: None,
    notes: Sequence[Span] = (),
) -> tuple[StreamInfo, tuple[float, float], mne.io.RawArray]:
    """Return the first EEG stream of a recording, the LSL times of its first and last sample, and `mne.io.RawArray`.

    The rate is the measured one, since a device's crystal is off by up to a part in a thousand and annotations would
    drift away from the samples. Where samples are missing the signal is zero under a ``BAD_gap`` annotation, of the
    channels that lack them; ``stream/lost`` is when the stream was lost and no sample is missing all the same. What
    lies before or after the EEG is left out, what reaches over its ends is cut there.

    Parameters
    ----------
    infos : sequence of StreamInfo
    items : iterable of Item
        What the recording gives.
    labels : sequence of Label
    max_gap : float
        Seconds from which a step of the stamps is a gap.
    markers : sequence of Marker
    tell : callable
        Takes a sentence on what was left out or changed.
    notes : sequence of Span
        Annotations of the file itself.

    Raises
    ------
    FileFormatError
        The recording has no EEG.
    """
    info = next((i for i in infos if i.kind == "eeg"), None)
    if info is None:
        raise FileFormatError("The recording has no EEG stream to export.")
    picks = [k for k, channel in enumerate(info.channels) if channel.kind in _MNE_TYPES]
    gathered, notices = _gather(info, picks, items)
    if sum(map(len, gathered.times)) < 2:
        raise FileFormatError(f"The EEG stream {info.name} of the recording is empty.")
    times, data = np.concatenate(gathered.times), np.concatenate(gathered.data)
    times, data = believed(times, data, info.sfreq, max_gap, tell)
    sfreq = measured_rate(times, info.sfreq, max_gap)
    if info.sfreq and abs(sfreq / info.sfreq - 1) < _SAME_RATE:
        sfreq = info.sfreq
    elif info.sfreq and abs(sfreq / info.sfreq - 1) > _OTHER_RATE:
        tell(f"The EEG stream declares {info.sfreq:g} Hz. Its stamps show {sfreq:.1f} Hz, which is taken.")
    signal = _on_grid(times, data, sfreq, max_gap, tell)
    channels = [info.channels[k] for k in picks]
    raw = mne.io.RawArray(
        np.nan_to_num(signal.T, posinf=0.0, neginf=0.0), _info(info, channels, sfreq), verbose="error"
    )
    first, last = float(times[0]), float(times[0]) + (len(signal) - 1) / sfreq
    holes = _holes(signal, channels, raw.ch_names, sfreq, first)
    missing = [(hole.start, hole.start + hole.duration, info.key) for hole in holes if not hole.channels]
    lost = [Span(start, stop - start, "stream/lost") for start, stop, _ in lost_stretches(notices, last, missing)]
    spans = [*lost, *holes, *_named(notes, channels, raw.ch_names), *of_triggers(raw, first)]
    groups = (("annotations of the file", spans), ("markers", of_markers(markers)), ("answers", of_labels(labels)))
    raw.set_annotations(as_annotations(groups, first, last, sfreq, tell), verbose="error")
    _tell_channels(info, picks, tell)
    return info, (first, float(times[-1])), raw


def _gather(info: StreamInfo, picks: Sequence[int], items: Iterable[Item]) -> tuple[_Gathered, list[Notice]]:
    """Return the samples of a stream, and what was told of it."""
    gathered: _Gathered = _Gathered()
    notices: list[Notice] = []
    scale = np.array([_per_unit(info.channels[k]) for k in picks])
    for item in items:
        if isinstance(item, Chunk) and item.stream == info.key:
            gathered.times.append(item.times)
            gathered.data.append(item.data[:, picks] * scale)
        elif isinstance(item, Notice) and item.stream == info.key:
            notices.append(item)
    return gathered, notices


def _per_unit(channel: Channel) -> float:
    """Return what MNE has for one of the channel's own unit: volts where it is a voltage."""
    return 1e-6 * channel.scale_uv if _mne_type(channel) in _IN_VOLTS else 1.0


def _mne_type(channel: Channel) -> str:
    """Return the type that MNE has for it; what should be a voltage and states no unit is ``misc``."""
    of_kind = _MNE_TYPES[channel.kind]
    return "misc" if of_kind in _IN_VOLTS and not np.isfinite(channel.scale_uv) else of_kind


def _on_grid(times: Array, data: Array, sfreq: float, max_gap: float, tell: Callable[[str], object]) -> Array:
    """Return the samples on a grid, NaN where there are none."""
    breaks = np.flatnonzero(np.abs(np.diff(times)) >= max_gap) + 1
    starts = np.concatenate([[0], breaks, [len(times)]])
    pieces, filled = [], 0
    for first, last in itertools.pairwise(starts):
        at = round((times[first] - times[0]) * sfreq)
        if at < filled - max_gap * sfreq:
            tell(
                f"The stamps jump back by {(filled - at) / sfreq:.2f} s at {times[first]:.2f} s: what follows is put "
                "right behind what came before."
            )
        if at > filled:
            pieces.append(np.full((at - filled, data.shape[1]), np.nan))
        pieces.append(data[first:last])
        filled = max(at, filled) + int(last - first)
    return np.concatenate(pieces)


def _holes(signal: Array, channels: Sequence[Channel], names: Sequence[str], sfreq: float, zero: float) -> list[Span]:
    """Return where samples are missing: of all channels at once, and of EEG channels by themselves."""
    missing = ~np.isfinite(signal)
    everywhere = np.asarray(missing.all(axis=1))
    spans = [Span(zero + start / sfreq, n / sfreq, GAP) for start, n in _runs(everywhere)]
    alone: dict[tuple[int, int], list[str]] = {}
    for k, column in enumerate((missing & ~everywhere[:, None]).T):
        for run in _runs(column) if channels[k].kind == "eeg" else ():
            alone.setdefault(run, []).append(names[k])
    # BIDS has no place for an annotation's channels but a column of its own.
    return spans + [
        Span(zero + start / sfreq, n / sfreq, GAP, tuple(who), {"channel": ",".join(who)})
        for (start, n), who in alone.items()
    ]


def _runs(flags: Array) -> list[tuple[int, int]]:
    """Return where each run of True begins, and how long it is."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(stop - start)) for start, stop in edges.reshape(-1, 2)]


def _named(notes: Sequence[Span], channels: Sequence[Channel], names: Sequence[str]) -> list[Span]:
    """Return a file's annotations with the channels that they are about as these are called now."""
    now = {channel.label: name for channel, name in zip(channels, names, strict=True)}
    return [
        Span(note.start, note.duration, note.text, tuple(now[each] for each in note.channels if each in now))
        for note in notes
    ]


def _info(info: StreamInfo, channels: Sequence[Channel], sfreq: float) -> mne.Info:
    names = _unique([in_ascii(channel.name) for channel in channels])
    out = mne.create_info(names, sfreq, [_mne_type(channel) for channel in channels], verbose="error")
    if info.simulated:
        out["description"] = SIMULATED
    out["bads"] = [name for name, channel in zip(names, channels, strict=True) if channel.bad]
    places = {
        name: np.array(channel.position)
        for name, channel in zip(names, channels, strict=True)
        if channel.kind == "eeg" and channel.position is not None
    }
    if places:
        montage = mne.channels.make_dig_montage(places, coord_frame="head")
        out.set_montage(montage, on_missing="ignore", verbose="error")
    return out


def in_ascii(name: str) -> str:
    """Return a channel's name in the letters that FIF can hold: without accents, and ? for any other."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode("ascii")


def _unique(names: Sequence[str]) -> list[str]:
    return [name if names.index(name) == k else f"{name}-{k}" for k, name in enumerate(names)]


def _tell_channels(info: StreamInfo, picks: Sequence[int], tell: Callable[[str], object]) -> None:
    renamed = [f"{name} is {in_ascii(name)}" for name in (info.channels[k].name for k in picks) if not name.isascii()]
    if renamed:
        tell(f"Channels whose names FIF cannot hold are called otherwise: {', '.join(renamed)}.")
    left_out = [channel.name for k, channel in enumerate(info.channels) if k not in set(picks)]
    if left_out:
        tell(f"Channels that tell of the device, not of the person, are left out: {', '.join(left_out)}.")
