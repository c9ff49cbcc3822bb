"""Opening a session: model, devices, outlets, files, in the order in which they can fail without leaving a trace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from acquisition.clock import local_clock
from acquisition.lsl_watch import StreamWatch
from app import texts
from app.session.engine import Engine, Outlet
from app.session.kept_neutral import NeutralKeeper, give_kept, simulated_neutral
from app.session.late_markers import LateMarkers
from app.session.live_sources import devices, simulated
from app.session.lost_streams import LostStreams
from app.session.model_loading import ModelLoading
from app.session.model_swap import ModelSwap
from app.session.outlets import open_outlets
from app.session.recorder import Recorder
from app.session.session_plan import SessionPlan
from core.errors import SessionCancelled
from core.models.model_file import ModelFile


@dataclass(frozen=True)
class Opened:
    """A session that runs."""

    engine: Engine
    recorder: Recorder | None
    nearby: LateMarkers | None
    """Tells of streams that could be recorded as well; None where nothing is."""
    lost: LostStreams
    """Tells of what may be a stream that is lost."""
    swap: ModelSwap
    """Has other models read."""
    classes: tuple[str, ...]
    clock: Callable[[], float]


def open_session(
    plan: SessionPlan,
    model: ModelFile,
    stack: contextlib.ExitStack,
    on_progress: Callable[[str], object] = lambda _: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Opened:
    """Return a session once it runs. It takes seconds, so a window has it done on a thread of its own.

    Parameters
    ----------
    plan : SessionPlan
    model : ModelFile
        What the session's model says of itself; it fits the configuration.
    stack : contextlib.ExitStack
        What was opened is closed when this is left.
    on_progress : callable
        Takes in words what is done.
    is_wanted : callable
        Is asked before more is done.

    Raises
    ------
    InsulaError
        It cannot be opened.
    SessionCancelled
        Nobody wants it any more. No file was made.
    """
    config, clock = plan.config, local_clock
    # torch takes as long to be imported as a stream takes to be found and to send its first second: both at once.
    loading = stack.enter_context(ModelLoading([str(model.path)], config, people=len(plan.people)))
    loading.begin()
    on_progress(texts.OPENING_STREAMS)
    watch = stack.enter_context(StreamWatch())
    if plan.simulate:
        sources = stack.enter_context(simulated(plan.people, config, watch, loading.check))
    else:
        sources = devices(plan.people, config, watch, loading.check)
    may_keep = plan.record and plan.about.get("consent", {}).get("keep_video")
    keeper = NeutralKeeper(Path(config.record.study), config.face) if may_keep else None
    out: list[Outlet] = [*open_outlets(stack, plan.people, config, model), *([keeper] if keeper is not None else [])]
    recorder = None
    if plan.record:
        recorder = Recorder(config, plan.people, model.sha256, model.classes, clock, plan.about, model.modalities)

    def prepare() -> None:
        on_progress(texts.OPENING_MODEL)
        loading.check()
        if not is_wanted():
            raise SessionCancelled
        if recorder is not None:
            recorder.tell(device=loading.device)
        on_progress(texts.OPENING_STREAMS)

    engine = Engine(
        sources, loading.make, config, clock, recorder, out, prepare=prepare, is_wanted=is_wanted, look=loading.look
    )
    stack.enter_context(engine)
    if plan.simulate:
        give_kept(plan.people, simulated_neutral, clock(), engine.put)
    elif keeper is not None:
        keeper.know(engine.infos)
        give_kept(plan.people, keeper.kept, clock(), engine.put)
    lost = LostStreams(sources)
    nearby = LateMarkers(watch, engine, (*config.markers, *config.streams), lost) if plan.record else None
    swap = stack.enter_context(ModelSwap(engine, loading, model, config, clock))
    return Opened(engine, recorder, nearby, lost, swap, model.classes, clock)
