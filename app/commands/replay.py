"""``insula replay``: a recording through the same path, with the window, or to a table of predictions."""

from __future__ import annotations

import argparse

from acquisition.lsl_config import configure_lsl
from app.display import why_no_window
from app.session.configuration import configuration, existing, read_as_recorded


def run(args: argparse.Namespace) -> int:
    """Replay with the window, or without it where there is no display or a table is asked for."""
    config = configuration(args)
    configure_lsl(config.lsl)
    path = existing(args.recording)
    if args.speed is None:  # nobody looks on while a table is written
        args.speed = float("inf") if args.out and not args.publish else 1.0
    config = read_as_recorded(config, path)
    # The window does without torch until it is shown, and the table without Qt.
    if args.headless or args.out or why_no_window():
        from app.commands.replay_table import predict

        return predict(args, config, path)
    from app.commands.replay_window import show

    return show(args, config, path)
