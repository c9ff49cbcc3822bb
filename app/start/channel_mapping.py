"""What is doubtful of a headset's channels and unit, what each answer would mean, and keeping the answer. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acquisition.device_memory import Mapping, recall, remember, suggestion
from core.data import Array, StreamInfo
from core.montage import canonical_name, canonical_names, guess_unit, scale_to_uv

UNITS = ("uV", "mV", "V", "nV")
_LIKE_EEG = (1.0, 500.0)
"""Typical amplitudes of EEG, µV."""
_ALPHA = (8.0, 13.0)
_TEN_TWENTY = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7", "P3", "Pz", "P4", "P8", "O1", "Oz",
    "O2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doubts:
    """What a person should settle of a stream."""

    n_unknown: int = 0
    """EEG channels that nobody knows the place of."""
    guessed: bool = False
    """The names are Insula's guess."""
    unit: str = ""
    """The unit that was guessed."""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.n_unknown or self.guessed or self.unit)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the signal would be if it had a unit."""

    unit: str
    amplitude_uv: float
    """Typical amplitude."""
    alpha_uv: float
    """Amplitude of what lies between 8 and 13 Hz."""
    like_eeg: bool
    likely: bool
    """The unit with which it is most like EEG."""


def doubts(info: StreamInfo) -> Doubts:
    """Return what is doubtful of a stream that was opened."""
    labels = labels_of(info)
    known = recall(info.name, info.hostname, labels)
    confirmed = known is not None and known.confirmed
    unknown = [k for k in info.picks if info.channels[k].position is None]
    guessed = not confirmed and not any(canonical_names(labels)) and len(unknown) < len(info.picks)
    unit = "" if info.unit_confirmed or not info.picks else unit_of(info)
    return Doubts(0 if confirmed else len(unknown), guessed, unit)


def labels_of(info: StreamInfo) -> tuple[str, ...]:
    """Return the channels' labels as the device wrote them."""
    return tuple(channel.label for channel in info.channels)


def unit_of(info: StreamInfo) -> str:
    """Return the unit that the EEG is taken to have."""
    factor = info.channels[info.picks[0]].scale_uv
    return next((unit for unit in UNITS if scale_to_uv(unit) == factor), UNITS[0])


def meanings(samples: Array, sfreq: float) -> list[Meaning]:
    """Return what each unit would make of the signal, array of shape (n_times, n_chans), in the device's own unit."""
    guess, amplitude = guess_unit(samples) if len(samples) else ("", 0.0)
    alpha = _alpha(samples, sfreq)
    found = []
    for unit in UNITS:
        factor = scale_to_uv(unit) or 1.0
        like = _LIKE_EEG[0] <= amplitude * factor <= _LIKE_EEG[1]
        found.append(Meaning(unit, amplitude * factor, alpha * factor, like, unit == guess))
    return found


def ways_to_name(info: StreamInfo) -> dict[str, tuple[str, ...]]:
    """Return names for all channels by where they come from, the likeliest first; ``""`` where a way knows none."""
    ways: dict[str, tuple[str, ...]] = {}
    labels = labels_of(info)
    own = tuple(name or "" for name in canonical_names(labels))
    known = recall(info.name, info.hostname, labels)
    usual = suggestion(info.name, info.source_id, len(labels)).names
    order = [""] * len(labels)
    for k, name in zip(info.picks, _TEN_TWENTY, strict=False):
        order[k] = name
    if known is not None and known.confirmed and any(known.names):
        ways["remembered"] = tuple(canonical_name(name) or "" for name in known.names)
    ways |= {"labels": own, "usual": tuple(canonical_name(name) or "" for name in usual)}
    ways = {way: names for way, names in ways.items() if any(names)}
    return ways | {"none": ("",) * len(labels), "order": tuple(order)}


def trouble_with(names: Sequence[str]) -> str | tuple[str, str]:
    """Return the first name that is no electrode, or ``("twice", name)``; ``""`` if all is well."""
    seen: set[str] = set()
    for name in names:
        canonical = canonical_name(name) if name else None
        if name and canonical is None:
            return name
        if canonical is not None and canonical in seen:
            return "twice", canonical
        seen |= {canonical} if canonical is not None else set()
    return ""


def keep(info: StreamInfo, names: Sequence[str | None], unit: str) -> Path:
    """Remember the electrodes and the unit for this device.

    Parameters
    ----------
    info : StreamInfo
    names : sequence of str or None
        One per channel: its electrode, ``""`` where it is unknown, None where it is none.
    unit : str
    """
    kept = []
    for k, (name, channel) in enumerate(zip(names, info.channels, strict=True)):
        if name is not None:
            kept.append(canonical_name(name) or "")
        else:
            # A name that says that it is no electrode, whatever type the device gives it.
            kept.append(channel.name if channel.kind != "eeg" else f"AUX {k + 1}")
    if not any(name for name in names):
        kept = [""] * len(kept)
    return remember(info.name, info.hostname, labels_of(info), Mapping(tuple(kept), unit, True))


def _alpha(samples: Array, sfreq: float) -> float:
    """Return the amplitude between 8 and 13 Hz, median over channels, in the unit of the samples."""
    n_times = len(samples)
    if not sfreq or n_times < sfreq:
        return float("nan")
    window = np.hanning(n_times)[:, None]
    data = np.nan_to_num(np.asarray(samples, float))
    spectrum = np.abs(np.fft.rfft((data - data.mean(axis=0)) * window, axis=0)) ** 2
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)
    band = (freqs >= _ALPHA[0]) & (freqs <= _ALPHA[1])
    power = 2 * spectrum[band].sum(axis=0) / (n_times * np.sum(window**2))
    return float(np.sqrt(2 * np.median(power)))
