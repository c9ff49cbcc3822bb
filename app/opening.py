"""Opening a session: model, devices, outlets, files, in the order in which they can fail without leaving a trace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import pylsl

from acquisition.lsl_watch import StreamWatch
from app import texts
from app.engine import Engine
from app.live import devices, simulated
from app.outlets import open_outlets
from app.plan import Plan
from app.recorder import Recorder
from app.wiring import pipelines
from core.predictor import Predictor


@dataclass(frozen=True)
class Opened:
    """A session that runs."""

    engine: Engine
    recorder: Recorder | None
    classes: tuple[str, ...]
    clock: Callable[[], float]


def open_session(
    plan: Plan,
    headless: bool,
    stack: contextlib.ExitStack,
    tell: Callable[[str], object] = lambda _: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Opened:
    """Return a session once it runs. It takes seconds, so a window has it done on a thread of its own.

    Parameters
    ----------
    plan : Plan
    headless : bool
    stack : contextlib.ExitStack
        What was opened is closed when this is left.
    tell : callable
        Takes in words what is done.
    is_wanted : callable
        Is asked before more is done.

    Raises
    ------
    InsulaError
        It cannot be opened.
    KeyboardInterrupt
        Nobody wants it any more. No file was made.
    """
    config, clock = plan.config, pylsl.local_clock
    tell(texts.OPENING_MODEL)
    predictor = Predictor(config.model.path, config)
    predictor.warm_up()
    if not headless:
        from app.keys import check

        check(predictor.classes, config.label)
    make_pipeline = pipelines(config, predictor)
    _go_on(is_wanted)
    tell(texts.OPENING_STREAMS)
    watch = stack.enter_context(StreamWatch())
    if plan.simulate:
        sources = stack.enter_context(simulated(plan.people, config, watch))
    else:
        sources = devices(plan.people, config, watch)
    out = open_outlets(stack, plan.people, config, predictor)
    recorder = None
    if plan.record:
        recorder = Recorder(config, plan.people, predictor.sha256, predictor.classes, clock, plan.about)
    _go_on(is_wanted)
    engine = Engine(sources, make_pipeline, config, clock, recorder, out, is_wanted=is_wanted)
    stack.enter_context(engine)
    return Opened(engine, recorder, predictor.classes, clock)


def _go_on(is_wanted: Callable[[], bool]) -> None:
    if not is_wanted():
        raise KeyboardInterrupt
