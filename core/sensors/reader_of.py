"""Which streams can be read, and how: by what type, name, labels and units say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.data import StreamInfo
from core.sensors.beats import ECG, PPG, HeartReader
from core.sensors.breath import BreathReader
from core.sensors.gaze import GazeReader
from core.sensors.reading import Reader
from core.sensors.skin import SkinReader, scale_to_us

__all__ = ["reader_of"]

_ECG = ("ecg", "ekg")
_PPG = ("ppg", "bvp", "pleth", "pulse")
_SKIN = ("eda", "gsr", "sc", "scl", "skinconductance")
_BREATH = ("resp", "rsp", "respiration", "breath", "breathing")
_GAZE = ("gaze", "eyetracker", "eyetracking", "eyetrack", "eye")
_LEAST_ECG_HZ, _LEAST_PPG_HZ, _LEAST_HZ = 60.0, 20.0, 2.0
_WIDEST = ((("deg", "degree", "degrees"), 1.0), (("px", "pixel", "pixels"), 40.0))
"""Unit of gaze, and the dispersion of a fixation in it."""
_NORMALISED = 0.03
"""The same, in parts of the screen, where no unit is stated."""


def reader_of(info: StreamInfo) -> Reader | None:
    """Return what reads a stream, None of a stream that nothing is read from."""
    if info.kind != "other" or info.dtype == "string" or not info.channels:
        return None
    n, labels = len(info.channels), [channel.label or channel.name for channel in info.channels]
    if (k := _named(info, labels, _ECG)) is not None and info.sfreq >= _LEAST_ECG_HZ:
        return HeartReader(ECG, info.sfreq, k, n)
    if (k := _named(info, labels, _PPG, prefer=("ir", "infrared"))) is not None and info.sfreq >= _LEAST_PPG_HZ:
        return HeartReader(PPG, info.sfreq, k, n)
    if (k := _named(info, labels, _SKIN)) is not None and info.sfreq >= _LEAST_HZ:
        scale = scale_to_us(info.channels[k].unit)
        return SkinReader(scale, k, n) if scale is not None else None
    if (k := _named(info, labels, _BREATH)) is not None and info.sfreq >= _LEAST_HZ:
        return BreathReader(k, n)
    if _named(info, labels, _GAZE) is not None:
        return _gaze(info, labels)
    return None


def _named(info: StreamInfo, labels: Sequence[str], signs: Sequence[str], prefer: Sequence[str] = ()) -> int | None:
    """Return the channel that is of a kind: by its label, else the first or preferred one where type or name say so."""
    by_label = [k for k, label in enumerate(labels) if _words(label) & set(signs)]
    if by_label:
        return by_label[0]
    if not (_words(info.type) | _words(info.name)) & set(signs):
        return None
    liked = [k for k, label in enumerate(labels) if _words(label) & set(prefer)]
    usable = [k for k, channel in enumerate(info.channels) if channel.kind not in ("counter", "timestamp", "quality")]
    return next(iter([*liked, *usable]), None)


def _words(text: str) -> set[str]:
    return set(re.split(r"[^a-z]+", text.lower())) - {""}


def _gaze(info: StreamInfo, labels: Sequence[str]) -> GazeReader | None:
    def first(*signs: str) -> int | None:
        return next((k for k, label in enumerate(labels) if _words(label) & set(signs)), None)

    x, y, pupil = first("x"), first("y"), first("pupil", "diameter")
    if x is None or y is None:
        return None
    unit = info.channels[x].unit.lower()
    widest = next((wide for units, wide in _WIDEST if unit in units), _NORMALISED)
    pupil_unit = info.channels[pupil].unit if pupil is not None else ""
    return GazeReader(x, y, pupil, len(labels), widest, pupil_unit)
