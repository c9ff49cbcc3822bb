"""Streams beside the EEG as channels of it: what MNE and FIF, which know one rate, can hold of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mne
import numpy as np

from app.study.mne_raw import in_ascii
from app.study.other_streams import OtherStream
from core.data import Array

__all__ = ["add_others", "held"]

_HOLD_S = 1.0
"""Seconds for which a sample of an irregular stream stands."""
_FASTER = 1.01


def add_others(
    raw: mne.io.RawArray, first: float, streams: Sequence[OtherStream], tell: Callable[[str], object]
) -> None:
    """Add each channel of each stream as a ``misc`` channel in its own unit: the newest sample at each one of the EEG.

    No value is made up between two samples. NaN stands where the last sample is longer ago than the stream's pace.

    Parameters
    ----------
    raw : mne.io.RawArray
        The EEG; gets the channels.
    first : float
        When its first sample was taken, s, LSL clock.
    streams : sequence of OtherStream
    tell : callable
        Takes a sentence on what is not as it was.
    """
    times = first + raw.times
    sfreq = float(raw.info["sfreq"])
    for stream in streams:
        names = _names(stream, raw.ch_names)
        added = mne.io.RawArray(
            held(stream, times), mne.create_info(names, sfreq, "misc", verbose="error"), verbose="error"
        )
        raw.add_channels([added], force_update_info=True)
        rate = f"{stream.info.sfreq:g} Hz" if stream.info.sfreq else "irregular"
        how = "each of its samples is held until the next"
        if stream.info.sfreq > _FASTER * sfreq:
            how = "only the newest of its samples at each one of the EEG is in it"
        units = sorted({channel.unit for channel in stream.info.channels if channel.unit})
        tell(
            f"{stream.info.name} ({stream.info.type}, {rate}) is in it as misc channels in its own unit"
            f"{f' ({chr(44).join(units)})' if units else ''}; {how}. --to tsv and --to bids have all of them."
        )


def held(stream: OtherStream, times: Array) -> Array:
    """Return the newest sample of a stream at each time, array of shape (n_chans, n_times), float64."""
    stamps, data = stream.ordered()
    values = np.full((len(stream.names), len(times)), np.nan)
    if not len(stamps):
        return values
    # A stamp that falls on a sample of the EEG is its own, however the two were rounded.
    newest = np.searchsorted(stamps, times + 1e-6, side="right") - 1
    age = times - stamps[np.maximum(newest, 0)]
    known = (newest >= 0) & (age < (stream.longest_step if stream.info.sfreq else _HOLD_S))
    values[:, known] = data[newest[known]].T
    return values


def _names(stream: OtherStream, taken: Sequence[str]) -> list[str]:
    """Return names that MNE has not yet."""
    of_type = stream.info.type if stream.info.type.lower() not in stream.info.name.lower() else ""
    head = " ".join(part for part in (stream.info.name, of_type) if part)
    names = [in_ascii(f"{head} {name}") for name in stream.names]
    return [name if name not in taken else f"{name} ({stream.info.source_id or 2})" for name in names]
