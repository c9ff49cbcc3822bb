"""``insula run``: a live session, with the dashboard or without a display."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import queue
import sys
from collections.abc import Sequence

from acquisition.lsl_config import configure_lsl
from app.display import why_no_window
from app.engine import Engine
from app.headless import Headless
from app.live import devices, open_outlets, simulated
from app.wiring import configuration, one_thread_each, pipelines
from core.config import Config
from core.data import Fault
from core.predictor import Predictor

_WITHOUT_DISPLAY = 60.0
"""Seconds that a simulated session lasts where nobody can close a window."""


def run(args: argparse.Namespace) -> int:
    """Run until the window is closed, the time is up, or Ctrl-C; what is recorded is kept in each case."""
    config = configuration(args)
    if args.simulate:
        # What is simulated stays on this machine: nobody else's recorder should pick it up.
        config = dataclasses.replace(config, lsl=dataclasses.replace(config.lsl, scope="machine"))
    configure_lsl(config.lsl)
    one_thread_each()
    duration = args.duration
    if reason := "" if args.headless else why_no_window():
        sys.stdout.write(f"{reason} Going on without a window.\n")
        duration = duration or (_WITHOUT_DISPLAY if args.simulate else None)
    headless = bool(args.headless or reason)
    people = args.participant or [config.record.participant]
    return _session(args, config, people, headless, duration)


def _session(
    args: argparse.Namespace, config: Config, people: Sequence[str], headless: bool, duration: float | None
) -> int:
    import pylsl

    from app.recorder import Recorder

    predictor = Predictor(config.model.path, config)
    predictor.warm_up()
    if not headless:
        from app.keys import check

        check(predictor.classes, config.label)
    make_pipeline = pipelines(config, predictor)
    with contextlib.ExitStack() as stack:
        find = stack.enter_context(simulated(people, config)) if args.simulate else devices(people, config)
        out = open_outlets(stack, people, config, predictor)
        recorder = (
            None if args.no_record else Recorder(config, people, predictor.sha256, predictor.classes, pylsl.local_clock)
        )
        engine = Engine(find, make_pipeline, config, pylsl.local_clock, recorder, out)
        with contextlib.suppress(KeyboardInterrupt), engine:
            if headless:
                Headless(engine, pylsl.local_clock).run(duration)
            else:
                from app.window import show

                show(engine, predictor.classes, pylsl.local_clock, duration, config.label)
    for fault in _left_over(engine):
        sys.stderr.write(f"{fault.where}: {fault.text}\n")
    if recorder is not None:
        sys.stdout.write(f"The recording is at {recorder.path}\n")
    return 0


def _left_over(engine: Engine) -> list[Fault]:
    """Return the faults that came when nobody looked any more, such as footers that did not reach the disk."""
    found = []
    with contextlib.suppress(queue.Empty):
        while True:
            message = engine.outbox.get_nowait()
            if isinstance(message, Fault):
                found.append(message)
    return found
