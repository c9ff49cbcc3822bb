"""The unit of an EEG stream: what it says, what a person says, and what its first samples bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from acquisition.devices import ChannelTable
from core.data import Array, Channel
from core.montage import guess_unit, scale_to_uv

__all__ = ["settle_unit"]

_LARGEST_UV, _SMALLEST_UV = 1e6, 1e-2
"""Beyond these no amplifier gives EEG: a volt, and a hundredth of a microvolt."""
_LIKE_EEG = ("eog", "ecg", "emg")
"""Where these state the same unit as the EEG, it means the same."""
_ODDLY_LARGE_UV, _ODDLY_SMALL_UV = 1500.0, 0.3


def settle_unit(table: ChannelTable, samples: Array) -> tuple[tuple[Channel, ...], bool, str]:
    """Return the channels with the factors to µV that the first samples bear out.

    EEG channels that state different units are judged apart. EOG, ECG and EMG that state the EEG's unit follow it.

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
    if table.unit:
        channels, notice = _as_told(table, samples, picks)
        return channels, True, notice
    groups: dict[float | str, list[int]] = {}
    for i in picks:
        unit = table.channels[i].unit
        groups.setdefault(scale_to_uv(unit) or unit, []).append(i)
    settled, confirmed, notices = list(table.channels), True, []
    for members in groups.values():
        factor, sure, notice = _judged(table.channels[members[0]].unit, samples[:, members])
        confirmed = confirmed and sure
        if notice:
            of = "" if len(groups) == 1 else f" ({', '.join(settled[i].name for i in members)})"
            notices.append(notice.replace("{of}", of))
        units = {table.channels[i].unit for i in members}
        for i, channel in enumerate(table.channels):
            if i in members or (channel.kind in _LIKE_EEG and channel.unit in units):
                settled[i] = replace(channel, scale_uv=factor)
    return tuple(settled), confirmed, " ".join(notices)


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
