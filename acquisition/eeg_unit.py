"""The unit of an EEG stream: what it says, what a person says, and what its first samples bear out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from acquisition.devices import ChannelTable
from core.data import Array, Channel
from core.montage import guess_unit, scale_to_uv
from core.units import spreads_of

__all__ = ["settle_unit"]

_LARGEST_UV, _SMALLEST_UV = 1e6, 1e-2
"""Beyond these no amplifier gives EEG: a volt, and a hundredth of a microvolt."""
_LIKE_EEG = ("eog", "ecg", "emg")
"""Where these state the same unit as the EEG, it means the same."""
_ODDLY_LARGE_UV, _ODDLY_SMALL_UV = 1500.0, 0.3
_FAR_OFF = 1e5
"""As many times larger or smaller than the other channels no electrode on the same head is."""
_APART = 1e4
"""A step between one channel and the next larger one that parts two units; amplitudes of one unit differ by less."""


def settle_unit(table: ChannelTable, samples: Array) -> tuple[tuple[Channel, ...], bool, str]:
    """Return the channels with the factors to µV that the first samples bear out.

    EEG channels that state different units are judged apart. EOG, ECG and EMG that state the EEG's unit follow it. Of
    those that state one unit, what is far off most of them is judged by itself, and told.

    Parameters
    ----------
    table : ChannelTable
    samples : array of shape (n_times, n_chans)
        Some seconds of all channels, in the device's unit.

    Returns
    -------
    channels : tuple of Channel
    confirmed : bool
        False while the unit is a guess.
    notice : str
        What a person should know and do, ``""`` if the unit is stated and plausible.
    """
    picks = [i for i, channel in enumerate(table.channels) if channel.kind == "eeg"]
    spreads = spreads_of(samples)
    if table.unit:
        channels, notice = _as_told(table, samples, picks)
        return channels, True, " ".join(filter(None, [notice, _far_off_as_told(channels, picks, spreads)]))
    groups: dict[float | str, list[int]] = {}
    for i in picks:
        unit = table.channels[i].unit
        groups.setdefault(scale_to_uv(unit) or unit, []).append(i)
    settled, confirmed, notices = list(table.channels), True, []
    for members in groups.values():
        units = {table.channels[i].unit for i in members}
        like = [i for i, each in enumerate(table.channels) if each.kind in _LIKE_EEG and each.unit in units]
        most, far_off = _parted(members, like, spreads)
        factor, sure, notice = _judged(table.channels[members[0]].unit, samples[:, most])
        confirmed = confirmed and sure
        if notice:
            of = "" if len(groups) == 1 and len(most) == len(members) else f" ({_names(table.channels, most)})"
            notices.append(notice.replace("{of}", of))
        for i in (*members, *like):
            settled[i] = replace(settled[i], scale_uv=factor)
        others = _median(spreads[most]) * factor
        told: dict[str, list[str]] = {}
        for i in far_off:
            own, remedy = _judged_beside(settled[i], float(spreads[i]), others)
            if remedy:
                level = float(spreads[i]) * (scale_to_uv(settled[i].unit) or settled[i].scale_uv)
                told.setdefault(remedy, []).append(f"{settled[i].name} ({level:.3g} µV)")
            settled[i] = replace(settled[i], scale_uv=own)
        notices += [
            f"The typical amplitude of {', '.join(named)} is far off the {others:.3g} µV of the others. {remedy}"
            for remedy, named in told.items()
        ]
    return tuple(settled), confirmed, " ".join(notices)


def _parted(members: Sequence[int], like: Sequence[int], spreads: Array) -> tuple[list[int], list[int]]:
    """Return which of the EEG channels of one unit are of one size, most of them, and which of all are far off these.

    A channel that does not move is with most of them.
    """
    moving = sorted((i for i in members if spreads[i] > 0), key=lambda i: float(spreads[i]))
    runs: list[list[int]] = [moving[:1]]
    for before, i in itertools.pairwise(moving):
        if spreads[i] >= _APART * spreads[before]:
            runs.append([])
        runs[-1].append(i)
    usual = _median(spreads[max(runs, key=len)])
    far_off = [
        i
        for i in (*members, *like)
        if spreads[i] > 0 < usual and abs(math.log(spreads[i] / usual)) >= math.log(_FAR_OFF)
    ]
    return [i for i in members if i not in far_off], far_off


def _judged_beside(channel: Channel, spread: float, others: float) -> tuple[float, str]:
    """Return the factor to µV of a channel that is far off the others, whose amplitude is `others` µV, and what to say.

    Another unit is taken only for what is larger than any amplifier gives: what is smaller may be a dead electrode.
    """
    stated = scale_to_uv(channel.unit)
    if stated is None:
        return channel.scale_uv, "Look at the electrode, and at its unit in the recorder."
    if stated != channel.scale_uv and _is_usual(spread * stated):
        return stated, ""  # it is the others that are not in the unit that they state, which is told of them
    if spread * stated <= _LARGEST_UV or not _is_usual(others):
        return channel.scale_uv, "Look at the electrode, and at its unit in the recorder."
    unit = min(("V", "mV", "uV", "nV"), key=lambda each: abs(math.log((scale_to_uv(each) or 1.0) * spread / others)))
    return scale_to_uv(unit) or 1.0, (
        f"The stated unit is {channel.unit!r}; took {unit} instead. Set the unit of each channel in the file."
    )


def _far_off_as_told(channels: Sequence[Channel], picks: Sequence[int], spreads: Array) -> str:
    """Return what to say of channels that are far off the others, with the unit that a person has set for all."""
    most, far_off = _parted(picks, (), spreads)
    if not far_off:
        return ""
    return (
        f"eeg.unit is set for all EEG channels, but the amplitude of {_names(channels, far_off)} is {_FAR_OFF:g} times "
        f"off that of {_names(channels, most)}, or more. Leave eeg.unit to the file, or look at the electrodes."
    )


def _names(channels: Sequence[Channel], which: Sequence[int]) -> str:
    return ", ".join(channels[i].name for i in which)


def _median(spreads: Array) -> float:
    moving = spreads[spreads > 0]
    return float(np.median(moving)) if moving.size else 0.0


def _as_told(table: ChannelTable, samples: Array, picks: Sequence[int]) -> tuple[tuple[Channel, ...], str]:
    """Return the channels with the unit that a person has set, and what is odd about it."""
    factor = scale_to_uv(table.unit) or 1.0
    units = {table.channels[i].unit for i in picks}
    channels = tuple(
        replace(channel, scale_uv=factor)
        if channel.kind == "eeg" or (channel.kind in _LIKE_EEG and channel.unit in units)
        else channel
        for channel in table.channels
    )
    stated = table.channels[picks[0]].unit if picks else ""
    own = scale_to_uv(stated)
    guess, amplitude = guess_unit(samples[:, picks]) if picks else ("", 0.0)
    if own is None or not guess or _is_usual(amplitude * factor) or not _is_usual(amplitude * own):
        return channels, ""
    return channels, (
        f"eeg.unit is {table.unit!r}, with which the typical amplitude of the EEG is {amplitude * factor:.3g} µV. The "
        f"stream itself says {stated!r}, with which it is {amplitude * own:.3g} µV. Took eeg.unit; take it out of the "
        "configuration if the stream is right."
    )


def _judged(stated: str, samples: Array) -> tuple[float, bool, str]:
    """Return the factor to µV of channels that state one unit, whether it is sure, and what to say; ``{of}``: which."""
    factor = scale_to_uv(stated)
    guess, amplitude = guess_unit(samples)
    if factor is None:
        # Without a word of the device, nanovolts are far less likely than electrodes that nobody wears yet.
        factor = scale_to_uv("uV" if guess in ("", "nV") else guess) or 1.0
        return factor, False, _unstated(stated, factor, amplitude)
    level = amplitude * factor
    if not guess or _is_usual(level):
        return factor, True, ""
    odd = f"The EEG stream{{of}} says its unit is {stated!r}, so its typical amplitude is {level:.3g} µV"
    if _SMALLEST_UV <= level <= _LARGEST_UV:
        remedy = "If the electrodes are on and it stays so, set eeg.unit to uV, mV, V or nV."
        return factor, False, f"{odd}, which is odd for EEG. {remedy}"
    if scale_to_uv(guess) == factor:
        return factor, False, f"{odd}, and no unit brings it near EEG. Look at the file, and at the electrodes."
    remedy = f'Confirm with eeg.unit = "{guess}", or set the right one.'
    return scale_to_uv(guess) or 1.0, False, f"{odd}. Took {guess} instead. {remedy}"


def _is_usual(level: float) -> bool:
    return _ODDLY_SMALL_UV <= level <= _ODDLY_LARGE_UV


def _unstated(stated: str, factor: float, amplitude: float) -> str:
    unit = next(word for word in ("uV", "mV", "V", "nV") if scale_to_uv(word) == factor)
    said = f"states {stated!r}, which is no voltage" if stated else "states no unit"
    large = "; that is much, are the electrodes on?" if amplitude * factor > _ODDLY_LARGE_UV else "."
    return (
        f"The EEG stream{{of}} {said}. Took {unit}, with which its typical amplitude is {amplitude * factor:.3g} "
        f'µV{large} Confirm with eeg.unit = "{unit}", or set the right one.'
    )
