"""What a BIDS data set says of a recording in the files beside it: events, and channels that are bad."""

from __future__ import annotations

import warnings
from pathlib import Path

import mne
import mne_bids

from acquisition.mne_signals import GAP
from core.data import StreamInfo


def bids_path(path: Path) -> mne_bids.BIDSPath | None:
    """Return the place of a recording in its BIDS data set; None of a file that lies in none."""
    stem, _, kind = path.stem.rpartition("_")
    if kind != "eeg" or not (path.name.startswith("sub-") and path.suffix.lower() in (".vhdr", ".edf", ".bdf", ".set")):
        return None
    if not any(path.with_name(f"{stem}_{beside}.tsv").is_file() for beside in ("events", "channels")):
        return None
    return mne_bids.get_bids_path_from_fname(path, check=False, verbose="error")


def with_sidecars(raw: mne.io.BaseRaw, info: StreamInfo, place: mne_bids.BIDSPath) -> None:
    """Put events and bad channels of the data set into `raw`; gaps in the signal stay.

    Parameters
    ----------
    raw : mne.io.BaseRaw
        With the channels of `info` under the names that Insula gives them.
    info : StreamInfo
    place : mne_bids.BIDSPath
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MNE-BIDS tells of much that is usual, such as a missing coordinate system
        told = mne_bids.read_raw_bids(place, verbose="error")
    names = {channel.label: channel.name for channel in info.channels}
    raw.info["bads"] = [name for label in told.info["bads"] if (name := names.get(label)) in raw.ch_names]
    said = told.annotations
    gaps = raw.annotations[[text == GAP for text in raw.annotations.description]]
    if len(gaps):  # an export of Insula's own, whose events have them, too
        said = said[[text != GAP for text in said.description]]
    events = mne.Annotations(said.onset - told.first_time, said.duration, said.description, extras=said.extras)
    raw.set_annotations(gaps + _on_clock_of(raw, events), verbose="error")


def _on_clock_of(raw: mne.io.BaseRaw, events: mne.Annotations) -> mne.Annotations:
    """Return annotations that count from the first sample on the clock of `raw`'s own."""
    fresh = raw.copy().set_annotations(events, verbose="error") if len(raw.times) else raw
    return fresh.annotations
