"""``insula streams``: which LSL streams and cameras there are."""

from __future__ import annotations

import argparse
import sys

from acquisition.lsl_config import configure_lsl, reach
from app import texts
from app.session.configuration import configuration
from core.data import StreamInfo


def run(args: argparse.Namespace) -> int:
    """Print one line per stream with its rate, units and what Insula makes of its channels, then the cameras."""
    configure_lsl(configuration(args).lsl)
    from acquisition.lsl_search import crowded, look_at_streams
    from acquisition.webcam import list_cameras

    streams = look_at_streams(args.wait)
    for info, trouble in streams:
        sys.stdout.write(describe(info) + (f"; {trouble}" if trouble else "") + "\n")
    if note := crowded([info for info, _ in streams]):
        sys.stdout.write(f"{note}.\n")
    if not streams:
        sys.stdout.write("No LSL stream. Start the amplifier's LSL app, or `insula simulate` in another terminal.\n")
        sys.stdout.write(f"{texts.looks(reach().scope)}. `insula doctor` checks the network.\n")
    cameras = list_cameras()
    for camera in cameras:
        sys.stdout.write(f"camera  {camera}\n")
    if not cameras:
        sys.stdout.write("No camera. Plug one in; without one a session reads the EEG alone.\n")
    return 0


def describe(info: StreamInfo) -> str:
    """Return one stream in one line."""
    rate = f"{info.sfreq:g} Hz" if info.sfreq else "irregular"
    head = f"{info.kind:<7} {info.name!r} type {info.type!r} on {info.hostname or '?'}, id {info.source_id!r}, {rate}"
    head += ", simulated" if info.simulated else ""
    if info.kind != "eeg":
        return head
    dropped = [c.label or "(no label)" for c in info.channels if c.kind != "eeg"]
    units = sorted({c.unit or "no unit" for c in info.channels if c.kind == "eeg"})
    text = f"{head}, {len(info.picks)} EEG channels ({' '.join(info.ch_names)}) in {', '.join(units)}"
    return f"{text}; not EEG: {' '.join(dropped)}" if dropped else text
