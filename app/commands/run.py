"""``insula run``: a live session, with the dashboard or without a display."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import queue
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from acquisition.lsl_config import configure_lsl, is_ours, keep_to_this_machine, reach
from app.display import why_no_window
from app.session.configuration import configuration
from app.session.engine import Engine
from app.session.headless import Headless
from app.session.opening import Opened, open_session
from app.session.session_choices import choose_model, kept_to_this_machine
from app.session.session_plan import SIMULATED_PERSON, SessionPlan, on_this_machine, planned
from core.config import Config
from core.data import Fault
from core.errors import ConfigError, InsulaError, SessionCancelled
from core.models.model_file import read_fitting

if TYPE_CHECKING:
    from app.start.start_flow import StartFlow

_WITHOUT_DISPLAY = 60.0
"""Seconds that a simulated session lasts where nobody can close a window."""


def run(args: argparse.Namespace) -> int:
    """Run until the window is closed, the time is up, or Ctrl-C; what is recorded is kept in each case."""
    config = configuration(args)
    duration = args.duration
    if reason := "" if args.headless else why_no_window():
        sys.stdout.write(f"{reason} Going on without a window.\n")
        duration = duration or (_WITHOUT_DISPLAY if args.simulate else None)
    headless = bool(args.headless or reason)
    if args.participant and args.worn:
        raise ConfigError("Give --participants alone, which names the participants as well, or --participant.")
    given = args.participant or args.worn or args.remote is not None
    if is_asked := not (headless or args.simulate or given):
        config = kept_to_this_machine(config)
    elif args.simulate:
        config = on_this_machine(config)
    configure_lsl(config.lsl)
    if is_asked:
        # What the screen says is what holds: a file that LSLAPICFG names rules over the configuration.
        lsl = dataclasses.replace(config.lsl, scope=reach().scope)
        return _with_start_screen(args, dataclasses.replace(config, lsl=lsl))
    if args.simulate and not args.participant:  # a simulated participant never goes under a real one's name
        record = dataclasses.replace(config.record, participant=SIMULATED_PERSON)
        config = dataclasses.replace(config, record=record)
    people = args.participant or [each.name for each in config.participants] or [config.record.participant]
    plan = SessionPlan(config, tuple(people), args.simulate, not args.no_record)
    if args.remote is not None:
        from app.commands.run_remote import run_remote

        return run_remote(
            plan, args.remote,
            lambda plan, is_over, when_open: _session(plan, headless, duration, None, args.config, is_over, when_open),
        )  # fmt: skip
    if not headless and not args.simulate and len(people) == 1:
        from app.start.device_check import settle_device

        settle_device(config)
    return _session(plan, headless, duration, config_file=args.config)


def _with_start_screen(args: argparse.Namespace, config: Config) -> int:
    """Ask for what the command line does not say, on screen, until the session is open or nobody wants it."""
    from app.start.start_flow import StartFlow

    given = {name: getattr(args, name) for name in ("study", "session", "task") if getattr(args, name)}
    with StartFlow(config, given, _import_torch) as start:
        while (choices := start.choose()) is not None:
            try:
                if choices.simulated:
                    keep_to_this_machine()
                plan = planned(choices, config)
                record = plan.record and not args.no_record
                chosen = dataclasses.replace(plan, record=record)
                return _session(chosen, False, args.duration, start, args.config)
            except InsulaError as error:
                if not start.is_open:
                    raise
                start.show_error(str(error))
    return _run_anew() if start.is_anew else 0


def _run_anew() -> int:
    """Run this very command in a process of its own: liblsl takes its settings once."""
    command = [word for word in sys.orig_argv[1:] if word != "--this-machine"]
    environment = {name: value for name, value in os.environ.items() if name != "LSLAPICFG" or not is_ours(value)}
    with contextlib.suppress(KeyboardInterrupt):  # the other one gets it as well, and ends in its own way
        return subprocess.call([sys.executable, *command], env=environment)
    return 130


def _session(
    plan: SessionPlan,
    headless: bool,
    duration: float | None,
    start: StartFlow | None = None,
    config_file: str | None = None,
    is_over: Callable[[], bool] | None = None,
    when_open: Callable[[Opened], object] = lambda _: None,
) -> int:
    """Run a session; `start` is the first screen, which stays until all streams are open."""
    model = read_fitting(plan.config.model.path, plan.config)
    if not headless:
        from app.ui.keys import check

        check(model.classes, plan.config.label)
    opened: Opened | None = None
    was_stopped = False
    with contextlib.suppress(KeyboardInterrupt, SessionCancelled), contextlib.ExitStack() as stack:
        work = partial(open_session, plan, model, stack)
        opened = work() if start is None else start.open(work)
        if start is not None:
            start.leave()
        when_open(opened)
        if headless:
            Headless(opened.engine, opened.clock).run(duration, is_over or (lambda: False))
        else:
            from app.window.run_window import show
            from app.window.shown_session import ShownSession
            from app.window.teach_bar import Teaching

            study = Path(plan.config.record.study) if plan.record else None
            teaching = Teaching(opened.swap, study, True, config_file or "")
            shown = ShownSession(
                opened.classes, opened.engine.put, opened.clock, plan.config.label, plan.record, nearby=opened.nearby,
                lost=opened.lost, teaching=teaching, mark_s=plan.config.queue.length, method=model.header.method,
            )  # fmt: skip
            was_stopped = show(opened.engine, shown, duration, is_over)
    if opened is None:
        return 0
    for fault in _left_over(opened.engine):
        details = f" Details are in {fault.log}" if fault.log else ""
        sys.stderr.write(f"{fault.where}: {fault.text}{details}\n")
    if opened.recorder is not None and opened.recorder.path is not None:
        sys.stdout.write(f"The recording is at {opened.recorder.path}\n")
        if was_stopped and opened.recorder.session is not None and is_over is None:  # a script asks for no screen
            from app.home.run_end import show as show_end

            show_end(opened.recorder.session, Path(plan.config.record.study), partial(choose_model, plan.config))
    return 0


def _import_torch() -> None:
    with contextlib.suppress(Exception):  # whoever loads the model meets it again, and tells it
        from app.session import wiring  # noqa: F401


def _left_over(engine: Engine) -> list[Fault]:
    """Return the faults that came when nobody looked any more, such as footers that did not reach the disk."""
    found = []
    with contextlib.suppress(queue.Empty):
        while True:
            message = engine.outbox.get_nowait()
            if isinstance(message, Fault):
                found.append(message)
    return found
