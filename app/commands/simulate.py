"""``insula simulate``: simulated participants on LSL, until it is stopped."""

from __future__ import annotations

import argparse
import sys

from acquisition.lsl_config import configure_lsl
from acquisition.simulator.publish import publish
from app.session.configuration import configuration


def run(args: argparse.Namespace) -> int:
    """Publish until the time is up or Ctrl-C."""
    configure_lsl(configuration(args).lsl)
    names = args.names or [f"P{n + 1:03d}" for n in range(args.participants)]
    sys.stdout.write(f"Publishing simulated EEG and its truth on LSL for {', '.join(names)}. Ctrl-C stops it.\n")
    sys.stdout.flush()
    channels = tuple(name.strip() for name in args.channels.split(",") if name.strip())
    try:
        publish(
            names,
            seed=args.seed,
            ch_names=channels,
            sfreq=args.sfreq,
            t0=args.t0,
            duration=args.duration,
            parent=args.parent,
            stream=args.stream,
        )
    except KeyboardInterrupt:
        sys.stdout.write("Stopped.\n")
    return 0
